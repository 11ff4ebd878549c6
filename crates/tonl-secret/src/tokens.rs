//! The set of tokens that are valid, and how a presented one is looked up.
//!
//! The invariant: a lookup compares with every entry and takes the same time whichever entry fits
//! and whether one does. The trap: never shorten [`TokenSet::find`] by an early return.

use crate::digest::Digest;
use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;
use crate::source::FileWarning;
use crate::strength::{Strength, estimate};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use subtle::ConditionallySelectable;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The MCP endpoint and its aliases.
    Mcp,
    /// The metrics, live ones included.
    Metrics,
    /// The stream conversion, where it is protected.
    Stream,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Mcp, Self::Metrics, Self::Stream];

    /// Its name in a tokens file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Metrics => "metrics",
            Self::Stream => "stream",
        }
    }

    /// The scope with this name, in exactly this spelling.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A set of scopes, and which tools of the MCP endpoint they open: all, or those that are named.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes {
    routes: u8,
    /// The only tools that may be called; all of them if there is no list.
    tools: Option<Arc<BTreeSet<String>>>,
}

/// Why names are no set of scopes. They are not quoted: one may be a token in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadScopes {
    /// There are none.
    #[error("its scopes are empty")]
    Empty,
    /// One of them is not known.
    #[error("one of its scopes is not known")]
    Unknown,
    /// All tools are opened, and one is named too.
    #[error("its scope mcp opens every tool, and another one names a tool")]
    AllAndSome,
}

impl Scopes {
    /// Every scope, and all tools.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Reads names: those of [`Scope`], and `mcp:` with the name of a tool for the MCP endpoint with
    /// that tool alone (and others named likewise). Whether there is such a tool is not known here.
    ///
    /// # Errors
    /// There is none, one is not known, or `mcp` stands beside `mcp:` with a tool.
    pub fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, BadScopes> {
        let (mut scopes, mut tools) = (Vec::new(), BTreeSet::new());
        for name in names {
            if let Some(tool) = name
                .strip_prefix("mcp:")
                .filter(|tool| Token::is_name(tool))
            {
                tools.insert(tool.to_owned());
            } else {
                scopes.push(Scope::from_name(name).ok_or(BadScopes::Unknown)?);
            }
        }
        if tools.is_empty() {
            let scopes: Self = scopes.into_iter().collect();
            return if scopes.is_empty() {
                Err(BadScopes::Empty)
            } else {
                Ok(scopes)
            };
        }
        if scopes.contains(&Scope::Mcp) {
            return Err(BadScopes::AllAndSome);
        }
        scopes.push(Scope::Mcp);
        Ok(Self {
            tools: Some(Arc::new(tools)),
            ..scopes.into_iter().collect()
        })
    }

    /// The names, as [`Scopes::from_names`] reads them.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for scope in self.iter() {
            match &self.tools {
                Some(tools) if scope == Scope::Mcp => {
                    names.extend(tools.iter().map(|tool| format!("mcp:{tool}")));
                }
                _ => names.push(scope.name().to_owned()),
            }
        }
        names
    }

    /// Whether the scope is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.routes & (1 << scope as u8) != 0
    }

    /// The only tools that may be called; all of them if there is no list.
    pub fn tools(&self) -> Option<&Arc<BTreeSet<String>>> {
        self.tools.as_ref()
    }

    /// Whether a tool of this name may be called.
    pub fn may_call(&self, tool: &str) -> bool {
        let is_named = |tools: &Arc<BTreeSet<String>>| tools.contains(tool);
        self.contains(Scope::Mcp) && self.tools.as_ref().is_none_or(is_named)
    }

    /// Whether the set has no scope.
    pub fn is_empty(&self) -> bool {
        self.routes == 0
    }

    /// The scopes in the set.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        Scope::ALL.into_iter().filter(|scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let routes = scopes.into_iter();
        Self {
            routes: routes.fold(0, |set, scope| set | 1 << scope as u8),
            tools: None,
        }
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// A token as the server keeps it: its digest, never its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is called in logs.
    pub name: String,
    /// The SHA-256 of its text.
    pub digest: Digest,
    /// What it opens.
    pub scopes: Scopes,
    /// The first moment it is valid; `None` = from the beginning.
    pub not_before: Option<SystemTime>,
    /// The first moment it is no longer valid; `None` = without end.
    pub expires: Option<SystemTime>,
}

impl Token {
    /// The longest name, in bytes.
    pub const MAX_NAME_BYTES: usize = 64;

    /// Whether a text can be the name of an entry: 1 to 64 of `A-Za-z0-9._-`, so that a log cannot be
    /// forged with it.
    pub fn is_name(text: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (1..=Self::MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(plain)
    }

    /// Whether its own dates allow it at this moment.
    pub fn verdict(&self, now: SystemTime) -> Verdict {
        if self.expires.is_some_and(|end| now >= end) {
            Verdict::Expired
        } else if self.not_before.is_some_and(|start| now < start) {
            Verdict::NotYet
        } else {
            Verdict::Valid
        }
    }
}

/// Whether a known token may be used now. The answer to the client does not tell the last two from
/// a wrong token; the audit log does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It may be used.
    Valid,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
}

/// A presented token that is known.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The token.
    pub token: &'a Token,
    /// Whether it may be used now.
    pub verdict: Verdict,
}

impl Found<'_> {
    /// The digest of the token, the identity that sessions are bound to.
    pub fn digest(&self) -> Digest {
        self.token.digest
    }

    /// Whether it may be used now.
    pub fn is_valid(&self) -> bool {
        self.verdict == Verdict::Valid
    }
}

/// A token whose strength is known, because its text was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenStrength {
    /// The token's name.
    pub name: String,
    /// The estimate.
    pub strength: Strength,
}

/// Tokens with different names and digests, at least one.
///
/// Equality looks at the tokens alone, not at strengths and warnings.
#[derive(Clone, Debug)]
pub struct TokenSet {
    tokens: Vec<Arc<Token>>,
    strengths: Vec<TokenStrength>,
    file_warning: Option<FileWarning>,
}

impl TokenSet {
    /// The most tokens in a set: every request is compared with all of them.
    pub const MAX_TOKENS: usize = 1024;
    /// The name of the only token of a source that has just one.
    pub const DEFAULT_NAME: &'static str = "default";

    /// Makes a set.
    ///
    /// # Errors
    /// [`SourceErrorKind::Empty`] without a token, [`SourceErrorKind::TooLarge`] for more than
    /// [`TokenSet::MAX_TOKENS`], [`SourceErrorKind::Entry`] if two have the same name or digest.
    pub fn new(tokens: impl IntoIterator<Item = Token>) -> Result<Self, SourceError> {
        let tokens: Vec<Arc<Token>> = tokens.into_iter().map(Arc::new).collect();
        if tokens.is_empty() {
            let advice = "add an entry, for example with `tonl token --entry NAME --scopes mcp`";
            return Err(SourceError::new(
                SourceErrorKind::Empty,
                "there is no token",
                advice,
            ));
        }
        if tokens.len() > Self::MAX_TOKENS {
            let problem = format!("{} tokens are too many", tokens.len());
            let advice = format!("keep at most {}", Self::MAX_TOKENS);
            return Err(SourceError::new(SourceErrorKind::TooLarge, problem, advice));
        }
        refuse_doubles(&tokens)?;
        Ok(Self {
            tokens,
            strengths: Vec::new(),
            file_warning: None,
        })
    }

    /// The set of one token with all scopes and no dates, called [`TokenSet::DEFAULT_NAME`]. The
    /// text is taken as it is; sources check it first.
    pub fn single(secret: &Secret) -> Self {
        let token = Token {
            name: Self::DEFAULT_NAME.to_owned(),
            digest: Digest::of(secret.expose()),
            scopes: Scopes::all(),
            not_before: None,
            expires: None,
        };
        let strength = TokenStrength {
            name: token.name.clone(),
            strength: estimate(secret.expose()),
        };
        Self {
            tokens: vec![Arc::new(token)],
            strengths: vec![strength],
            file_warning: None,
        }
    }

    /// Looks a presented token up: its SHA-256 is compared with all entries in constant time,
    /// without an early exit. `None` for a token that is not in the set.
    ///
    /// *Source:* S2, S59.
    pub fn find(&self, presented: &[u8], now: SystemTime) -> Option<Found<'_>> {
        let token = self.with_digest(&Digest::of(presented))?;
        Some(Found {
            token,
            verdict: token.verdict(now),
        })
    }

    /// The tokens in the order of their source.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().map(AsRef::as_ref)
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no token; a set always has one.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The strengths of the tokens whose texts were seen; those given as a digest have none.
    pub fn strengths(&self) -> &[TokenStrength] {
        &self.strengths
    }

    /// The tokens that are known to be weak.
    pub fn weak(&self) -> impl Iterator<Item = &TokenStrength> {
        self.strengths
            .iter()
            .filter(|known| known.strength.is_weak())
    }

    /// What is unsafe about the file they came from.
    pub fn file_warning(&self) -> Option<&FileWarning> {
        self.file_warning.as_ref()
    }

    /// The token with this digest, compared with all entries in constant time.
    pub(crate) fn with_digest(&self, digest: &Digest) -> Option<&Arc<Token>> {
        let digests = self.tokens.iter().map(|token| &token.digest);
        self.tokens.get(position(digests, digest)?)
    }

    pub(crate) fn shared(&self) -> &[Arc<Token>] {
        &self.tokens
    }

    pub(crate) fn with_strengths(mut self, strengths: Vec<TokenStrength>) -> Self {
        self.strengths = strengths;
        self
    }

    pub(crate) fn with_file_warning(mut self, warning: Option<FileWarning>) -> Self {
        self.file_warning = warning;
        self
    }
}

impl PartialEq for TokenSet {
    fn eq(&self, other: &Self) -> bool {
        self.tokens == other.tokens
    }
}

impl Eq for TokenSet {}

/// Which of the digests is this one; all are compared, whichever fits.
pub(crate) fn position<'a>(
    digests: impl Iterator<Item = &'a Digest>,
    digest: &Digest,
) -> Option<usize> {
    let mut found = u64::MAX;
    for (at, other) in (0_u64..).zip(digests) {
        found.conditional_assign(&at, other.same(digest));
    }
    usize::try_from(found).ok().filter(|_| found != u64::MAX)
}

fn refuse_doubles(tokens: &[Arc<Token>]) -> Result<(), SourceError> {
    let (mut names, mut digests) = (BTreeSet::new(), std::collections::HashMap::new());
    for token in tokens {
        let entry = |problem: String, advice: &str| {
            let error = SourceError::new(SourceErrorKind::Entry, problem, advice);
            error.at(format_args!("entry {:?}", token.name))
        };
        if !names.insert(token.name.as_str()) {
            let problem = "its name is used twice".to_owned();
            return Err(entry(problem, "give each entry a name of its own"));
        }
        if let Some(other) = digests.insert(token.digest, &token.name) {
            let problem = format!("its token is the same as that of entry {other:?}");
            return Err(entry(problem, "give each entry a token of its own"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
