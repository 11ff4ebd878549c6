//! The screen as text.

use super::*;
use crate::monitor::Update;
use crate::monitor::tests::sample;
use crate::render::dashboard::screenshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

const URL: &str = "http://localhost:3000/metrics";

/// A page of a server that has done a lot, `tick` seconds after it was first looked at.
fn page(tick: u32) -> String {
    let mut page = format!(
        "tonl_build_info{{version=\"1.0.0\"}} 1\n\
         process_start_time_seconds 988500\n\
         process_cpu_seconds_total {cpu}\n\
         process_resident_memory_bytes 35756441\n\
         process_memory_limit_bytes 536870912\n\
         process_open_fds 42\n\
         tonl_active_connections 3\n\
         tonl_http_requests_total{{route=\"/mcp\"}} {requests}\n\
         tonl_errors_total{{type=\"auth\"}} 3\n\
         tonl_errors_total{{type=\"stream\"}} 12\n\
         tonl_rate_limit_hits_total{{endpoint=\"/stream/convert\"}} 5\n\
         tonl_tokens_saved_total{{model=\"gpt-4o\"}} 1234567\n\
         tonl_estimated_cost_savings_usd{{model=\"gpt-4o\"}} 3.0864\n\
         tonl_compression_ratio_sum{{model=\"gpt-4o\"}} 58.2\n\
         tonl_compression_ratio_count{{model=\"gpt-4o\"}} 100\n",
        cpu = f64::from(tick * (tick + 1)) * 0.1,
        requests = tick * tick,
    );
    for (operation, weight) in [
        ("json_to_tonl", 20),
        ("stream_conversion", 3),
        ("tonl_to_json", 0),
    ] {
        let done = weight * (tick + 1);
        let counted = format!("tonl_conversion_requests_total{{operation=\"{operation}\"");
        let took = format!("tonl_conversion_duration_seconds_bucket{{operation=\"{operation}\"");
        let half = done / 2;
        let lines = [
            format!("{counted},status=\"success\"}} {done}\n"),
            format!("{counted},status=\"error\"}} {weight}\n"),
            format!("{took},le=\"0.01\"}} {half}\n"),
            format!("{took},le=\"0.1\"}} {done}\n"),
            format!("{took},le=\"+Inf\"}} {done}\n"),
        ];
        page.extend(lines);
    }
    page
}

fn second(second: u32) -> Duration {
    Duration::from_secs(u64::from(second))
}

/// A server that was sampled so many times, a second apart.
fn watched(ticks: u32) -> Monitor {
    let mut monitor = Monitor::new(second(1));
    for tick in 0..ticks {
        monitor.take(sample(tick, &page(tick)), second(tick));
    }
    monitor
}

fn drawn(size: (u16, u16), monitor: &Monitor, now: u32, colored: bool) -> Buffer {
    let dashboard = Dashboard {
        monitor,
        url: URL,
        now: second(now),
        colored,
    };
    let mut state = TableState::default().with_selected(Some(1));
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let drawn = terminal
        .draw(|frame| dashboard.draw(frame, &mut state))
        .unwrap();
    drawn.buffer.clone()
}

fn shown(size: (u16, u16), monitor: &Monitor, now: u32) -> String {
    screenshot(&drawn(size, monitor, now, false))
}

#[test]
fn a_wide_terminal_has_boxes() {
    insta::assert_snapshot!(shown((100, 24), &watched(7), 6), @"
    ┌ TONL SERVER MONITOR ─────────────────────────────────────────────────────────────────────────────┐
    │● ONLINE   version 1.0.0   http://localhost:3000/metrics   up 3 h 11 min                          │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    ┌ process ─────────────────────────────┐┌ traffic ─────────────────────────┐┌ saved ───────────────┐
    │cpu       ████████████████████ 120.0 %││requests  11.0/s                  ││tokens    1,234,567   │
    │memory    34.1 MiB of 512.0 MiB, 6.7 %││  took    -                       ││cost      $3.0864     │
    │files     42                          ││converted 161 ok, 23 failed       ││ratio     58.2 %      │
    │streams   3                           ││  took    p50 10 ms, p95 91 ms    ││                      │
    │                                      ││limited   5                       ││                      │
    └──────────────────────────────────────┘└──────────────────────────────────┘└──────────────────────┘
    errors    stream 12, auth 3
    ┌ requests/s: 11.0, at most 11.0 ────────────────┐┌ cpu %: 120.0, at most 120.0 ───────────────────┐
    │     ▃█                                         ││     ▄█                                         │
    │   ▂▇██                                         ││   ▄▇██                                         │
    │ ▂▆████                                         ││ ▄█████                                         │
    └────────────────────────────────────────────────┘└────────────────────────────────────────────────┘
    ┌ operations 2/3 ──────────────────────────────────────────────────────────────────────────────────┐
    │operation                                           ok     failed per second        p50        p95│
    │json_to_tonl                                       140         20       20.0      10 ms      91 ms│
    │stream_conversion                                   21          3        3.0      10 ms      91 ms│
    │tonl_to_json                                         0          0        0.0          -          -│
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘

    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn a_narrow_terminal_has_lines() {
    insta::assert_snapshot!(shown((80, 24), &watched(7), 6), @"
    TONL SERVER MONITOR   ● ONLINE
    http://localhost:3000/metrics   version 1.0.0   up 3 h 11 min
    cpu       ████████████████████ 120.0 %
    memory    34.1 MiB of 512.0 MiB, 6.7 %
    files     42
    streams   3
    requests  11.0/s
      took    -
    converted 161 ok, 23 failed
      took    p50 10 ms, p95 91 ms
    limited   5
    tokens    1,234,567
    cost      $3.0864
    ratio     58.2 %
    errors    stream 12, auth 3
    requests/s    ▂▃▅▆█
    cpu          ▁▂▄▅▆█
    operation                         ok     failed per second        p50        p95
    json_to_tonl                     140         20       20.0      10 ms      91 ms
    stream_conversion                 21          3        3.0      10 ms      91 ms
    tonl_to_json                       0          0        0.0          -          -


    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn a_low_terminal_has_lines_side_by_side() {
    insta::assert_snapshot!(shown((100, 15), &watched(7), 6), @"
    TONL SERVER MONITOR   ● ONLINE
    http://localhost:3000/metrics   version 1.0.0   up 3 h 11 min
    cpu       ████████████████████ 120.0 %  requests  11.0/s                    tokens    1,234,567
    memory    34.1 MiB of 512.0 MiB, 6.7 %    took    -                         cost      $3.0864
    files     42                            converted 161 ok, 23 failed         ratio     58.2 %
    streams   3                               took    p50 10 ms, p95 91 ms
                                            limited   5
    errors    stream 12, auth 3
    requests/s    ▂▃▅▆█
    cpu          ▁▂▄▅▆█
    operation                                             ok     failed per second        p50        p95
    json_to_tonl                                         140         20       20.0      10 ms      91 ms
    stream_conversion                                     21          3        3.0      10 ms      91 ms

    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn a_small_terminal_has_what_matters_most() {
    insta::assert_snapshot!(shown((60, 12), &watched(7), 6), @"
    TONL SERVER MONITOR   ● ONLINE
    http://localhost:3000/metrics   version 1.0.0   up 3 h 11 mi
    cpu       ████████████████████ 120.0 %
    memory    34.1 MiB of 512.0 MiB, 6.7 %
    files     42
    streams   3
    requests  11.0/s
      took    -
    converted 161 ok, 23 failed
      took    p50 10 ms, p95 91 ms

    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn a_server_that_never_answered_is_offline_and_has_no_figures() {
    let mut monitor = Monitor::new(second(1));
    let reason = "cannot connect: connection refused".to_owned();
    monitor.take(Update::Unreachable(reason), second(1));
    insta::assert_snapshot!(shown((100, 24), &monitor, 1), @"
    ┌ TONL SERVER MONITOR ─────────────────────────────────────────────────────────────────────────────┐
    │● OFFLINE   -   http://localhost:3000/metrics   up -                                              │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    ┌ process ─────────────────────────────┐┌ traffic ─────────────────────────┐┌ saved ───────────────┐
    │cpu       ░░░░░░░░░░░░░░░░░░░░ -      ││requests  -                       ││tokens    -           │
    │memory    -                           ││  took    -                       ││cost      -           │
    │files     -                           ││converted -                       ││ratio     -           │
    │streams   -                           ││  took    -                       ││                      │
    │                                      ││limited   -                       ││                      │
    └──────────────────────────────────────┘└──────────────────────────────────┘└──────────────────────┘
    errors    -
    ┌ requests/s: -, at most - ──────────────────────┐┌ cpu %: -, at most - ───────────────────────────┐
    │                                                ││                                                │
    │                                                ││                                                │
    │                                                ││                                                │
    └────────────────────────────────────────────────┘└────────────────────────────────────────────────┘
    ┌ operations ──────────────────────────────────────────────────────────────────────────────────────┐
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    cannot connect: connection refused; trying again. Start a server with: tonl serve
    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn a_degraded_server_keeps_its_last_figures_and_says_why() {
    let mut monitor = watched(3);
    let reason =
        "what the server sends are no metrics: line 2: expected a number, found x".to_owned();
    monitor.take(Update::Unwell(reason), second(3));
    insta::assert_snapshot!(shown((100, 24), &monitor, 3), @"
    ┌ TONL SERVER MONITOR ─────────────────────────────────────────────────────────────────────────────┐
    │● DEGRADED   version 1.0.0   http://localhost:3000/metrics   up 3 h 11 min                        │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    ┌ process ─────────────────────────────┐┌ traffic ─────────────────────────┐┌ saved ───────────────┐
    │cpu       ████████░░░░░░░░░░░░ 40.0 % ││requests  3.0/s                   ││tokens    1,234,567   │
    │memory    34.1 MiB of 512.0 MiB, 6.7 %││  took    -                       ││cost      $3.0864     │
    │files     42                          ││converted 69 ok, 23 failed        ││ratio     58.2 %      │
    │streams   3                           ││  took    p50 10 ms, p95 91 ms    ││                      │
    │                                      ││limited   5                       ││                      │
    └──────────────────────────────────────┘└──────────────────────────────────┘└──────────────────────┘
    errors    stream 12, auth 3
    ┌ requests/s: 3.0, at most 3.0 ──────────────────┐┌ cpu %: 40.0, at most 40.0 ─────────────────────┐
    │  █                                             ││  █                                             │
    │  █                                             ││ ▄█                                             │
    │ ██                                             ││ ██                                             │
    └────────────────────────────────────────────────┘└────────────────────────────────────────────────┘
    ┌ operations 2/3 ──────────────────────────────────────────────────────────────────────────────────┐
    │operation                                           ok     failed per second        p50        p95│
    │json_to_tonl                                        60         20       20.0      10 ms      91 ms│
    │stream_conversion                                    9          3        3.0      10 ms      91 ms│
    │tonl_to_json                                         0          0        0.0          -          -│
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    what the server sends are no metrics: line 2: expected a number, found x
    q quit   r refresh   p pause   c clear   up/down select
    ");
}

#[test]
fn any_size_can_be_drawn() {
    let monitors = [Monitor::new(second(1)), watched(1), watched(200)];
    for (width, height) in [
        (1, 1),
        (3, 2),
        (20, 5),
        (99, 50),
        (100, 23),
        (100, 24),
        (300, 90),
    ] {
        for monitor in &monitors {
            let text = screenshot(&drawn((width, height), monitor, 7, true));
            assert_eq!(text.lines().count(), usize::from(height));
        }
    }
}

#[test]
fn colour_is_there_only_if_it_is_wanted() {
    let colors = |colored| {
        let buffer = drawn((100, 24), &watched(3), 2, colored);
        buffer.content.iter().any(|cell| cell.fg != Color::Reset)
    };
    assert!(colors(true));
    assert!(!colors(false));
}

#[test]
fn the_bar_turns_yellow_above_50_and_red_above_80_percent() {
    for (share, color) in [
        (50.0, Color::Green),
        (50.1, Color::Yellow),
        (80.0, Color::Yellow),
        (80.1, Color::Red),
    ] {
        let mut monitor = Monitor::new(second(1));
        for (tick, cpu) in [(0, 0.0), (1, share / 100.0)] {
            monitor.take(
                sample(tick, &format!("process_cpu_seconds_total {cpu}")),
                second(tick),
            );
        }
        let buffer = drawn((100, 24), &monitor, 1, true);
        let cell = buffer
            .content
            .iter()
            .find(|cell| cell.symbol() == "█")
            .unwrap();
        assert_eq!(cell.fg, color, "{share}");
    }
}

#[test]
fn the_bar_has_twenty_cells_and_is_full_from_one_processor_on() {
    assert_eq!(cells(None), "░".repeat(BAR));
    assert_eq!(cells(Some(50.0)).matches('█').count(), 10);
    assert_eq!(cells(Some(350.0)), "█".repeat(BAR));
}

#[test]
fn a_pause_is_shown() {
    let mut monitor = watched(2);
    monitor.toggle_pause();
    assert!(shown((100, 24), &monitor, 1).contains("PAUSED"));
}
