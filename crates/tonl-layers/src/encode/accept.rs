//! Which coding a client wants (RFC 9110, 12.5.3).

use super::Coding;
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// The coding that the client prefers among ours; `None` for no coding.
pub(super) fn choose(headers: &HeaderMap) -> Option<Coding> {
    let mut wishes = Wishes::default();
    for value in headers.get_all(ACCEPT_ENCODING) {
        let items = value.to_str().unwrap_or_default().split(',');
        for item in items.take(MAX_ITEMS) {
            wishes.note(item);
        }
    }
    wishes.best()
}

/// The weights that the client gave, in thousandths.
#[derive(Debug, Default)]
struct Wishes {
    gzip: Option<u16>,
    zstd: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Wishes {
    fn note(&mut self, item: &str) {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let name = name.trim();
        // An item with a weight that cannot be read is left out: no coding is the safe answer.
        let Some(weight) = weight(parameters) else {
            return;
        };
        let place = match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut self.gzip,
            "zstd" => &mut self.zstd,
            "identity" => &mut self.identity,
            "*" => &mut self.any,
            _ => return,
        };
        *place = Some(weight);
    }

    fn best(&self) -> Option<Coding> {
        let gzip = self.gzip.or(self.any).unwrap_or(0);
        let zstd = self.zstd.or(self.any).unwrap_or(0);
        let best = gzip.max(zstd);
        if best == 0 || self.identity.is_some_and(|identity| identity > best) {
            return None;
        }
        Some(if zstd == best {
            Coding::Zstd
        } else {
            Coding::Gzip
        })
    }
}

/// `q=0.5` as 500; 1000 if there is no weight, `None` if it is not one.
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameters.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || decimals.len() > 3 {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// How many items of a header line are looked at.
const MAX_ITEMS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_heaviest_coding_wins_and_none_is_chosen_unasked() {
        let (gzip, zstd) = (Some(Coding::Gzip), Some(Coding::Zstd));
        let cases: [(&[&str], Option<Coding>); 21] = [
            (&[], None),
            (&[""], None),
            (&["br"], None),
            (&["gzip"], gzip),
            (&["X-GZIP"], gzip),
            (&["zstd"], zstd),
            (&["gzip, zstd"], zstd),
            (&["gzip", "zstd"], zstd),
            (&["gzip;q=1.0, zstd;q=0.9"], gzip),
            (&["gzip; Q=0.001"], gzip),
            (&["gzip;q=0"], None),
            (&["gzip;q=0.000, *"], zstd),
            (&["*"], zstd),
            (&["*;q=0"], None),
            (&["zstd;q=0, *;q=0.5"], gzip),
            (&["gzip;q=0.5, identity"], None),
            (&["gzip;q=0.5, identity;q=0.5"], gzip),
            (&["identity;q=0"], None),
            (&["gzip;q=2"], None),
            (&["gzip;q=0.1234"], None),
            (&["gzip;level=9"], None),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(choose(&headers), expected, "{values:?}");
        }
    }
}
