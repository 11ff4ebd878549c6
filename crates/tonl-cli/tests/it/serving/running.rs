//! A server process of the real binary, in a folder of its own, that ends with the test.

use super::http::{self, Answer};
use crate::sandbox::{Outcome, Sandbox};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything that works would take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The last line of the banner.
const READY: &str = "Press Ctrl+C to stop the server gracefully";

/// 256 bits.
pub(crate) const TOKEN: &str = "5f0c9d4b1e8a7d6c3b2a190807f6e5d4c3b2a1908f7e6d5c4b3a29180f7e6d5c";

/// Another.
pub(crate) const OTHER: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778899aabbccddeeff0";

/// How a server is to be started.
pub(crate) struct Setup {
    pub(crate) sandbox: Sandbox,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
}

impl Setup {
    /// Development mode on any free port.
    pub(crate) fn new() -> Self {
        Self::bare().variable("PORT", "0")
    }

    /// The same with a token in a private file.
    pub(crate) fn secured() -> Self {
        Self::new()
            .file("token", TOKEN)
            .variable("TONL_AUTH_TOKEN_FILE", "token")
    }

    /// Nothing set at all.
    pub(crate) fn bare() -> Self {
        Self {
            sandbox: Sandbox::new(),
            variables: Vec::new(),
            arguments: Vec::new(),
        }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// A file that only its owner can read.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let sandbox = self.sandbox.and(name, content);
        private(&sandbox, name);
        Self { sandbox, ..self }
    }

    /// The command, with nothing in its environment but what was set.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tonl-mcp-server"));
        command
            .args(&self.arguments)
            .current_dir(self.sandbox.path(""))
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end: for starts that must be refused, and for what does not serve.
    #[track_caller]
    pub(crate) fn run(&self) -> Outcome {
        let mut child = self.command().spawn().unwrap();
        let Some(_status) = ended(&mut child, PATIENCE) else {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            panic!("it serves: {}", Outcome::from(output));
        };
        Outcome::from(child.wait_with_output().unwrap())
    }

    /// `tonl` in the same folder with the same variables.
    pub(crate) fn tonl(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.sandbox.command(arguments);
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        Outcome::from(command.output().unwrap())
    }

    /// Starts and waits until the banner stands.
    #[track_caller]
    pub(crate) fn start(self) -> Server {
        let command = self.command();
        self.started(command)
    }

    /// The same with `tonl` instead of the server's own binary.
    #[track_caller]
    pub(crate) fn serve(self, arguments: &[&str]) -> Server {
        let mut command = self.sandbox.command(arguments);
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.started(command)
    }

    #[track_caller]
    fn started(self, mut command: Command) -> Server {
        let mut child = command.spawn().unwrap();
        let said = Said::of(BufReader::new(child.stderr.take().unwrap()));
        let mut server = Server {
            setup: self,
            child,
            said,
            addr: ([0, 0, 0, 0], 0).into(),
        };
        let banner = server.wait_for(READY);
        let first = banner
            .lines()
            .find(|line| line.starts_with("TONL-MCP Bridge "));
        let addr = first.and_then(|line| line.rsplit(' ').next());
        server.addr = addr.unwrap().parse().unwrap();
        server
    }
}

/// Only the owner can read it.
pub(crate) fn private(sandbox: &Sandbox, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(sandbox.path(name), mode).unwrap();
}

/// What a process said on standard error so far, and whether it is over.
#[derive(Clone, Default)]
struct Said(Arc<(Mutex<(String, bool)>, Condvar)>);

impl Said {
    fn of(mut stderr: impl BufRead + Send + 'static) -> Self {
        let said = Self::default();
        let told = said.clone();
        std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                told.0.0.lock().unwrap().0.push_str(&line);
                told.0.1.notify_all();
                line.clear();
            }
            told.0.0.lock().unwrap().1 = true;
            told.0.1.notify_all();
        });
        said
    }

    /// Everything that was said when this turns true, or the end comes, or patience ends.
    fn wait(&self, mut is_enough: impl FnMut(&str) -> bool) -> String {
        let said = self.0.0.lock().unwrap();
        let goes_on = |said: &mut (String, bool)| !said.1 && !is_enough(&said.0);
        let (said, _) = self
            .0
            .1
            .wait_timeout_while(said, PATIENCE, goes_on)
            .unwrap();
        said.0.clone()
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) setup: Setup,
    child: Child,
    said: Said,
    pub(crate) addr: SocketAddr,
}

impl Server {
    /// Waits until this was said; everything that was said so far.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let said = self.said.wait(|said| said.contains(text));
        assert!(said.contains(text), "{text:?} was not said:\n{said}");
        said
    }

    /// Waits until something holds that the outside shows, such as a metric.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(
                Instant::now() < end,
                "{what} did not come:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What was said so far.
    pub(crate) fn said(&self) -> String {
        self.said.0.0.lock().unwrap().0.clone()
    }

    pub(crate) fn get(&self, path: &str, headers: &[&str]) -> Answer {
        http::ask(self.addr, &format!("GET {path}"), headers)
    }

    /// The status and body of `GET /mcp` with this token, of a client that wants no stream: one that
    /// does is answered without an end.
    pub(crate) fn mcp(&self, token: &str) -> Answer {
        let wants_no_stream = "Accept: application/json";
        self.get("/mcp", &[&http::bearer(token), wants_no_stream])
    }

    /// The value of a series of `/metrics`.
    #[track_caller]
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let page = self.get("/metrics", &[]).body;
        let mut lines = page.lines().filter_map(|line| line.rsplit_once(' '));
        let found = lines.find(|(name, _)| *name == series);
        let (_, value) = found.unwrap_or_else(|| panic!("{series} is not in\n{page}"));
        value.parse().unwrap()
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().try_into().unwrap()
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end; how it ended and everything that was said.
    #[track_caller]
    pub(crate) fn end(mut self) -> (ExitStatus, String, Setup) {
        let status = ended(&mut self.child, PATIENCE);
        let status = status.unwrap_or_else(|| panic!("it does not end:\n{}", self.said()));
        let said = self.said.wait(|_| false);
        let setup = std::mem::replace(&mut self.setup, Setup::bare());
        (status, said, setup)
    }

    /// Ends it as a service manager would; everything that was said.
    #[track_caller]
    pub(crate) fn stop(self) -> (String, Setup) {
        self.signal(rustix::process::Signal::TERM);
        let (status, said, setup) = self.end();
        assert_eq!(status.code(), Some(0), "{said}");
        (said, setup)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The end of a process, if it comes in time.
fn ended(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
