//! The dashboard of `--visual` at a terminal: keys in, files out. What it looks like is in
//! `render::dashboard`.

use crate::analysis::{Analyses, Analysis};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::analysis;
use crate::render::dashboard::{Dashboard, screenshot};
use ratatui::DefaultTerminal;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a signal may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(200);

/// Refuses a standard output that is no terminal, before anything is analysed.
///
/// # Errors
/// Nobody would see the dashboard.
pub(super) fn check() -> Result<()> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    Err(
        Failure::configuration("--visual needs a terminal, standard output is none")
            .with_hint("leave --visual out, or choose a report with --format"),
    )
}

/// Shows the only analysis until a key or a signal ends it.
///
/// # Errors
/// A terminal that cannot be set up or drawn to.
pub(super) fn show(analyses: &Analyses, file: &Analysis, colored: bool) -> Result<Exit> {
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopped);
    let _unsupported = ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed));
    let mut screen = Screen {
        analyses,
        dashboard: Dashboard::new(analyses, file, colored),
    };
    let shown = ratatui::try_init().and_then(|mut terminal| screen.run(&mut terminal, &stopped));
    let _as_it_is = ratatui::try_restore();
    shown.map_err(|error| Failure::io("use", Path::new("the terminal"), &error))
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Quit,
    Interrupt,
    Export,
    Screenshot,
}

/// What an event asks for; nothing for most of them.
fn action(event: &Event) -> Option<Action> {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press,
        ..
    }) = event
    else {
        return None;
    };
    match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Action::Interrupt),
        KeyCode::Char('q' | 'Q') | KeyCode::Esc => Some(Action::Quit),
        KeyCode::Char('e' | 'E') => Some(Action::Export),
        KeyCode::Char('s' | 'S') => Some(Action::Screenshot),
        _ => None,
    }
}

struct Screen<'a> {
    analyses: &'a Analyses,
    dashboard: Dashboard<'a>,
}

impl Screen<'_> {
    fn run(&mut self, terminal: &mut DefaultTerminal, stopped: &AtomicBool) -> io::Result<Exit> {
        loop {
            let shown = terminal.draw(|frame| self.dashboard.draw(frame))?;
            let shown = shown.buffer.clone();
            let Some(action) = next(stopped)? else {
                continue;
            };
            match action {
                Action::Quit => return Ok(Exit::Success),
                Action::Interrupt => return Ok(Exit::Interrupted),
                Action::Export | Action::Screenshot => {
                    let folder = Path::new("");
                    self.dashboard.note = Some(match self.write(action, &shown, folder) {
                        Ok(name) => format!("{name} is written"),
                        Err(failure) => failure.message().to_owned(),
                    });
                }
            }
        }
    }

    /// Writes what was asked for into `folder`, and gives the file's name.
    fn write(&self, action: Action, shown: &Buffer, folder: &Path) -> Result<String> {
        let now = jiff::Timestamp::now();
        let time = now.strftime("%Y-%m-%d-%H%M%S");
        let (name, bytes) = if action == Action::Export {
            let csv = super::csv(analysis::csv::files(self.analyses, &super::stamp(now)))?;
            (format!("tonl-analysis-{time}.csv"), csv)
        } else {
            let name = format!("tonl-screenshot-{time}.txt");
            (name, screenshot(shown).into_bytes())
        };
        let unwatched = Unfinished::default();
        Output::replacing(&folder.join(&name), Overwrite::Refuse, &unwatched)?
            .write_whole(&bytes)?;
        Ok(name)
    }
}

/// Waits for something to do; nothing if the screen should only be drawn again.
fn next(stopped: &AtomicBool) -> io::Result<Option<Action>> {
    loop {
        if stopped.load(Ordering::Relaxed) {
            return Ok(Some(Action::Interrupt));
        }
        if event::poll(PATIENCE)? {
            return Ok(action(&event::read()?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::analyses;
    use ratatui::layout::Rect;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn keys_ask_for_what_the_last_line_says() {
        for (code, asked) in [
            (KeyCode::Char('q'), Some(Action::Quit)),
            (KeyCode::Esc, Some(Action::Quit)),
            (KeyCode::Char('e'), Some(Action::Export)),
            (KeyCode::Char('s'), Some(Action::Screenshot)),
            (KeyCode::Char('c'), None),
            (KeyCode::Enter, None),
        ] {
            assert_eq!(action(&key(code)), asked, "{code:?}");
        }
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(action(&Event::Key(interrupt)), Some(Action::Interrupt));
        assert_eq!(action(&Event::Resize(80, 24)), None);
    }

    #[test]
    fn files_are_named_after_the_time_and_hold_what_is_shown() {
        let analyses = analyses(&[("a.json", 100, 60)]);
        let screen = Screen {
            analyses: &analyses,
            dashboard: Dashboard::new(&analyses, &analyses.files[0], false),
        };
        let shown = Buffer::with_lines(["what is", "shown"]);
        assert_eq!(shown.area, Rect::new(0, 0, 7, 2));
        let folder = tempfile::tempdir().unwrap();
        let name = screen
            .write(Action::Screenshot, &shown, folder.path())
            .unwrap();
        assert!(name.starts_with("tonl-screenshot-20"), "{name}");
        assert_eq!(name.len(), "tonl-screenshot-YYYY-MM-DD-HHMMSS.txt".len());
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text, "what is\nshown\n");
        let name = screen.write(Action::Export, &shown, folder.path()).unwrap();
        assert!(name.starts_with("tonl-analysis-20"), "{name}");
        let csv = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(csv.starts_with("Timestamp,File,"), "{csv}");
        assert!(csv.contains(",a.json,"), "{csv}");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told() {
        let analyses = analyses(&[("a.json", 100, 60)]);
        let screen = Screen {
            analyses: &analyses,
            dashboard: Dashboard::new(&analyses, &analyses.files[0], false),
        };
        let shown = Buffer::with_lines(["x"]);
        let folder = Path::new("no-such-folder");
        let failure = screen.write(Action::Export, &shown, folder).unwrap_err();
        assert!(failure.message().starts_with("cannot write"), "{failure:?}");
    }
}
