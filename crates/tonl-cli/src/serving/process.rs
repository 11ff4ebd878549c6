//! The process itself: what it may do and how many files it may open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are needed beside connections: logs, certificates, the listener.
const RESERVED_FILES: u64 = 64;

/// Leaves no core behind, which would hold tokens; lets no other process of this user look into its
/// memory and environment, and none of its own gain rights; and opens as many files as the system
/// allows. What the system refuses is no reason not to start.
///
/// Called before the first thread is started: new privileges are forbidden to each thread by itself.
pub(crate) fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _refused = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _refused =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let _refused = rustix::thread::set_no_new_privs(true);
    let files = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: files.maximum,
        maximum: files.maximum,
    };
    let _refused = setrlimit(Resource::Nofile, most);
}

/// How many connections the limit of open files leaves room for.
pub(crate) fn room_for_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(RESERVED_FILES)).unwrap_or(usize::MAX)
}
