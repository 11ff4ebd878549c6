//! One analysis as a screen: what is known in, widgets out. Keys and files are not its business.
//!
//! There are two layouts: boxes from [`FULL_WIDTH`] columns and [`FULL_HEIGHT`] lines on, plain lines
//! below. The line with the keys is always the last one.

use super::costs::percent;
use super::figures::{counted, grouped, signed};
use super::table::visible;
use crate::analysis::{Analyses, Analysis, advice, annual};
use crate::cost::recommendation::Recommendation;
use crate::cost::{Cost, USUAL_QUERIES, YEAR_DAYS};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

/// From this many columns on there are boxes.
const FULL_WIDTH: u16 = 100;
/// The lines that the boxes need.
const FULL_HEIGHT: u16 = 22;
/// The keys, as the last line tells them.
const KEYS: &str = "q quit   e export CSV   s screenshot";

/// What the screen shows.
#[derive(Debug)]
pub(crate) struct Dashboard<'a> {
    analyses: &'a Analyses,
    file: &'a Analysis,
    colored: bool,
    /// What the last key did.
    pub(crate) note: Option<String>,
}

impl<'a> Dashboard<'a> {
    /// The first look at `file`.
    pub(crate) fn new(analyses: &'a Analyses, file: &'a Analysis, colored: bool) -> Self {
        Self {
            analyses,
            file,
            colored,
            note: None,
        }
    }

    /// Draws everything.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let [body, footer] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(2)]).areas(area);
        if area.width >= FULL_WIDTH && area.height >= FULL_HEIGHT {
            self.draw_boxes(frame, body);
        } else {
            self.draw_lines(frame, body);
        }
        let note = self.note.clone().unwrap_or_default();
        let lines = vec![Line::from(note), Line::styled(KEYS, self.faint())];
        frame.render_widget(Paragraph::new(lines), footer);
    }

    fn draw_boxes(&self, frame: &mut Frame<'_>, area: Rect) {
        let [title, cards, bars, costs, recommended, notes] = Layout::vertical([
            Constraint::Length(3),
            Constraint::Length(3),
            Constraint::Length(4),
            Constraint::Length(6),
            Constraint::Length(3),
            Constraint::Min(0),
        ])
        .areas(area);
        self.draw_box(frame, title, " TONL analysis ", vec![self.title()]);
        let thirds = [Constraint::Ratio(1, 3); 3];
        let places: [Rect; 3] = Layout::horizontal(thirds).areas(cards);
        for ((heading, value), place) in self.cards().into_iter().zip(places) {
            let value = Line::styled(value, self.emphasis());
            self.draw_box(frame, place, &format!(" {heading} "), vec![value]);
        }
        let bar_width = bars.width.saturating_sub(2);
        self.draw_box(frame, bars, " tokens ", self.bars(bar_width));
        self.draw_box(frame, costs, " cost of input ", self.costs());
        let advice = Line::styled(self.recommendation(), self.emphasis());
        self.draw_box(frame, recommended, " recommendation ", vec![advice]);
        frame.render_widget(Paragraph::new(self.notes()), notes);
    }

    fn draw_box(&self, frame: &mut Frame<'_>, area: Rect, heading: &str, lines: Vec<Line<'_>>) {
        let block = Block::bordered()
            .border_style(self.faint())
            .title(heading.to_owned());
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }

    fn draw_lines(&self, frame: &mut Frame<'_>, area: Rect) {
        let mut lines = vec![self.title(), Line::default()];
        for (heading, value) in self.cards() {
            let value = Span::styled(value, self.emphasis());
            lines.push(Line::from(vec![format!("{heading:24}").into(), value]));
        }
        lines.push(Line::default());
        lines.extend(self.bars(area.width));
        lines.push(Line::default());
        lines.extend(self.costs());
        lines.push(Line::default());
        let advice = Span::styled(self.recommendation(), self.emphasis());
        lines.push(Line::from(vec!["recommendation: ".into(), advice]));
        lines.push(Line::default());
        lines.extend(self.notes());
        frame.render_widget(Paragraph::new(lines), area);
    }

    fn title(&self) -> Line<'static> {
        let file = self.file;
        let records = file.records.map(|records| counted(records, "record"));
        let mut about = vec![visible(&file.file), file.format.as_str().to_owned()];
        about.extend(records);
        let model = file.savings.model;
        about.push(format!("{} ({})", model.name, model.method().name()));
        Line::styled(about.join(", "), bold())
    }

    fn cards(&self) -> [(&'static str, String); 3] {
        let savings = &self.file.savings;
        let year = self.analyses.exchange.amount(annual(savings));
        [
            ("efficiency gain", percent(savings.percent())),
            ("tokens saved", signed(savings.saved_tokens())),
            ("a year at 1,000 a day", year),
        ]
    }

    /// Two bars, the longer one as long as there is room.
    fn bars(&self, width: u16) -> Vec<Line<'static>> {
        let savings = &self.file.savings;
        let (before, after) = (savings.original_tokens, savings.compressed_tokens);
        let most = before.max(after).max(1);
        let digits = grouped(most).len();
        let room = usize::from(width).saturating_sub(HEADING + digits + 1);
        let drawn = |heading: &str, tokens: u64, style: Style| {
            let number = grouped(tokens);
            Line::from(vec![
                Span::raw(format!("{heading:HEADING$}{number:>digits$} ")),
                Span::styled("█".repeat(share(tokens, most, room)), style),
            ])
        };
        vec![
            drawn(self.analyses.original_heading(), before, self.faint()),
            drawn("TONL", after, self.emphasis()),
        ]
    }

    fn costs(&self) -> Vec<Line<'static>> {
        let exchange = &self.analyses.exchange;
        let cost = Cost::of(&self.file.savings);
        let amounts = |requests: f64, shown: &dyn Fn(f64) -> String| {
            let cost = cost.times(requests);
            [cost.original, cost.compressed, cost.saved()].map(shown)
        };
        let small = |dollars| exchange.small_amount(dollars);
        let usual = |dollars| exchange.amount(dollars);
        let headings = [self.analyses.original_heading(), "TONL", "saved"];
        let rows = [
            ("", headings.map(str::to_owned)),
            ("1K requests", amounts(1e3, &small)),
            ("1M requests", amounts(1e6, &usual)),
            (
                "a year at 1K a day",
                amounts(USUAL_QUERIES * YEAR_DAYS, &usual),
            ),
        ];
        let cells = rows.iter().flat_map(|(_, cells)| cells);
        let width = cells.map(|cell| cell.chars().count() + 2).max();
        let width = width.unwrap_or_default().max(AMOUNT);
        let line = |(name, [before, after, saved]): &(&str, [String; 3])| {
            Line::from(format!(
                "{name:20}{before:>width$}{after:>width$}{saved:>width$}"
            ))
        };
        rows.iter().map(line).collect()
    }

    /// The rate first: amounts say nothing without it, and room may be short.
    fn notes(&self) -> Vec<Line<'static>> {
        let notes = self.analyses.notes().into_iter().rev();
        notes.map(|note| Line::styled(note, self.faint())).collect()
    }

    fn recommendation(&self) -> &'static str {
        advice(&self.file.savings).words()
    }

    fn faint(&self) -> Style {
        if self.colored {
            Style::new().fg(Color::DarkGray)
        } else {
            Style::new()
        }
    }

    /// The colour of the advice.
    fn emphasis(&self) -> Style {
        let color = match advice(&self.file.savings) {
            Recommendation::Strong | Recommendation::Use => Color::Green,
            Recommendation::Consider => Color::Yellow,
            Recommendation::Keep => Color::Red,
        };
        if self.colored {
            bold().fg(color)
        } else {
            bold()
        }
    }
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The columns of a bar's heading.
const HEADING: usize = 10;

/// The least columns of an amount.
const AMOUNT: usize = 14;

/// `tokens` of `most` as cells of `room`; what is not nothing is at least one.
fn share(tokens: u64, most: u64, room: usize) -> usize {
    let cells = u128::from(tokens) * room as u128 / u128::from(most.max(1));
    let least = usize::from(tokens > 0).min(room);
    usize::try_from(cells).unwrap_or(room).max(least)
}

/// What a screen shows, as lines of text.
pub(crate) fn screenshot(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
            line.push_str(symbol);
            let width = Span::raw(symbol).width().max(1);
            x = x.saturating_add(u16::try_from(width).unwrap_or(1));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::analyses;
    use crate::cost::currency::Exchange;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    /// The screen for tokens before and after, prices out of the way.
    fn screen(width: u16, height: u16, tokens: (u64, u64), colored: bool) -> Buffer {
        let mut analyses = analyses(&[("日本 \u{1b}.json", tokens.0, tokens.1)]);
        // One token costs one franc.
        let rate = 1.0 / analyses.model.input_cost(1);
        analyses.exchange = Exchange::new("CHF", Some(rate)).unwrap();
        let mut dashboard = Dashboard::new(&analyses, &analyses.files[0], colored);
        dashboard.note = Some("written".to_owned());
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let drawn = terminal.draw(|frame| dashboard.draw(frame)).unwrap();
        drawn.buffer.clone()
    }

    /// The screen as text, without the lines that tell the price and the rate made from it.
    fn shown(buffer: &Buffer) -> String {
        let text = screenshot(buffer);
        let lines = text.lines();
        let kept = lines.filter(|line| !line.starts_with("1 USD") && !line.starts_with("costs of"));
        kept.map(|line| line.to_owned() + "\n").collect()
    }

    #[test]
    fn a_wide_terminal_has_boxes() {
        let text = shown(&screen(100, 24, (100, 60), false));
        insta::assert_snapshot!(text, @r"
        ┌ TONL analysis ───────────────────────────────────────────────────────────────────────────────────┐
        │日本 \u{1b}.json, json, 3 records, gpt-5 (exact)                                                  │
        └──────────────────────────────────────────────────────────────────────────────────────────────────┘
        ┌ efficiency gain ──────────────┐┌ tokens saved ──────────────────┐┌ a year at 1,000 a day ────────┐
        │40.0 %                         ││40                              ││CHF 14,600,000.00              │
        └───────────────────────────────┘└────────────────────────────────┘└───────────────────────────────┘
        ┌ tokens ──────────────────────────────────────────────────────────────────────────────────────────┐
        │JSON      100 ████████████████████████████████████████████████████████████████████████████████████│
        │TONL       60 ██████████████████████████████████████████████████                                  │
        └──────────────────────────────────────────────────────────────────────────────────────────────────┘
        ┌ cost of input ───────────────────────────────────────────────────────────────────────────────────┐
        │                                    JSON                TONL               saved                  │
        │1K requests             CHF 100,000.0000     CHF 60,000.0000     CHF 40,000.0000                  │
        │1M requests           CHF 100,000,000.00   CHF 60,000,000.00   CHF 40,000,000.00                  │
        │a year at 1K a day     CHF 36,500,000.00   CHF 21,900,000.00   CHF 14,600,000.00                  │
        └──────────────────────────────────────────────────────────────────────────────────────────────────┘
        ┌ recommendation ──────────────────────────────────────────────────────────────────────────────────┐
        │strongly use TONL                                                                                 │
        └──────────────────────────────────────────────────────────────────────────────────────────────────┘
        measured against the same data as JSON without white space
        written
        q quit   e export CSV   s screenshot
        ");
    }

    #[test]
    fn a_narrow_terminal_has_lines() {
        let text = shown(&screen(80, 20, (100, 120), false));
        insta::assert_snapshot!(text, @r"
        日本 \u{1b}.json, json, 3 records, gpt-5 (exact)

        efficiency gain         -20.0 %
        tokens saved            -20
        a year at 1,000 a day   -CHF 7,300,000.00

        JSON      100 ███████████████████████████████████████████████████████
        TONL      120 ██████████████████████████████████████████████████████████████████

                                            JSON                TONL               saved
        1K requests             CHF 100,000.0000    CHF 120,000.0000    -CHF 20,000.0000
        1M requests           CHF 100,000,000.00  CHF 120,000,000.00  -CHF 20,000,000.00
        a year at 1K a day     CHF 36,500,000.00   CHF 43,800,000.00   -CHF 7,300,000.00

        recommendation: keep JSON

        written
        q quit   e export CSV   s screenshot
        ");
    }

    #[test]
    fn any_size_can_be_drawn() {
        for (width, height) in [(1, 1), (3, 2), (20, 5), (99, 50), (100, 21), (300, 90)] {
            for tokens in [(0, 0), (0, 7), (u64::MAX, 1), (1, u64::MAX)] {
                let text = screenshot(&screen(width, height, tokens, true));
                assert_eq!(text.lines().count(), usize::from(height));
            }
        }
    }

    #[test]
    fn colour_is_there_only_if_it_is_wanted() {
        let colors = |colored| {
            let buffer = screen(100, 24, (100, 60), colored);
            buffer.content.iter().any(|cell| cell.fg != Color::Reset)
        };
        assert!(colors(true));
        assert!(!colors(false));
    }

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(share(50, 100, 40), 20);
        assert_eq!(share(1, 1_000, 40), 1);
        assert_eq!(share(0, 1_000, 40), 0);
        assert_eq!(share(5, 5, 0), 0);
    }
}
