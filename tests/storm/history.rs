//! What happens in a run, step by step. Each step draws its own chance from the seed and its number, so that a history
//! without some of its steps is a history too: that is how a long one is made short.

use std::time::Duration;

use fastrand::Rng;
use jiff::SignedDuration;

use super::books::Which;

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Somebody commits.
    Edit,
    /// Somebody else acts, at the partner or in a customer's tenant.
    Act,
    /// Time passes.
    Wait(Duration),
    /// Something goes wrong from now on.
    Fault,
    /// Nothing goes wrong any more.
    Calm,
    /// groupsync runs.
    Pass(Mode),
}

/// How a pass goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To its end.
    Whole,
    /// Until the process dies with that request: carried out, its answer never heard.
    Dies(usize),
    /// As the loop does it, for so long or until it dies with that request; perhaps somebody commits meanwhile.
    Loop(Duration, Option<usize>),
    /// Beside that of a second controller, which starts so much later, may still go by the files of the pass before, and writes
    /// to the same journal or to one of its own.
    Two(Duration, Version, Which),
}

/// Which files a second controller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Same,
    Older,
}

/// How many steps the history of a seed has.
pub(crate) fn length(seed: u64) -> usize {
    chance(seed, usize::MAX).usize(10..26)
}

/// A generator for one step.
pub(crate) fn chance(seed: u64, step: usize) -> Rng {
    let mut rng = Rng::with_seed(seed ^ (step as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // The first numbers of neighbouring seeds are alike.
    Rng::with_seed(rng.u64(..) ^ rng.u64(..).rotate_left(32))
}

/// Whether something happens to the journal before a step; its chance is not that of the step, whose story stays the same.
pub(crate) fn harms_journal(seed: u64, step: usize) -> Option<Rng> {
    let mut rng = chance(seed, usize::MAX - 3 - step);
    (rng.u8(0..16) == 0).then_some(rng)
}

/// How far the clock of the machine is off on which a pass runs: mostly not at all.
pub(crate) fn clock_skew(rng: &mut Rng) -> SignedDuration {
    let seconds = if rng.u8(0..5) > 0 { 0 } else { [-7200, -600, -45, 45, 600, 7200][rng.usize(0..6)] };
    SignedDuration::from_secs(seconds)
}

/// What happens in a step.
pub(crate) fn event(rng: &mut Rng, step: usize) -> Event {
    if step == 0 && rng.u8(0..3) > 0 {
        // Most things happen to what is there already.
        return Event::Pass(Mode::Whole);
    }
    match rng.u8(0..100) {
        0..28 => Event::Edit,
        28..50 => Event::Act,
        50..60 => {
            let seconds = if rng.bool() { rng.u64(1..90) } else { rng.u64(90..7200) };
            Event::Wait(Duration::from_secs(seconds))
        }
        60..70 => Event::Fault,
        70..75 => Event::Calm,
        75..85 => Event::Pass(Mode::Whole),
        85..88 => {
            let time = Duration::from_mins(rng.u64(2..16));
            Event::Pass(Mode::Loop(time, (rng.u8(0..4) == 0).then(|| rng.usize(1..400))))
        }
        88..95 => Event::Pass(Mode::Dies(rng.usize(1..120))),
        _ => {
            let version = if rng.bool() { Version::Same } else { Version::Older };
            let after = Duration::from_secs(rng.u64(0..60));
            let journal = if rng.bool() { Which::First } else { Which::Other };
            Event::Pass(Mode::Two(after, version, journal))
        }
    }
}
