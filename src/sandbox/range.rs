//! `Range` of RFC 9110: one range of bytes.

/// What a `Range` header asks of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: no header, one in another unit, one that is malformed, or several ranges at once.
    Whole,
    /// From `start` to `end`, `end` excluded.
    Part {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// Nothing that there is.
    Unsatisfiable,
}

/// Reads a `Range` header for a body of `length` bytes.
pub(super) fn wanted(header: Option<&str>, length: u64) -> Wanted {
    let Some((first, last)) = header
        .and_then(|text| text.trim().strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let part = |start: u64, end: u64| {
        if start < length {
            Wanted::Part { start, end }
        } else {
            Wanted::Unsatisfiable
        }
    };
    match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(start), "") => part(start, length),
        (Ok(start), last) => match last.parse::<u64>() {
            Ok(last) if last >= start => part(start, length.min(last.saturating_add(1))),
            _ => Wanted::Whole,
        },
        (Err(_), last) if first.trim().is_empty() => match last.parse::<u64>() {
            Ok(0) => Wanted::Unsatisfiable,
            Ok(suffix) => part(length.saturating_sub(suffix), length),
            Err(_) => Wanted::Whole,
        },
        _ => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (header, expected) in [
            ("bytes=0-9", Wanted::Part { start: 0, end: 10 }),
            ("bytes=90-", Wanted::Part { start: 90, end: 100 }),
            ("bytes=90-500", Wanted::Part { start: 90, end: 100 }),
            ("bytes=-10", Wanted::Part { start: 90, end: 100 }),
            ("bytes=-500", Wanted::Part { start: 0, end: 100 }),
            ("bytes=100-", Wanted::Unsatisfiable),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=9-3", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("frames=0-1", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(header), 100), expected, "{header}");
        }
        assert_eq!(wanted(None, 100), Wanted::Whole);
    }
}
