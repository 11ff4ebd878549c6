//! Lines on pipes: a message a line, nothing else on the output.
//!
//! A line that is no message is answered with an error, and serving goes on. When the input ends,
//! requests that came before are answered first.

use super::conversation::Incoming;
use crate::message::{self, Malformed};
use crate::{Caller, McpServer};
use bytes::Bytes;
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// The most bytes of a line: the documented 50 MB of an argument, and room for the message around it
/// and for escapes.
pub const MAX_LINE: usize = 101 << 20;

/// Serves the client at the other end of two pipes, until the input ends or the output is closed.
///
/// # Errors
/// When the input cannot be read or the output not written.
pub async fn serve(
    server: &McpServer,
    input: impl AsyncBufRead + Unpin,
    output: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let (lines, to_write) = mpsc::channel(1);
    let (messages, incoming) = mpsc::channel(1);
    let conversation = server.converse(incoming, lines.clone());
    let talking = async {
        let reading = async {
            let read = read_lines(server, input, &lines, &messages).await;
            drop((lines, messages));
            read
        };
        let (read, ()) = tokio::join!(reading, conversation);
        read
    };
    tokio::try_join!(talking, write_lines(output, to_write)).map(|((), ())| ())
}

async fn write_lines(
    mut output: impl AsyncWrite + Unpin,
    mut lines: mpsc::Receiver<String>,
) -> io::Result<()> {
    while let Some(mut line) = lines.recv().await {
        line.push('\n');
        output.write_all(line.as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}

async fn read_lines(
    server: &McpServer,
    mut input: impl AsyncBufRead + Unpin,
    answers: &mpsc::Sender<String>,
    messages: &mpsc::Sender<Incoming>,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        let read = match next_line(&mut input, &mut line).await? {
            Line::End => return Ok(()),
            Line::TooLong => Err(Malformed::TooLong { limit: MAX_LINE }),
            Line::Whole if line.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Whole => read_message(server, &mut line),
        };
        match read {
            Ok(incoming) => {
                if messages.send(incoming).await.is_err() {
                    return Ok(());
                }
            }
            Err(malformed) => {
                let answer = malformed.response(message::id(&line).as_ref());
                if answers.send(answer).await.is_err() {
                    return Ok(());
                }
            }
        }
        line.clear();
        line.shrink_to(64 << 10);
    }
}

/// Reads the message of a line. One that is no good is left there, for its id.
fn read_message(server: &McpServer, line: &mut Vec<u8>) -> Result<Incoming, Malformed> {
    message::check(line)?;
    let text = Bytes::from(std::mem::take(line));
    let parts = server.parts(text.clone());
    let read = parts.and_then(|parts| Incoming::read(parts, Caller::local()));
    if read.is_err() {
        line.extend_from_slice(&text);
    }
    read
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// It is in the buffer, without its end.
    Whole,
    /// It was too long and is passed over; the buffer is empty.
    TooLong,
    /// There is no further one.
    End,
}

/// Reads the next line. The last one may lack its end.
async fn next_line(
    input: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> io::Result<Line> {
    let mut is_too_long = false;
    let mut is_first = true;
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() && is_first {
            return Ok(Line::End);
        }
        is_first = false;
        let mut pieces = available.splitn(2, |byte| *byte == b'\n');
        let piece = pieces.next().unwrap_or_default();
        let is_over = pieces.next().is_some() || available.is_empty();
        if line.len().saturating_add(piece.len()) > MAX_LINE {
            is_too_long = true;
            *line = Vec::new();
        }
        if !is_too_long {
            line.extend_from_slice(piece);
        }
        let consumed = piece.len() + usize::from(is_over && !available.is_empty());
        input.consume(consumed);
        if is_over {
            return Ok(if is_too_long {
                Line::TooLong
            } else {
                Line::Whole
            });
        }
    }
}
