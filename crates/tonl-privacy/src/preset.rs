//! Lists of field names and detectors that are often wanted together.

use crate::detect::Detector;
use crate::error::{Error, unknown_name};
use std::fmt;
use std::str::FromStr;

/// A list of field names and detectors.
///
/// The names hit members at any depth; letter case, `_`, `-` and spaces do not count, so
/// `Email-Address` is hit by `emailaddress`. A preset is a beginning: it knows usual names in
/// English and what its detectors know, and it does not make data lawful to pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Preset {
    /// Usual names of personal data in the sense of article 4 (1) of the GDPR. It does not know
    /// free texts about people, indirect identification or special categories under other names.
    Gdpr,
    /// The identifiers of 45 CFR 164.514 (b)(2), as usual names. Dates and places are hidden
    /// whole; ages over 89, the actual knowledge that the rule asks about, photographs and texts
    /// of physicians remain the user's part.
    HipaaSafeHarbor,
}

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[Self::Gdpr, Self::HipaaSafeHarbor];

    /// The names of all presets, in the order of [`Preset::ALL`].
    pub const NAMES: &'static [&'static str] = &["gdpr", "hipaa-safe-harbor"];

    /// The preset's name in policies and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gdpr => "gdpr",
            Self::HipaaSafeHarbor => "hipaa-safe-harbor",
        }
    }

    /// The names of the fields it hides, in lower case without separators.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        let own = match self {
            Self::Gdpr => GDPR,
            Self::HipaaSafeHarbor => HIPAA,
        };
        PERSON.iter().chain(own).copied()
    }

    /// The detectors it switches on.
    pub fn detectors(self) -> &'static [Detector] {
        match self {
            Self::Gdpr => &[
                Detector::Email,
                Detector::Phone,
                Detector::Card,
                Detector::Iban,
                Detector::Ipv4,
                Detector::Ipv6,
            ],
            Self::HipaaSafeHarbor => &[
                Detector::Email,
                Detector::Phone,
                Detector::Ssn,
                Detector::Card,
                Detector::Ipv4,
                Detector::Ipv6,
            ],
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = Error;

    /// # Errors
    /// [`crate::ErrorKind::UnknownName`], with the nearest name.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|preset| preset.as_str() == text);
        found
            .copied()
            .ok_or_else(|| unknown_name("a preset", Self::NAMES, text))
    }
}

/// The longest name that is folded, in bytes: no field of a preset is longer.
const LONGEST: usize = 64;

/// Writes a key in lower case without `_`, `-`, `.` and spaces into `out`; nothing of a key that is
/// too long to be a field of a preset.
pub(crate) fn fold(key: &str, out: &mut String) {
    out.clear();
    if key.len() <= LONGEST {
        let kept = key.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' '));
        out.extend(kept.map(|c| c.to_ascii_lowercase()));
    }
}

/// Names of people and how to reach them: in every preset.
const PERSON: &[&str] = &[
    "name",
    "fullname",
    "firstname",
    "lastname",
    "middlename",
    "givenname",
    "familyname",
    "surname",
    "maidenname",
    "displayname",
    "email",
    "emailaddress",
    "mail",
    "phone",
    "phonenumber",
    "telephone",
    "tel",
    "mobile",
    "mobilenumber",
    "cellphone",
    "fax",
    "faxnumber",
    "address",
    "streetaddress",
    "street",
    "addressline1",
    "addressline2",
    "city",
    "zip",
    "zipcode",
    "postcode",
    "postalcode",
    "birthdate",
    "dateofbirth",
    "dob",
    "birthday",
    "ssn",
    "socialsecuritynumber",
    "ip",
    "ipaddress",
    "ipv4",
    "ipv6",
    "remoteaddr",
    "clientip",
    "photo",
    "photourl",
    "avatar",
    "fingerprint",
    "biometricdata",
    "driverslicense",
    "driverlicense",
    "licensenumber",
    "licenseplate",
    "accountnumber",
    "creditcard",
    "creditcardnumber",
    "cardnumber",
];

const GDPR: &[&str] = &[
    "username",
    "login",
    "nickname",
    "passport",
    "passportnumber",
    "nationalid",
    "idnumber",
    "taxid",
    "taxnumber",
    "vatid",
    "iban",
    "bankaccount",
    "card",
    "cvv",
    "cvc",
    "pin",
    "password",
    "macaddress",
    "deviceid",
    "cookieid",
    "sessionid",
    "latitude",
    "longitude",
    "geolocation",
    "gender",
    "nationality",
    "ethnicity",
    "religion",
    "maritalstatus",
];

const HIPAA: &[&str] = &[
    "patientname",
    "county",
    "precinct",
    "dateofdeath",
    "deathdate",
    "admissiondate",
    "dischargedate",
    "dateofservice",
    "medicalrecordnumber",
    "mrn",
    "healthplannumber",
    "healthplanbeneficiarynumber",
    "beneficiarynumber",
    "memberid",
    "insurance",
    "insurancenumber",
    "insuranceid",
    "certificatenumber",
    "vin",
    "vehicleid",
    "deviceid",
    "deviceserialnumber",
    "serialnumber",
    "url",
    "website",
    "voiceprint",
    "retinascan",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_read_back_from_its_name() {
        for (preset, name) in Preset::ALL.iter().zip(Preset::NAMES) {
            assert_eq!(
                (name.parse::<Preset>(), preset.as_str()),
                (Ok(*preset), *name)
            );
        }
        assert!("gdrp".parse::<Preset>().unwrap_err().hint().is_some());
    }

    #[test]
    fn fields_are_listed_once_and_folded() {
        for preset in Preset::ALL {
            let mut all: Vec<&str> = preset.fields().collect();
            let mut folded = String::new();
            for name in &all {
                fold(name, &mut folded);
                assert_eq!(folded, *name);
            }
            all.sort_unstable();
            let count = all.len();
            all.dedup();
            assert_eq!(all.len(), count, "{preset}");
        }
    }

    #[test]
    fn the_page_for_users_lists_every_field_and_detector() {
        let page = include_str!("../../../docs/privacy.md");
        let listed = |name: &str| page.contains(&format!("`{name}`"));
        for preset in Preset::ALL {
            assert!(listed(preset.as_str()));
            assert!(preset.fields().all(listed), "{preset}");
        }
        assert!(Detector::NAMES.iter().all(|name| listed(name)));
    }

    #[test]
    fn letter_case_and_separators_do_not_count() {
        let mut folded = String::new();
        fold("E-Mail_Address", &mut folded);
        assert_eq!(folded, "emailaddress");
        fold(&"x".repeat(65), &mut folded);
        assert_eq!(folded, "");
    }
}
