//! Sources and their renewal as a server meets them: real files, a real watcher, real sockets.
#![cfg(test)]

mod aws;
mod files;
mod moto;
mod stand_in;
mod vault;
mod watching;
