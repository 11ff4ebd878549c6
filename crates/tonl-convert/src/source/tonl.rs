//! TONL, read in pieces in the memory of its longest line.

use super::ReadSettings;
use crate::error::{Error, Quotes, Result, without_quotes};
use crate::input::Input;
use std::io::{self, Read};
use tonl::{EventSink, ReadOptions, Reader};

/// What a TONL document says beside its value.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Document {
    /// The root's label; empty if there is no root entry.
    pub label: String,
    /// Deviations that lenient reading took, a sentence each, with line and column. The last one
    /// counts those that are not named.
    pub warnings: Vec<String>,
}

/// Reads a TONL document and sends its value.
///
/// # Errors
/// The faults of [`Reader::push`], and what `input` or `sink` report.
pub fn read(input: &Input, options: &ReadOptions, sink: &mut dyn EventSink) -> Result<Document> {
    let settings = ReadSettings {
        tonl: *options,
        ..ReadSettings::default()
    };
    read_quoting(input, &settings, sink)
}

/// The same with the settings of all sources.
pub(super) fn read_quoting(
    input: &Input,
    settings: &ReadSettings,
    sink: &mut dyn EventSink,
) -> Result<Document> {
    read_unnamed(input, settings, sink).map_err(|error| error.named(input.name()))
}

fn read_unnamed(
    input: &Input,
    settings: &ReadSettings,
    sink: &mut dyn EventSink,
) -> Result<Document> {
    let mut text = input.open()?;
    let mut reader = Reader::new(settings.tonl);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match text.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => reader.push(buffer.get(..count).unwrap_or_default(), sink)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("read", error)),
        }
    }
    reader.finish(sink)?;
    Ok(Document {
        label: reader.label().to_owned(),
        warnings: warnings(&reader, settings.quotes),
    })
}

fn warnings(reader: &Reader, quotes: Quotes) -> Vec<String> {
    let words = |warning: &tonl::Error| match quotes {
        Quotes::Shown => warning.to_string(),
        Quotes::Hidden => without_quotes(warning).to_string(),
    };
    let mut named: Vec<String> = reader.warnings().iter().map(words).collect();
    let more = reader.warning_count().saturating_sub(named.len() as u64);
    if more > 0 {
        named.push(format!("{more} more deviations"));
    }
    named
}

const BUFFER_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{JsonSink, Layout, TextSink};
    use tonl::{Code, Strictness};

    fn convert(text: &str, options: &ReadOptions) -> Result<(String, Document)> {
        let mut sink = JsonSink::new(Layout::Compact);
        let document = read(
            &Input::from_bytes("t.tonl", text.as_bytes()),
            options,
            &mut sink,
        )?;
        let json = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
        Ok((json, document))
    }

    #[test]
    fn a_document_longer_than_the_buffer_is_read_with_its_label() {
        let rows = 20_000;
        let text = format!("logs[{rows}]{{id:i32,s:str}}:\n{}", " 1,abc\n".repeat(rows));
        let (json, document) = convert(&text, &ReadOptions::default()).unwrap();
        assert_eq!(json.matches(r#"{"id":1,"s":"abc"}"#).count(), rows);
        assert_eq!(document.label, "logs");
        assert!(document.warnings.is_empty());
    }

    #[test]
    fn a_fault_names_the_input_and_its_line() {
        let error = convert("data[2]{a,b}:\n 1,2\n 3\n", &ReadOptions::default()).unwrap_err();
        assert_eq!(error.name(), Some("t.tonl"));
        let content = error.content().unwrap();
        assert_eq!(content.code(), Code::ShortRow);
        assert_eq!(content.position().map(|at| at.line), Some(3));
    }

    #[test]
    fn lenient_reading_reports_what_it_took() {
        let mut options = ReadOptions::default();
        options.strictness = Strictness::Lenient;
        let text = format!("data[151]{{a:i32}}:\n{} 1\n", " 1\n\n".repeat(150));
        let (_, document) = convert(&text, &options).unwrap();
        assert_eq!(document.warnings.len(), 101);
        assert_eq!(document.warnings.last().unwrap(), "50 more deviations");
        assert!(document.warnings.first().unwrap().contains("line 3"));
    }
}
