//! Everything a simulator holds, and the way one request takes through it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
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
use super::quota::{Headers, Quotas};
use super::refusal::Refusal;
use super::requests::{RequestRecord, Requests, Service};
use super::tenancies::Tenancies;
use super::token::{Opened, Token, Unfit};
use super::world::{Client, Cloud, Lag, ManagedIdentity, World};
use super::{arm, fault_answers, graph, login};

/// The state behind one simulator.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) dice: Dice,
    pub(super) lag: Lag,
    pub(super) tenants_per_person: usize,
    pub(super) tenancies: Tenancies,
    pub(super) page_size: Option<usize>,
    pub(super) cloud: Cloud,
    pub(super) client: Client,
    pub(super) managed_identities: Vec<ManagedIdentity>,
    pub(super) identity_header: String,
    /// The partner's tenant id.
    pub(super) partner: Uuid,
    /// The customers' tenant ids, in the order of the world.
    pub(super) customers: Vec<Uuid>,
    pub(super) directories: BTreeMap<Uuid, Directory>,
    pub(super) estate: Estate,
    pub(super) quotas: Quotas,
    pub(super) faults: Faults,
    pub(super) requests: Requests,
    pub(super) history: Vec<Change>,
    /// How many ids were given to requests.
    serial: u64,
    opened: Opened,
    bent: Bent,
}

/// What a fault does to time while its request is carried out.
#[derive(Clone, Copy, Debug, Default)]
struct Bent {
    lag: Option<Lag>,
    skew: SignedDuration,
}

/// What is known about a request before it is carried out.
#[derive(Debug)]
pub(super) struct Visit {
    service: Service,
    route: &'static str,
    /// Who asks Graph or ARM, if the token says so.
    token: Option<Token>,
    customer: Option<String>,
    tenant: Option<Uuid>,
    batch_item: bool,
    pub(super) fault: Option<Fault>,
}

/// What is put back after a request that was answered and not carried out.
struct Before {
    directory: Option<Directory>,
    estate: Estate,
    tenancies: Tenancies,
    changes: usize,
}

impl State {
    pub(super) fn new(world: &World, seed: u64) -> Self {
        let mut state = Self {
            clock: Clock::starting_at(world.clock),
            dice: Dice::new(seed),
            lag: world.lag,
            tenants_per_person: world.tenants_per_person,
            tenancies: Tenancies::default(),
            page_size: world.page_size,
            cloud: world.cloud,
            client: world.client.clone(),
            managed_identities: world.managed_identities.clone(),
            identity_header: world.identity_header.clone(),
            partner: world.partner.tenant_id,
            customers: Vec::new(),
            directories: BTreeMap::new(),
            estate: Estate::default(),
            quotas: Quotas::new(world.quotas),
            faults: Faults::default(),
            requests: Requests::default(),
            history: Vec::new(),
            serial: 0,
            opened: Opened::default(),
            bent: Bent::default(),
        };
        let partner = Directory::of_partner(&world.partner, world.clock);
        let admins = partner.groups.values().find(|group| group.display_name == "AdminAgents").cloned();
        state.directories.insert(partner.id, partner);
        for customer in &world.customers {
            let directory = Directory::of_customer(customer, world.clock);
            let (subscriptions, client) = (&customer.subscriptions, state.client.id);
            state.estate.fill(&directory, subscriptions, admins.as_ref(), client, world.clock);
            directory.users.values().for_each(|user| state.tenancies.join(user));
            state.customers.push(directory.id);
            state.directories.insert(directory.id, directory);
        }
        state
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the clock of a struck service shows; everybody else's shows the truth.
    pub(super) fn told(&self) -> Timestamp {
        self.now().saturating_add(self.bent.skew).unwrap_or(Timestamp::MAX)
    }

    /// Bends time for one request, and returns how it was bent before.
    fn bend(&mut self, fault: Option<&Fault>) -> Bent {
        let outside = self.bent;
        let delay = |otherwise: f64| fault.and_then(|fault| fault.delay).unwrap_or(otherwise);
        match fault.map(|fault| fault.fault) {
            Some(FaultKind::Lag) => {
                self.bent.lag = Some(Lag { min_seconds: delay(60.0), max_seconds: delay(60.0) });
            }
            Some(FaultKind::Skew) => {
                let skew = SignedDuration::try_from_secs_f64(delay(7200.0));
                self.bent.skew = skew.unwrap_or(SignedDuration::ZERO);
            }
            _ => {}
        }
        outside
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
        let (now, lag) = (self.now(), LagRule::new(self.dice, self.bent.lag.unwrap_or(self.lag)));
        let directory = self.directories.get_mut(&tenant)?;
        Some((
            directory,
            &mut self.estate,
            Moment { now, actor, lag, history: &mut self.history, tenancies: &mut self.tenancies },
        ))
    }

    /// The application that acts in a tenant.
    pub(super) fn client_in(&self, tenant: Uuid) -> &Client {
        self.directories.get(&tenant).and_then(|directory| directory.app.as_ref()).unwrap_or(&self.client)
    }

    /// The tenant of that id or domain.
    pub(super) fn tenant_called(&self, name: &str) -> Option<&Directory> {
        if let Ok(id) = name.parse::<Uuid>() {
            return self.directories.get(&id);
        }
        self.directories.values().find(|directory| directory.answers_to(name))
    }

    /// The token that a request carries, as it is at a time.
    pub(super) fn token(&mut self, call: &Call, at: Timestamp) -> Result<Token, Unfit> {
        Token::read(call.header("authorization"), at, &mut self.opened)
    }

    /// Finds out what a request is about and which fault strikes it.
    pub(super) fn visit(&mut self, call: &Call, batch_item: bool) -> Option<Visit> {
        let To::Service(service) = call.to else { return None };
        let token = match service {
            Service::Login => None,
            Service::Graph | Service::Arm => self.token(call, self.now()).ok(),
        };
        let (route, lists) = match service {
            Service::Login => (login::route(call), false),
            Service::Graph => graph::route(call),
            Service::Arm => arm::route(call),
        };
        let tenant = match service {
            Service::Login => login::tenant(self, call),
            Service::Graph | Service::Arm => token.as_ref().map(|token| token.tid),
        };
        let customer = tenant.and_then(|id| Some(self.directories.get(&id)?.name.clone()));
        let target = Target {
            service,
            method: call.method.as_str(),
            route,
            customer: customer.as_deref(),
            batch_item,
            lists,
            resumes: service == Service::Graph && route.ends_with("/delta") && graph::resumes(call),
        };
        let fault = self.faults.strike(&target, self.dice);
        Some(Visit { service, route, token, customer, tenant, batch_item, fault })
    }

    /// Carries a request out, fault included, and records it.
    pub(super) fn carry_out(&mut self, call: &Call, visit: Visit) -> Answer {
        let fault = visit.fault.as_ref();
        let lies = fault.is_some_and(|fault| fault.fault == FaultKind::Liar);
        let before = lies.then(|| self.remember(visit.tenant));
        let outside = self.bend(fault);
        let answer = match fault.and_then(|fault| fault_answers::instead(self, call, visit.service, fault)) {
            Some(answer) => answer,
            None => match self.admit(call, &visit) {
                Ok(earned) => {
                    let mut answer = match visit.service {
                        Service::Login => login::answer(self, call),
                        Service::Graph => graph::answer(self, call, fault, visit.batch_item),
                        Service::Arm => arm::answer(self, call, fault),
                    };
                    answer.headers.extend(earned);
                    answer
                }
                Err(refusal) if visit.service == Service::Graph => graph::refuse(self, call, &refusal),
                Err(refusal) => arm::refuse(self, call, &refusal),
            },
        };
        let mut answer = match fault {
            Some(fault) => {
                let ends_cleanly = self.dice.roll("cut", &[], self.serial).bool();
                fault_answers::spoil(answer, fault, ends_cleanly)
            }
            None => answer,
        };
        if let Some(before) = before {
            self.forget_since(before);
        }
        if self.bent.skew != SignedDuration::ZERO {
            answer = answer.with("date", super::http_date(self.told()));
        }
        self.bent = outside;
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
        let (estate, tenancies) = (self.estate.clone(), self.tenancies.clone());
        Before { directory, estate, tenancies, changes: self.history.len() }
    }

    /// Undoes everything since; ids given to objects meanwhile are not given again.
    fn forget_since(&mut self, before: Before) {
        if let Some(mut directory) = before.directory {
            directory.created = self.directories.get(&directory.id).map_or(directory.created, |d| d.created);
            self.directories.insert(directory.id, directory);
        }
        (self.estate, self.tenancies) = (before.estate, before.tenancies);
        self.history.truncate(before.changes);
    }

    /// Counts a request against the quotas of whoever sends it. The login service has none that anybody published.
    fn admit(&mut self, call: &Call, visit: &Visit) -> Result<Headers, Refusal> {
        let Some(token) = &visit.token else { return Ok(Headers::new()) };
        let now = self.now();
        match visit.service {
            Service::Login => Ok(Headers::new()),
            Service::Graph => {
                let Some(cost) = graph::cost::of_call(call) else { return Ok(Headers::new()) };
                let users = self.directories.get(&token.tid).map_or(0, |directory| directory.users.len());
                self.quotas.admit_graph(token, users, cost, now)
            }
            Service::Arm => self.quotas.admit_arm(token, arm::aim(call), &call.method, now),
        }
    }
}
