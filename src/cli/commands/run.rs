//! `groupsync run`: keeps the tenants as the files say until it is asked to end.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::cli::args::{Keeping, MetricsDetail};
use crate::cli::commands::writing::asked_to_end;
use crate::cli::connect;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::settings::{Environment, Settings};
use crate::cli::telling::Telling;
use crate::clock::Clock;
use crate::controller::board::Board;
use crate::controller::http::token::TokenFile;
use crate::controller::http::{self, Server};
use crate::controller::kept::Kept;
use crate::controller::{self, Past, Settings as Loop};
use crate::journal::{self, Journal};
use crate::telemetry::metrics::{Detail, Metrics};

/// Runs until the process is asked to end.
pub async fn run(plan: Keeping, settings: Settings, environment: &Environment) -> Result<Exit, Failure> {
    let clock = Clock::system();
    let interval = duration(plan.interval, "--interval", Duration::from_mins(1))?;
    let grace = duration(plan.grace, "--grace", Duration::ZERO)?;
    let board = Board::new(clock.now(), interval);
    let past = past(settings.journal.as_deref(), clock)?;
    let token = plan.api_token_file.as_deref().map(TokenFile::open).transpose();
    let token = token
        .with_context(|| {
            let path = plan.api_token_file.as_deref().map(|path| path.display().to_string());
            format!("--api-token-file {}", path.unwrap_or_default())
        })
        .map_err(|error| {
            Failure::usage(error).hint(
                "a file with 16 visible ASCII characters or more, such as `openssl rand -hex 32` prints",
            )
        })?;
    let metrics = Metrics::new(match plan.metrics_detail {
        MetricsDetail::Fleet => Detail::Fleet,
        MetricsDetail::Customers => Detail::Customers,
    });
    let partner = Arc::new(OnceLock::new());
    let (ended, end) = oneshot::channel::<()>();
    let mut serving = None;
    if let Some(address) = plan.listen {
        let cannot = || format!("cannot listen on {address}");
        let listener = TcpListener::bind(address).await.with_context(cannot).map_err(Failure::usage)?;
        let server = Server {
            board: board.clone(),
            metrics: Arc::clone(&metrics),
            clock,
            partner: Arc::clone(&partner),
            journal: past.journal.clone(),
            token,
        };
        let shutdown = async {
            // Whether it is told to end or the teller is gone: it ends.
            let _told = end.await;
        };
        serving = Some(tokio::spawn(http::serve(server, listener, shutdown)));
    }
    let telling =
        Telling::new(plan.webhook_url_file, plan.page_url, settings.ca_file.as_deref(), environment)?;
    let telling = tokio::spawn(telling.tell(board.clone(), clock));
    // Jitter only: nothing that is written depends on it.
    let settings_of_loop = Loop { dir: plan.dir, interval, grace, seed: fastrand::u64(..) };
    let connect = |said: &crate::desired::state::Partner| {
        partner.get_or_init(|| said.tenant);
        Ok::<_, Failure>(connect::client(settings, said, clock)?.with_metrics(metrics))
    };
    let mut jump = None;
    let ending = async {
        tokio::select! {
            () = asked_to_end() => {}
            by = jump_of(clock) => jump = Some(by),
        }
    };
    let result = controller::run(&settings_of_loop, &board, clock, past, connect, ending).await;
    telling.abort();
    drop(ended);
    if let Some(serving) = serving
        && clock.within(Duration::from_secs(2), serving).await.is_none()
    {
        tracing::debug!("somebody who asked over HTTP did not get the whole answer");
    }
    result?;
    match jump {
        None => Ok(Exit::Done),
        Some(by) => Err(jumped(by)),
    }
}

/// How often the clock is compared with the machine's, and how far they may be apart.
const COMPARE_CLOCKS: Duration = Duration::from_secs(30);
const CLOCKS_AGREE_WITHIN: SignedDuration = SignedDuration::from_secs(5);

/// Comes back once the machine's clock was set, or stood still while the machine slept: by how much this process is off.
async fn jump_of(clock: Clock) -> SignedDuration {
    loop {
        clock.sleep(COMPARE_CLOCKS).await;
        let ahead = clock.ahead_of_the_wall();
        if ahead.abs() > CLOCKS_AGREE_WITHIN {
            tracing::error!(ahead = format!("{ahead:#}"), "the machine's clock jumped: this process ends");
            return ahead;
        }
    }
}

fn jumped(ahead: SignedDuration) -> Failure {
    let way = if ahead.is_negative() { "behind" } else { "ahead of" };
    let message =
        format!("the clock of this process is {:#} {way} the machine's, which was set or slept", ahead.abs());
    // In its place another clock could be taken up, and everything that was planned by the old one would be under way still.
    Failure::from(anyhow::anyhow!(message)).hint(
        "start it again, as Kubernetes does by itself: it goes on where it was, with the machine's time",
    )
}

fn past(url: Option<&str>, clock: Clock) -> Result<Past, Failure> {
    let Some(url) = url else {
        tracing::warn!("there is no journal: nothing is written down, and a restart forgets what was learnt");
        return Ok(Past { journal: Journal::none(), kept: Kept::nowhere() });
    };
    let path = journal::path_of(url).map_err(connect::misnamed)?;
    Ok(Past { journal: Journal::open(url, clock).map_err(connect::misnamed)?, kept: Kept::beside(&path) })
}

fn duration(said: SignedDuration, flag: &str, least: Duration) -> Result<Duration, Failure> {
    let day = Duration::from_hours(24);
    match Duration::try_from(said) {
        Ok(duration) if (least..=day).contains(&duration) => Ok(duration),
        _ => {
            let message = format!("{flag} is {said:#}: it must be between {} s and a day", least.as_secs());
            Err(Failure::misused(message).hint("write it as 90s, 10m or 1h"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_an_hour_off_is_noticed() {
        for hours in [-1, 1] {
            let off = Clock::starting_at(Clock::system().now() + SignedDuration::from_hours(hours));
            let by = jump_of(off).await;
            assert_eq!(by.is_negative(), hours < 0, "{by:#}");
        }
    }
}
