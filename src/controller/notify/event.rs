//! News as Events of Kubernetes: one for each trouble as long as it lasts, kept alive in a series, and one when it is over.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::controller::notify::message;
use crate::controller::notify::news::{News, Told, Turn};
use crate::controller::notify::trouble::{Topic, Trouble, Troubles};
use crate::plan::digest::Digest;

/// An Event is kept for an hour where nobody changed that: what lasts is said again in time.
const SAID_AGAIN: Duration = Duration::from_mins(30);

/// After a step so many more are taken in [`WINDOW`], that a bad day of the fleet is none of the API server.
const STEPS: usize = 25;

/// See [`STEPS`].
const WINDOW: Duration = Duration::from_mins(5);

/// The pod that Events are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its id, by which `kubectl describe pod` finds its Events.
    pub uid: String,
}

/// One request that keeps the cluster's Events in step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What happened.
    pub news: News,
    /// The Event's name.
    pub name: String,
    /// What is sent.
    pub send: Send,
    at: Timestamp,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// A new Event.
    Create(Value),
    /// One more in the series of an Event.
    Patch(Value),
}

/// The Events that stand in the cluster.
#[derive(Debug, Default)]
pub struct Series {
    told: Told,
    standing: BTreeMap<Trouble, Standing>,
    recent: VecDeque<Timestamp>,
}

#[derive(Debug, Clone)]
struct Standing {
    name: String,
    count: u64,
    last: Timestamp,
}

impl Series {
    /// The next step, if there is one to take now.
    pub fn next(&mut self, troubles: &Troubles, now: Timestamp, pod: &Pod) -> Option<Step> {
        self.told.forget_the_gone(troubles);
        let old = |at: &Timestamp| at.saturating_add(WINDOW).is_ok_and(|end| end <= now);
        while self.recent.front().is_some_and(old) {
            self.recent.pop_front();
        }
        if self.recent.len() >= STEPS {
            return None;
        }
        let told = self.told.news(troubles).into_iter().next();
        let news = told.or_else(|| self.fading(troubles, now))?;
        let standing = self.standing.get(&news.trouble).filter(|_| news.turn == Turn::Began);
        let (name, send) = if let Some(standing) = standing {
            (standing.name.clone(), Send::Patch(again(standing.count + 1, now)))
        } else {
            let name = name(&news, now, pod);
            let event = event(&news, &name, now, pod);
            (name, Send::Create(event))
        };
        Some(Step { news, name, send, at: now })
    }

    /// A trouble that lasts and whose Event will soon be forgotten.
    fn fading(&self, troubles: &Troubles, now: Timestamp) -> Option<News> {
        let fades = |trouble: &Trouble| {
            let standing = self.standing.get(trouble)?;
            standing.last.saturating_add(SAID_AGAIN).ok().filter(|end| *end <= now)
        };
        let (trouble, extent) = troubles.all.iter().find(|(trouble, _)| fades(trouble).is_some())?;
        Some(News { trouble: trouble.clone(), turn: Turn::Began, extent: *extent })
    }

    /// The step was taken.
    pub fn done(&mut self, step: Step) {
        self.recent.push_back(step.at);
        self.told.remember(&step.news);
        if step.news.turn == Turn::Began {
            let count = self.standing.get(&step.news.trouble).map_or(0, |standing| standing.count) + 1;
            self.standing.insert(step.news.trouble, Standing { name: step.name, count, last: step.at });
        }
        let forgotten = |standing: &Standing| {
            standing.last.saturating_add(SAID_AGAIN * 2).is_ok_and(|end| end <= step.at)
        };
        self.standing.retain(|_, standing| !forgotten(standing));
    }

    /// The Event of this step stands there no more: the next one begins a new one.
    pub fn lost(&mut self, step: &Step) {
        self.recent.push_back(step.at);
        self.standing.remove(&step.news.trouble);
        self.told.unsay(&step.news.trouble);
    }
}

/// A name that no other Event has.
fn name(news: &News, now: Timestamp, pod: &Pod) -> String {
    let what = format!("{:?}|{:?}|{}|{now}", news.trouble, news.turn, pod.uid);
    let digest = Digest::of_text(&what);
    let hex = digest.as_str().trim_start_matches("sha256:");
    format!("{}.{}", pod.name, &hex[..16])
}

fn event(news: &News, name: &str, now: Timestamp, pod: &Pod) -> Value {
    let over = news.turn == Turn::Over;
    let reason = match (over, news.trouble.topic) {
        (true, _) => "Recovered",
        (false, Topic::Overdue) => "Overdue",
        (false, Topic::Failed) => "Failed",
        (false, Topic::Contested) => "Contested",
        (false, Topic::Held) => "Held",
    };
    json!({
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": pod.namespace},
        "eventTime": micros(now),
        "reportingController": "groupsync",
        "reportingInstance": pod.name,
        "action": "Reconcile",
        "reason": reason,
        "regarding": {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": pod.namespace,
            "name": pod.name,
            "uid": pod.uid,
        },
        "note": message::line(news),
        "type": if over { "Normal" } else { "Warning" },
    })
}

fn again(count: u64, now: Timestamp) -> Value {
    json!({"series": {"count": count, "lastObservedTime": micros(now)}})
}

/// A time as Kubernetes writes it where it wants microseconds.
fn micros(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
