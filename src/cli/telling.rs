//! Whom a controller tells what is wrong: a webhook if there is one, and the cluster if it runs in one.

use std::path::{Path, PathBuf};

use url::Url;

use crate::cli::connect;
use crate::cli::failure::Failure;
use crate::cli::settings::Environment;
use crate::clock::Clock;
use crate::controller::board::Board;
use crate::controller::notify;
use crate::controller::notify::cluster::{Cluster, FOLDER, Place};
use crate::controller::notify::webhook::Webhook;

/// Whom to tell.
#[derive(Default)]
pub struct Telling {
    webhook: Option<Webhook>,
    cluster: Option<Cluster>,
}

impl Telling {
    /// Whoever the flags and the environment name. What cannot be reached now keeps nobody from starting: ended access matters
    /// more than word of it.
    pub fn new(
        webhook_url_file: Option<PathBuf>,
        page: Option<Url>,
        ca_file: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let webhook = match webhook_url_file {
            None => None,
            Some(file) => Some(Webhook::new(file, connect::outside(ca_file)?, page)),
        };
        if let Some(Err(error)) = webhook.as_ref().map(Webhook::check) {
            tracing::warn!(%error, "the webhook cannot be told as things are");
        }
        Ok(Self { webhook, cluster: cluster(environment) })
    }

    /// Tells them until the process ends.
    pub async fn tell(self, board: Board, clock: Clock) {
        let webhook = async {
            if let Some(webhook) = self.webhook {
                notify::by_webhook(board.clone(), clock, webhook).await;
            }
        };
        let cluster = async {
            if let Some(cluster) = self.cluster {
                notify::as_events(board.clone(), clock, cluster).await;
            }
        };
        tokio::join!(webhook, cluster);
    }
}

/// The cluster this runs in, if it does and the pod says who it is.
fn cluster(environment: &Environment) -> Option<Cluster> {
    let get = |name| environment.get(name).map(str::to_owned);
    let place = Place {
        host: get("KUBERNETES_SERVICE_HOST")?,
        port: get("KUBERNETES_SERVICE_PORT").unwrap_or_else(|| "443".to_owned()),
        folder: PathBuf::from(FOLDER),
        pod: get("GROUPSYNC_POD_NAME")?,
        uid: get("GROUPSYNC_POD_UID")?,
    };
    match Cluster::new(&place) {
        Ok(cluster) => Some(cluster),
        Err(error) => {
            let error = anyhow::Error::new(error);
            tracing::warn!(error = format!("{error:#}"), "there will be no Events");
            None
        }
    }
}
