//! Variables that look like settings and are none: mostly slips, and a slip in a security setting is
//! a setting that does not hold.

use super::table::ALL;
use std::net::IpAddr;

/// The beginning of our variables' names.
const PREFIX: &str = "TONL_";

/// Variables of other programs of this product, and of its tests.
const OTHERS: &[&str] = &["TONL_CORPORA", "TONL_RANDOM_DOCUMENTS", "TONL_SERVER_URL"];

/// A warning about a variable that is none of ours, with the nearest that is.
pub(crate) fn warning(name: &str, value: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    if is_known(name) || is_service_link(rest, value) {
        return None;
    }
    if is_known(rest) {
        return Some(format!("{name} is not a setting; did you mean {rest}?"));
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

/// Kubernetes sets such variables for a service whose name begins with `tonl`: the pair
/// `NAME_SERVICE_HOST` and `NAME_SERVICE_PORT` (with the name of a port behind it if ports have names),
/// and the links `NAME_PORT` and `NAME_PORT_3000_TCP`. The value decides too: `TONL_PORT=8080` is a slip.
fn is_service_link(rest: &str, value: &str) -> bool {
    if rest.ends_with("SERVICE_HOST") {
        return value.parse::<IpAddr>().is_ok();
    }
    if rest.contains("SERVICE_PORT") {
        return value.parse::<u16>().is_ok();
    }
    let link = value.split_once("://");
    let is_link = link.is_some_and(|(protocol, _)| PROTOCOLS.contains(&protocol));
    let parts: Vec<&str> = rest.split('_').collect();
    match parts.as_slice() {
        [.., "PORT", _, _, "ADDR"] => value.parse::<IpAddr>().is_ok(),
        [.., "PORT", _, _, "PORT"] => value.parse::<u16>().is_ok(),
        [.., "PORT", _, _, "PROTO"] => PROTOCOLS.contains(&value),
        [.., "PORT", _, _] | [.., "PORT"] => is_link,
        _ => false,
    }
}

/// The protocols of a service.
const PROTOCOLS: &[&str] = &["tcp", "udp", "sctp"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_setting() {
        let text = warning("TONL_AUTH_TOKN", "").unwrap();
        assert_eq!(
            text,
            "TONL_AUTH_TOKN is not a setting; did you mean TONL_AUTH_TOKEN?"
        );
        let text = warning("TONL_SOMETHING_ELSE_ALTOGETHER", "1").unwrap();
        assert!(text.contains("docs/settings.md"), "{text}");
    }

    #[test]
    fn what_others_set_is_no_slip() {
        for (name, value) in [
            ("TONL_AUTH_TOKEN", "x"),
            ("TONL_CORPORA", "corpora"),
            ("TONL_PORT", "tcp://10.0.0.1:3000"),
            ("TONL_PORT_3000_TCP", "tcp://10.0.0.1:3000"),
            ("TONL_PORT_3000_TCP_ADDR", "10.0.0.1"),
            ("TONL_PORT_3000_TCP_PORT", "3000"),
            ("TONL_PORT_3000_TCP_PROTO", "tcp"),
            ("TONL_SERVICE_HOST", "fd00::1"),
            ("TONL_MCP_SERVICE_PORT_HTTP", "3000"),
            ("TONL_MCP_PORT", "udp://[fd00::1]:3000"),
            ("PATH", "/bin"),
        ] {
            assert_eq!(warning(name, value), None, "{name}");
        }
    }

    #[test]
    fn a_name_like_a_service_link_with_another_value_is_a_slip() {
        assert_eq!(
            warning("TONL_PORT", "8080").as_deref(),
            Some("TONL_PORT is not a setting; did you mean PORT?")
        );
        for (name, value) in [
            ("TONL_PORT", ""),
            ("TONL_SERVICE_HOST", "0.0.0.0:1"),
            ("TONL_SERVICE_PORT", "http"),
            ("TONL_EXTERNAL_PORT", "80"),
            ("TONL_PORT_3000_TCP_ADDR", "here"),
        ] {
            assert!(warning(name, value).is_some(), "{name}={value}");
        }
    }
}
