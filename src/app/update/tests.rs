//! Tables: state and message in, state and effects out.
