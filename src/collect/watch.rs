//! Watches the partner's tenant: change feeds tell where to look, and only what they name is read again.
//!
//! What a feed says is never believed, only looked into: everything in [`Watch::partner`] was read directly, so a feed
//! that lies costs a request and takes nobody's access. What no feed tells is found by the next full read. A round is
//! [`poll`](Watch::poll), then [`read`](Watch::read), which says whose customers are concerned.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::client::Client;
use crate::client::graph::delta::{Feed, MAX_GROUPS, News, Stream};
use crate::client::limiter::Priority;
use crate::collect::cache::Cache;
use crate::collect::delegated::DELEGATED;
use crate::collect::gap::unread;
use crate::collect::partner::{Inside, Known, inside, live_sources};
use crate::collect::{CONCURRENCY, again, partner};
use crate::desired::state::{DesiredState, EntraGroup, Gdap, Source};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::{CustomerName, GroupName};
use crate::model::person::Person;
use crate::observed::partner::Partner;
use crate::observed::unread::{Reading, Unread};

/// When something named by a feed is read once more: the replica that answered first may not have had the change yet.
const AGAIN: [Duration; 4] =
    [Duration::from_secs(15), Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(15)];

/// How often what has no feed is read as a whole in its place. Between the fifteen seconds of a feed and the price of a whole
/// reading: some twenty requests for a few hundred people.
const WITHOUT_FEED: Duration = Duration::from_mins(1);

/// So many feeds of groups beyond what is needed, each left over from a group nested later, before they are begun anew.
const SPARE_FEEDS: usize = 3;

/// The feeds of a partner's people and groups, and the partner as last read.
#[derive(Debug, Default)]
pub struct Watch {
    streams: Vec<Stream>,
    known: Option<Known>,
    /// The live sources as the files had them at the last read: another name or minimum judges them anew.
    sources: BTreeMap<GroupName, EntraGroup>,
    again: BTreeMap<Timestamp, Changes>,
    /// When what has no feed was last named for reading.
    instead: Option<Timestamp>,
}

/// What changed since the last poll, as far as anybody said so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything must be read: nothing was read yet, or what changed among the people is not known any more.
    pub everything: bool,
    /// People whose account changed, whether they matter to the files or not.
    pub people: BTreeSet<PersonId>,
    /// Groups that changed, nested ones under their own id.
    pub groups: BTreeSet<ObjectId>,
    /// How many feeds began, or had to begin anew ("resync"). What they name is in the other fields.
    pub resynced: usize,
    /// Feeds that could not be read. They go on from the same place next time.
    pub unread: Vec<Unread>,
}

impl Changes {
    /// Whether there is nothing to read.
    pub fn is_quiet(&self) -> bool {
        !self.everything && self.people.is_empty() && self.groups.is_empty()
    }

    fn add(&mut self, other: Self) {
        let Self { everything, people, groups, resynced, unread } = other;
        self.everything |= everything;
        self.people.extend(people);
        self.groups.extend(groups);
        self.resynced += resynced;
        self.unread.extend(unread);
    }
}

impl Watch {
    /// A watch that has seen nothing: its first poll asks for everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The partner as last read, each reading complete or an error.
    pub fn partner(&self) -> Option<&Partner> {
        self.known.as_ref().map(|known| &known.partner)
    }

    /// Asks the feeds what changed: one request each while nothing did. Also names what is to be read once more because
    /// it changed a short while ago or could not be read.
    pub async fn poll(&mut self, client: &Client, desired: &DesiredState, cache: &Cache) -> Changes {
        client.only_read(desired.partner.tenant);
        self.follow(desired, cache);
        let graph = client.graph(desired.partner.tenant, Priority::Withdrawal);
        let news = |mut stream: Stream| async move {
            let news = graph.news(&mut stream).await;
            (stream, news)
        };
        let told: Vec<_> =
            stream::iter(std::mem::take(&mut self.streams)).map(news).buffered(CONCURRENCY).collect().await;
        let (mut changes, mut without_feed) = (Changes::default(), Changes::default());
        for (stream, news) in told {
            changes.add(match (news, stream.feed()) {
                (Ok(News::About(objects)), Feed::People) => {
                    let people = objects.into_iter().map(|id| PersonId::new(id.uuid())).collect();
                    Changes { people, ..Changes::default() }
                }
                (Ok(News::About(groups)), Feed::Groups(_)) => Changes { groups, ..Changes::default() },
                (Ok(News::Resync), Feed::People) => {
                    Changes { everything: true, resynced: 1, ..Changes::default() }
                }
                (Ok(News::Resync), Feed::Groups(groups)) => {
                    Changes { groups: groups.clone(), resynced: 1, ..Changes::default() }
                }
                (Ok(News::NotOffered), feed) => {
                    without_feed.add(match feed {
                        Feed::People => Changes { everything: true, ..Changes::default() },
                        Feed::Groups(groups) => Changes { groups: groups.clone(), ..Changes::default() },
                    });
                    Changes::default()
                }
                (Err(error), feed) => {
                    let what = match feed {
                        Feed::People => "the changes of the partner's people",
                        Feed::Groups(_) => "the changes of the partner's groups",
                    };
                    Changes { unread: vec![unread(what, &error)], ..Changes::default() }
                }
            });
            self.streams.push(stream);
        }
        let now = client.clock().now();
        self.remember(&changes, now);
        let later = self.again.split_off(&now.saturating_add(Duration::from_nanos(1)).unwrap_or(now));
        for (_, due) in std::mem::replace(&mut self.again, later) {
            changes.add(due);
        }
        let is_due =
            self.instead.is_none_or(|last| last.saturating_add(WITHOUT_FEED).is_ok_and(|due| due <= now));
        if is_due && !without_feed.is_quiet() {
            self.instead = Some(now);
            changes.add(without_feed);
        }
        match &self.known {
            Some(known) => {
                let (people, groups) = known.unread(desired);
                changes.people.extend(people);
                changes.groups.extend(groups);
                let other =
                    live_sources(desired).filter(|(name, entra)| self.sources.get(*name) != Some(*entra));
                changes.groups.extend(other.map(|(_, entra)| entra.id));
            }
            None => changes.everything = true,
        }
        changes
    }

    /// Reads what the changes name, and answers with the customers whose people, groups or delegated administrators are
    /// not what they were; with all of them where that is not known. A guest of somebody whom the files never named is no reason here: only a sweep finds her.
    pub async fn read(
        &mut self,
        client: &Client,
        desired: &DesiredState,
        cache: &Cache,
        changes: &Changes,
    ) -> BTreeSet<CustomerName> {
        client.only_read(desired.partner.tenant);
        let known = self.known.take();
        let before = known.as_ref().map(|known| known.partner.clone());
        let known = match known.filter(|_| !changes.everything) {
            Some(mut known) => {
                again::read(client, desired, &mut known, &changes.people, &changes.groups).await;
                known
            }
            None => partner::read(client, desired).await,
        };
        self.sources = live_sources(desired).map(|(name, entra)| (name.clone(), entra.clone())).collect();
        let delegates_changed = reread_delegates(client, desired, cache, changes).await;
        if changes.everything {
            cache.forget_all_staff().await;
        } else {
            cache.forget_staff(&changes.people).await;
        }
        let everybody = || desired.customers.keys().cloned().collect();
        let concerned = match &before {
            Some(before) if !delegates_changed => concerned(desired, before, &known.partner),
            _ => everybody(),
        };
        self.known = Some(known);
        concerned
    }

    /// Has a feed for every group that the partner's part of the files depends on, nested ones included.
    fn follow(&mut self, desired: &DesiredState, cache: &Cache) {
        let mut wanted = BTreeSet::from([desired.partner.admin_agents, desired.partner.helpdesk_agents]);
        wanted.extend(live_sources(desired).map(|(_, entra)| entra.id));
        if let Gdap::Groups(groups) = &desired.partner.gdap {
            wanted.extend(groups);
        }
        wanted.extend(again::nested_of(&cache.inside.known()));
        wanted.extend(self.known.iter().flat_map(|known| known.nested.values().flatten()));
        if self.streams.len() > wanted.len().div_ceil(MAX_GROUPS) + 1 + SPARE_FEEDS {
            self.streams.retain(|stream| *stream.feed() == Feed::People);
        }
        if self.streams.is_empty() {
            self.streams.push(Stream::people());
        }
        for stream in &self.streams {
            if let Feed::Groups(groups) = stream.feed() {
                wanted.retain(|id| !groups.contains(id));
            }
        }
        self.streams.extend(Stream::groups(&wanted));
    }

    fn remember(&mut self, changes: &Changes, now: Timestamp) {
        // Everything is read again only once: that is dear, and by then every replica has what there was.
        let delays = if changes.everything { &AGAIN[AGAIN.len() - 1..] } else { &AGAIN[..] };
        if changes.is_quiet() {
            return;
        }
        for delay in delays {
            let due = self.again.entry(now.saturating_add(*delay).unwrap_or(now)).or_default();
            due.add(Changes { resynced: 0, unread: Vec::new(), ..changes.clone() });
        }
    }
}

/// Reads again the groups with delegated roles that changed; whether somebody came or went in one of them.
async fn reread_delegates(client: &Client, desired: &DesiredState, cache: &Cache, changes: &Changes) -> bool {
    let graph = client.graph(desired.partner.tenant, Priority::Withdrawal);
    let mut is_new = false;
    for (group, before) in cache.inside.known() {
        let touched = match &before {
            Ok(Inside { people, nested }) => {
                changes.groups.contains(&group)
                    || !nested.is_disjoint(&changes.groups)
                    || !people.is_disjoint(&changes.people)
            }
            Err(_) => true,
        };
        if changes.everything || touched {
            cache.inside.forget(&group);
            let now = cache.inside.get(group, inside(graph, group, DELEGATED)).await;
            is_new |= now != before;
        }
    }
    is_new
}

/// The customers for whom it makes a difference that the partner was one and is the other.
pub fn concerned(desired: &DesiredState, before: &Partner, after: &Partner) -> BTreeSet<CustomerName> {
    let agents =
        [(&before.admin_agents, &after.admin_agents), (&before.helpdesk_agents, &after.helpdesk_agents)];
    if agents.iter().any(|(then, now)| then.is_ok() != now.is_ok()) {
        return desired.customers.keys().cloned().collect();
    }
    let mut people = differing(&before.people, &after.people);
    for (then, now) in agents {
        if let (Ok(then), Ok(now)) = (then, now) {
            people.extend(then.symmetric_difference(now));
        }
    }
    let sources = differing(&before.sources, &after.sources);
    let in_source = |name: &GroupName| {
        let members =
            [before, after].into_iter().filter_map(|partner| partner.sources.get(name)?.as_ref().ok());
        let has_one = |members: &BTreeMap<PersonId, Person>| people.iter().any(|id| members.contains_key(id));
        members.into_iter().any(|source| has_one(&source.members))
    };
    let group = |name: &GroupName| match desired.groups.get(name).map(|group| &group.source) {
        Some(Source::Listed(members)) => members.keys().any(|id| people.contains(id)),
        Some(Source::Entra(_)) => sources.contains(name) || in_source(name),
        None => false,
    };
    let customers = desired.customers.values().filter(|customer| {
        let mapped = customer.mappings.values().filter_map(|mapping| mapping.from.as_ref()).any(group);
        mapped || customer.grants.values().any(|grant| people.contains(&grant.person.id))
    });
    customers.map(|customer| customer.name.clone()).collect()
}

/// The keys whose readings are not the same.
fn differing<K: Ord + Clone, V: PartialEq>(
    before: &BTreeMap<K, Reading<V>>,
    after: &BTreeMap<K, Reading<V>>,
) -> BTreeSet<K> {
    let keys = before.keys().chain(after.keys());
    keys.filter(|key| before.get(key) != after.get(key)).cloned().collect()
}
