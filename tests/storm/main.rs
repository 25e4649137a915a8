//! Runs the storm over many seeds: `cargo run --release --example storm -- --seeds N [--seed S] [--defect NAME]`. On a failure
//! it says the seed, the shortest history found that fails the same way, and the command that replays it. The last line is
//! JSON.

#[path = "../stage/mod.rs"]
#[allow(dead_code, reason = "the stage is the tests'; only how a process dies is needed here")]
mod stage;
#[path = "mod.rs"]
mod storm;

use std::time::Instant;

use clap::Parser;
use groupsync::defects::Defect;

use crate::storm::campaign::{self, Plan};
use crate::storm::trace::Detail;
use crate::storm::verdict::{Verdict, Violation};

#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only these steps of its history.
    #[arg(long, value_delimiter = ',')]
    steps: Option<Vec<usize>>,
    /// Tells everything that happens.
    #[arg(long)]
    trace: bool,
    /// How many seeds run at the same time.
    #[arg(long, default_value_t = campaign::cores())]
    threads: usize,
    /// Plants this defect, and stops at the first seed that shows it; `all` tries one after the other.
    #[arg(long)]
    defect: Option<String>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people who test this one")]
#[expect(clippy::disallowed_methods, reason = "how fast it runs is measured by the wall clock")]
fn main() {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut all: Vec<Verdict> = Vec::new();
    if let Some(name) = arguments.defect.as_deref().filter(|_| arguments.steps.is_none() && !arguments.trace)
    {
        let chosen: Vec<Defect> =
            Defect::ALL.iter().copied().filter(|d| name == "all" || format!("{d:?}") == name).collect();
        assert!(!chosen.is_empty(), "defects are `all` or one of {:?}", Defect::ALL);
        for defect in chosen {
            let caught = find(&arguments, defect);
            println!(
                "{}",
                caught.as_ref().map_or_else(
                    || format!("| `{defect:?}` | not found |"),
                    |(n, v)| { format!("| `{defect:?}` | {n} | `{}` | {} |", v.of, defect.words()) }
                )
            );
        }
        return;
    }
    let defect = Defect::ALL.iter().copied().find(|d| Some(format!("{d:?}")) == arguments.defect);
    assert!(arguments.defect.is_none() || defect.is_some(), "one defect at a time: {:?}", Defect::ALL);
    if arguments.trace || arguments.steps.is_some() {
        let steps = arguments.steps.as_ref().map(|steps| steps.iter().copied().collect());
        let detail = if arguments.trace { Detail::Everything } else { Detail::Story };
        let verdict = campaign::run(&Plan { seed: arguments.seed, steps, defect }, detail);
        println!("{}", verdict.story.join("\n"));
        all.push(verdict);
    } else {
        let seeds = arguments.seed..arguments.seed.saturating_add(arguments.seeds);
        campaign::many(seeds, None, arguments.threads, |verdict| {
            if let Some(violation) = &verdict.violation {
                // A campaign takes hours: whoever watches hears of it at once.
                eprintln!("seed {}: {}: {}", verdict.seed, violation.of, violation.text);
            }
            all.push(Verdict { story: Vec::new(), ..verdict });
            true
        });
    }
    all.sort_by_key(|verdict| verdict.seed);
    let failed: Vec<&Verdict> = all.iter().filter(|verdict| verdict.violation.is_some()).collect();
    for verdict in &failed {
        let Some(violation) = &verdict.violation else { continue };
        println!("seed {}: {}: {}", verdict.seed, violation.of, violation.text);
    }
    if let Some((verdict, violation)) = failed.first().and_then(|v| Some((v, v.violation.as_ref()?)))
        && !arguments.trace
        && arguments.steps.is_none()
    {
        let steps = campaign::shrink(verdict.seed, violation.of);
        let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
        println!("replay the first with everything it does, in {} steps:", steps.len());
        let seed = verdict.seed;
        println!("  cargo run --example storm -- --seed {seed} --steps {} --trace", steps.join(","));
    }
    let spent = began.elapsed().as_secs_f64();
    let requests: u64 = all.iter().map(|verdict| verdict.requests).sum();
    let summary = serde_json::json!({
        "seeds": all.len(),
        "violations": failed.len(),
        // A seed without a violation has come to rest: that is the last of what is judged.
        "converged": all.len() - failed.len(),
        "requests": requests,
        "seedsPerSecond": (all.len() as f64 / spent * 10.0).round() / 10.0,
    });
    println!("{summary}");
    std::process::exit(i32::from(!failed.is_empty()));
}

/// Runs seeds with a defect until one shows it: how many it took, and what it broke.
fn find(arguments: &Arguments, defect: Defect) -> Option<(u64, Violation)> {
    let seeds = arguments.seed..arguments.seed.saturating_add(arguments.seeds);
    let mut first: Option<(u64, Violation)> = None;
    campaign::many(seeds, Some(defect), arguments.threads, |verdict| {
        let breaks_anyway = || {
            let plan = Plan { seed: verdict.seed, ..Plan::default() };
            campaign::run(&plan, Detail::Nothing).violation.is_some()
        };
        if let Some(violation) = verdict.violation
            && first.as_ref().is_none_or(|(seed, _)| verdict.seed < *seed)
            && !breaks_anyway()
        {
            first = Some((verdict.seed, violation));
        }
        first.is_none()
    });
    first.map(|(seed, violation)| (seed - arguments.seed + 1, violation))
}
