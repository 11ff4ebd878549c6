//! AWS Signature Version 4, for requests whose path is already encoded.
//!
//! *Source:* "AWS Signature Version 4 for API requests" of the IAM user guide. It does not normalise
//! paths (`..`, doubled slashes): the only path signed here is `/`.

use super::AwsCredentials;
use crate::digest::hex;
use crate::source::percent;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::fmt::Write;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// Who signs, and for which service.
pub(super) struct Signer<'a> {
    pub(super) credentials: &'a AwsCredentials,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// The parts of a request that are signed.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// The path as it is sent, encoded.
    pub(super) path: &'a str,
    /// Names and values as they are meant, not yet encoded.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// All of them are signed; names in any case and order, values as they are sent.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) payload: &'a [u8],
}

/// A moment as the header `x-amz-date` has it, for example `20150830T123600Z`.
pub(super) fn timestamp(now: SystemTime) -> Option<String> {
    let moment = jiff::Timestamp::try_from(now).ok()?;
    Some(moment.strftime("%Y%m%dT%H%M%SZ").to_string())
}

impl Signer<'_> {
    /// The value of the header `Authorization`. The time is the one of the header `x-amz-date`.
    pub(super) fn authorization(&self, request: &Signed<'_>, time: &str) -> String {
        let scope = self.scope(time);
        let signature = self.signature(&string_to_sign(request, time, &scope), time);
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            self.credentials.access_key_id,
            headers(request).1
        )
    }

    fn scope(&self, time: &str) -> String {
        let (region, service) = (self.region, self.service);
        format!("{}/{region}/{service}/aws4_request", date(time))
    }

    fn signature(&self, text: &str, time: &str) -> String {
        let secret = self.credentials.secret_access_key.expose();
        let first = Zeroizing::new([b"AWS4".as_slice(), secret].concat());
        let mut key = keyed(&first, date(time).as_bytes());
        for part in [self.region, self.service, "aws4_request"] {
            key = keyed(key.as_slice(), part.as_bytes());
        }
        hex(keyed(key.as_slice(), text.as_bytes()).as_slice())
    }
}

fn date(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// HMAC takes a key of any length, so that there always is a result.
fn keyed(key: &[u8], text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok();
    Zeroizing::new(mac.map_or_else(Vec::new, |mut mac| {
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    }))
}

fn string_to_sign(request: &Signed<'_>, time: &str, scope: &str) -> String {
    let canonical = hex(&Sha256::digest(canonical(request).as_bytes()));
    format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}")
}

fn canonical(request: &Signed<'_>) -> String {
    let (lines, names) = headers(request);
    format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        request.path,
        query(request),
        hex(&Sha256::digest(request.payload))
    )
}

fn query(request: &Signed<'_>) -> String {
    let encode = |text: &str| percent::encode(text, b"");
    let pairs = request.query.iter();
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The lines of the headers, and their names.
fn headers(request: &Signed<'_>) -> (String, String) {
    let mut sorted: Vec<(String, String)> = Vec::new();
    for (name, value) in request.headers {
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        sorted.push((name.to_ascii_lowercase(), words.join(" ")));
    }
    // The sort is stable: values of one name stay in their order.
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let (mut lines, mut names) = (String::new(), Vec::new());
    for group in sorted.chunk_by(|one, other| one.0 == other.0) {
        let Some((name, _)) = group.first() else {
            continue;
        };
        let values: Vec<&str> = group.iter().map(|(_, value)| value.as_str()).collect();
        let _infallible = writeln!(lines, "{name}:{}", values.join(","));
        names.push(name.as_str());
    }
    (lines, names.join(";"))
}

#[cfg(test)]
mod tests;
