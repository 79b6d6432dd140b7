//! Many briefs at once.
