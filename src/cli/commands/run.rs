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
    let token = token.context("--api-token-file").map_err(Failure::usage)?;
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
    let result = controller::run(&settings_of_loop, &board, clock, past, connect, asked_to_end()).await;
    telling.abort();
    drop(ended);
    if let Some(serving) = serving
        && clock.within(Duration::from_secs(2), serving).await.is_none()
    {
        tracing::debug!("somebody who asked over HTTP did not get the whole answer");
    }
    result?;
    Ok(Exit::Done)
}

fn past(url: Option<&str>, clock: Clock) -> Result<Past, Failure> {
    let Some(url) = url else { return Ok(Past { journal: Journal::none(), kept: Kept::nowhere() }) };
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
