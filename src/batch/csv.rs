//! Comma-separated values as RFC 4180 has them: quoted cells may hold commas, quote marks and line breaks.

/// One row and the line it starts on, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) cells: Result<Vec<String>, &'static str>,
}

/// Cuts a text into rows; empty lines are none.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while chars.peek().is_some() {
        let start = line;
        let mut cells = vec![String::new()];
        let mut quoted = false;
        let mut closed = true;
        while let Some(c) = chars.next() {
            if c == '\n' {
                line += 1;
            }
            let Some(cell) = cells.last_mut() else { break };
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cell.push('"');
                }
                '"' if quoted => (quoted, closed) = (false, true),
                '"' if cell.trim().is_empty() => {
                    cell.clear();
                    (quoted, closed) = (true, false);
                }
                ',' if !quoted => cells.push(String::new()),
                '\r' if !quoted && chars.peek() == Some(&'\n') => {}
                '\n' if !quoted => break,
                _ => cell.push(c),
            }
        }
        if cells.iter().all(|cell| cell.trim().is_empty()) && closed {
            continue;
        }
        rows.push(Row {
            line: start,
            cells: if closed { Ok(cells) } else { Err("a quote mark is not closed") },
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_breaks() {
        let rows = rows("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n ,\nlast");
        let cells: Vec<_> = rows.into_iter().map(|row| (row.line, row.cells.unwrap())).collect();
        assert_eq!(
            cells,
            [
                (1, vec!["a".to_owned(), "b".to_owned()]),
                (2, vec!["x, \"y\"".to_owned(), "two\nlines".to_owned()]),
                (6, vec!["last".to_owned()])
            ]
        );
        assert!(super::rows("\"open").pop().unwrap().cells.is_err());
    }
}
