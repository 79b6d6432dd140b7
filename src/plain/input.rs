//! Lines from standard input, read on a thread of their own: reading waits, and the program does not.

use std::io::{self, BufRead, Read};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The longest line, in bytes; what comes after is dropped. Four times the longest query, and room for a path.
const LONGEST: u64 = 8192;

/// Lines as they come; the channel closes at the end of the input.
pub type Lines = UnboundedReceiver<String>;

/// Starts to read standard input. The thread ends with the input, or with the process.
pub fn from_stdin() -> Lines {
    let (lines, received) = unbounded_channel();
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(line)) = next(&mut input) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    received
}

/// The next line without its end; `None` at the end of the input. Bytes that are no text become replacement characters.
fn next(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == LONGEST {
        drop_rest(input)?;
    }
    let text = String::from_utf8_lossy(&line);
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Reads on to the end of the line and keeps nothing of it.
fn drop_rest(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let here = input.fill_buf()?;
        if here.is_empty() {
            return Ok(());
        }
        let end = here.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(here.len(), |end| end + 1);
        input.consume(taken);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_whatever_their_ends_and_however_long() {
        let long = "x".repeat(20_000);
        let text = format!("one\r\n\ntwo \u{e9}\n{long}\nlast");
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let mut all = Vec::new();
        while let Some(line) = next(&mut input).unwrap() {
            all.push(line);
        }
        assert_eq!(all[..3], ["one", "", "two \u{e9}"]);
        assert_eq!((all[3].len(), all[4].as_str()), (LONGEST as usize, "last"));
        assert_eq!(next(&mut &b"\xff\n"[..]).unwrap().unwrap(), "\u{fffd}");
    }
}
