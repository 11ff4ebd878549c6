//! What MCP tools are told: the settings of what models are given, checked.

use crate::policy;
use crate::settings::layers::Values;
use crate::settings::problem::Problems;
use crate::settings::table::{self, GROUPS, Setting};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonl_mcp::{AllowedUrl, HttpFetch, Reach, References, Structured, TextForm, ToolConfig};

/// The settings of a server that is spoken to over its own pipes: what models are given, how long a
/// call may compute, and the log.
pub(crate) fn settings() -> impl Iterator<Item = &'static Setting> {
    const FURTHER: &[Setting] = &[
        table::WORK_DEADLINE,
        table::LOG,
        table::LOG_LEVEL,
        table::LOG_FORMAT,
    ];
    of_models().chain(FURTHER)
}

/// The settings of what models are given.
pub(crate) fn of_models() -> impl Iterator<Item = &'static Setting> {
    let all = GROUPS.iter().flat_map(|group| group.settings);
    all.filter(|setting| setting.key.starts_with("mcp."))
}

/// Reads them; `None` if something is wrong, which is then noted.
pub(crate) fn tools(values: &Values, problems: &mut Problems) -> Option<ToolConfig> {
    let mut config = ToolConfig::default();
    let form = values.text(&table::MCP_RESULT_FORMAT);
    config.text_form = form.and_then(TextForm::from_name).unwrap_or_default();
    config.structured = if values.switch(&table::MCP_STRUCTURED) {
        Structured::With
    } else {
        Structured::Without
    };
    config.budget.chars = Some(values.count(&table::MCP_PREVIEW_CHARS)).filter(|most| *most > 0);
    let tokens = values.count(&table::MCP_PREVIEW_TOKENS) as u64;
    config.budget.tokens = Some(tokens).filter(|most| *most > 0);
    config.privacy = match values.path(&table::MCP_POLICY) {
        None => None,
        Some(file) => {
            let origin = values.origin(&table::MCP_POLICY);
            let rules = policy::of_file(&file).map_err(|failure| failure.message().to_owned());
            Some(problems.take(&table::MCP_POLICY, &origin, rules)?)
        }
    };
    config.references = references(values, problems)?;
    Some(config)
}

fn references(values: &Values, problems: &mut Problems) -> Option<References> {
    let mut references = References::default();
    let most = values.bytes(&table::MCP_REFERENCE_LIMIT);
    references.max_bytes = usize::try_from(most).unwrap_or(usize::MAX);
    let origin = values.origin(&table::MCP_ROOTS);
    let roots = values.lines(&table::MCP_ROOTS).into_iter().map(root);
    references.roots =
        problems.take(&table::MCP_ROOTS, &origin, roots.collect::<Result<_, _>>())?;
    let origin = values.origin(&table::MCP_URLS);
    let urls = values.lines(&table::MCP_URLS).into_iter().map(str::parse);
    let urls: Result<Vec<AllowedUrl>, _> = urls.collect();
    let urls = problems.take(&table::MCP_URLS, &origin, urls)?;
    if !urls.is_empty() {
        let reach = if values.switch(&table::MCP_PRIVATE_URLS) {
            Reach::Any
        } else {
            Reach::Public
        };
        references.fetch = Some(Arc::new(HttpFetch::new(urls, reach)));
    }
    Some(references)
}

/// A folder as it is now: a link that leads there later is not followed.
fn root(text: &str) -> Result<PathBuf, String> {
    let expected = |found: &str| format!("expected a folder, {text:?} {found}");
    if !cfg!(unix) {
        return Err("files can be named on Unix systems alone: leave it out here".to_owned());
    }
    let path = Path::new(text).canonicalize().map_err(|error| {
        expected(&format!(
            "cannot be opened: {}",
            crate::failure::reason(&error)
        ))
    })?;
    if path.is_dir() {
        Ok(path)
    } else {
        Err(expected("is none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::layers::Said;

    fn read(variables: &[(&str, &str)]) -> (Option<ToolConfig>, String) {
        let mut said = Said::default();
        said.environment = variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let mut problems = Problems::default();
        let values = Values::resolve_those(settings(), &said, &mut problems);
        let config = tools(&values, &mut problems);
        (config, problems.to_string())
    }

    #[test]
    fn without_a_word_nothing_is_open_and_all_is_sent() {
        let (config, problems) = read(&[("PORT", "not a port")]);
        let config = config.unwrap_or_else(|| panic!("{problems}"));
        assert_eq!(config.text_form, TextForm::Json);
        assert_eq!(config.structured, Structured::With);
        assert!(config.budget.chars.is_none() && config.budget.tokens.is_none());
        assert!(config.references.roots.is_empty() && config.references.fetch.is_none());
        assert!(config.privacy.is_none());
    }

    #[test]
    fn settings_reach_the_tools() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy.toml");
        std::fs::write(&policy, "[[rules]]\npath = \"email\"\n").unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let roots = format!("{}|{}", folder.display(), folder.display());
        let (config, problems) = read(&[
            ("TONL_MCP_RESULT_FORMAT", "tonl"),
            ("TONL_MCP_STRUCTURED_CONTENT", "false"),
            ("TONL_MCP_PREVIEW_CHARS", "2000"),
            ("TONL_MCP_PREVIEW_TOKENS", "500"),
            ("TONL_MCP_ROOTS", &roots),
            ("TONL_MCP_URLS", "https://data.example.com/public/"),
            ("TONL_MCP_REFERENCE_BYTES", "1MiB"),
            ("TONL_MCP_POLICY", policy.to_str().unwrap()),
        ]);
        let config = config.unwrap_or_else(|| panic!("{problems}"));
        assert_eq!(config.text_form, TextForm::Tonl);
        assert_eq!(config.structured, Structured::Without);
        assert_eq!(config.budget.chars, Some(2_000));
        assert_eq!(config.budget.tokens, Some(500));
        assert_eq!(config.references.roots, [folder.clone(), folder]);
        assert_eq!(config.references.max_bytes, 1 << 20);
        assert!(config.references.fetch.is_some() && config.privacy.is_some());
    }

    #[test]
    fn what_cannot_hold_is_told_with_its_name() {
        for (variable, value, part) in [
            ("TONL_MCP_ROOTS", "/nowhere/at/all", "cannot be opened"),
            ("TONL_MCP_ROOTS", "/dev/null", "is none"),
            (
                "TONL_MCP_URLS",
                "ftp://example.com/",
                "the beginning of a URL",
            ),
            ("TONL_MCP_POLICY", "/nowhere", "cannot read the policy"),
            ("TONL_MCP_RESULT_FORMAT", "xml", "one of json, tonl"),
            ("TONL_MCP_REFERENCE_BYTES", "0", "more than 0"),
        ] {
            let (_, problems) = read(&[(variable, value)]);
            assert!(problems.starts_with(variable), "{problems}");
            assert!(problems.contains(part), "{problems}");
        }
    }
}
