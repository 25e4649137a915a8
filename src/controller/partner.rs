//! Rounds over the partner's tenant: what its change feeds name is read, and whose customers that concerns.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::client::Client;
use crate::collect::cache::Cache;
use crate::collect::watch::Watch;
use crate::desired::state::DesiredState;
use crate::model::names::CustomerName;
use crate::observed::partner::Partner;
use crate::observed::unread::Unread;

/// How many readings that failed are shown: a tenant that cannot be read at all fails for every person.
const SHOWN: usize = 20;

/// What a round needs.
pub(super) struct Rounds {
    pub(super) client: Client,
    pub(super) desired: Arc<DesiredState>,
    pub(super) cache: Arc<Cache>,
    pub(super) watch: Watch,
    /// Which version of the files it is for.
    pub(super) version: u64,
}

/// What a round found.
pub(super) struct Round {
    pub(super) watch: Watch,
    pub(super) version: u64,
    /// None where nothing was read because nothing changed.
    pub(super) partner: Option<Arc<Partner>>,
    pub(super) concerned: BTreeSet<CustomerName>,
    pub(super) gaps: Vec<Unread>,
    /// Whether all feeds answered.
    pub(super) heard: bool,
    pub(super) resynced: usize,
}

impl Rounds {
    /// Asks the feeds, and reads what they name.
    pub(super) async fn run(mut self) -> Round {
        let client = self.client.urgent();
        self.cache.forget_failures().await;
        let changes = self.watch.poll(&client, &self.desired, &self.cache).await;
        let mut concerned = BTreeSet::new();
        let mut partner = None;
        if !changes.is_quiet() {
            concerned = self.watch.read(&client, &self.desired, &self.cache, &changes).await;
            partner = self.watch.partner().cloned().map(Arc::new);
        }
        let mut gaps = changes.unread.clone();
        if let Some(partner) = self.watch.partner() {
            gaps.extend(unread(partner));
        }
        gaps.truncate(SHOWN);
        Round {
            version: self.version,
            partner,
            concerned,
            gaps,
            heard: changes.unread.is_empty(),
            resynced: changes.resynced,
            watch: self.watch,
        }
    }
}

fn unread(partner: &Partner) -> Vec<Unread> {
    let agents = [&partner.admin_agents, &partner.helpdesk_agents];
    let agents = agents.into_iter().filter_map(|agents| agents.as_ref().err());
    let sources = partner.sources.values().filter_map(|source| source.as_ref().err());
    let people = partner.people.values().filter_map(|person| person.as_ref().err());
    agents.chain(sources).chain(people).take(SHOWN).cloned().collect()
}
