//! Converts between TONL and other formats.
