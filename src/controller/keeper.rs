//! The state of the loop: who is looked at when, what is under way, what has been heard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::client::halt::{self, Halt, Switch};
use crate::clock::Clock;
use crate::collect::cache::Cache;
use crate::collect::watch::Watch;
use crate::controller::Settings;
use crate::controller::batch::{PassEnd, Shared};
use crate::controller::board::{Board, JournalHealth};
use crate::controller::edges;
use crate::controller::event::Event;
use crate::controller::partner::Round;
use crate::controller::reload::Files;
use crate::controller::schedule::{self, Ended, Ramp, Slot};
use crate::controller::status::{CustomerStatus, PassRecord, Trigger};
use crate::controller::verdict;
use crate::controller::versions::Versions;
use crate::desired::Read;
use crate::desired::state::DesiredState;
use crate::model::cloud::Cloud;
use crate::model::names::CustomerName;
use crate::model::ownership::Mark;
use crate::observed::partner::Partner;
use crate::plan::memory::DAY;
use crate::plan::verdict::Right;
use crate::report::words::code;

/// Why a pass gave way.
pub(super) const INTERRUPTED: &str = "something more urgent came up";

/// Everything the loop knows.
pub(super) struct Keeper {
    pub(super) settings: Settings,
    pub(super) board: Board,
    pub(super) clock: Clock,
    pub(super) client: Client,
    /// Where the client works.
    pub(super) cloud: Cloud,
    pub(super) versions: Versions,
    pub(super) desired: Arc<DesiredState>,
    /// Counts versions, so that what was begun under another one is known as such.
    pub(super) version: u64,
    /// None while somebody looks at them.
    pub(super) files: Option<Files>,
    pub(super) slots: BTreeMap<CustomerName, Slot>,
    /// The number of each pass under way, and what ends it: the one before may still be in its batch.
    pub(super) switches: BTreeMap<CustomerName, (u64, Switch)>,
    /// How many passes have begun.
    pub(super) passes: u64,
    pub(super) cache: Arc<Cache>,
    pub(super) shared: Arc<Shared>,
    pub(super) partner: Option<Arc<Partner>>,
    /// The version of the files that the partner was read for.
    pub(super) partner_version: u64,
    /// None while a round is under way.
    pub(super) watch: Option<Watch>,
    pub(super) stop: Option<String>,
    /// The kill switch that an earlier process saw last, until the directory can tell whether it is still there.
    pub(super) stopped_before: Option<String>,
    pub(super) health: JournalHealth,
    pub(super) due: Due,
    pub(super) ramps: (Ramp, Ramp),
    pub(super) tasks: JoinSet<Done>,
    /// Looks at the journal, which end with the loop.
    pub(super) looks: JoinSet<()>,
    pub(super) under_way: BTreeMap<tokio::task::Id, Work>,
    pub(super) post: UnboundedSender<PassEnd>,
    pub(super) mail: UnboundedReceiver<PassEnd>,
    pub(super) ending: (Switch, Halt),
    pub(super) rng: fastrand::Rng,
}

/// When the loop does what it does on its own account.
pub(super) struct Due {
    pub(super) files: Timestamp,
    pub(super) stop: Timestamp,
    pub(super) round: Timestamp,
    /// When the customers may begin although the partner was not read for these files.
    pub(super) without_partner: Timestamp,
    pub(super) cache: Timestamp,
    pub(super) delegation: Timestamp,
    pub(super) reminder: Timestamp,
    pub(super) journal: Timestamp,
}

/// What came of something that was done beside the loop.
pub(super) enum Done {
    Batch,
    Files(Files, Option<Box<Read>>),
    Round(Box<Round>),
}

/// What was under way, in case it dies.
pub(super) enum Work {
    Batch(Vec<(CustomerName, u64)>),
    Files,
    Round,
}

impl Keeper {
    /// The loop before its first turn. A version must be in force.
    pub(super) fn new(
        settings: Settings,
        board: Board,
        client: Client,
        (files, versions): (Files, Versions),
        shared: Arc<Shared>,
    ) -> Self {
        let clock = client.clock();
        let now = clock.now();
        let desired = versions.in_force().cloned().expect("the loop begins once a version is in force");
        let (post, mail) = mpsc::unbounded_channel();
        let rng = fastrand::Rng::with_seed(settings.seed);
        let stopped_before = versions.stopped_before();
        let mut keeper = Self {
            settings,
            board,
            clock,
            client,
            cloud: desired.partner.cloud,
            versions,
            desired: Arc::clone(&desired),
            version: 1,
            files: Some(files),
            slots: BTreeMap::new(),
            switches: BTreeMap::new(),
            passes: 0,
            cache: Arc::default(),
            shared,
            partner: None,
            partner_version: 0,
            watch: Some(Watch::new()),
            stop: None,
            stopped_before,
            health: JournalHealth::default(),
            due: Due {
                files: now,
                stop: now,
                journal: now,
                round: now,
                without_partner: now,
                cache: now,
                delegation: now,
                reminder: now,
            },
            ramps: (Ramp::new(Ramp::URGENT, now), Ramp::new(Ramp::ORDINARY, now)),
            tasks: JoinSet::new(),
            looks: JoinSet::new(),
            under_way: BTreeMap::new(),
            post,
            mail,
            ending: halt::switch(),
            rng,
        };
        let turns = schedule::first_turns(now, desired.customers.len());
        let slots = desired.customers.keys().zip(turns);
        keeper.slots = slots.map(|(name, at)| (name.clone(), Slot::new(at, Trigger::Interval))).collect();
        keeper.look_at_connection();
        keeper.show_fleet(now);
        keeper
    }

    /// Whether the way to the services is still the one that the files name: they are read once for it, at the start.
    fn look_at_connection(&self) {
        let (partner, acts_as) = (&self.desired.partner, self.client.client_id());
        let cloud = (partner.cloud != self.cloud).then(|| {
            let (said, used) = (code(partner.cloud), code(self.cloud));
            format!("the files say cloud {said}, and this process works with {used}")
        });
        let other = partner.client_id.filter(|id| *id != acts_as);
        let other =
            other.map(|id| format!("the files say application {id}, and this process acts as {acts_as}"));
        let outdated = cloud.into_iter().chain(other).reduce(|one, other| format!("{one}; {other}"));
        if let Some(why) = &outdated {
            let hint = "it counts from the next start: start it again";
            tracing::error!(why, hint, origin = %partner.origin, "part of the files has no effect yet");
        }
        self.board.note(|overview| overview.outdated = outdated);
    }

    /// Takes over what the versions now have in force.
    pub(super) fn adopt(&mut self, changed: &std::collections::BTreeSet<CustomerName>, now: Timestamp) {
        let Some(desired) = self.versions.in_force().cloned() else { return };
        self.desired = desired;
        self.version += 1;
        self.look_at_connection();
        self.due.round = now;
        self.due.without_partner = now.saturating_add(super::turns::WAIT_FOR_PARTNER).unwrap_or(now);
        let known = &self.desired.customers;
        self.slots.retain(|name, _| known.contains_key(name));
        for (name, (_, switch)) in &self.switches {
            if !known.contains_key(name) {
                switch.throw("the files know this customer no longer");
            }
        }
        for name in known.keys() {
            self.slots.entry(name.clone()).or_insert_with(|| Slot::new(now, Trigger::Files));
        }
        for name in changed {
            self.wish(name, Trigger::Files, now);
        }
        self.shared.spending.keep_only(&self.desired);
        self.show_fleet(now);
    }

    /// Wishes for a look at a customer.
    pub(super) fn wish(&mut self, name: &CustomerName, trigger: Trigger, now: Timestamp) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        if self.switches.get(name).is_some_and(|(number, _)| self.shared.is_planned(name, *number)) {
            slot.planned();
        }
        if slot.wish(trigger, now)
            && let Some((_, switch)) = self.switches.get(name)
        {
            switch.throw(INTERRUPTED);
        }
        let next = slot.next().map(|turn| turn.at);
        self.board.update(name, |status| status.next_due = next);
    }

    /// Takes note of a pass that has come to its end.
    pub(super) fn pass_ended(&mut self, end: PassEnd) {
        let PassEnd { name, number, began, ended, plan, outcome, halted } = end;
        if !self.ends(&name, number) {
            return;
        }
        let Some(plan) = plan else { return self.gave_way(&name, began, ended) };
        let interval = self.settings.interval;
        let die = self.rng.f64();
        let (Some(slot), Some(customer)) = (self.slots.get_mut(&name), self.desired.customers.get(&name))
        else {
            return;
        };
        let trigger = slot.running().unwrap_or(Trigger::Interval);
        let status = self.board.customer(&name);
        let before = status.as_ref().map_or(&[][..], |status| &status.overdue);
        let interrupted = halted.as_deref() == Some(INTERRUPTED);
        let overdue = if interrupted {
            before.to_vec()
        } else {
            // What ended while nobody watched is not known; of the last day it is asked all the same.
            let unwatched = self.board.overview().started.saturating_sub(DAY).unwrap_or(began);
            let seen = status.as_ref().and_then(|status| status.last_seen).unwrap_or(unwatched);
            let unseen = edges::ended(&self.desired, customer, &plan.measure.unseen, (seen, ended));
            let mark = Mark::of(self.desired.partner.tenant);
            let mut overdue = verdict::overdue(&plan, outcome.as_ref(), halted.as_deref(), before, ended);
            let more = verdict::unproven(&plan, &mark, customer, unseen);
            for late in verdict::out_of_sight(&plan, &mark, customer, before).into_iter().chain(more) {
                if overdue.iter().all(|known| known.operation != late.operation) {
                    overdue.push(late);
                }
            }
            overdue
        };
        let how = match &halted {
            Some(_) if interrupted => Ended::Interrupted,
            // What was not written because of the switch is no failure; what could not be read is one all the same.
            Some(_) => verdict::ended(&plan, None, &overdue),
            None => verdict::ended(&plan, outcome.as_ref(), &overdue),
        };
        slot.come_back(verdict::come_back(&plan, outcome.as_ref(), ended));
        let backing_off = slot.end(how, (began, ended), interval, die);
        let (failures, next) = (slot.failures(), slot.next().map(|turn| turn.at));
        let good = halted.is_none() && verdict::is_good(&plan, outcome.as_ref());
        let grants = edges::running_grants(customer, ended);
        for late in &overdue {
            tracing::error!(customer = %name, operation = %late.operation, since = %late.since, why = late.why, "access is not withdrawn");
        }
        if let Some(gap) = plan.gaps.iter().find(|gap| gap.lost.is_some()) {
            let hint = gap.lost.map(Right::hint).unwrap_or_default();
            tracing::warn!(customer = %name, why = gap.text, hint, "the customer took a right away");
        }
        let changed = self.board.update(&name, |status| {
            status.running = None;
            status.state = plan.state;
            status.next_due = next;
            status.failures = failures;
            status.backing_off_until = backing_off;
            status.grants = grants;
            status.overdue = overdue;
            status.pending_invitations =
                plan.measure.pending_invitations + verdict::invited(&plan, outcome.as_ref());
            if !interrupted {
                if plan.measure.unseen.is_empty() {
                    status.last_seen = Some(began);
                }
                status.last_pass = Some(PassRecord { began, ended, good, trigger });
                status.plan = Some(plan);
                status.outcome = outcome.map(Arc::new);
                status.halted = halted.is_some();
            }
            if good {
                status.last_good = Some(ended);
            }
        });
        if let Some((before, after)) = changed.filter(|_| !interrupted) {
            self.board.tell(Event::PassEnded { before: &before, after: &after });
        }
    }

    /// Whether that pass is under way; it is not any more.
    pub(super) fn ends(&mut self, name: &CustomerName, number: u64) -> bool {
        let is_under_way = self.switches.get(name).is_some_and(|(current, _)| *current == number);
        if is_under_way {
            self.switches.remove(name);
        }
        is_under_way
    }

    /// Takes note of a pass that gave way before it was planned.
    fn gave_way(&mut self, name: &CustomerName, began: Timestamp, ended: Timestamp) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.end(Ended::GaveWay, (began, ended), self.settings.interval, 0.5);
        let next = slot.next().map(|turn| turn.at);
        self.board.update(name, |status| {
            status.running = None;
            status.next_due = next;
        });
    }

    /// Takes note of a round over the partner's tenant.
    pub(super) fn round_ended(&mut self, round: Round) {
        let now = self.clock.now();
        let Round { watch, version, partner, concerned, gaps, heard, resynced } = round;
        self.watch = Some(watch);
        let is_first = self.partner.is_none();
        self.partner = partner.or(self.partner.take());
        self.partner_version = version;
        if version != self.version {
            // The files changed meanwhile: who is new in them was not read.
            self.due.round = now;
        }
        let known: BTreeSet<_> = self.board.overview().partner_gaps.iter().map(|gap| gap.code).collect();
        for gap in gaps.iter().filter(|gap| !known.contains(&gap.code)) {
            tracing::warn!(
                why = gap.text,
                "the partner's tenant could not be read whole: leavers may go unnoticed"
            );
        }
        self.board.note(|overview| {
            overview.partner_gaps = gaps;
            if heard {
                overview.partner_read = Some(now);
            }
        });
        if resynced > 0 {
            self.board.tell(Event::FeedsResynced(resynced));
        }
        if !is_first {
            for name in &concerned {
                self.wish(name, Trigger::Partner, now);
            }
        }
    }

    /// Puts every customer of the files on the board, with what was known of it.
    fn show_fleet(&mut self, now: Timestamp) {
        let mut shown = BTreeMap::new();
        for (name, customer) in &self.desired.customers {
            let known = self.board.customer(name).filter(|status| status.tenant == customer.tenant);
            let mut status = known.map_or_else(
                || CustomerStatus::unseen(name.clone(), customer.tenant, customer.state),
                |status| CustomerStatus::clone(&status),
            );
            status.state = customer.state;
            status.grants = edges::running_grants(customer, now);
            if let Some(slot) = self.slots.get_mut(name) {
                slot.set_edge(edges::next(&self.desired, customer, now));
                status.next_due = slot.next().map(|turn| turn.at);
            }
            shown.insert(name.clone(), Arc::new(status));
        }
        self.board.replace(shown);
    }
}
