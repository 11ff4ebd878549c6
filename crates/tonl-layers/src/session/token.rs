//! The token of a session in development mode: `<uuid>-<base36 ms>-<64 hex>` (S10).

use crate::auth::{NewToken, NoRandomness, hex, random};
use std::time::SystemTime;
use uuid::Builder;

/// A token made at this time. The last part alone has 256 bits of randomness (S9).
pub(super) fn generate(wall: SystemTime) -> Result<NewToken, NoRandomness> {
    let uuid = Builder::from_random_bytes(random()?).into_uuid();
    let since = wall.duration_since(SystemTime::UNIX_EPOCH);
    let milliseconds = base36(since.unwrap_or_default().as_millis());
    let secret = hex(&random::<32>()?);
    Ok(NewToken::new(format!("{uuid}-{milliseconds}-{secret}")))
}

/// Digits and lower-case letters.
fn base36(mut number: u128) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        let place = usize::try_from(number % 36).unwrap_or(0);
        digits.push(DIGITS.get(place).copied().unwrap_or(b'0'));
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits
        .iter()
        .rev()
        .map(|digit| char::from(*digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    // S10
    #[test]
    fn a_token_is_a_uuid_a_time_and_256_bits() {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_millis(1_670_346_000_123);
        let token = generate(wall).unwrap();
        let parts: Vec<&str> = token.expose().rsplitn(3, '-').collect();
        let [secret, time, uuid] = parts[..] else {
            panic!("not three parts");
        };
        let uuid = uuid::Uuid::parse_str(uuid).unwrap();
        assert_eq!(uuid.get_version_num(), 4);
        assert_eq!(u64::from_str_radix(time, 36), Ok(1_670_346_000_123));
        assert!(secret.len() == 64 && secret.bytes().all(|c| c.is_ascii_hexdigit()));
    }

    // S9
    #[test]
    fn no_two_tokens_are_alike() {
        let now = SystemTime::UNIX_EPOCH;
        let mut seen = std::collections::HashSet::new();
        assert!((0..1_000).all(|_| seen.insert(generate(now).unwrap().expose().to_owned())));
    }

    #[test]
    fn numbers_are_written_to_the_base_of_36() {
        for (number, text) in [(0, "0"), (35, "z"), (36, "10"), (1_295, "zz")] {
            assert_eq!(base36(number), text);
        }
        assert_eq!(base36(u128::MAX).len(), 25);
    }

    #[test]
    fn a_clock_before_1970_gives_a_token_all_the_same() {
        let wall = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert!(generate(wall).unwrap().expose().contains("-0-"));
    }
}
