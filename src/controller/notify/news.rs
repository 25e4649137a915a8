//! What somebody is told: the difference between what was told and what is wrong now, and nothing twice.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::controller::notify::trouble::{About, Extent, Trouble, Troubles};

/// A trouble that began or is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Which.
    pub trouble: Trouble,
    /// What became of it.
    pub turn: Turn,
    /// How large it is, or was when it was told.
    pub extent: Extent,
}

/// What became of a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Turn {
    /// It was not there before.
    Began,
    /// It is no more.
    Over,
}

/// What was told, for one receiver. A process that starts has told nothing: whatever is wrong then is told once more, since
/// nobody knows what happened in between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told(BTreeMap<Trouble, Extent>);

impl Told {
    /// What there is to tell, what began first. What comes and goes between two looks is not told at all.
    pub fn news(&self, now: &Troubles) -> Vec<News> {
        let began = now.all.iter().filter(|(trouble, _)| !self.0.contains_key(trouble));
        let over =
            self.0.iter().filter(|(trouble, _)| !now.all.contains_key(trouble) && is_seen(trouble, now));
        let news = |turn| {
            move |(trouble, extent): (&Trouble, &Extent)| News {
                trouble: trouble.clone(),
                turn,
                extent: *extent,
            }
        };
        began.map(news(Turn::Began)).chain(over.map(news(Turn::Over))).collect()
    }

    /// Remembers that this was told.
    pub fn remember(&mut self, news: &News) {
        match news.turn {
            Turn::Began => _ = self.0.insert(news.trouble.clone(), news.extent),
            Turn::Over => _ = self.0.remove(&news.trouble),
        }
    }

    /// Takes back that a trouble was told: nobody has the message any more.
    pub fn unsay(&mut self, trouble: &Trouble) {
        self.0.remove(trouble);
    }

    /// Forgets customers that the files know no more. Their troubles are not over; there is nobody left to have them.
    pub fn forget_the_gone(&mut self, now: &Troubles) {
        self.0.retain(|trouble, _| match &trouble.about {
            About::Fleet => true,
            About::Customer(name) => now.seen.contains(name) || now.unseen.contains(name),
        });
    }
}

/// Whether it was looked at, so that not seeing a trouble means that there is none.
fn is_seen(trouble: &Trouble, now: &Troubles) -> bool {
    match &trouble.about {
        About::Fleet => true,
        About::Customer(name) => now.seen.contains(name),
    }
}
