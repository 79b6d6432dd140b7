//! What somebody may have meant.

/// The name that is most like a mistyped one; `None` where none is nearly like it. Ties go to the later one.
pub(crate) fn nearest<'a>(mistyped: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Of 1, which is the same. Below it guesses are no help.
    const ALIKE: f64 = 0.75;
    names
        .map(|name| (strsim::jaro_winkler(name, mistyped), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .map(|(_, name)| name)
}

/// The same as the end of a sentence; empty where none is nearly like it.
pub(crate) fn did_you_mean<'a>(mistyped: &str, names: impl Iterator<Item = &'a str>) -> String {
    nearest(mistyped, names).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}
