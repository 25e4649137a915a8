//! One turn of the loop after another: what is due is begun, what has ended is noted, and nothing is waited for that something
//! else could overtake.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::client::halt;
use crate::collect::watch::Watch;
use crate::controller::batch::{Batch, Urgency};
use crate::controller::board::JournalHealth;
use crate::controller::edges;
use crate::controller::event::Event;
use crate::controller::keeper::{Done, Keeper, Work};
use crate::controller::partner::Rounds;
use crate::controller::reload::{self, Files};
use crate::controller::schedule::{Ended, Slot, Turn};
use crate::controller::status::{CustomerStatus, Running, Trigger};
use crate::desired;
use crate::journal::Condition;
use crate::model::names::CustomerName;

/// How often the directory is looked at.
pub(super) const LOOK_AT_FILES: Duration = Duration::from_secs(2);

/// How often the kill switch is looked for.
const LOOK_FOR_STOP: Duration = Duration::from_millis(500);

/// How often what waits to be recorded is tried again.
const WRITE_DOWN: Duration = Duration::from_secs(5);

/// How often the partner's change feeds are asked.
const ROUND: Duration = Duration::from_secs(15);

/// How long customers whose files changed wait for the people who are new in them to be read.
pub(super) const WAIT_FOR_PARTNER: SignedDuration = SignedDuration::from_mins(1);

/// How long role definitions and verified domains are believed.
const CACHE: Duration = Duration::from_hours(1);

/// How long it is believed who holds delegated roles where: nobody of these is ever made a guest.
const DELEGATION: Duration = Duration::from_mins(5);

/// How often it is said that nothing is written.
const REMINDER: Duration = Duration::from_mins(5);

/// A customer whose turn has come waits at most this long for another look at the ramp.
const AGAIN: Duration = Duration::from_secs(1);

impl Keeper {
    /// Begins what is due, then waits for the first thing to happen. May be dropped at any time.
    pub(super) async fn turn(&mut self) {
        let now = self.clock.now();
        self.board.note(|overview| overview.last_turn = now);
        self.look_at_journal(now);
        self.look_for_stop(now);
        self.look_at_files(now);
        self.begin_round(now);
        self.give_way_to_edges(now);
        self.begin_passes(now);
        let wake = self.wake(now);
        tokio::select! {
            biased;
            Some(end) = self.mail.recv() => self.pass_ended(end),
            Some(done) = self.tasks.join_next_with_id() => self.done(done),
            wanted = self.board.requested() => {
                for name in wanted {
                    self.wish(&name, Trigger::Request, now);
                }
            }
            () = self.clock.sleep_until(wake) => {}
        }
    }

    /// Ends: no call begins any more, and those in flight are waited for.
    pub(super) async fn end(&mut self) {
        tracing::info!(passes = self.switches.len(), "ending: calls in flight are finished");
        self.board.note(|overview| overview.ending = true);
        self.ending.0.throw("the process is ending");
        for (_, switch) in self.switches.values() {
            switch.throw("the process is ending");
        }
        let (clock, grace) = (self.clock, self.settings.grace);
        let batches = |keeper: &Self| keeper.under_way.values().any(|work| matches!(work, Work::Batch(_)));
        let finish = async {
            while batches(self) {
                let Some(done) = self.tasks.join_next_with_id().await else { break };
                self.done(done);
            }
        };
        if clock.within(grace, finish).await.is_none() {
            tracing::warn!(grace = grace.as_secs(), "calls in flight outlasted the grace period");
        }
        while let Ok(end) = self.mail.try_recv() {
            self.pass_ended(end);
        }
        self.tasks.abort_all();
        self.shared.journal.flush().await;
    }

    /// When there is something to do if nothing happens before.
    fn wake(&self, now: Timestamp) -> Timestamp {
        let soon = later(now, AGAIN);
        let turns = self.slots.values().filter_map(Slot::next).map(|turn| turn.at);
        // Whose turn has come and who did not begin waits for the ramp or for the partner.
        let turns = turns.map(|at| if at <= now { soon } else { at });
        let mut own = vec![self.due.stop];
        own.extend(self.files.is_some().then_some(self.due.files));
        own.extend(self.watch.is_some().then_some(self.due.round));
        turns.chain(own).min().unwrap_or(soon)
    }

    fn look_at_journal(&mut self, now: Timestamp) {
        let health = self.shared.journal.health();
        let is_away = matches!(health.condition, Condition::Unavailable(_));
        if (health.waiting > 0 || is_away) && now >= self.due.journal {
            // Whatever waits is written as soon as that is possible: nothing else may happen for a long time, and a process
            // that dies takes it along.
            self.due.journal = later(now, WRITE_DOWN);
            let journal = self.shared.journal.clone();
            while self.looks.try_join_next().is_some() {}
            self.looks.spawn(async move {
                journal.flush().await;
                // Nothing may wait, and still nobody else would find out that it is back.
                journal.memory().await;
            });
        }
        let health = match health.condition {
            Condition::Off => JournalHealth::Off,
            Condition::Good => JournalHealth::Good,
            Condition::Unavailable(text) | Condition::Broken(text) => JournalHealth::Trouble(text),
        };
        if health == self.health {
            return;
        }
        if let JournalHealth::Trouble(why) = &health {
            tracing::error!(
                why,
                "the journal cannot be relied upon: no change begins, access ends all the same"
            );
        }
        self.board.note(|overview| overview.journal = health.clone());
        self.board.tell(Event::Journal(&health));
        if matches!((&self.health, &health), (JournalHealth::Trouble(_), JournalHealth::Good)) {
            self.take_up(now);
        }
        self.health = health;
    }

    /// Looks again at every customer where something was left undone, whatever kept it back.
    fn take_up(&mut self, now: Timestamp) {
        let waits = |status: &CustomerStatus| {
            // Also passes under way, which may have been kept from writing.
            status.running.is_some()
                || status.plan.as_ref().is_some_and(|plan| plan.runnable().next().is_some())
        };
        let customers = self.board.customers();
        for status in customers.iter().filter(|status| waits(status)) {
            self.wish(&status.name, Trigger::Deferred, now);
        }
    }

    fn look_for_stop(&mut self, now: Timestamp) {
        if now < self.due.stop {
            return;
        }
        self.due.stop = later(now, LOOK_FOR_STOP);
        let found = match desired::stop(&self.settings.dir) {
            // A directory that is being swapped, or that Git has not filled yet, says nothing about the switch in it.
            None if reload::is_blank(&self.settings.dir) => self.stop.clone().or(self.stopped_before.clone()),
            found => {
                if self.stopped_before.take().is_some() && found.is_none() {
                    // It was taken away while nobody watched.
                    self.versions.keep_stop(None);
                }
                found
            }
        };
        match (&self.stop, &found) {
            (_, Some(reason)) => {
                let text = format!("the file STOP stops all writes: {reason}");
                self.switches.values().for_each(|(_, switch)| switch.throw(&text));
                if self.stop.is_none() {
                    self.board.tell(Event::Stopped(reason));
                }
                if self.stop.is_none() || now >= self.due.reminder {
                    self.due.reminder = later(now, REMINDER);
                    tracing::error!(reason, "the file STOP stops all writes");
                }
            }
            (Some(_), None) => {
                tracing::warn!("the file STOP is gone: writing goes on");
                self.board.tell(Event::Resumed);
                self.take_up(now);
            }
            (None, None) => return,
        }
        if self.stop != found {
            self.versions.keep_stop(found.as_deref());
            self.board.note(|overview| overview.stopped.clone_from(&found));
            self.stop = found;
        }
    }

    fn look_at_files(&mut self, now: Timestamp) {
        if now < self.due.files {
            return;
        }
        let Some(mut files) = self.files.take() else { return };
        self.due.files = later(now, LOOK_AT_FILES);
        let task = self.tasks.spawn_blocking(move || {
            let read = files.poll(now);
            Done::Files(files, read.map(Box::new))
        });
        self.under_way.insert(task.id(), Work::Files);
    }

    fn begin_round(&mut self, now: Timestamp) {
        if now < self.due.round {
            return;
        }
        let Some(watch) = self.watch.take() else { return };
        self.due.round = later(now, ROUND);
        if now >= self.due.cache {
            self.due.cache = later(now, CACHE);
            self.cache = Arc::default();
        }
        if now >= self.due.delegation {
            self.due.delegation = later(now, DELEGATION);
            self.cache.forget_delegation();
        }
        let rounds = Rounds {
            client: self.client.clone(),
            desired: Arc::clone(&self.desired),
            cache: Arc::clone(&self.cache),
            watch,
            version: self.version,
        };
        let task = self.tasks.spawn_local(async { Done::Round(Box::new(rounds.run().await)) });
        self.under_way.insert(task.id(), Work::Round);
    }

    /// A pass that was planned before something ended must not go on by that plan.
    fn give_way_to_edges(&mut self, now: Timestamp) {
        let passed =
            self.slots.iter().filter(|(_, slot)| slot.edge_passed(now)).map(|(name, _)| name.clone());
        for name in passed.collect::<Vec<_>>() {
            if let Some(customer) = self.desired.customers.get(&name)
                && let Some(slot) = self.slots.get_mut(&name)
            {
                slot.set_edge(edges::next(&self.desired, customer, now));
            }
            self.wish(&name, Trigger::Edge, now);
        }
    }

    fn begin_passes(&mut self, now: Timestamp) {
        let Some(partner) = self.partner.clone() else { return };
        let due = self.slots.iter().filter_map(|(name, slot)| Some((slot.due(now)?, name.clone())));
        let (mut urgent, mut others): (Vec<_>, Vec<_>) = due.partition(|(turn, _)| turn.trigger.is_urgent());
        if self.partner_version != self.version && now < self.due.without_partner {
            // Who is new in the files is not known yet.
            others.clear();
        }
        let order = |(turn, name): &(Turn, CustomerName)| (turn.trigger, turn.at, name.clone());
        for (due, ramp) in [(&mut urgent, &mut self.ramps.0), (&mut others, &mut self.ramps.1)] {
            due.sort_by_key(order);
            let granted = ramp.take(due.len(), now);
            due.truncate(granted);
        }
        for (due, urgency) in [(urgent, Urgency::Urgent), (others, Urgency::Ordinary)] {
            if !due.is_empty() {
                let members: Vec<_> = due.into_iter().map(|(_, name)| name).collect();
                self.begin_batch(&members, urgency, &partner, now);
            }
        }
    }

    fn begin_batch(
        &mut self,
        names: &[CustomerName],
        urgency: Urgency,
        partner: &Arc<crate::observed::partner::Partner>,
        now: Timestamp,
    ) {
        let mut members = BTreeMap::new();
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            let Some(customer) = self.desired.customers.get(name) else { continue };
            let Some(slot) = self.slots.get_mut(name) else { continue };
            self.passes += 1;
            numbers.push((name.clone(), self.passes));
            let trigger = slot.begin(now);
            slot.set_edge(edges::next(&self.desired, customer, now));
            let (switch, halt) = halt::switch();
            if let Some(reason) = &self.stop {
                switch.throw(&format!("the file STOP stops all writes: {reason}"));
            }
            self.switches.insert(name.clone(), (self.passes, switch));
            members.insert(name.clone(), (self.passes, halt));
            self.board.update(name, |status| {
                status.running = Some(Running { since: now, trigger });
                status.next_due = None;
            });
        }
        let batch = Batch {
            client: self.client.clone(),
            desired: Arc::clone(&self.desired),
            partner: Arc::clone(partner),
            cache: Arc::clone(&self.cache),
            shared: Arc::clone(&self.shared),
            members,
            urgency,
            ending: self.ending.1.clone(),
            post: self.post.clone(),
        };
        let task = self.tasks.spawn_local(async {
            batch.run().await;
            Done::Batch
        });
        self.under_way.insert(task.id(), Work::Batch(numbers));
    }

    /// Takes note of something that was done beside the loop.
    fn done(&mut self, done: Result<(tokio::task::Id, Done), tokio::task::JoinError>) {
        let now = self.clock.now();
        match done {
            Ok((id, done)) => {
                self.under_way.remove(&id);
                match done {
                    Done::Batch => {}
                    Done::Round(round) => self.round_ended(*round),
                    Done::Files(files, read) => {
                        self.files = Some(files);
                        if let Some(changed) = read.and_then(|read| self.versions.consider(*read, now)) {
                            self.adopt(&changed, now);
                        }
                    }
                }
            }
            Err(error) => match self.under_way.remove(&error.id()) {
                Some(Work::Files) => {
                    tracing::error!(%error, "reading the files died: the version in force stays");
                    self.files = Some(Files::new(self.settings.dir.clone()));
                }
                Some(Work::Round) => {
                    tracing::error!(%error, "looking at the partner died: everything there is read anew");
                    self.watch = Some(Watch::new());
                }
                Some(Work::Batch(passes)) => {
                    tracing::error!(%error, customers = passes.len(), "passes died");
                    self.died(&passes, now);
                }
                None => {}
            },
        }
    }

    /// Puts customers whose passes died back in line.
    fn died(&mut self, passes: &[(CustomerName, u64)], now: Timestamp) {
        while let Ok(end) = self.mail.try_recv() {
            self.pass_ended(end);
        }
        for (name, number) in passes {
            let die = self.rng.f64();
            if !self.ends(name, *number) {
                // It came to its end before, and another one may be under way.
                continue;
            }
            let Some(slot) = self.slots.get_mut(name).filter(|slot| slot.running().is_some()) else {
                continue;
            };
            let until = slot.end(Ended::Badly, (now, now), self.settings.interval, die);
            let (failures, next) = (slot.failures(), slot.next().map(|turn| turn.at));
            self.board.update(name, |status| {
                status.running = None;
                (status.failures, status.backing_off_until, status.next_due) = (failures, until, next);
            });
        }
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}
