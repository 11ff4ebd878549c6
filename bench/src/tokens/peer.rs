//! Runs js-tiktoken over the same texts.

use super::texts::Text;
use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What js-tiktoken counts, by encoding in the order of `Encoding::ALL`.
pub(super) struct Counts {
    pub(super) counts: [Vec<u64>; 2],
    /// Processor time of counting alone.
    pub(super) cpu: [Duration; 2],
}

/// Counts the texts with the script in `folder`.
pub(super) fn counts(folder: &Path, texts: &[Text]) -> Result<Counts> {
    ensure!(
        folder.join("node_modules/js-tiktoken").is_dir(),
        "js-tiktoken is not installed: run `npm ci` in {}",
        folder.display()
    );
    let mut file = tempfile::NamedTempFile::new()?;
    for text in texts {
        serde_json::to_writer(&mut file, &text.text)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    let output = Command::new("node")
        .arg(folder.join("counts.mjs"))
        .arg(file.path())
        .output()
        .context("cannot run node")?;
    ensure!(
        output.status.success(),
        "js-tiktoken failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    parse(&String::from_utf8_lossy(&output.stdout), texts.len())
}

fn parse(text: &str, texts: usize) -> Result<Counts> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let numbers = line.split(' ').map(str::parse);
        let numbers: Vec<u64> = numbers.collect::<Result<_, _>>()?;
        let pair: [u64; 2] = numbers.try_into().ok().context("two numbers a line")?;
        rows.push(pair);
    }
    let micros = rows.pop().context("a line of times")?;
    ensure!(rows.len() == texts, "a line for each text");
    Ok(Counts {
        counts: [0, 1].map(|at| rows.iter().map(|row| row[at]).collect()),
        cpu: micros.map(Duration::from_micros),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_text_and_one_of_times_is_expected() {
        let found = parse("3 4\n5 6\n1000 2000\n", 2).unwrap();
        assert_eq!(found.counts, [vec![3, 5], vec![4, 6]]);
        assert_eq!(found.cpu[1], Duration::from_millis(2));
        for wrong in ["", "3 4\n", "3\n4\n5\n", "3 x\n1 2\n3 4\n"] {
            assert!(parse(wrong, 2).is_err(), "{wrong:?}");
        }
    }
}
