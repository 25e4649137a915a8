//! Change feeds: which people or groups of a tenant changed since a place that the caller keeps as a value.

use std::collections::BTreeSet;

use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::{Graph, Units};
use crate::client::endpoints::encode;
use crate::client::error::{Error, Kind};
use crate::client::http::Call;
use crate::model::ids::ObjectId;
use crate::model::quota::FEED_UNITS;

/// Graph's limit on the objects one feed of groups can name.
pub const MAX_GROUPS: usize = 50;

/// What a change of must be told: everything that decides who somebody is and whether she may come in.
const PERSON: &str = "id,displayName,userPrincipalName,mail,proxyAddresses,userType,accountEnabled";

/// The name decides whether it is the group that the files mean.
const GROUP: &str = "id,displayName,members";

/// Graph names no price for a page of a feed; others measured this.
const PAGE: Units = Units(FEED_UNITS);

/// More pages than any round can have.
const MAX_PAGES: usize = 5_000;

/// A feed and how far it was read. Starts without a place; the first poll takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    feed: Feed,
    /// The link that goes on from there: opaque, and good for seven days.
    place: Option<Url>,
}

/// What a feed tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// Every user of the tenant.
    People,
    /// These groups and their direct members.
    Groups(BTreeSet<ObjectId>),
}

/// What a feed tells. Only a reason to look: what it says about an object is neither complete nor in order, and can be
/// told twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something about these changed: properties, members, or whether they exist.
    About(BTreeSet<ObjectId>),
    /// The feed was begun, or had to be begun anew: what changed before is not known.
    Resync,
    /// The service has no such feed here: what changes is known by reading it.
    NotOffered,
}

#[derive(Deserialize)]
struct Page {
    value: Vec<Item>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    end: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    id: ObjectId,
}

impl Stream {
    /// All people of a tenant.
    pub fn people() -> Self {
        Self { feed: Feed::People, place: None }
    }

    /// Groups, as few feeds as can name them.
    pub fn groups(groups: &BTreeSet<ObjectId>) -> Vec<Self> {
        let groups: Vec<ObjectId> = groups.iter().copied().collect();
        let stream =
            |ids: &[ObjectId]| Self { feed: Feed::Groups(ids.iter().copied().collect()), place: None };
        groups.chunks(MAX_GROUPS).map(stream).collect()
    }

    /// What it tells of.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }
}

impl Graph<'_> {
    /// What a feed tells since it was last read; its place moves only when a round was read to its end. A feed whose
    /// place the service no longer knows begins anew from now on.
    pub async fn news(&self, stream: &mut Stream) -> Result<News, Error> {
        if let Some(place) = &stream.place {
            match self.round(&stream.feed, place.clone()).await {
                Ok((named, place)) => {
                    stream.place = Some(place);
                    return Ok(News::About(named));
                }
                Err(error) if error.kind() == Kind::CursorExpired => stream.place = None,
                Err(error) => return Err(error),
            }
        }
        // Whatever there is now is read directly anyway, so the feed need not tell it.
        let first = self.first(&stream.feed).url;
        match self.round(&stream.feed, first).await {
            Ok((_, place)) => {
                stream.place = Some(place);
                Ok(News::Resync)
            }
            Err(error) if matches!(error.status(), Some(404 | 405 | 501)) => Ok(News::NotOffered),
            Err(error) => Err(error),
        }
    }

    fn first(&self, feed: &Feed) -> Call {
        let (route, query) = match feed {
            Feed::People => ("/users/delta", format!("$select={PERSON}")),
            Feed::Groups(groups) => {
                let parts: Vec<String> = groups.iter().map(|id| format!("id eq '{id}'")).collect();
                ("/groups/delta", format!("$select={GROUP}&$filter={}", encode(&parts.join(" or "))))
            }
        };
        let mut call = self.get(route, &format!("{route}?{query}&$deltatoken=latest"), PAGE);
        // Links carry the query but not the headers: each request says it again.
        call.headers.push((HeaderName::from_static("prefer"), HeaderValue::from_static("return=minimal")));
        call
    }

    /// Everything named on the pages from `start` on, and the link from which the next round goes on.
    async fn round(&self, feed: &Feed, start: Url) -> Result<(BTreeSet<ObjectId>, Url), Error> {
        let mut call = self.first(feed);
        call.url = start;
        let mut named = BTreeSet::new();
        let mut followed = BTreeSet::new();
        while followed.insert(call.url.to_string()) && followed.len() <= MAX_PAGES {
            let page: Page = call.decode(&self.client.send(&call).await?)?;
            named.extend(page.value.into_iter().map(|item| item.id));
            match (page.next, page.end) {
                (Some(next), _) => call.url = self.client.checked(&call, &next)?,
                (None, Some(end)) => return Ok((named, self.client.checked(&call, &end)?)),
                (None, None) => {
                    return Err(call.failure(
                        Kind::Malformed,
                        None,
                        "the round ends without a link to the next",
                    ));
                }
            }
        }
        Err(call.failure(Kind::Malformed, None, "the pages lead in a circle or do not end"))
    }
}
