//! The checklist with what a look at the disk adds: a check has the time for it, a start has not.

use super::checklist::{Finding, Level, checklist};
use super::plan::Plan;
use std::path::Path;
use tonl_telemetry::audit::{AuditConfig, AuditError, AuditLog, VerifyError, verify};

/// The items that are about the audit log, in both lists.
const ABOUT_AUDIT: [&str; 2] = ["Audit log", "Security events"];

/// The checklist of a plan, with the state of the audit log on disk. Nothing is changed there.
pub(crate) fn examined(plan: &Plan) -> Vec<Finding> {
    let mut findings = checklist(plan);
    if let Some(trouble) = Trouble::of(&plan.audit) {
        let about = |finding: &&mut Finding| ABOUT_AUDIT.contains(&finding.item);
        for finding in findings.iter_mut().filter(about) {
            finding.level = trouble.level;
            finding.found.clone_from(&trouble.found);
            finding.advice = trouble.advice;
        }
    }
    findings
}

/// What hinders a server from continuing an audit log.
struct Trouble {
    level: Level,
    found: String,
    advice: &'static str,
}

impl Trouble {
    fn of(audit: &AuditConfig) -> Option<Self> {
        let path = audit.path.as_deref()?;
        match AuditLog::probe(audit) {
            // A check beside the server that writes the log is the usual case in a container.
            Err(AuditError::InUse { .. }) => {
                return Some(Self {
                    level: Level::Warn,
                    found: format!("{} is written by a running server", path.display()),
                    advice: "a second one would not start with it",
                });
            }
            Err(error) => {
                return Some(Self::failure(
                    error.to_string(),
                    "the server would not start",
                ));
            }
            Ok(()) if !path.exists() => return None,
            Ok(()) => {}
        }
        match verify(path, audit.key.as_ref()) {
            Ok(_) => None,
            Err(VerifyError::NoHead { .. }) if is_empty(path) => None,
            Err(error) => Some(Self::failure(
                error.to_string(),
                "somebody changed it: look into it with `tonl audit verify`",
            )),
        }
    }

    fn failure(found: String, advice: &'static str) -> Self {
        Self {
            level: Level::Fail,
            found,
            advice,
        }
    }
}

/// A file that is there and empty is a log that has not begun.
fn is_empty(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.len() == 0)
}
