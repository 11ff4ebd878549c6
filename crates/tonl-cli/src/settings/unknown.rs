//! Variables that look like settings and are none: mostly slips, and a slip in a security setting is
//! a setting that does not hold.

use super::table::ALL;

/// The beginning of our variables' names.
const PREFIX: &str = "TONL_";

/// Variables of other programs of this product, and of its tests.
const OTHERS: &[&str] = &["TONL_CORPORA", "TONL_RANDOM_DOCUMENTS", "TONL_SERVER_URL"];

/// A warning about a variable that is none of ours, with the nearest that is.
pub(crate) fn warning(name: &str) -> Option<String> {
    if !name.starts_with(PREFIX) || is_known(name) || is_service_link(name) {
        return None;
    }
    let near = ALL
        .iter()
        .filter(|setting| !setting.variable.is_empty())
        .map(|setting| (strsim::damerau_levenshtein(name, setting.variable), setting))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= name.len() / 3);
    Some(match near {
        Some((_, setting)) => format!(
            "{name} is not a setting; did you mean {}?",
            setting.variable
        ),
        None => format!("{name} is not a setting, see docs/settings.md"),
    })
}

fn is_known(name: &str) -> bool {
    OTHERS.contains(&name) || ALL.iter().any(|setting| setting.variable == name)
}

/// Kubernetes sets such variables for a service whose name begins with `tonl`.
fn is_service_link(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    rest.starts_with("SERVICE_")
        || rest.contains("_SERVICE_")
        || rest.split('_').any(|part| part == "PORT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_setting() {
        let text = warning("TONL_AUTH_TOKN").unwrap();
        assert_eq!(
            text,
            "TONL_AUTH_TOKN is not a setting; did you mean TONL_AUTH_TOKEN?"
        );
        let text = warning("TONL_SOMETHING_ELSE_ALTOGETHER").unwrap();
        assert!(text.contains("docs/settings.md"), "{text}");
    }

    #[test]
    fn what_others_set_is_no_slip() {
        for name in [
            "TONL_AUTH_TOKEN",
            "TONL_CORPORA",
            "TONL_PORT",
            "TONL_PORT_3000_TCP_ADDR",
            "TONL_SERVICE_HOST",
            "TONL_MCP_SERVICE_PORT_HTTP",
            "PATH",
        ] {
            assert_eq!(warning(name), None, "{name}");
        }
    }
}
