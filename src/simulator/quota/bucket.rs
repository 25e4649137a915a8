//! A token bucket as Resource Manager keeps them: full at first, refilled evenly, in exact thousand-millionths.

use std::time::Duration;

use jiff::Timestamp;

const WHOLE: u64 = 1_000_000_000;

/// What a bucket holds.
#[derive(Debug)]
pub(super) struct Bucket {
    size: u64,
    per_second: u64,
    /// In thousand-millionths of a request.
    level: u64,
    at: Timestamp,
}

impl Bucket {
    pub(super) fn full(size: u64, per_second: u64, now: Timestamp) -> Self {
        Self { size, per_second, level: size * WHOLE, at: now }
    }

    /// Takes one request out and says how many are left; or how long until there is one.
    pub(super) fn draw(&mut self, now: Timestamp) -> Result<u64, Duration> {
        let passed = now.duration_since(self.at).unsigned_abs().as_nanos();
        let refilled = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(self.per_second);
        self.level = self.level.saturating_add(refilled).min(self.size * WHOLE);
        self.at = now;
        if self.level < WHOLE {
            return Err(Duration::from_nanos((WHOLE - self.level).div_ceil(self.per_second)));
        }
        self.level -= WHOLE;
        Ok(self.level / WHOLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_size_at_once_and_then_its_rate() {
        let start = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::full(250, 25, start);
        for left in (0..250).rev() {
            assert_eq!(bucket.draw(start), Ok(left));
        }
        assert_eq!(bucket.draw(start), Err(Duration::from_millis(40)));
        let later = start + Duration::from_secs(2);
        assert_eq!((0..60).filter(|_| bucket.draw(later).is_ok()).count(), 50);
        let days_later = start + Duration::from_hours(100_000);
        assert_eq!(bucket.draw(days_later), Ok(249), "it never holds more than its size");
    }
}
