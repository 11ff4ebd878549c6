//! The checklist with what a look at the disk adds: a check has the time for it, a start has not.

use super::checklist::{Finding, Level, checklist};
use super::plan::Plan;
use std::path::Path;
use tonl_telemetry::audit::{AuditConfig, VerifyError, verify};

/// The items that are about the audit log, in both lists.
const ABOUT_AUDIT: [&str; 2] = ["Audit log", "Security events"];

/// The checklist of a plan, with the state of the audit log on disk. Nothing is changed there.
pub(crate) fn examined(plan: &Plan) -> Vec<Finding> {
    let mut findings = checklist(plan);
    if let Some(trouble) = trouble(&plan.audit) {
        let about = |finding: &&mut Finding| ABOUT_AUDIT.contains(&finding.item);
        for finding in findings.iter_mut().filter(about) {
            finding.level = Level::Fail;
            finding.found.clone_from(&trouble);
            finding.advice = "the server would not start";
        }
    }
    findings
}

/// Why the audit log could not be continued, if it could not.
fn trouble(audit: &AuditConfig) -> Option<String> {
    let path = audit.path.as_deref()?;
    if !path.exists() {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let is_there = folder.unwrap_or(Path::new(".")).is_dir();
        return (!is_there).then(|| format!("there is no folder for {}", path.display()));
    }
    match verify(path, audit.key.as_ref()) {
        Ok(_) => None,
        Err(VerifyError::NoHead { .. }) if is_empty(path) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// A file that is there and empty is a log that has not begun.
fn is_empty(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.len() == 0)
}
