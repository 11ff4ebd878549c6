//! What the query of `POST /stream/convert` asks for.
//!
//! | parameter | meaning | default |
//! |---|---|---|
//! | `collection` | the name in the header: 1 to 256 of `A-Z a-z 0-9 _ -` | `data` |
//! | `skipInvalid` | `false` ends the stream at the first line that is not valid | `true` |
//! | `profile` | `compact`, `flat` or `classic` | `compact` |
//! | `anonymize` | fields to redact, with commas between them | none |
//! | `mask` | fields to mask; or `true` to mask those of `anonymize` | none |
//!
//! *Source:* S37, S38.

use http::StatusCode;
use tonl_convert::privacy::{FieldPath, Mode, Policy};
use tonl_convert::{Invalid, Label, Profile, StreamJob};
use tonl_layers::{Form, Refusal, Rejection};

/// What is asked for, checked.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) collection: Label,
    pub(crate) job: StreamJob,
}

impl Wish {
    /// Reads a query string, `None` if there is none. Parameters of other names mean nothing.
    pub(crate) fn read(query: Option<&str>) -> Result<Self, Rejection> {
        let mut given = Given::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            given.take(&name, &value)?;
        }
        given.wish()
    }
}

/// The parameters as they are given.
#[derive(Default)]
struct Given {
    collection: Option<Label>,
    invalid: Option<Invalid>,
    profile: Option<Profile>,
    anonymize: Option<Vec<FieldPath>>,
    mask: Option<Mask>,
}

enum Mask {
    Anonymized,
    Nothing,
    Fields(Vec<FieldPath>),
}

impl Given {
    fn take(&mut self, name: &str, value: &str) -> Result<(), Rejection> {
        match name {
            "collection" => once(&mut self.collection, name, collection(value)?),
            "skipInvalid" => once(&mut self.invalid, name, invalid(value)),
            "profile" => once(&mut self.profile, name, profile(value)?),
            "anonymize" => once(&mut self.anonymize, name, fields(name, value)?),
            "mask" => once(&mut self.mask, name, mask(value)?),
            _ => Ok(()),
        }
    }

    fn wish(self) -> Result<Wish, Rejection> {
        let mut job = StreamJob::default();
        let collection = self.collection.unwrap_or_default();
        job.write.label = collection.clone();
        job.write.profile = self.profile.unwrap_or_default();
        job.invalid = self.invalid.unwrap_or_default();
        job.privacy = policy(self.anonymize.unwrap_or_default(), self.mask)?;
        Ok(Wish { collection, job })
    }
}

/// Which of two values would count is not for us to guess: one of them may be a forged one.
fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Rejection> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) if name == "collection" => Err(bad_collection()),
        Some(_) => Err(bad(name, "one value")),
    }
}

fn collection(value: &str) -> Result<Label, Rejection> {
    Label::new(value).map_err(|_| bad_collection())
}

fn invalid(value: &str) -> Invalid {
    if value == "false" {
        Invalid::Fail
    } else {
        Invalid::Skip
    }
}

fn profile(value: &str) -> Result<Profile, Rejection> {
    value
        .parse()
        .map_err(|_| bad("profile", &Profile::NAMES.join(", ")))
}

fn fields(name: &str, value: &str) -> Result<Vec<FieldPath>, Rejection> {
    match FieldPath::list(value) {
        Ok(paths) if !paths.is_empty() => Ok(paths),
        _ => Err(bad(name, "field paths with commas between them")),
    }
}

fn mask(value: &str) -> Result<Mask, Rejection> {
    Ok(match value {
        "true" => Mask::Anonymized,
        "false" => Mask::Nothing,
        list => Mask::Fields(fields("mask", list)?),
    })
}

fn policy(anonymize: Vec<FieldPath>, mask: Option<Mask>) -> Result<Option<Policy>, Rejection> {
    let (mode, masked) = match mask {
        None | Some(Mask::Nothing) => (Mode::Redact, Vec::new()),
        Some(Mask::Anonymized) if anonymize.is_empty() => {
            return Err(bad("mask", "field paths, or anonymize with field paths"));
        }
        Some(Mask::Anonymized) => (Mode::Mask, Vec::new()),
        Some(Mask::Fields(fields)) => (Mode::Redact, fields),
    };
    let mut builder = Policy::builder();
    for path in anonymize {
        builder = builder.rule(path, mode);
    }
    for path in masked {
        builder = builder.rule(path, Mode::Mask);
    }
    if builder.is_empty() {
        return Ok(None);
    }
    let policy = builder.build();
    policy
        .map(Some)
        .map_err(|_| bad("anonymize", "field paths with commas between them"))
}

fn bad_collection() -> Rejection {
    Rejection::new(
        StatusCode::BAD_REQUEST,
        Refusal::CollectionName,
        "Invalid collection name",
    )
}

fn bad(name: &str, expected: &str) -> Rejection {
    let text = serde_json::json!({
        "error": format!("Invalid {name} parameter"),
        "expected": expected,
    });
    Rejection::new(
        StatusCode::BAD_REQUEST,
        Refusal::Parameter,
        text.to_string(),
    )
    .form(Form::Written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Response;

    fn error(query: &str) -> String {
        let response: Response<Bytes> = Wish::read(Some(query)).unwrap_err().into_response();
        assert_eq!(response.status(), 400, "{query}");
        String::from_utf8(response.into_body().to_vec()).unwrap()
    }

    #[test]
    fn nothing_asked_is_the_promised_default() {
        let wish = Wish::read(None).unwrap();
        assert_eq!(wish.collection.as_str(), "data");
        assert_eq!(wish.job.invalid, Invalid::Skip);
        assert_eq!(wish.job.write.profile, Profile::Compact);
        assert!(wish.job.privacy.is_none());
    }

    // S37
    #[test]
    fn only_the_word_false_ends_the_skipping() {
        for (query, expected) in [
            ("skipInvalid=false", Invalid::Fail),
            ("skipInvalid=0", Invalid::Skip),
            ("skipInvalid=", Invalid::Skip),
            ("skipinvalid=false", Invalid::Skip),
        ] {
            assert_eq!(
                Wish::read(Some(query)).unwrap().job.invalid,
                expected,
                "{query}"
            );
        }
    }

    // S38
    #[test]
    fn names_are_checked_exactly() {
        for good in ["collection=my-logs", "collection=1_a", "collection=A"] {
            assert!(Wish::read(Some(good)).is_ok(), "{good}");
        }
        let long = format!("collection={}", "a".repeat(257));
        for bad in [
            "collection=",
            "collection=a.b",
            "collection=a%0d%0aX-Evil:1",
            "collection=a&collection=b",
            "collection=%E2%80%AE",
            "collection=a+b",
            &long,
        ] {
            assert_eq!(
                error(bad),
                r#"{"error":"Invalid collection name"}"#,
                "{bad}"
            );
        }
    }

    #[test]
    fn fields_to_hide_must_be_named() {
        assert!(
            Wish::read(Some("anonymize=email,ssn&mask=card"))
                .unwrap()
                .job
                .privacy
                .is_some()
        );
        assert!(
            Wish::read(Some("anonymize=email&mask=true"))
                .unwrap()
                .job
                .privacy
                .is_some()
        );
        for bad in [
            "anonymize=",
            "mask=true",
            "anonymize=,",
            "mask=%5B",
            "profile=tiny",
        ] {
            assert!(error(bad).contains("\"expected\""), "{bad}");
        }
    }
}
