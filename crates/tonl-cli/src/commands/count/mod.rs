//! `tonl count`: how many tokens texts have, as they are.
//!
//! Nothing is interpreted: a JSON file is text here. Memory is constant. A file that cannot be counted
//! is reported and does not keep the others from being counted.

mod lines;
mod text;

use crate::args::count::CountArgs;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::render::Voice;
use crate::render::figures::{counted, grouped};
use crate::render::table::{Column, Table, terminal_width};
use crate::sources::{self, Source};
use lines::Lines;
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tonl_convert::Error;
use tonl_convert::tokens::TallyReader;
use tonl_tokens::Model;

/// Counts every text and says how it was counted.
///
/// # Errors
/// A command line that names nothing, or standard output that cannot be written.
pub(super) fn run(args: &CountArgs, env: Env, voice: Voice) -> Result<Exit> {
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() {
        &standard_input
    } else {
        args.files.as_slice()
    };
    let sources = sources::expand(files)?;
    let run = Run {
        args,
        model: args.model.find()?,
        names_files: sources.len() > 1,
        shown: env.interactive && !voice.is_quiet() && sources.len() == 1,
        voice,
    };
    let failed = if args.lines {
        run.each_line(&sources)?
    } else {
        run.each_file(&sources)?
    };
    Ok(if failed { Exit::Error } else { Exit::Success })
}

/// What all texts of one command line share.
struct Run<'a> {
    args: &'a CountArgs,
    model: &'static Model,
    names_files: bool,
    shown: bool,
    voice: Voice,
}

/// How many tokens and bytes there are.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    tokens: u64,
    bytes: u64,
}

impl Run<'_> {
    /// Tells the count of each text and their sum; whether one failed.
    fn each_file(&self, sources: &[Source]) -> Result<bool> {
        let mut sizes = Vec::new();
        for source in sources {
            let size = self.size(&source.path);
            if let Err(failure) = &size {
                self.voice.fail(failure);
            }
            sizes.push((text::name(&source.path), size));
        }
        let report = if self.args.json {
            format!("{:#}\n", self.value(&sizes))
        } else {
            table(&sizes)
        };
        Output::stdout().write_whole(report.as_bytes())?;
        if !report.is_empty() {
            self.tell_method();
        }
        Ok(sizes.iter().any(|(_, size)| size.is_err()))
    }

    fn size(&self, path: &Path) -> Result<Size> {
        let text = text::open(path, self.shown)?;
        let (mut reader, tokens) = TallyReader::new(text, self.model.encoding());
        let bytes = io::copy(&mut reader, &mut io::sink())
            .map_err(|error| text::failed(Error::io("read", error), path))?;
        let tokens = self.model.of_encoding(tokens.finish()).tokens;
        Ok(Size { tokens, bytes })
    }

    fn value(&self, sizes: &[(String, Result<Size>)]) -> Value {
        let file = |(name, size): &(String, Result<Size>)| match size {
            Ok(size) => json!({"file": name, "tokens": size.tokens, "bytes": size.bytes}),
            Err(failure) => json!({"file": name, "error": failure.message()}),
        };
        let total = total(sizes);
        json!({
            "model": self.model.name,
            "method": self.model.method().name(),
            "encoding": self.model.encoding().name(),
            "files": sizes.iter().map(file).collect::<Vec<_>>(),
            "total": {"tokens": total.tokens, "bytes": total.bytes},
        })
    }

    fn tell_method(&self) {
        let method = self.model.method().name();
        let (name, by) = (self.model.name, self.model.counted_by());
        self.voice
            .say(format_args!("{method} for {name}, counted by {by}"));
    }

    /// Prints the count of each line as it comes; whether a text failed.
    fn each_line(&self, sources: &[Source]) -> Result<bool> {
        let mut output = Output::stdout();
        let (mut lines, mut tokens, mut failed) = (0, 0, false);
        for source in sources {
            let outcome = self.lines_of(&source.path, &mut output, |line| {
                lines += 1;
                tokens += line;
            });
            match outcome {
                Ok(()) => {}
                Err(Stop::Output) => break,
                Err(Stop::Text(failure)) => {
                    self.voice.fail(&failure);
                    failed = true;
                }
            }
        }
        if output.finish(Ok(()))?.is_some() {
            let (lines, tokens) = (counted(lines, "line"), counted(tokens, "token"));
            self.voice
                .say(format_args!("{lines}, {tokens} without the line ends"));
            self.tell_method();
        }
        Ok(failed)
    }

    fn lines_of(
        &self,
        path: &Path,
        output: &mut Output,
        mut note: impl FnMut(u64),
    ) -> Result<(), Stop> {
        let mut text = text::open(path, self.shown)?;
        let name = text::name(path);
        let is_live = !path.is_file();
        let mut each = |output: &mut Output, number: u64, tokens: u64| {
            let tokens = self.model.of_encoding(tokens).tokens;
            note(tokens);
            self.write_line(output, &name, number, tokens)
        };
        let mut lines = Lines::new(self.model.encoding());
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = match text.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(text::failed(Error::io("read", error), path).into()),
            };
            let part = buffer.get(..count).unwrap_or_default();
            lines.push(part, |number, tokens| each(output, number, tokens))?;
            if is_live {
                output.flush().map_err(|_| Stop::Output)?;
            }
        }
        lines.finish(|number, tokens| each(output, number, tokens))
    }

    fn write_line(
        &self,
        output: &mut Output,
        file: &str,
        number: u64,
        tokens: u64,
    ) -> Result<(), Stop> {
        let written = if self.args.json {
            let line = json!({"file": file, "line": number, "tokens": tokens});
            writeln!(output, "{line}")
        } else if self.names_files {
            let file = crate::render::table::visible(file);
            writeln!(output, "{tokens}\t{number}\t{file}")
        } else {
            writeln!(output, "{tokens}\t{number}")
        };
        written.map_err(|_| Stop::Output)
    }
}

const BUFFER_BYTES: usize = 64 << 10;

/// What ends the counting of one text's lines.
enum Stop {
    /// The text cannot be read on.
    Text(Failure),
    /// Nothing more can be written; the output knows why.
    Output,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Text(failure)
    }
}

fn table(sizes: &[(String, Result<Size>)]) -> String {
    let mut table = Table::new([Column::number("tokens"), Column::text("file")]);
    for (name, size) in sizes {
        if let Ok(size) = size {
            table.row([grouped(size.tokens), name.clone()]);
        }
    }
    if table.is_empty() {
        return String::new();
    }
    if sizes.len() > 1 {
        table.row([grouped(total(sizes).tokens), "total".to_owned()]);
    }
    table.text(terminal_width())
}

fn total(sizes: &[(String, Result<Size>)]) -> Size {
    let known = sizes.iter().filter_map(|(_, size)| size.as_ref().ok());
    known.fold(Size::default(), |sum, size| Size {
        tokens: sum.tokens + size.tokens,
        bytes: sum.bytes + size.bytes,
    })
}
