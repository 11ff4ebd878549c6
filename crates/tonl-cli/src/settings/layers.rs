//! Where values come from, strongest first: flag, environment, environment file, `tonl.toml`,
//! default. Everything is checked, and every bad value is reported, before anything is done.
//!
//! A value that is set but empty counts as not set, and the next weaker one is taken, but for the
//! sources of the token: there, empty is a mistake that would leave the door open.

use super::kind::{self, Kind};
use super::problem::{Problem, Problems};
use super::table::{self, ALL, Setting};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The table.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The file that `--env-file` names.
    EnvFile(PathBuf),
    /// The environment.
    Variable,
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) | Self::EnvFile(path) => path.display().fmt(f),
            Self::Variable => f.write_str("environment"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// What is said, before it is checked.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Flags, by their names.
    pub(crate) flags: HashMap<String, String>,
    /// The environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// The environment file.
    pub(crate) env_file: Option<(PathBuf, Vec<(String, String)>)>,
    /// The configuration file, by keys.
    pub(crate) file: Option<(PathBuf, HashMap<String, String>)>,
}

/// Checked values.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    values: HashMap<&'static str, Value>,
    /// The settings whose values were wrong, which is noted already.
    wrong: HashSet<&'static str>,
}

#[derive(Clone)]
struct Value {
    text: Zeroizing<String>,
    origin: Origin,
    is_secret: bool,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.is_secret {
            "***"
        } else {
            self.text.as_str()
        };
        write!(f, "{shown:?} ({})", self.origin)
    }
}

/// The settings for which empty is not the same as not set.
const NEVER_EMPTY: [Setting; 4] = [
    table::AUTH_TOKEN,
    table::AUTH_TOKEN_FILE,
    table::AUTH_TOKENS_FILE,
    table::AUTH_TOKEN_SOURCE,
];

/// The settings that make the server useless when they are zero.
const NEVER_ZERO: [Setting; 12] = [
    table::RATE_LIMIT_WINDOW,
    table::SESSION_TTL,
    table::JSON_LIMIT,
    table::LINE_LIMIT,
    table::BODY_BUDGET,
    table::WORK_DEADLINE,
    table::HEADER_TIMEOUT,
    table::BODY_IDLE_TIMEOUT,
    table::KEEP_ALIVE_TIMEOUT,
    table::WRITE_STALL_TIMEOUT,
    table::HANDSHAKE_TIMEOUT,
    table::MCP_REFERENCE_LIMIT,
];

fn is_one_of(settings: &[Setting], setting: &Setting) -> bool {
    settings.iter().any(|other| other.name() == setting.name())
}

/// A text and where it comes from. It may be a secret, so its memory is cleared.
type Candidate = (Zeroizing<String>, Origin);

/// What was said if it fits, else the default; a secret without what a file adds to its end.
fn checked(setting: &Setting, said: Candidate, problems: &mut Problems) -> Option<Candidate> {
    let (text, origin) = said;
    if !accepts(setting, &text) {
        problems.add(Problem::value(setting, &text, &origin));
        return setting.preset();
    }
    if !setting.is_secret() {
        return Some((text, origin));
    }
    let secret = kind::trimmed(&text);
    if secret.is_empty() {
        problems.add(Problem::empty(setting, &origin));
        return None;
    }
    Some((secret.to_owned().into(), origin))
}

fn accepts(setting: &Setting, text: &str) -> bool {
    setting.kind.accepts(text) && !(is_one_of(&NEVER_ZERO, setting) && kind::is_zero(text))
}

impl Values {
    /// Takes the strongest value of each setting and checks it. Where one is wrong the default stands, so
    /// that what follows from it is not reported too.
    pub(crate) fn resolve(said: &Said, problems: &mut Problems) -> Self {
        Self::resolve_those(ALL.iter(), said, problems)
    }

    /// The same for some settings alone, for a program that the others are nothing to.
    pub(crate) fn resolve_those<'s>(
        settings: impl Iterator<Item = &'s Setting>,
        said: &Said,
        problems: &mut Problems,
    ) -> Self {
        let (mut values, mut wrong) = (HashMap::new(), HashSet::new());
        for setting in settings {
            let before = problems.len();
            let strongest = said.strongest(setting, problems);
            let checked = strongest.and_then(|said| checked(setting, said, problems));
            if problems.len() > before {
                wrong.insert(setting.name());
            }
            if let Some((text, origin)) = checked {
                let value = Value {
                    text,
                    origin,
                    is_secret: setting.is_secret(),
                };
                values.insert(setting.name(), value);
            }
        }
        Self { values, wrong }
    }

    /// Whether something wrong was said of it, which is noted already.
    pub(crate) fn is_wrong(&self, setting: &Setting) -> bool {
        self.wrong.contains(setting.name())
    }

    /// The text of a setting, if it has one.
    pub(crate) fn text(&self, setting: &Setting) -> Option<&str> {
        self.values
            .get(setting.name())
            .map(|value| value.text.as_str())
    }

    /// Forgets the values of secrets, once what needs them is made; their memory is cleared.
    pub(crate) fn forget_secrets(&mut self) {
        self.values.retain(|_, value| !value.is_secret);
    }

    /// Where the value comes from; the default if it was not said.
    pub(crate) fn origin(&self, setting: &Setting) -> Origin {
        let value = self.values.get(setting.name());
        value.map_or(Origin::Default, |value| value.origin.clone())
    }

    /// Whether somebody said it.
    pub(crate) fn is_said(&self, setting: &Setting) -> bool {
        self.origin(setting) != Origin::Default
    }

    /// A switch.
    pub(crate) fn switch(&self, setting: &Setting) -> bool {
        self.read(setting, kind::switch).unwrap_or_default()
    }

    /// A count, as this machine counts memory.
    pub(crate) fn count(&self, setting: &Setting) -> usize {
        let count = self.read(setting, kind::count).unwrap_or_default();
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// A time.
    pub(crate) fn time(&self, setting: &Setting) -> Duration {
        let time = match setting.kind {
            Kind::Seconds => self.read(setting, kind::seconds),
            _ => self.read(setting, kind::milliseconds),
        };
        time.unwrap_or_default()
    }

    /// A number of bytes.
    pub(crate) fn bytes(&self, setting: &Setting) -> u64 {
        self.read(setting, kind::bytes).unwrap_or_default()
    }

    /// An address.
    pub(crate) fn address(&self, setting: &Setting) -> Option<IpAddr> {
        self.read(setting, kind::address)
    }

    /// A port.
    pub(crate) fn port(&self, setting: &Setting) -> Option<u16> {
        self.read(setting, kind::listen_port)
    }

    /// The name of a file.
    pub(crate) fn path(&self, setting: &Setting) -> Option<PathBuf> {
        self.text(setting).map(PathBuf::from)
    }

    /// The items of a setting that holds one on each line.
    pub(crate) fn lines(&self, setting: &Setting) -> Vec<&str> {
        kind::lines(self.text(setting).unwrap_or_default()).collect()
    }

    fn read<T>(&self, setting: &Setting, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.text(setting).and_then(read)
    }
}

impl Setting {
    /// Its default, if it has one.
    fn preset(&self) -> Option<Candidate> {
        let default = self.default.to_owned();
        (!default.is_empty()).then(|| (default.into(), Origin::Default))
    }
}

impl Drop for Said {
    /// The environment and its file may hold secrets.
    fn drop(&mut self) {
        for (_, value) in self.environment.drain(..) {
            value.into_encoded_bytes().zeroize();
        }
        for (_, value) in self.env_file.iter_mut().flat_map(|(_, all)| all) {
            value.zeroize();
        }
    }
}

impl Said {
    fn strongest(&self, setting: &Setting, problems: &mut Problems) -> Option<Candidate> {
        let said = [
            self.flag(setting),
            self.variable(setting, problems),
            self.of_env_file(setting),
            self.of_file(setting),
        ];
        for (text, origin) in said.into_iter().flatten() {
            if !text.is_empty() {
                return Some((text, origin));
            }
            if is_one_of(&NEVER_EMPTY, setting) {
                problems.add(Problem::empty(setting, &origin));
            }
        }
        setting.preset()
    }

    fn flag(&self, setting: &Setting) -> Option<Candidate> {
        let text = self.flags.get(setting.flag)?;
        Some((text.clone().into(), Origin::Flag))
    }

    fn variable(&self, setting: &Setting, problems: &mut Problems) -> Option<Candidate> {
        if setting.variable.is_empty() {
            return None;
        }
        let mut named = self.environment.iter();
        let (_, value) = named.find(|(name, _)| name == setting.variable)?;
        let Some(text) = value.to_str() else {
            problems.add(Problem::encoding(setting));
            return None;
        };
        Some((text.to_owned().into(), Origin::Variable))
    }

    fn of_env_file(&self, setting: &Setting) -> Option<Candidate> {
        let (path, variables) = self.env_file.as_ref()?;
        let mut named = variables.iter().rev();
        let (_, text) = named.find(|(name, _)| name == setting.variable)?;
        Some((text.clone().into(), Origin::EnvFile(path.clone())))
    }

    fn of_file(&self, setting: &Setting) -> Option<Candidate> {
        let (path, keys) = self.file.as_ref()?;
        let text = keys.get(setting.key)?;
        Some((text.clone().into(), Origin::File(path.clone())))
    }

    /// Warnings about variables that look like ours and are none.
    pub(crate) fn unknown_variables(&self) -> Vec<String> {
        let of_environment = self
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value.to_str().unwrap_or_default())));
        let of_file = self.env_file.iter().flat_map(|(_, variables)| variables);
        let of_file = of_file.map(|(name, value)| (name.as_str(), value.as_str()));
        of_environment
            .chain(of_file)
            .filter_map(|(name, value)| super::unknown::warning(name, value))
            .collect()
    }
}

/// Reads an environment file: `NAME=value` a line.
///
/// # Errors
/// A sentence with the file's name.
pub(crate) fn env_file(path: &Path) -> Result<Vec<(String, String)>, String> {
    let lines = dotenvy::from_path_iter(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    lines
        .collect::<Result<_, _>>()
        // The error quotes the line, which may hold a secret.
        .map_err(|_| {
            format!(
                "{} is not an environment file: expected NAME=value on each line",
                path.display()
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        let environment = [("PORT", "4000"), ("TONL_RATE_LIMIT_MAX", "7"), ("HOST", "")];
        let keys = [
            ("server.port", "5000"),
            ("rate_limit.max", "8"),
            ("limits.connections", "9"),
        ];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Said {
            flags: HashMap::from([("port".to_owned(), "6000".to_owned())]),
            environment: environment
                .iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .collect(),
            env_file: None,
            file: Some((PathBuf::from("tonl.toml"), keys.iter().map(owned).collect())),
        }
    }

    #[test]
    fn a_flag_goes_before_a_variable_before_a_file_before_a_default() {
        let mut problems = Problems::default();
        let values = Values::resolve(&said(), &mut problems);
        assert!(problems.is_empty());
        assert_eq!(values.port(&table::PORT), Some(6_000));
        assert_eq!(values.origin(&table::PORT), Origin::Flag);
        assert_eq!(values.count(&table::RATE_LIMIT_MAX), 7);
        assert_eq!(values.count(&table::MAX_CONNECTIONS), 9);
        let sixty = Duration::from_secs(60);
        assert_eq!(values.time(&table::TOKEN_OVERLAP), sixty);
        assert!(!values.is_said(&table::TOKEN_OVERLAP));
    }

    #[test]
    fn an_empty_variable_is_not_set_but_an_empty_token_is_a_mistake() {
        let mut said = said();
        let mut problems = Problems::default();
        let values = Values::resolve(&said, &mut problems);
        assert_eq!(values.text(&table::HOST), Some("127.0.0.1"));
        let (_, keys) = said.file.as_mut().unwrap();
        keys.insert("server.host".to_owned(), "::1".to_owned());
        let values = Values::resolve(&said, &mut problems);
        assert_eq!(values.text(&table::HOST), Some("::1"));
        said.environment
            .push(("TONL_AUTH_TOKEN".into(), OsString::new()));
        Values::resolve(&said, &mut problems);
        let text = problems.to_string();
        assert!(text.contains("TONL_AUTH_TOKEN"), "{text}");
        assert!(text.contains("empty"), "{text}");
    }

    // S41
    #[test]
    fn a_secret_loses_one_line_end_and_is_forgotten_when_it_is_asked() {
        let mut said = said();
        let token = ("TONL_AUTH_TOKEN".into(), "\u{feff}abc\r\n".into());
        said.environment.push(token);
        let mut problems = Problems::default();
        let mut values = Values::resolve(&said, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(values.text(&table::AUTH_TOKEN), Some("abc"));
        values.forget_secrets();
        assert_eq!(values.text(&table::AUTH_TOKEN), None);
        let nothing = ("VAULT_TOKEN".into(), "\n".into());
        said.environment.push(nothing);
        Values::resolve(&said, &mut problems);
        assert!(problems.to_string().starts_with("VAULT_TOKEN"));
        assert_eq!(values.port(&table::PORT), Some(6_000));
    }

    // S54, S62
    #[test]
    fn zero_is_refused_where_it_would_make_the_server_useless() {
        for setting in super::NEVER_ZERO {
            let mut said = said();
            said.environment.push((setting.variable.into(), "0".into()));
            let mut problems = Problems::default();
            Values::resolve(&said, &mut problems);
            let text = problems.to_string();
            assert!(text.contains(setting.variable), "{text}");
            assert!(text.contains("more than 0"), "{text}");
        }
        for variable in [
            "TONL_PRESTOP_DELAY_MS",
            "TONL_TOKEN_OVERLAP_SECS",
            "TONL_STREAM_LIMIT_BYTES",
        ] {
            let mut said = said();
            said.environment.push((variable.into(), "0".into()));
            let mut problems = Problems::default();
            Values::resolve(&said, &mut problems);
            assert!(problems.is_empty(), "{problems}");
        }
    }

    #[test]
    fn every_bad_value_is_reported_and_no_secret_is_shown() {
        let mut said = said();
        said.flags.insert("port".to_owned(), "http".to_owned());
        said.environment
            .push(("TONL_HEADER_TIMEOUT_MS".into(), "soon".into()));
        said.environment
            .push(("TONL_AUTH_TOKEN".into(), "very\nsecret".into()));
        let mut problems = Problems::default();
        Values::resolve(&said, &mut problems);
        let text = problems.to_string();
        for part in [
            "PORT",
            "\"http\"",
            "TONL_HEADER_TIMEOUT_MS",
            "TONL_AUTH_TOKEN",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("secret\""), "{text}");
        assert!(!text.contains("very"), "{text}");
    }
}
