//! The process as the kernel sees it, under the names that every Prometheus client uses.

use std::fs;

use prometheus::{Counter, Gauge, IntGauge};

use crate::telemetry::metrics::book::Book;

/// The unit of times in `/proc`, the same on every Linux that programs of today run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// The process. Where there is no `/proc`, everything stays 0.
pub(super) struct Process {
    cpu: Counter,
    resident: IntGauge,
    virtual_memory: IntGauge,
    fds: IntGauge,
    max_fds: IntGauge,
    threads: IntGauge,
    start: Gauge,
}

impl Process {
    pub(super) fn new(book: &mut Book) -> Self {
        Self {
            cpu: book.sum("process_cpu_seconds_total", "Processor time used, in user and system mode."),
            resident: book.count("process_resident_memory_bytes", "Memory held."),
            virtual_memory: book.count("process_virtual_memory_bytes", "Address space used."),
            fds: book.count("process_open_fds", "Open file descriptors."),
            max_fds: book.count("process_max_fds", "How many file descriptors may be open."),
            threads: book.count("process_threads", "Threads."),
            start: book.gauge("process_start_time_seconds", "When the process started."),
        }
    }

    pub(super) fn refresh(&self) {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        if let Some(stat) = Stat::parse(&read("/proc/self/stat"), &read("/proc/stat")) {
            self.cpu.reset();
            self.cpu.inc_by(stat.cpu_seconds);
            self.start.set(stat.started);
        }
        let status = read("/proc/self/status");
        for (gauge, field, unit) in [
            (&self.resident, "VmRSS:", 1024),
            (&self.virtual_memory, "VmSize:", 1024),
            (&self.threads, "Threads:", 1),
        ] {
            if let Some(value) = number_after(&status, field) {
                gauge.set(value * unit);
            }
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // One of them is the folder that is being read.
            self.fds.set(i64::try_from(open.count()).unwrap_or(i64::MAX).saturating_sub(1));
        }
        if let Some(most) = number_after(&read("/proc/self/limits"), "Max open files") {
            self.max_fds.set(most);
        }
    }
}

/// What `/proc/self/stat` says.
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    started: f64,
}

impl Stat {
    fn parse(own: &str, whole: &str) -> Option<Self> {
        // The second field is the program's name in brackets, which may hold anything.
        let fields: Vec<&str> = own.rsplit_once(')')?.1.split_whitespace().collect();
        // Counted from the third field: user and system time are the 14th and 15th, the start is the 22nd.
        let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        let booted = number_after(whole, "btime")?;
        Some(Self {
            cpu_seconds: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
            started: booted as f64 + ticks(22)? / TICKS_PER_SECOND,
        })
    }
}

/// The first number on the line that begins with `field`.
fn number_after(text: &str, field: &str) -> Option<i64> {
    text.lines().find_map(|line| line.strip_prefix(field))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_a_strange_name_is_still_read() {
        let own = "17 (a) b) S 1 17 17 0 -1 4194304 500 0 0 0 250 50 0 0 20 0 4 0 1000 90000 300 1844";
        let stat = Stat::parse(own, "cpu 1 2\nbtime 1700000000\n");
        assert_eq!(stat, Some(Stat { cpu_seconds: 3.0, started: 1_700_000_010.0 }));
        assert_eq!(Stat::parse("", ""), None);
    }
}
