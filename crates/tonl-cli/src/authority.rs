//! Certificates of authorities that are trusted beside none: for servers whose own one is not public.

use crate::failure::{Failure, Result, reason};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use ureq::tls::{Certificate, PemItem, parse_pem};

/// The most bytes of a file; all public authorities together have less.
const MOST_BYTES: u64 = 4 << 20;

/// The certificates in a PEM file.
///
/// # Errors
/// A file that cannot be read or has none.
pub(crate) fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let bad = |what: &str| {
        Failure::configuration(format!("--ca-file: {}: {what}", path.display()))
            .with_hint("name a file with the certificates in PEM form: -----BEGIN CERTIFICATE-----")
    };
    let mut text = Vec::new();
    let opened = File::open(path);
    let read = opened.and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
    read.map_err(|error| bad(&reason(&error)))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| bad("it is not valid PEM"))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(bad("there is no certificate in it"));
    }
    Ok(certificates)
}
