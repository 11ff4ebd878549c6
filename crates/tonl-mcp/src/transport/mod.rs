//! How messages travel: lines on pipes ([`stdio`]), and messages that somebody else carries
//! ([`conversation`]), as the older HTTP transport does. Streamable HTTP is the SDK's own.

pub mod conversation;
pub mod stdio;
