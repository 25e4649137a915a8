//! Everything a simulator holds, and the way one request takes through it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::answer::Answer;
use super::call::{Call, To};
use super::clock::Clock;
use super::dice::Dice;
use super::directory::{Directory, Moment};
use super::estate::Estate;
use super::faults::{Fault, FaultKind, Faults, Target};
use super::history::{Actor, Change};
use super::lag::LagRule;
use super::requests::{RequestRecord, Requests, Service};
use super::world::{Client, Lag, World};
use super::{arm, fault_answers, graph, login};

/// The state behind one simulator.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) dice: Dice,
    pub(super) lag: Lag,
    pub(super) page_size: Option<usize>,
    pub(super) client: Client,
    /// The partner's tenant id.
    pub(super) partner: Uuid,
    /// The customers' tenant ids, in the order of the world.
    pub(super) customers: Vec<Uuid>,
    pub(super) directories: BTreeMap<Uuid, Directory>,
    pub(super) estate: Estate,
    pub(super) faults: Faults,
    pub(super) requests: Requests,
    pub(super) history: Vec<Change>,
    /// How many ids were given to requests.
    serial: u64,
}

/// What is known about a request before it is carried out.
#[derive(Debug)]
pub(super) struct Visit {
    service: Service,
    route: &'static str,
    customer: Option<String>,
    tenant: Option<Uuid>,
    batch_item: bool,
    pub(super) fault: Option<Fault>,
}

/// What is put back after a request that was answered and not carried out.
struct Before {
    directory: Option<Directory>,
    estate: Estate,
    changes: usize,
}

impl State {
    pub(super) fn new(world: &World, seed: u64) -> Self {
        let mut state = Self {
            clock: Clock::starting_at(world.clock),
            dice: Dice::new(seed),
            lag: world.lag,
            page_size: world.page_size,
            client: world.client.clone(),
            partner: world.partner.tenant_id,
            customers: Vec::new(),
            directories: BTreeMap::new(),
            estate: Estate::default(),
            faults: Faults::default(),
            requests: Requests::default(),
            history: Vec::new(),
            serial: 0,
        };
        let partner = Directory::of_partner(&world.partner, world.clock);
        let admins = partner.groups.values().find(|group| group.display_name == "AdminAgents").cloned();
        state.directories.insert(partner.id, partner);
        for customer in &world.customers {
            let directory = Directory::of_customer(customer, world.clock);
            let (subscriptions, client) = (&customer.subscriptions, state.client.id);
            state.estate.fill(&directory, subscriptions, admins.as_ref(), client, world.clock);
            state.customers.push(directory.id);
            state.directories.insert(directory.id, directory);
        }
        state
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A number no other request has.
    pub(super) fn take_turn(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A fresh id for a request or an answer.
    pub(super) fn next_id(&mut self) -> Uuid {
        let turn = self.take_turn();
        self.dice.id("request", Uuid::nil(), turn)
    }

    /// A tenant's directory together with everything a write to it needs.
    pub(super) fn writer(
        &mut self,
        tenant: Uuid,
        actor: Actor,
    ) -> Option<(&mut Directory, &mut Estate, Moment<'_>)> {
        let (now, lag) = (self.now(), LagRule::new(self.dice, self.lag));
        let directory = self.directories.get_mut(&tenant)?;
        Some((directory, &mut self.estate, Moment { now, actor, lag, history: &mut self.history }))
    }

    /// The tenant of that id or domain.
    pub(super) fn tenant_called(&self, name: &str) -> Option<&Directory> {
        if let Ok(id) = name.parse::<Uuid>() {
            return self.directories.get(&id);
        }
        self.directories.values().find(|directory| directory.answers_to(name))
    }

    /// Finds out what a request is about and which fault strikes it.
    pub(super) fn visit(&mut self, call: &Call, batch_item: bool) -> Option<Visit> {
        let To::Service(service) = call.to else { return None };
        let (route, lists, tenant) = match service {
            Service::Login => {
                let name = call.path.first().map_or("", String::as_str);
                (login::route(call), false, self.tenant_called(name).map(|directory| directory.id))
            }
            Service::Graph => {
                let (route, lists) = graph::route(call);
                (route, lists, self.tenant_of_token(call))
            }
            Service::Arm => {
                let (route, lists) = arm::route(call);
                (route, lists, self.tenant_of_token(call))
            }
        };
        let customer = tenant.and_then(|id| Some(self.directories.get(&id)?.name.clone()));
        let target = Target {
            service,
            method: call.method.as_str(),
            route,
            customer: customer.as_deref(),
            batch_item,
            lists,
        };
        let fault = self.faults.strike(&target, self.dice);
        Some(Visit { service, route, customer, tenant, batch_item, fault })
    }

    /// Carries a request out, fault included, and records it.
    pub(super) fn carry_out(&mut self, call: &Call, visit: Visit) -> Answer {
        let fault = visit.fault.as_ref();
        let lies = fault.is_some_and(|fault| fault.fault == FaultKind::Liar);
        let before = lies.then(|| self.remember(visit.tenant));
        let answer = match fault.and_then(|fault| fault_answers::instead(self, call, visit.service, fault)) {
            Some(answer) => answer,
            None => match visit.service {
                Service::Login => login::answer(self, call),
                Service::Graph => graph::answer(self, call, fault, visit.batch_item),
                Service::Arm => arm::answer(self, call, fault),
            },
        };
        let answer = match fault {
            Some(fault) if fault.fault == FaultKind::LostAnswer => Answer::empty(fault.status.unwrap_or(504)),
            Some(fault) if fault.fault == FaultKind::Cut => {
                let nth = self.serial;
                answer.cut(self.dice.roll("cut", &[], nth).bool())
            }
            _ => answer,
        };
        if let Some(before) = before {
            self.forget_since(before);
        }
        self.requests.add(RequestRecord {
            at: self.clock.now(),
            service: visit.service,
            method: call.method.to_string(),
            route: visit.route.to_owned(),
            customer: visit.customer,
            status: answer.status,
            batch_item: visit.batch_item,
        });
        answer
    }

    /// What a request about a tenant can change.
    fn remember(&self, tenant: Option<Uuid>) -> Before {
        let directory = tenant.and_then(|id| self.directories.get(&id)).cloned();
        Before { directory, estate: self.estate.clone(), changes: self.history.len() }
    }

    /// Undoes everything since; ids given to objects meanwhile are not given again.
    fn forget_since(&mut self, before: Before) {
        if let Some(mut directory) = before.directory {
            directory.created = self.directories.get(&directory.id).map_or(directory.created, |d| d.created);
            self.directories.insert(directory.id, directory);
        }
        self.estate = before.estate;
        self.history.truncate(before.changes);
    }

    fn tenant_of_token(&self, call: &Call) -> Option<Uuid> {
        let token = super::token::Token::read(call.header("authorization"), self.now());
        token.ok().map(|token| token.tid)
    }
}
