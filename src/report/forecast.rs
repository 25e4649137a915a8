//! What a plan costs in requests and time, in words: before it is carried out, and compared with what it took.

use jiff::SignedDuration;

use crate::model::usage::Usage;
use crate::plan::forecast::{Cost, Forecast};
use crate::report::review::words::{counted, number};

/// The forecast as one sentence without its end; empty if there is nothing to send.
pub fn words(forecast: &Forecast) -> String {
    let Forecast { usage, graph, azure, authorization, time, later } = forecast;
    if usage.requests() == 0 {
        return String::new();
    }
    let mut parts = Vec::new();
    if usage.graph > 0 {
        parts.push(format!("Graph {}{}", graph_words(usage), and_takes(*graph)));
    }
    if usage.azure > 0 {
        let provider = match usage.authorization {
            all if all == usage.azure => "all".to_owned(),
            some => number(to_usize(some)),
        };
        let (azure, authorization) = (and_takes(*azure), and_takes(*authorization));
        let words = azure_words(usage);
        parts.push(format!("Azure {words}{azure}, {provider} to Microsoft.Authorization{authorization}"));
    }
    let later = match later {
        0 => String::new(),
        later => format!("; {} for a later run", counted(*later, "operation")),
    };
    let requests = counted(to_usize(usage.requests()), "request");
    format!("{requests}, {} under the quotas ({}){later}", seconds(*time), parts.join("; "))
}

/// What it took, and how that differs from the forecast; empty if nothing was sent.
pub fn against(cost: &Cost) -> String {
    let Cost { forecast, fact } = cost;
    if fact.usage.requests() == 0 {
        return String::new();
    }
    let requests = counted(to_usize(fact.usage.requests()), "request");
    let took = seconds(rounded_up(fact.time));
    let said = if fact.usage == forecast.usage {
        format!("as forecast, in {}", seconds(forecast.time))
    } else {
        let requests = counted(to_usize(forecast.usage.requests()), "request");
        format!("forecast: {requests}, {}", seconds(forecast.time))
    };
    let mut services = vec![format!("Graph {}", graph_words(&fact.usage))];
    if fact.usage.azure > 0 {
        services.push(format!("Azure {}", azure_words(&fact.usage)));
    }
    format!("Sent: {requests} in {took} ({said}): {}.\n", services.join("; "))
}

/// What a quota makes of it, where it makes anything of it.
fn and_takes(time: u64) -> String {
    if time == 0 { String::new() } else { format!(", {}", seconds(time)) }
}

/// Whole seconds, the last one begun.
pub(super) fn rounded_up(time: SignedDuration) -> u64 {
    let whole = u64::try_from(time.as_secs()).unwrap_or(0);
    whole + u64::from(time.subsec_nanos() > 0)
}

fn graph_words(usage: &Usage) -> String {
    let Usage { graph, units, writes, .. } = usage;
    let [graph, units, writes] = [graph, units, writes].map(|count| to_usize(*count));
    format!("{}, {}, {}", counted(graph, "request"), counted(units, "unit"), counted(writes, "write"))
}

fn azure_words(usage: &Usage) -> String {
    let [requests, writes] = [usage.azure, usage.azure_writes].map(to_usize);
    format!("{}, {}", counted(requests, "request"), counted(writes, "write"))
}

fn seconds(seconds: u64) -> String {
    match seconds {
        0 => "less than 1 s".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", number(to_usize(seconds / 3_600)), (seconds % 3_600).div_ceil(60)),
    }
}

fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_precise_as_they_need_to_be() {
        let shown = [0, 1, 119, 120, 3_019, 7_200, 90_061].map(seconds);
        assert_eq!(shown, ["less than 1 s", "1 s", "119 s", "2 min", "51 min", "2 h 0 min", "25 h 2 min"]);
        assert_eq!(rounded_up(SignedDuration::new(4, 1)), 5);
    }
}
