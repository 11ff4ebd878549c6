//! What the operating system says of this process, read when the metrics are asked for.
//!
//! On Linux from `/proc`; elsewhere these metrics are absent, which is honest, where a zero would
//! not be. A file that cannot be read leaves its metrics out as well.

use crate::metric::{Kind, Metric};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt;

/// Exposes each metric under its plain name and with the prefix of this project.
const PREFIXES: [&str; 2] = ["", "tonl_"];

/// Reads the process's figures at each exposition.
#[derive(Debug)]
pub(crate) struct Process {
    start: Option<f64>,
}

impl Process {
    pub(crate) fn new() -> Self {
        Self { start: started() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let figures = figures(self.start);
        for prefix in PREFIXES {
            for (metric, value) in &figures {
                encode(&mut encoder, prefix, *metric, *value)?;
            }
        }
        Ok(())
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    prefix: &str,
    metric: Metric,
    value: f64,
) -> fmt::Result {
    let name = format!("{prefix}{}", metric.stem());
    let help = format!("{}.", metric.description().help);
    if metric.description().kind == Kind::Counter {
        let counter = ConstCounter::new(value);
        let encoder = encoder.encode_descriptor(&name, &help, None, counter.metric_type())?;
        counter.encode(encoder)
    } else {
        let gauge = ConstGauge::new(value);
        let encoder = encoder.encode_descriptor(&name, &help, None, gauge.metric_type())?;
        gauge.encode(encoder)
    }
}

#[cfg(not(target_os = "linux"))]
fn started() -> Option<f64> {
    None
}

#[cfg(not(target_os = "linux"))]
fn figures(_start: Option<f64>) -> Vec<(Metric, f64)> {
    Vec::new()
}

#[cfg(target_os = "linux")]
use linux::{figures, started};

#[cfg(target_os = "linux")]
mod linux {
    use crate::metric::Metric;
    use rustix::process::{Resource, getrlimit};

    /// When the process began, in seconds since 1970.
    pub(super) fn started() -> Option<f64> {
        let system = std::fs::read_to_string("/proc/stat").ok()?;
        let booted = system
            .lines()
            .find_map(|line| line.strip_prefix("btime "))?;
        let booted: f64 = booted.trim().parse().ok()?;
        Some(booted + Stat::read()?.start)
    }

    /// All figures that can be read now.
    pub(super) fn figures(start: Option<f64>) -> Vec<(Metric, f64)> {
        let mut figures = Vec::new();
        if let Some(stat) = Stat::read() {
            figures.extend([
                (Metric::ProcessCpuUser, stat.user),
                (Metric::ProcessCpuSystem, stat.system),
                (Metric::ProcessCpu, stat.user + stat.system),
                (Metric::ProcessResidentMemory, stat.resident),
                (Metric::ProcessVirtualMemory, stat.virtual_memory),
            ]);
        }
        figures.extend(start.map(|start| (Metric::ProcessStartTime, start)));
        figures.extend(open_files().map(|open| (Metric::ProcessOpenFds, open)));
        figures.push((Metric::ProcessMaxFds, most_files()));
        figures
    }

    /// Some fields of `/proc/self/stat`: times in seconds, memory in bytes.
    ///
    /// *Source:* `proc_pid_stat(5)`, fields 14, 15, 22, 23, 24.
    #[derive(Debug, PartialEq)]
    struct Stat {
        user: f64,
        system: f64,
        start: f64,
        virtual_memory: f64,
        resident: f64,
    }

    impl Stat {
        fn read() -> Option<Self> {
            let text = std::fs::read_to_string("/proc/self/stat").ok()?;
            #[expect(clippy::cast_precision_loss, reason = "both are small")]
            let (ticks, page) = (
                rustix::param::clock_ticks_per_second() as f64,
                rustix::param::page_size() as f64,
            );
            Self::parse(&text, ticks, page)
        }

        /// The process's name may hold spaces and brackets: fields are counted from its last bracket.
        fn parse(text: &str, ticks: f64, page: f64) -> Option<Self> {
            let (_, fields) = text.rsplit_once(')')?;
            let fields: Vec<&str> = fields.split_whitespace().collect();
            let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
            Some(Self {
                user: field(14)? / ticks,
                system: field(15)? / ticks,
                start: field(22)? / ticks,
                virtual_memory: field(23)?,
                resident: field(24)? * page,
            })
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of files is small")]
    fn open_files() -> Option<f64> {
        // The directory that is being read is open itself and does not count.
        let open = std::fs::read_dir("/proc/self/fd").ok()?.count();
        Some(open.saturating_sub(1) as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "the limit is a count of files")]
    fn most_files() -> f64 {
        let limit = getrlimit(Resource::Nofile).current;
        limit.map_or(f64::INFINITY, |most| most as f64)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn fields_are_found_behind_a_name_with_brackets() {
            let text =
                "7 (a) b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 3 0 1000 8192 2 18";
            let stat = Stat::parse(text, 100.0, 4096.0).unwrap();
            let expected = Stat {
                user: 2.5,
                system: 0.5,
                start: 10.0,
                virtual_memory: 8192.0,
                resident: 8192.0,
            };
            assert_eq!(stat, expected);
            assert_eq!(Stat::parse("7 (a) S 1", 100.0, 4096.0), None);
        }

        #[test]
        fn this_process_has_memory_files_and_a_start_in_the_past() {
            let figures = figures(started());
            let get = |metric| figures.iter().find(|(m, _)| *m == metric).unwrap().1;
            assert!(get(Metric::ProcessResidentMemory) > 100_000.0);
            assert!(get(Metric::ProcessOpenFds) >= 3.0);
            assert!(get(Metric::ProcessMaxFds) >= get(Metric::ProcessOpenFds));
            assert!(get(Metric::ProcessStartTime) > 1_600_000_000.0);
            assert_eq!(figures.len(), 8);
        }
    }
}
