//! The data generator and the side-by-side benches of the project: `bench/README.md` is the manual.
//!
//! A bench never fails because a machine is slow: it prints the goal beside the figure.

pub mod generate;
pub mod layout;
pub mod random;
pub mod shape;
pub mod size;
pub mod text;
