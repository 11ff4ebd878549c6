//! The data generator and the side-by-side benches of the project: `bench/README.md` is the manual.
//!
//! A bench never fails because a machine is slow: it prints the goal beside the figure.

pub mod bare;
pub mod callgrind;
pub mod clock;
pub mod generate;
pub mod hostile;
pub mod layout;
pub mod measure;
pub mod passes;
pub mod random;
pub mod report;
pub mod run;
pub mod savings;
pub mod server;
pub mod shape;
pub mod size;
pub mod stream;
pub mod text;
pub mod tokens;
