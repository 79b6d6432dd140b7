//! Reads a file of briefs. A row that cannot be used is named by its line, and the others go on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{BadRow, Brief, Briefs, csv};
use crate::api::{BPM_MAX, BPM_MIN, Energy, Filters, PAGE_LIMIT, SearchRequest};
use crate::text::Clean;

/// What a row can say.
const FIELDS: [&str; 9] = [
    "query",
    "genres",
    "moods",
    "instruments",
    "min_bpm",
    "max_bpm",
    "energy",
    "vocals",
    "project",
];

/// The kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A query a line.
    Text,
    /// A header, then a brief a row.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl Format {
    /// The kind by the file's ending.
    pub fn of(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_lowercase().as_str() {
            "txt" => Self::Text,
            "csv" => Self::Csv,
            "jsonl" | "ndjson" => Self::JsonLines,
            _ => return None,
        })
    }
}

/// Reads briefs.
///
/// # Errors
/// Why the file as a whole cannot be read: it is UTF-16, or a CSV file without a usable header.
pub fn parse(bytes: &[u8], format: Format) -> Result<Briefs, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is UTF-16: save it as UTF-8".into());
    }
    // Rows with bytes that are no UTF-8 are bad rows; the mark that takes the place of such bytes tells them.
    let text = String::from_utf8_lossy(bytes);
    let spoilt = matches!(text, Cow::Owned(_));
    let text = &*text;
    // Some spreadsheets put an invisible mark at the beginning.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut briefs = Briefs::default();
    match format {
        Format::Text => {
            for (line, query) in lines(text) {
                // A line that starts with # is a remark.
                if !query.starts_with('#') {
                    briefs.add(line, Ok([("query".to_owned(), Value::from(query))].into()));
                }
            }
        }
        Format::JsonLines => {
            for (line, json) in lines(text) {
                briefs.add(line, object(json));
            }
        }
        Format::Csv => table(text, &mut briefs)?,
    }
    if spoilt {
        briefs.refuse_spoilt();
    }
    Ok(briefs)
}

/// Lines with something in them, from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
}

type Fields = BTreeMap<String, Value>;

fn object(json: &str) -> Result<Fields, String> {
    match serde_json::from_str(json) {
        Ok(Value::Object(fields)) => Ok(fields.into_iter().collect()),
        Ok(_) => Err("it is no JSON object: write {\"query\": \"…\"}".into()),
        Err(error) => Err(format!(
            "it is no JSON from column {} on: write {{\"query\": \"…\"}}",
            error.column()
        )),
    }
}

fn table(text: &str, briefs: &mut Briefs) -> Result<(), String> {
    let mut rows = csv::rows(text).into_iter();
    let Some(header) = rows.next() else { return Ok(()) };
    let names: Vec<String> = header
        .cells
        .map_err(|problem| format!("line 1: {problem}"))?
        .iter()
        .map(|cell| cell.trim().to_lowercase())
        .collect();
    if let Some(unknown) = names.iter().find(|name| !name.is_empty() && !FIELDS.contains(&name.as_str())) {
        return Err(format!(
            "line 1: there is no column “{}”: the columns are {}",
            Clean::new(unknown),
            FIELDS.join(", ")
        ));
    }
    if let Some(twice) = names
        .iter()
        .enumerate()
        .find(|(at, name)| !name.is_empty() && names[..*at].contains(name))
    {
        return Err(format!("line 1: there are two columns “{}”: leave one of them out", twice.1));
    }
    if !names.iter().any(|name| name == "query") {
        return Err(format!(
            "line 1: the first line has to name the columns, query among them: {}",
            FIELDS.join(",")
        ));
    }
    for row in rows {
        let fields = match row.cells {
            Err(problem) => Err(problem.to_owned()),
            Ok(cells) if cells.iter().skip(names.len()).any(|cell| !cell.trim().is_empty()) => Err(format!(
                "it has {} cells, and the header names {}: put cells with commas in quote marks",
                cells.len(),
                names.len()
            )),
            Ok(cells) => Ok(names
                .iter()
                .cloned()
                .zip(cells.into_iter().map(Value::from))
                .filter(|(name, _)| !name.is_empty())
                .collect()),
        };
        briefs.add(row.line, fields);
    }
    Ok(())
}

impl Briefs {
    /// Takes out the rows that have bytes in them that are no UTF-8.
    fn refuse_spoilt(&mut self) {
        let spoilt = |brief: &Brief| {
            let filters = brief.request.filters();
            let words = filters.genres.iter().chain(&filters.moods).chain(&filters.instruments);
            let mut texts = words
                .map(String::as_str)
                .chain([brief.request.query()])
                .chain(brief.project.as_deref());
            texts.any(|text| text.contains(char::REPLACEMENT_CHARACTER))
        };
        for brief in self.good.extract_if(.., |brief| spoilt(brief)) {
            self.bad.push(BadRow {
                line: brief.line,
                message: "it is no UTF-8: save the file as UTF-8".into(),
            });
        }
        self.bad.sort_by_key(|bad| bad.line);
    }

    fn add(&mut self, line: usize, fields: Result<Fields, String>) {
        match fields.and_then(|fields| brief(line, &fields)) {
            Ok(brief) => self.good.push(brief),
            Err(message) => self.bad.push(BadRow { line, message }),
        }
    }
}

fn brief(line: usize, fields: &Fields) -> Result<Brief, String> {
    if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!(
            "there is no field “{}”: the fields are {}",
            Clean::new(unknown),
            FIELDS.join(", ")
        ));
    }
    let field = |name: &str| fields.get(name).unwrap_or(&Value::Null);
    let query = word("query", field("query"))?.unwrap_or_default();
    let filters = Filters {
        genres: list("genres", field("genres"))?,
        moods: list("moods", field("moods"))?,
        instruments: list("instruments", field("instruments"))?,
        has_vocals: vocals(field("vocals"))?,
        min_bpm: bpm("min_bpm", field("min_bpm"))?,
        max_bpm: bpm("max_bpm", field("max_bpm"))?,
        energy: word("energy", field("energy"))?.map(|level| Energy::from(level.as_str())),
    };
    let request = SearchRequest::new(&query, filters, PAGE_LIMIT, 0).map_err(|invalid| invalid.0)?;
    let project = word("project", field("project"))?.map(|name| Clean::new(&name).to_string());
    Ok(Brief { line, request, project })
}

fn word(name: &str, value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        _ => Err(format!("{name} has to be a text")),
    }
}

/// A JSON list of words, or "A,B" in one text.
fn list(name: &str, value: &Value) -> Result<std::collections::BTreeSet<String>, String> {
    let words: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::String(text) => text.split(',').map(str::to_owned).collect(),
        Value::Array(values) => values
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| format!("{name} has to be a list of texts"))
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(format!("{name} has to be “A,B” or a list of texts")),
    };
    Ok(words
        .iter()
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect())
}

fn bpm(name: &str, value: &Value) -> Result<Option<u16>, String> {
    let read = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|bpm| u16::try_from(bpm).ok()),
        _ => None,
    };
    read.map(Some)
        .ok_or_else(|| format!("{name} has to be a whole number, {BPM_MIN} to {BPM_MAX}"))
}

fn vocals(value: &Value) -> Result<Option<bool>, String> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::Bool(wanted) => return Ok(Some(*wanted)),
        Value::String(text) => text.trim().to_lowercase(),
        _ => String::from("?"),
    };
    match text.as_str() {
        "" | "any" => Ok(None),
        "yes" | "true" | "1" | "vocals" => Ok(Some(true)),
        "no" | "false" | "0" | "none" | "instrumental" => Ok(Some(false)),
        _ => Err("vocals has to be yes or no".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines<'a> = Vec<(usize, &'a str)>;

    fn lines_of(briefs: &Briefs) -> (Lines<'_>, Lines<'_>) {
        (
            briefs.good.iter().map(|brief| (brief.line, brief.request.query())).collect(),
            briefs.bad.iter().map(|bad| (bad.line, bad.message.as_str())).collect(),
        )
    }

    #[test]
    fn a_text_file_is_a_query_a_line() {
        let briefs = parse("\u{feff}calm piano\r\n\n# a remark\n  bright funk \n".as_bytes(), Format::Text).unwrap();
        assert_eq!(lines_of(&briefs).0, [(1, "calm piano"), (4, "bright funk")]);
        let long = "x".repeat(2000);
        let briefs = parse(format!("a\n{long}").as_bytes(), Format::Text).unwrap();
        assert_eq!((briefs.good.len(), briefs.bad[0].line), (1, 2));
    }

    #[test]
    fn csv_and_jsonl_say_the_same() {
        let csv = "Query,genres,min_bpm,max_bpm,energy,vocals,project\n\"calm, soft piano\",\"Jazz,Folk\",60,90,low,no,Film\nx,,,,,,\n";
        let json = "{\"query\":\"calm, soft piano\",\"genres\":[\"Jazz\",\"Folk\"],\"min_bpm\":60,\"max_bpm\":\"90\",\"energy\":\"low\",\"vocals\":false,\"project\":\"Film\"}\n{\"query\":\"x\"}";
        let csv = parse(csv.as_bytes(), Format::Csv).unwrap();
        let json = parse(json.as_bytes(), Format::JsonLines).unwrap();
        assert!(csv.bad.is_empty() && json.bad.is_empty(), "{csv:?} {json:?}");
        let requests = |briefs: &Briefs| {
            briefs
                .good
                .iter()
                .map(|brief| (brief.request.clone(), brief.project.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(requests(&csv), requests(&json));
        assert_eq!(csv.good[0].request.body()["filters"]["genres"], serde_json::json!(["Folk", "Jazz"]));
    }

    #[test]
    fn bad_rows_are_named_by_their_line_and_the_others_go_on() {
        let csv = "query,min_bpm,energy,vocals\na,30,,\nb,,huge,\nc,,,maybe\nd,fast,,\n,60,,\ne,60,low,no\nf,1,2,3,4\n";
        let briefs = parse(csv.as_bytes(), Format::Csv).unwrap();
        let (good, bad) = lines_of(&briefs);
        assert_eq!(good, [(7, "e")]);
        assert_eq!(bad.iter().map(|bad| bad.0).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 8]);
        let json = parse(
            b"{\"query\":1}\nnonsense\n[]\n{\"query\":\"a\",\"mood\":\"x\"}\n{\"query\":\"ok\"}",
            Format::JsonLines,
        )
        .unwrap();
        assert_eq!(lines_of(&json).0, [(5, "ok")]);
        assert!(json.bad[3].message.contains("“mood”"));
    }

    #[test]
    fn a_row_that_is_no_utf8_is_a_bad_row() {
        let briefs = parse(b"calm\ncaf\xe9 jazz\nfunk", Format::Text).unwrap();
        assert_eq!(
            lines_of(&briefs),
            (vec![(1, "calm"), (3, "funk")], vec![(2, "it is no UTF-8: save the file as UTF-8")])
        );
        let briefs = parse(b"query,moods\na,caf\xe9\nb,Calm\nc", Format::Csv).unwrap();
        assert_eq!(lines_of(&briefs).0, [(3, "b"), (4, "c")]);
        let briefs = parse("\u{fffd} is a character too".as_bytes(), Format::Text).unwrap();
        assert_eq!(briefs.good.len(), 1);
    }

    #[test]
    fn what_is_no_file_of_briefs_is_refused_as_a_whole() {
        assert!(parse(b"\xff\xfea\0", Format::Text).unwrap_err().contains("UTF-16"));
        assert!(parse(b"query,query\na,b", Format::Csv).unwrap_err().contains("two columns"));
        assert!(parse(b"calm piano\nfunk", Format::Csv).unwrap_err().contains("no column"));
        assert!(parse(b"genres,moods\nJazz,Calm", Format::Csv).unwrap_err().contains("query"));
    }
}
