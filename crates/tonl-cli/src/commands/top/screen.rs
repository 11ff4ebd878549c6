//! The dashboard at a terminal: keys and samples in. What it looks like is in `render::monitor`.

use super::feed::Feed;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::monitor::Monitor;
use crate::render::monitor::Dashboard;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::widgets::TableState;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a sample or a signal may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Shows the server until a key or a signal ends it. The terminal is restored however that happens: ratatui's
/// hook does it for a panic.
///
/// # Errors
/// A terminal that cannot be set up or drawn to.
pub(super) fn show(feed: &Feed, monitor: Monitor, url: &str, colored: bool) -> Result<Exit> {
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopped);
    let _unsupported = ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed));
    let mut screen = Screen {
        feed,
        monitor,
        url,
        colored,
        table: TableState::default(),
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
    Refresh,
    Pause,
    Clear,
    Up,
    Down,
}

/// What an event asks for; nothing for most of them.
fn action(event: &Event) -> Option<Action> {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press | KeyEventKind::Repeat,
        ..
    }) = event
    else {
        return None;
    };
    match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Action::Interrupt),
        KeyCode::Char('q' | 'Q') | KeyCode::Esc => Some(Action::Quit),
        KeyCode::Char('r' | 'R') => Some(Action::Refresh),
        KeyCode::Char('p' | 'P') => Some(Action::Pause),
        KeyCode::Char('c' | 'C') => Some(Action::Clear),
        KeyCode::Up => Some(Action::Up),
        KeyCode::Down => Some(Action::Down),
        _ => None,
    }
}

struct Screen<'a> {
    feed: &'a Feed,
    monitor: Monitor,
    url: &'a str,
    colored: bool,
    table: TableState,
}

impl Screen<'_> {
    fn run(&mut self, terminal: &mut DefaultTerminal, stopped: &AtomicBool) -> io::Result<Exit> {
        loop {
            self.draw(terminal)?;
            if stopped.load(Ordering::Relaxed) {
                return Ok(Exit::Interrupted);
            }
            if event::poll(PATIENCE)? {
                match action(&event::read()?) {
                    Some(Action::Quit) => return Ok(Exit::Success),
                    Some(Action::Interrupt) => return Ok(Exit::Interrupted),
                    Some(Action::Refresh) => self.feed.refresh(),
                    Some(other) => self.change(other),
                    None => {}
                }
            }
            while let Some(update) = self.feed.next(Duration::ZERO) {
                self.monitor.take(update, self.feed.now());
            }
        }
    }

    fn draw(&mut self, terminal: &mut DefaultTerminal) -> io::Result<()> {
        let dashboard = Dashboard {
            monitor: &self.monitor,
            url: self.url,
            now: self.feed.now(),
            colored: self.colored,
        };
        terminal.draw(|frame| dashboard.draw(frame, &mut self.table))?;
        Ok(())
    }

    fn change(&mut self, action: Action) {
        change(&mut self.monitor, &mut self.table, action);
    }
}

/// What a key changes in the picture. The selection stays among the operations that there are.
fn change(monitor: &mut Monitor, table: &mut TableState, action: Action) {
    let last = monitor
        .last()
        .map_or(0, |sample| sample.figures.operations.len());
    let last = last.checked_sub(1);
    match action {
        Action::Pause => monitor.toggle_pause(),
        Action::Clear => monitor.clear(),
        Action::Down => {
            let next = table.selected().map_or(0, |at| at.saturating_add(1));
            table.select(last.map(|last| next.min(last)));
        }
        Action::Up => {
            let next = table.selected().unwrap_or_default().saturating_sub(1);
            table.select(last.map(|last| next.min(last)));
        }
        Action::Quit | Action::Interrupt | Action::Refresh => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::tests::sample;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn keys_ask_for_what_the_last_line_says() {
        for (code, asked) in [
            (KeyCode::Char('q'), Some(Action::Quit)),
            (KeyCode::Esc, Some(Action::Quit)),
            (KeyCode::Char('r'), Some(Action::Refresh)),
            (KeyCode::Char('p'), Some(Action::Pause)),
            (KeyCode::Char('c'), Some(Action::Clear)),
            (KeyCode::Up, Some(Action::Up)),
            (KeyCode::Down, Some(Action::Down)),
            (KeyCode::Enter, None),
        ] {
            assert_eq!(action(&key(code)), asked, "{code:?}");
        }
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(action(&Event::Key(interrupt)), Some(Action::Interrupt));
        assert_eq!(action(&Event::Resize(80, 24)), None);
    }

    #[test]
    fn the_arrows_stay_among_the_operations() {
        let mut monitor = Monitor::new(Duration::from_secs(1));
        let mut table = TableState::default();
        change(&mut monitor, &mut table, Action::Down);
        assert_eq!(table.selected(), None, "there is none");
        let page = "tonl_conversion_requests_total{operation=\"a\"} 1\ntonl_conversion_requests_total{operation=\"b\"} 1";
        monitor.take(sample(1, page), Duration::from_secs(1));
        let mut walked = Vec::new();
        for action in [
            Action::Down,
            Action::Down,
            Action::Down,
            Action::Up,
            Action::Up,
        ] {
            change(&mut monitor, &mut table, action);
            walked.push(table.selected().unwrap());
        }
        assert_eq!(walked, [0, 1, 1, 0, 0]);
    }

    #[test]
    fn pause_and_clear_reach_the_monitor() {
        let mut monitor = Monitor::new(Duration::from_secs(1));
        monitor.take(
            sample(1, "tonl_active_connections 1"),
            Duration::from_secs(1),
        );
        let mut table = TableState::default();
        change(&mut monitor, &mut table, Action::Pause);
        assert!(monitor.is_paused());
        change(&mut monitor, &mut table, Action::Clear);
        assert_eq!(monitor.history(|rates| rates.requests), []);
    }
}
