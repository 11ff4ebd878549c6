//! The writer: JSON texts in, TONL text out.

mod ink;
mod scribe;
