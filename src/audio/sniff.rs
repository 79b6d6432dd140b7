//! What a preview's first bytes say it is. The server's own word on that is not trusted.

/// How many bytes [`sniff`] wants to see.
pub(super) const HEAD: usize = 512;

/// A container that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Mpeg,
    Wav,
    Ogg,
    Flac,
    Mp4,
}

/// Names the container, or says in a sentence why these bytes are not music.
pub(super) fn sniff(head: &[u8]) -> Result<Kind, &'static str> {
    if head.is_empty() {
        return Err("the preview is empty");
    }
    if let Some(kind) = audio(head) {
        return Ok(kind);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    match text.first() {
        Some(b'<') => Err("the preview is a web page, not audio"),
        Some(b'{' | b'[') => Err("the preview is a JSON message, not audio"),
        _ if text.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => Err("the preview is text, not audio"),
        _ => Err("the preview is not audio of a kind that can be played"),
    }
}

fn audio(head: &[u8]) -> Option<Kind> {
    // Some encoders pad the head with zeros; frames of MPEG audio may begin after them.
    let padded = head.iter().position(|&byte| byte != 0).unwrap_or(head.len());
    match head {
        [b'I', b'D', b'3', ..] => Some(Kind::Mpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Kind::Wav),
        [b'O', b'g', b'g', b'S', ..] => Some(Kind::Ogg),
        [b'f', b'L', b'a', b'C', ..] => Some(Kind::Flac),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Kind::Mp4),
        _ => is_frame(head.get(padded..)?).then_some(Kind::Mpeg),
    }
}

/// An MPEG audio (or ADTS) frame header: eleven sync bits and no reserved values.
fn is_frame(bytes: &[u8]) -> bool {
    let [first, second, third, ..] = bytes else { return false };
    let adts = second & 0xF6 == 0xF0;
    let mpeg = second & 0xE0 == 0xE0 && second & 0x18 != 0x08 && second & 0x06 != 0 && third & 0xF0 != 0xF0 && third & 0x0C != 0x0C;
    *first == 0xFF && (adts || mpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn music_is_told_from_everything_else() {
        for (head, kind) in [
            (&b"ID3\x04\0\0"[..], Kind::Mpeg),
            (b"\xFF\xFB\x90\x44", Kind::Mpeg),
            (b"\0\0\0\xFF\xFB\x90\x44", Kind::Mpeg),
            (b"\xFF\xF1\x50\x80", Kind::Mpeg),
            (b"RIFF\x24\0\0\0WAVEfmt ", Kind::Wav),
            (b"OggS\0\x02", Kind::Ogg),
            (b"fLaC\0", Kind::Flac),
            (b"\0\0\0\x20ftypM4A ", Kind::Mp4),
        ] {
            assert_eq!(sniff(head), Ok(kind), "{head:?}");
        }
        for (head, word) in [
            (&b""[..], "empty"),
            (b"  <!DOCTYPE html>", "web page"),
            (b"\xEF\xBB\xBF<html>", "web page"),
            (b"{\"error\":\"expired\"}", "JSON"),
            (b"not found", "text"),
            (b"RIFF\0\0\0\0AVI ", "not audio of a kind"),
            (b"\x89PNG\r\n\x1a\n", "not audio of a kind"),
            (b"\xFF\xFF\xFF\xFF", "not audio of a kind"),
            (b"\0\0\0\0", "not audio of a kind"),
        ] {
            assert!(sniff(head).unwrap_err().contains(word), "{head:?}: {:?}", sniff(head));
        }
    }
}
