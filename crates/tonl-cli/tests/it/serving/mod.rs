//! The server as its operator meets it: settings in, a process out, until a signal ends it.

mod audit_log;
mod development;
mod doctor;
mod health;
mod http;
mod modes;
mod ports;
mod precedence;
mod process;
mod readme;
mod refusals;
mod rotation;
mod running;
mod signals;
mod stores;
