//! A watched server as a screen: what is known in, widgets out. Keys and the network are not its business.
//!
//! There are two layouts: boxes from [`FULL_WIDTH`] columns and [`FULL_HEIGHT`] lines on, plain lines below.
//! Names from the server are shown with their control characters as escapes.

pub(crate) mod text;
mod words;

use crate::monitor::figures::Figures;
use crate::monitor::{Health, Monitor, Rates, Sample};
use crate::render::table::visible;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Row, Sparkline, Table, TableState};
use std::collections::BTreeMap;
use std::time::Duration;

/// From this many columns on there are boxes.
const FULL_WIDTH: u16 = 100;
/// The lines that the boxes need.
const FULL_HEIGHT: u16 = 24;
const TITLE: &str = "TONL SERVER MONITOR";
/// The columns of the figures: of the process, of the traffic, of what was saved.
const WIDTHS: [Constraint; 3] = [
    Constraint::Length(40),
    Constraint::Min(36),
    Constraint::Length(24),
];
/// The keys, as the last line tells them.
const KEYS: &str = "q quit   r refresh   p pause   c clear   up/down select";
/// The cells of the bar of the processor.
const BAR: usize = 20;
/// Up to this share of a processor the load is light, in percent.
const LIGHT: f64 = 50.0;
/// Up to this share it is heavy, in percent; above it is too much.
const HEAVY: f64 = 80.0;
/// Rates are drawn in hundredths: bars have whole heights.
const FINENESS: f64 = 100.0;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dashboard<'a> {
    pub(crate) monitor: &'a Monitor,
    pub(crate) url: &'a str,
    pub(crate) now: Duration,
    pub(crate) colored: bool,
}

impl Dashboard<'_> {
    /// Draws everything; the table keeps where it stands in `state`.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>, state: &mut TableState) {
        let area = frame.area();
        let [body, footer] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(2)]).areas(area);
        if area.width >= FULL_WIDTH && area.height >= FULL_HEIGHT {
            self.draw_boxes(frame, body, state);
        } else {
            self.draw_lines(frame, body, state);
        }
        let lines = vec![self.message(), Line::styled(KEYS, self.faint())];
        frame.render_widget(Paragraph::new(lines), footer);
    }

    fn draw_boxes(&self, frame: &mut Frame<'_>, area: Rect, state: &mut TableState) {
        let [title, figures, errors, histories, operations] = Layout::vertical([
            Constraint::Length(3),
            Constraint::Length(7),
            Constraint::Length(1),
            Constraint::Length(5),
            Constraint::Min(0),
        ])
        .areas(area);
        let mut about = self.status();
        about.push(
            format!(
                "   {}   {}   up {}",
                self.version(),
                visible(self.url),
                self.uptime()
            )
            .into(),
        );
        self.draw_box(frame, title, TITLE, vec![Line::from(about)]);
        let [process, traffic, saved] = Layout::horizontal(WIDTHS).areas(figures);
        self.draw_box(frame, process, "process", self.process());
        self.draw_box(frame, traffic, "traffic", self.traffic());
        self.draw_box(frame, saved, "saved", self.saved());
        frame.render_widget(self.errors(), errors);
        let halves = [Constraint::Ratio(1, 2); 2];
        let [requests, cpu] = Layout::horizontal(halves).areas(histories);
        self.draw_history(frame, requests, "requests/s", |rates| rates.requests);
        self.draw_history(frame, cpu, "cpu %", |rates| rates.cpu);
        let heading = self.operations_heading(state);
        let block = self.block(&heading);
        let inner = block.inner(operations);
        frame.render_widget(block, operations);
        self.draw_operations(frame, inner, state);
    }

    /// From the top what matters most; where there is no more room, the rest is not drawn.
    fn draw_lines(&self, frame: &mut Frame<'_>, area: Rect, state: &mut TableState) {
        let mut about = vec![Span::styled(format!("{TITLE}   "), bold())];
        about.extend(self.status());
        let address = visible(self.url);
        let process = format!("{address}   {}   up {}", self.version(), self.uptime());
        let (top, rest) = split(area, 2);
        let about = vec![Line::from(about), Line::from(process)];
        frame.render_widget(Paragraph::new(about), top);
        let rest = self.draw_figures(frame, rest);
        let (errors, rest) = split(rest, 1);
        frame.render_widget(self.errors(), errors);
        let (requests, rest) = split(rest, 1);
        self.draw_line_of_history(frame, requests, "requests/s", |rates| rates.requests);
        let (cpu, rest) = split(rest, 1);
        self.draw_line_of_history(frame, cpu, "cpu", |rates| rates.cpu);
        self.draw_operations(frame, rest, state);
    }

    /// The figures side by side if there is room, else one below the other; the area below them.
    fn draw_figures(&self, frame: &mut Frame<'_>, area: Rect) -> Rect {
        let groups = [self.process(), self.traffic(), self.saved()];
        if area.width < FULL_WIDTH {
            let lines: Vec<Line<'_>> = groups.into_iter().flatten().collect();
            let (figures, rest) = split(area, lines.len());
            frame.render_widget(Paragraph::new(lines), figures);
            return rest;
        }
        let height = groups.iter().map(Vec::len).max();
        let (figures, rest) = split(area, height.unwrap_or_default());
        let places: [Rect; 3] = Layout::horizontal(WIDTHS).areas(figures);
        for (lines, place) in groups.into_iter().zip(places) {
            frame.render_widget(Paragraph::new(lines), place);
        }
        rest
    }

    fn draw_box(&self, frame: &mut Frame<'_>, area: Rect, heading: &str, lines: Vec<Line<'_>>) {
        frame.render_widget(Paragraph::new(lines).block(self.block(heading)), area);
    }

    fn block(&self, heading: &str) -> Block<'static> {
        Block::bordered()
            .border_style(self.faint())
            .title(format!(" {heading} "))
    }

    /// The dot, the word and, when held, that it is.
    fn status(&self) -> Vec<Span<'static>> {
        let health = self.monitor.health(self.now);
        let color = match health {
            Health::Connecting => Color::Reset,
            Health::Online => Color::Green,
            Health::Degraded(_) => Color::Yellow,
            Health::Offline(_) => Color::Red,
        };
        let word = format!("● {}", health.name());
        let mut status = vec![Span::styled(word, self.paint(bold(), color))];
        if self.monitor.is_paused() {
            status.push(Span::styled("   PAUSED", bold()));
        }
        status
    }

    /// Why the server is not well, or else the latest note.
    fn message(&self) -> Line<'static> {
        let health = self.monitor.health(self.now);
        let text = match (&health, health.reason()) {
            (Health::Offline(_), Some(reason)) => {
                format!("{reason}; trying again. Start a server with: tonl serve")
            }
            (_, Some(reason)) => reason.to_owned(),
            (_, None) => self.monitor.note().unwrap_or_default().to_owned(),
        };
        Line::from(text)
    }

    fn version(&self) -> String {
        self.figures(|figures| Some(text::version(figures)))
            .map_or_else(
                || words::UNKNOWN.to_owned(),
                |version| format!("version {version}"),
            )
    }

    fn uptime(&self) -> String {
        words::uptime(self.monitor.last().and_then(Sample::uptime))
    }

    fn figures<T>(&self, figure: impl Fn(&Figures) -> Option<T>) -> Option<T> {
        figure(&self.monitor.last()?.figures)
    }

    fn rate(&self, rate: impl Fn(&Rates) -> Option<f64>) -> Option<f64> {
        rate(self.monitor.rates()?)
    }

    fn process(&self) -> Vec<Line<'static>> {
        let cpu = self.rate(|rates| rates.cpu);
        let color = match cpu {
            Some(share) if share > HEAVY => Color::Red,
            Some(share) if share > LIGHT => Color::Yellow,
            _ => Color::Green,
        };
        let memory = words::memory(self.figures(|f| f.resident), self.figures(|f| f.limit));
        vec![
            Line::from(vec![
                Span::raw(label("cpu")),
                Span::styled(cells(cpu), self.paint(Style::new(), color)),
                Span::raw(format!(" {}", words::percent(cpu))),
            ]),
            row("memory", &memory),
            row("files", &words::count(self.figures(|f| f.open_files))),
            row("streams", &words::count(self.figures(|f| f.connections))),
        ]
    }

    fn traffic(&self) -> Vec<Line<'static>> {
        let requests = self.rate(|rates| rates.requests);
        let requests = words::per_second(requests);
        let converted = self.figures(|figures| Some(words::conversions(figures)));
        let converted = converted.unwrap_or_else(|| words::UNKNOWN.to_owned());
        vec![
            row("requests", &requests),
            row(
                "  took",
                &words::latency(text::request_latency(self.monitor)),
            ),
            row("converted", &converted),
            row(
                "  took",
                &words::latency(text::conversion_latency(self.monitor)),
            ),
            row(
                "limited",
                &words::count(self.figures(|f| f.rate_limit_hits)),
            ),
        ]
    }

    fn saved(&self) -> Vec<Line<'static>> {
        let ratio = self.figures(|f| f.ratio).map(|ratio| ratio * 100.0);
        vec![
            row("tokens", &words::count(self.figures(|f| f.tokens_saved))),
            row("cost", &words::dollars(self.figures(|f| f.cost_saved))),
            row("ratio", &words::percent(ratio)),
        ]
    }

    fn errors(&self) -> Line<'static> {
        let errors = self
            .monitor
            .last()
            .and_then(|last| last.figures.errors.as_ref());
        let is_well = errors.is_none_or(BTreeMap::is_empty);
        let told = words::errors(errors);
        let color = if is_well { Color::Reset } else { Color::Red };
        Line::from(vec![
            Span::raw(label("errors")),
            Span::styled(told, self.paint(Style::new(), color)),
        ])
    }

    fn draw_history(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        heading: &str,
        rate: fn(&Rates) -> Option<f64>,
    ) {
        let history = self.monitor.history(rate);
        let now = words::rate(history.last().copied().flatten());
        let most = words::rate(history.iter().flatten().copied().reduce(f64::max));
        let block = self.block(&format!("{heading}: {now}, at most {most}"));
        let inner = block.inner(area);
        frame.render_widget(block, area);
        frame.render_widget(self.sparkline(&history, inner.width), inner);
    }

    fn draw_line_of_history(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        heading: &str,
        rate: fn(&Rates) -> Option<f64>,
    ) {
        let [name, bars] =
            Layout::horizontal([Constraint::Length(12), Constraint::Min(0)]).areas(area);
        frame.render_widget(Line::raw(heading.to_owned()), name);
        frame.render_widget(
            self.sparkline(&self.monitor.history(rate), bars.width),
            bars,
        );
    }

    /// The newest ticks that have room, the last one at the right of what is drawn.
    fn sparkline(&self, history: &[Option<f64>], width: u16) -> Sparkline<'static> {
        let hidden = history.len().saturating_sub(usize::from(width));
        let shown = history.iter().skip(hidden);
        let heights: Vec<Option<u64>> = shown.map(|rate| rate.map(height)).collect();
        Sparkline::default()
            .data(heights)
            .absent_value_symbol(" ")
            .style(self.paint(Style::new(), Color::Cyan))
    }

    fn operations_heading(&self, state: &TableState) -> String {
        let all = self.figures(|figures| Some(figures.operations.len()));
        match (all.unwrap_or_default(), state.selected()) {
            (0, _) => "operations".to_owned(),
            (all, Some(at)) => format!("operations {}/{all}", at.min(all - 1) + 1),
            (all, None) => format!("operations {all}"),
        }
    }

    fn draw_operations(&self, frame: &mut Frame<'_>, area: Rect, state: &mut TableState) {
        let Some(sample) = self.monitor.last() else {
            return;
        };
        let operations = sample.figures.operations.iter();
        let rows = operations.map(|(name, operation)| {
            let [name, numbers @ ..] = text::operation_cells(self.monitor, name, operation);
            let numbers = numbers.map(|number| Line::from(number).right_aligned());
            Row::new([Line::from(name)].into_iter().chain(numbers))
        });
        let headings = ["ok", "failed", "per second", "p50", "p95"];
        let headings = headings.map(|heading| Line::from(heading).right_aligned());
        let header = Row::new([Line::from("operation")].into_iter().chain(headings));
        let number = Constraint::Length(10);
        let widths = [Constraint::Min(12), number, number, number, number, number];
        let table = Table::new(rows, widths)
            .header(header.style(self.faint()))
            .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
        frame.render_stateful_widget(table, area, state);
    }

    fn faint(&self) -> Style {
        self.paint(Style::new(), Color::DarkGray)
    }

    fn paint(&self, style: Style, color: Color) -> Style {
        if self.colored { style.fg(color) } else { style }
    }
}

/// The first lines of an area, as many as there are, and the rest of it.
fn split(area: Rect, lines: usize) -> (Rect, Rect) {
    let height = u16::try_from(lines).unwrap_or(u16::MAX).min(area.height);
    let first = Rect { height, ..area };
    let rest = Rect {
        y: area.y.saturating_add(height),
        height: area.height - height,
        ..area
    };
    (first, rest)
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn label(name: &str) -> String {
    format!("{name:10}")
}

fn row(name: &str, value: &str) -> Line<'static> {
    Line::from(format!("{}{value}", label(name)))
}

/// The share of one processor as cells; more than one are a full bar.
fn cells(percent: Option<f64>) -> String {
    let share = percent.unwrap_or_default().clamp(0.0, 100.0) / 100.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and the few cells of the bar"
    )]
    let full = ((share * BAR as f64).round() as usize).min(BAR);
    "█".repeat(full) + &"░".repeat(BAR - full)
}

fn height(rate: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rates are not negative, and the cast saturates"
    )]
    let height = (rate * FINENESS) as u64;
    height
}

#[cfg(test)]
mod tests;
