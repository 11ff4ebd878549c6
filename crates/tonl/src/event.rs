//! The common language between what reads a format and what writes one.
//!
//! A source turns bytes into [`Event`]s, an [`EventSink`] takes them. The sequence is always that of
//! one well-formed JSON value: a key stands before each member's value, begins and ends match, and
//! no object holds a key twice (the source has checked it).

use crate::error::Result;

/// One step through a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "JSON has these parts and no others"
)]
pub enum Event<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its text in JSON's grammar; never changed on the way.
    Number(&'a str),
    /// A string, decoded.
    String(&'a str),
    /// The key of the member whose value follows, decoded.
    Key(&'a str),
    /// `{`
    BeginObject,
    /// `}`
    EndObject,
    /// `[`
    BeginArray,
    /// `]`
    EndArray,
}

/// Takes the events of one value, or of several one after another.
pub trait EventSink {
    /// Takes the next event.
    ///
    /// # Errors
    /// What the sink cannot hold ([`crate::Code::Unrepresentable`]); the source stops and passes
    /// it on with its own position.
    fn event(&mut self, event: Event<'_>) -> Result<()>;
}

impl<S: EventSink + ?Sized> EventSink for &mut S {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        (**self).event(event)
    }
}
