//! The live stream's events out of its bytes, in whatever pieces they come.
//!
//! *Source:* server-sent events as the HTML standard has them; comments and fields that are not watched are
//! passed over. An event is bounded, since the stream is foreign and has no end.

/// The most bytes of one event.
const MOST_BYTES: usize = 16 << 20;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Empty for an unnamed one.
    pub(super) name: String,
    /// Its lines joined by line feeds.
    pub(super) data: String,
}

/// An event or a line of the stream that is longer than what one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The part of the stream that is no whole event yet.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    name: String,
    /// Nothing if no line of data has come.
    data: Option<String>,
    /// Whether the last byte was a carriage return, which a line feed may belong to.
    returned: bool,
    begun: bool,
}

impl Events {
    /// Takes bytes; the events that are whole with them.
    ///
    /// # Errors
    /// An event without end.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut whole = Vec::new();
        for &byte in bytes {
            let was_returned = std::mem::take(&mut self.returned);
            match byte {
                b'\n' if was_returned => {}
                b'\n' | b'\r' => {
                    self.returned = byte == b'\r';
                    whole.extend(self.end_line());
                }
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.as_ref().map_or(0, String::len) > MOST_BYTES {
                return Err(TooLong);
            }
        }
        Ok(whole)
    }

    /// Reads the line that has ended; an empty one ends the event.
    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let begins = !std::mem::replace(&mut self.begun, true);
        let line = line
            .strip_prefix('\u{feff}')
            .filter(|_| begins)
            .unwrap_or(&line);
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            return self.data.take().map(|data| Event { name, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => data.extend(["\n", value]),
                none => *none = Some(value.to_owned()),
            },
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut events = Events::default();
        let whole = pieces.iter().flat_map(|piece| events.push(piece).unwrap());
        whole.map(|event| (event.name, event.data)).collect()
    }

    fn pair(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn every_form_of_an_event_is_read() {
        for (stream, wanted) in [
            ("data: a\n\n", vec![pair("", "a")]),
            ("\u{feff}data: a\n\n", vec![pair("", "a")]),
            (
                "data:a\r\n\r\ndata: b\r\r",
                vec![pair("", "a"), pair("", "b")],
            ),
            ("event: shutdown\ndata:\n\n", vec![pair("shutdown", "")]),
            ("data: a\ndata\ndata:  b\n\n", vec![pair("", "a\n\n b")]),
            (": heartbeat\n\nid: 7\nretry: 5\n\nevent: x\n\n", vec![]),
            ("data: no end\n", vec![]),
            ("data: é\u{1f600}\n\n", vec![pair("", "é\u{1f600}")]),
        ] {
            assert_eq!(events(&[stream.as_bytes()]), wanted, "{stream:?}");
        }
        assert_eq!(events(&[b"data: \xff\n\n"]), [pair("", "\u{fffd}")]);
    }

    #[test]
    fn any_split_of_the_bytes_gives_the_same_events() {
        let stream =
            "data: é\r\ndata: b\r\n\r\nevent: x\rdata: c\r\r: no\n\ndata: {}\n\n".as_bytes();
        let wanted = events(&[stream]);
        assert_eq!(wanted.len(), 3);
        let mut random = Random::new(9);
        for _ in 0..500 {
            let (left, right) = stream.split_at(random.below(stream.len()));
            let (middle, right) = right.split_at(random.below(right.len()));
            assert_eq!(events(&[left, middle, right]), wanted);
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut events = Events::default();
        let piece = vec![b'x'; MOST_BYTES / 4];
        let taken = (0..5).map(|_| events.push(&piece)).find(Result::is_err);
        assert_eq!(taken, Some(Err(TooLong)));
        let mut events = Events::default();
        let line = [b"data: ".as_slice(), &piece, b"\n"].concat();
        let taken = (0..5).map(|_| events.push(&line)).find(Result::is_err);
        assert_eq!(taken, Some(Err(TooLong)), "many lines of one event");
    }
}
