//! Times as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time to the minute, `2030-01-01 09:00Z`; with seconds only where there are some.
pub fn shown(time: Timestamp) -> String {
    let zoned = time.to_zoned(TimeZone::UTC);
    let format = if zoned.second() == 0 { "%Y-%m-%d %H:%MZ" } else { "%Y-%m-%d %H:%M:%SZ" };
    zoned.strftime(format).to_string()
}

/// How far `time` lies from `now`, roughly, to follow "in" or to precede "ago": `4 h`, `89 d`.
pub fn distance(now: Timestamp, time: Timestamp) -> String {
    let seconds = time.duration_since(now).as_secs().unsigned_abs();
    let nearest = |unit: u64| (seconds + unit / 2) / unit;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", nearest(60)),
        7_200..172_800 => format!("{} h", nearest(3_600)),
        _ => format!("{} d", nearest(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_precise_as_they_need_to_be() {
        let now: Timestamp = "2030-01-01T09:00:00Z".parse().unwrap();
        assert_eq!(shown(now), "2030-01-01 09:00Z");
        assert_eq!(shown("2030-01-01T09:00:07.5Z".parse().unwrap()), "2030-01-01 09:00:07Z");
        assert_eq!(distance(now, "2030-01-01T13:00:00Z".parse().unwrap()), "4 h");
        assert_eq!(distance(now, "2029-12-31T23:00:00Z".parse().unwrap()), "10 h");
        assert_eq!(distance(now, "2030-03-31T00:00:00Z".parse().unwrap()), "89 d");
    }
}
