//! A folder of its own for each test, with the command run inside it, so that no path shows where.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with one file.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, content)
    }

    /// The same folder with one more file; its folders are made.
    pub(crate) fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files in the folder, hidden ones included.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The command, to be started in the folder, without colour and without a terminal.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tonl"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command without input.
    pub(crate) fn tonl(&self, arguments: &[&str]) -> Outcome {
        Outcome::from(self.command(arguments).output().unwrap())
    }

    /// Runs the command with this on standard input.
    pub(crate) fn fed(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Outcome {
        Self::feed(self.command(arguments), input)
    }

    /// Runs this command with this on standard input.
    pub(crate) fn feed(mut command: Command, input: impl AsRef<[u8]>) -> Outcome {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_vec();
        // The command may stop before it has read everything: a closed pipe is its right.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        drop(writer.join().unwrap());
        Outcome::from(output)
    }
}

/// How a run ended and what it said.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// The same without amounts of money, their columns' widths and dates: they follow from prices,
    /// which have one home.
    pub(crate) fn without_amounts(mut self) -> Self {
        self.stdout = self.stdout.lines().map(without_amounts).collect();
        self
    }

    /// The data of a run that must have gone well.
    #[track_caller]
    pub(crate) fn data(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

fn without_amounts(line: &str) -> String {
    let is_amount = |word: &&str| word.contains(['$', '€', '¥']) && word.contains(char::is_numeric);
    let sign = |word: &str| -> String {
        let signs = word.chars().filter(|c| matches!(c, '-' | '$' | '€' | '¥'));
        signs.chain(['#']).collect()
    };
    let words = line.split(' ').filter(|word| !word.is_empty());
    let shown = words.map(|word| match word {
        amount if is_amount(&amount) => sign(amount),
        date if is_date(date) => "DATE".to_owned(),
        word => word.to_owned(),
    });
    format!("{}\n", shown.collect::<Vec<_>>().join(" "))
}

fn is_date(word: &str) -> bool {
    let word = word.trim_end_matches([',', ';']);
    word.len() == 10 && word.chars().all(|c| c.is_ascii_digit() || c == '-')
}
