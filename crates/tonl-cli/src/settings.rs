//! The settings of the server: a table, the layers that values come from, and what is wrong with
//! them.

pub(crate) mod file;
pub(crate) mod kind;
pub(crate) mod layers;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod reading;
pub(crate) mod table;
pub(crate) mod unknown;
