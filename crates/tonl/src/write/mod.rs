//! The writer: JSON texts in, TONL text out.
