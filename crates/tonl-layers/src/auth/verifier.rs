//! Who a token belongs to: the one question that the auth layer asks.

use crate::clock::Moment;
use crate::principal::{Identity, Principal};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What a token turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is good now.
    Valid(Principal),
    /// It is one of ours, and its time is over.
    Expired {
        /// The token's name.
        name: Arc<str>,
    },
    /// It is one of ours, and its time has not come.
    NotYet {
        /// The token's name.
        name: Arc<str>,
    },
    /// It is none of ours.
    Unknown,
}

/// Knows tokens. How long it takes must not depend on which token was presented, nor on how much of
/// it is right.
pub trait Verifier: fmt::Debug + Send + Sync + 'static {
    /// Whose token this is, at this time.
    fn verify(&self, presented: &[u8], now: Moment) -> Verified;
}

impl<V: Verifier + ?Sized> Verifier for Arc<V> {
    fn verify(&self, presented: &[u8], now: Moment) -> Verified {
        (**self).verify(presented, now)
    }
}

/// Several verifiers as one. All are asked, also after one has said yes.
#[derive(Clone, Debug, Default)]
pub struct AnyOf(Vec<Arc<dyn Verifier>>);

impl AnyOf {
    /// A verifier that knows what any of these knows.
    pub fn new(verifiers: Vec<Arc<dyn Verifier>>) -> Self {
        Self(verifiers)
    }
}

impl Verifier for AnyOf {
    fn verify(&self, presented: &[u8], now: Moment) -> Verified {
        let answers = self.0.iter().map(|one| one.verify(presented, now));
        answers.fold(Verified::Unknown, |best, answer| match (&best, &answer) {
            (Verified::Valid(_), _) => best,
            (_, Verified::Valid(_)) | (Verified::Unknown, _) => answer,
            _ => best,
        })
    }
}

/// The token made for one run of the process in development mode. Only its digest is kept.
#[derive(Clone, Debug)]
pub struct RunToken(Identity);

impl RunToken {
    /// A token of 256 bits from the system's randomness, and its text of 64 hexadecimal digits,
    /// which is shown once and then forgotten.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate() -> Result<(Self, NewToken), NoRandomness> {
        let bytes = Zeroizing::new(random::<32>()?);
        let token = NewToken::new(hex(&*bytes));
        Ok((Self(digest(token.expose().as_bytes())), token))
    }
}

impl Verifier for RunToken {
    fn verify(&self, presented: &[u8], _now: Moment) -> Verified {
        let found = digest(presented);
        if bool::from(found.as_bytes().ct_eq(self.0.as_bytes())) {
            Verified::Valid(Principal::run(self.0))
        } else {
            Verified::Unknown
        }
    }
}

/// The text of a token that was just made, to be handed out once. It prints as a mask, and its memory
/// is cleared when it is dropped.
#[derive(PartialEq, Eq)]
pub struct NewToken(Zeroizing<String>);

impl NewToken {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for its owner alone: never for a log, an error or a metric.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewToken(***)")
    }
}

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Bytes from the system's cryptographic source.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// The identity of a token.
pub(crate) fn digest(token: &[u8]) -> Identity {
    Identity::new(Sha256::digest(token).into())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .map_or('0', |c| char::from(*c))
    };
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::{PrincipalKind, Scopes};
    use std::time::{Duration, SystemTime};

    const NOW: Moment = Moment {
        elapsed: Duration::ZERO,
        wall: SystemTime::UNIX_EPOCH,
    };

    #[derive(Debug)]
    struct Always(Verified);

    impl Verifier for Always {
        fn verify(&self, _: &[u8], _: Moment) -> Verified {
            self.0.clone()
        }
    }

    // S3, S9
    #[test]
    fn a_run_s_token_has_256_bits_and_opens_its_own_run_alone() {
        let (run, text) = RunToken::generate().unwrap();
        let (other, second) = RunToken::generate().unwrap();
        assert_ne!(text, second);
        assert_eq!(format!("{text:?}"), "NewToken(***)");
        let text = text.expose();
        assert_eq!(text.len(), 64);
        let Verified::Valid(principal) = run.verify(text.as_bytes(), NOW) else {
            panic!("the run's own token was refused");
        };
        assert_eq!(principal.kind(), PrincipalKind::Run);
        assert_eq!(other.verify(text.as_bytes(), NOW), Verified::Unknown);
        assert_eq!(run.verify(b"", NOW), Verified::Unknown);
        assert_eq!(
            run.verify(text.to_uppercase().as_bytes(), NOW),
            Verified::Unknown
        );
        assert!(!format!("{run:?}").contains(text));
    }

    #[test]
    fn the_best_answer_of_several_counts() {
        let name: Arc<str> = Arc::from("ci");
        let valid = Verified::Valid(Principal::token("ci", digest(b"x"), Scopes::all()));
        let expired = Verified::Expired { name: name.clone() };
        let not_yet = Verified::NotYet { name };
        for (answers, best) in [
            (vec![], Verified::Unknown),
            (vec![Verified::Unknown, valid.clone()], valid.clone()),
            (vec![valid.clone(), Verified::Unknown], valid.clone()),
            (vec![expired.clone(), valid.clone()], valid.clone()),
            (vec![valid.clone(), expired.clone()], valid),
            (vec![Verified::Unknown, expired.clone()], expired.clone()),
            (vec![not_yet.clone(), Verified::Unknown], not_yet.clone()),
            (vec![expired.clone(), not_yet], expired),
        ] {
            let one = |answer| -> Arc<dyn Verifier> { Arc::new(Always(answer)) };
            let any = AnyOf::new(answers.into_iter().map(one).collect());
            assert_eq!(any.verify(b"t", NOW), best);
        }
    }

    #[test]
    fn hexadecimal_digits_are_lower_case() {
        assert_eq!(hex(&[0x00, 0x9F, 0xA0, 0xFF]), "009fa0ff");
    }
}
