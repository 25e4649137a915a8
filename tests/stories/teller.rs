//! Carries out a story's commands: the real files, the real client, the simulator behind it, and no time passing but what
//! the story lets pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use groupsync::cli::commands::explain::{self, Question};
use groupsync::cli::commands::import::{self, Tree};
use groupsync::cli::exit::Exit;
use groupsync::client::Client;
use groupsync::client::halt::Halt;
use groupsync::desired;
use groupsync::desired::state::DesiredState;
use groupsync::execute::Deferral;
use groupsync::journal::register::Book;
use groupsync::journal::{Journal, read};
use groupsync::model::names::CustomerName;
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, How, Pass, Selection};
use groupsync::report;
use groupsync::simulator::faults::Fault;
use groupsync::simulator::world::{Customer, Lag};
use jiff::Timestamp;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::script::{Step, edit, words};
use super::{folder, keeping, people, show, tenant};
use crate::stage::{self, Stage};

/// How many passes a tenant may need to become quiet. One is enough but for what waits for replicas.
const PASSES: usize = 3;

/// Everything random in a story follows from this.
const SEED: u64 = 1;

/// A story on its way.
pub(super) struct Teller {
    files: BTreeMap<String, String>,
    stage: Option<Stage>,
    /// What is used instead of the application's secret.
    secret: Option<String>,
    /// The digests of the customers in the last plan told.
    digests: BTreeMap<String, String>,
    /// How many changes of the history are told already.
    told: usize,
    /// Where the journal lies, if the story keeps one.
    journal: TempDir,
}

/// Whether what was found goes into the files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Merge {
    Yes,
    No,
}

type Said = Result<Option<String>, String>;

impl Teller {
    /// The beginning of every story: the files of `base/`.
    pub(super) fn new() -> Self {
        let journal = tempfile::tempdir().expect("a temporary directory");
        let base = folder().join("base");
        let entries = WalkDir::new(&base).into_iter().map(|entry| entry.expect("an entry of the base tree"));
        let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
            let path = entry.path().strip_prefix(&base).expect("an entry lies below its root");
            let text = fs::read_to_string(entry.path()).expect("a text");
            (path.to_string_lossy().into_owned(), text)
        });
        Self { files: files.collect(), stage: None, secret: None, digests: BTreeMap::new(), told: 0, journal }
    }

    /// Carries out one command. What it says becomes its block; none where the block is the command's own.
    pub(super) async fn carry_out(&mut self, step: &Step) -> Said {
        let words = words(&step.command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["file", path] => {
                let text = self.with_digests(&(step.block.join("\n") + "\n"))?;
                self.write(path, Some(text))
            }
            ["edit", path] => {
                let text = self.files.get(*path).ok_or_else(|| format!("there is no file {path}"))?;
                let text = edit(text, &step.block)?;
                self.write(path, Some(text))
            }
            ["delete", paths @ ..] => paths.iter().try_fold(None, |_, path| self.delete(path)),
            ["validate"] => Ok(Some(self.validate())),
            ["settle"] => self.settle().await,
            ["plan", customers @ ..] => self.plan(customers).await,
            ["comment"] => self.comment().await,
            ["import", "--merge", customers @ ..] => self.import(customers, Merge::Yes).await,
            ["import", customers @ ..] => self.import(customers, Merge::No).await,
            ["explain", person, customer] => self.explain(person, customer).await,
            ["apply", "--wait"] => self.apply(Deferral::Wait).await,
            ["keep", "a", "journal"] | ["begin", "a", "new", "process"] => self.keep_a_journal(),
            ["register", rest @ ..] => self.register(rest),
            ["apply"] => self.apply(Deferral::Leave).await,
            ["run", time] => {
                let time: jiff::SignedDuration =
                    time.parse().map_err(|error| format!("no duration: {error}"))?;
                let path = self.journal.path().join("journal.db");
                self.stage()?;
                let stage = self.stage.as_ref().ok_or("there is no stage")?;
                let client = client(stage, self.secret.as_deref());
                Ok(Some(keeping::run(stage, client, &path, time.unsigned_abs()).await))
            }
            ["die", "at", "request", number] => {
                let number = number.parse().map_err(|_| format!("{number} is no number"))?;
                self.die(number).await
            }
            ["wait", "until", date, time] => self.wait_until(&format!("{date}T{time}")).await,
            ["wait", duration] => {
                let duration: jiff::SignedDuration =
                    duration.parse().map_err(|error| format!("no duration: {error}"))?;
                tokio::time::sleep(duration.unsigned_abs()).await;
                Ok(None)
            }
            ["show", "file", path] => match self.files.get(*path) {
                Some(text) => Ok(Some(text.clone())),
                None => Err(format!("there is no file {path}")),
            },
            ["show", rest @ ..] => self.show(rest).await,
            _ => self.happen(&words, &step.command),
        }
    }

    /// What happens without groupsync.
    fn happen(&mut self, words: &[&str], command: &str) -> Said {
        match words {
            ["at", customer, act @ ..] => {
                let simulator = &self.stage()?.simulator;
                let now = simulator.now();
                let changed = simulator.edit(|world| {
                    let customer = world.customer_mut(customer).ok_or("there is no such customer")?;
                    tenant::act(customer, now, act)
                });
                changed.map(|()| None)
            }
            ["take-roles", "from", "us", "at", name] => {
                let simulator = &self.stage()?.simulator;
                let world = simulator.world();
                let tenant = world.customer(name).ok_or("there is no such customer")?.tenant_id;
                let us = simulator.service_principal(tenant);
                simulator.edit_customer(tenant, |customer| tenant::take_roles(customer, us));
                Ok(None)
            }
            ["give-roles", "to", "us", "at", name] => {
                let simulator = &self.stage()?.simulator;
                let world = simulator.world();
                let tenant = world.customer(name).ok_or("there is no such customer")?.tenant_id;
                let us = simulator.service_principal(tenant);
                simulator.edit_customer(tenant, |customer| tenant::give_roles(customer, us));
                Ok(None)
            }
            ["partner", act @ ..] => {
                let simulator = &self.stage()?.simulator;
                let now = simulator.now();
                simulator.edit(|world| people::act(&mut world.partner, now, act)).map(|()| None)
            }
            ["fault", ..] => {
                let written = command.trim_start_matches("fault");
                let fault: Fault = serde_yaml::from_str(written).map_err(|error| error.to_string())?;
                self.stage()?.simulator.add_fault(fault);
                Ok(None)
            }
            ["replicas", "are", "up", "to", seconds, "s", "late"] => {
                let max_seconds = seconds.parse().map_err(|_| format!("{seconds} is no number"))?;
                self.stage()?.simulator.edit(|world| world.lag = Lag { min_seconds: 0.0, max_seconds });
                Ok(None)
            }
            ["no", "faults"] => {
                self.stage()?.simulator.clear_faults();
                Ok(None)
            }
            ["use", "secret", secret] => {
                self.secret = Some((*secret).to_owned());
                Ok(None)
            }
            _ => Err("there is no such command".to_owned()),
        }
    }

    /// Changes a file, in the tree and for the stage.
    fn write(&mut self, path: &str, text: Option<String>) -> Said {
        if let Some(stage) = &self.stage {
            match &text {
                Some(text) => stage.write(path, text),
                None => fs::remove_file(stage.dir.path().join(path)).map_err(|error| error.to_string())?,
            }
        }
        match text {
            Some(text) => self.files.insert(path.to_owned(), text),
            None => self.files.remove(path),
        };
        Ok(None)
    }

    /// Deletes a file, or everything in a folder.
    fn delete(&mut self, path: &str) -> Said {
        let below = |file: &String| *file == path || file.starts_with(&format!("{path}/"));
        let files: Vec<String> = self.files.keys().filter(|file| below(file)).cloned().collect();
        if files.is_empty() {
            return Err(format!("there is no file {path}"));
        }
        files.iter().try_fold(None, |_, file| self.write(file, None))
    }

    /// The text with `{digest CUSTOMER}` replaced by the digest of that customer's plan, as it was told last.
    fn with_digests(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split("{digest ");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (customer, rest) = part.split_once('}').ok_or("`{digest` without `}`")?;
            let digest = self.digests.get(customer).ok_or_else(|| format!("no plan of {customer} yet"))?;
            filled.push_str(digest);
            filled.push_str(rest);
        }
        Ok(filled)
    }

    fn write_all(&self, dir: &Path) {
        for (path, text) in &self.files {
            stage::write(dir, path, text);
        }
    }

    /// The stage, set up with the files as they are when it is first needed.
    fn stage(&mut self) -> Result<&Stage, String> {
        if self.stage.is_none() {
            let stage = Stage::new(|dir| self.write_all(dir), SEED, |_| {});
            self.stage = Some(stage);
        }
        self.stage.as_ref().ok_or_else(String::new)
    }

    fn validate(&self) -> String {
        let dir = tempfile::tempdir().expect("a temporary directory");
        self.write_all(dir.path());
        let read = desired::read(dir.path());
        let code = if read.state.is_none() { Exit::Usage } else { Exit::Done };
        told(&problems(&read, dir.path()), code)
    }

    /// What the files say, or what is wrong with them.
    fn desired(&mut self) -> Result<DesiredState, String> {
        let dir = self.stage()?.dir.path();
        let read = desired::read(dir);
        let problems = problems(&read, dir);
        read.state.ok_or_else(|| told(&problems, Exit::Usage))
    }

    /// Applies until nothing is left to do, and everybody invited accepts: how things stand when a story begins.
    async fn settle(&mut self) -> Said {
        for _ in 0..PASSES {
            let desired = self.desired()?;
            let stage = self.stage()?;
            let report = stage.apply().await;
            let quiet = report.plan.customers.iter().all(|customer| customer.runnable().next().is_none());
            for customer in desired.customers.values() {
                stage.simulator.edit_customer(customer.tenant.uuid(), accept_all);
            }
            stage.simulator.clear_requests();
            self.told = stage.simulator.history().len();
            if quiet {
                return Ok(None);
            }
        }
        Err(format!("after {PASSES} passes there still is something to do"))
    }

    async fn plan(&mut self, customers: &[&str]) -> Said {
        let desired = match self.desired() {
            Ok(desired) => desired,
            Err(problems) => return Ok(Some(problems)),
        };
        let names = customers.iter().map(|name| name.parse::<CustomerName>().map_err(|e| e.to_string()));
        let names: BTreeSet<CustomerName> = names.collect::<Result<_, _>>()?;
        let selection = if names.is_empty() { Selection::All } else { Selection::Only(names) };
        let plan = self.make_plan(&desired, &selection).await?;
        let digests = plan.customers.iter().map(|c| (c.name.to_string(), c.digest.as_str().to_owned()));
        self.digests.extend(digests);
        let text = report::text::plan(&plan, &desired);
        Ok(Some(told(&text, Exit::of_plan(&plan))))
    }

    /// The plan as it stands on a pull request.
    async fn comment(&mut self) -> Said {
        let desired = match self.desired() {
            Ok(desired) => desired,
            Err(problems) => return Ok(Some(problems)),
        };
        let plan = self.make_plan(&desired, &Selection::All).await?;
        Ok(Some(report::markdown::plan(&plan, &desired, Some("plan.html"))))
    }

    /// Looks for what no file declares; merged, the files say it from then on.
    async fn import(&mut self, customers: &[&str], merge: Merge) -> Said {
        let desired = match self.desired() {
            Ok(desired) => desired,
            Err(problems) => return Ok(Some(problems)),
        };
        let names = customers.iter().map(|name| name.parse::<CustomerName>().map_err(|e| e.to_string()));
        let names: BTreeSet<CustomerName> = names.collect::<Result<_, _>>()?;
        let selection = if names.is_empty() { Selection::All } else { Selection::Only(names) };
        let secret = self.secret.clone();
        let stage = self.stage()?;
        let sources = desired::read(stage.dir.path()).sources;
        let (client, memory) = (client(stage, secret.as_deref()), stage.journal.memory().await);
        let pass = Pass { client: &client, desired: &desired, memory: &memory, progress: &|_| {} };
        let adoptions = reconcile::adoption::survey(&pass, &selection, stage.clock.now()).await;
        let tree = Tree { desired: &desired, sources: &sources };
        let changes = import::proven(tree, &adoptions).map_err(|failure| format!("{:?}", failure.error))?;
        if merge == Merge::Yes {
            for (path, change) in &changes.files {
                self.write(path, Some(change.text.clone()))?;
            }
        }
        let exit =
            if adoptions.iter().all(|found| found.gaps.is_empty()) { Exit::Done } else { Exit::Failure };
        Ok(Some(told(&report::adoption::text(&adoptions, &changes), exit)))
    }

    async fn explain(&mut self, person: &str, customer: &str) -> Said {
        let desired = match self.desired() {
            Ok(desired) => desired,
            Err(problems) => return Ok(Some(problems)),
        };
        let subject = explain::subject(&desired, person).map_err(|failure| failure.error.to_string())?;
        let name = customer.parse().map_err(|error| format!("{error}"))?;
        let secret = self.secret.clone();
        let stage = self.stage()?;
        let (client, memory) = (client(stage, secret.as_deref()), stage.journal.memory().await);
        let pass = Pass { client: &client, desired: &desired, memory: &memory, progress: &|_| {} };
        let now = stage.clock.now();
        let explanations = explain::by_tenants(&pass, &Question::One(subject, name), now).await;
        let words = explanations.iter().map(|e| report::explanation::text(e, &BTreeMap::new(), now));
        Ok(Some(words.collect()))
    }

    /// What a program reads about a customer that cannot be managed: the document's condition and gaps.
    async fn condition(&mut self, desired: &DesiredState, name: &str) -> Result<String, String> {
        let only = Selection::Only([name.parse().map_err(|_| format!("{name} is no name"))?].into());
        let plan = self.make_plan(desired, &only).await?;
        self.stage()?.simulator.clear_requests();
        let document = report::json::plan::document(&plan, &desired.partner);
        let document: serde_json::Value = serde_json::from_str(&document).map_err(|e| e.to_string())?;
        let customer = &document["customers"][0];
        let lost = customer["gaps"].as_array().into_iter().flatten().map(|gap| &gap["lost"]);
        let lost: BTreeSet<String> = lost.map(ToString::to_string).collect();
        let lost: Vec<String> = lost.into_iter().map(|right| format!(", gap lost: {right}")).collect();
        Ok(format!("condition: {}{}\n", customer["condition"], lost.concat()))
    }

    async fn make_plan(&mut self, desired: &DesiredState, selection: &Selection) -> Result<Plan, String> {
        let secret = self.secret.clone();
        let stage = self.stage()?;
        let (client, memory) = (client(stage, secret.as_deref()), stage.journal.memory().await);
        let pass = Pass { client: &client, desired, memory: &memory, progress: &|_| {} };
        Ok(reconcile::plan(&pass, selection, stage.clock.now()).await)
    }

    async fn apply(&mut self, deferral: Deferral) -> Said {
        let desired = match self.desired() {
            Ok(desired) => desired,
            Err(problems) => return Ok(Some(problems)),
        };
        let plan = self.make_plan(&desired, &Selection::All).await?;
        let secret = self.secret.clone();
        let stage = self.stage()?;
        let (client, memory) = (client(stage, secret.as_deref()), stage.journal.memory().await);
        let pass = Pass { client: &client, desired: &desired, memory: &memory, progress: &|_| {} };
        let halt = Halt::never();
        let done =
            reconcile::apply(&pass, plan, How { halt: &halt, deferral, journal: &stage.journal }).await;
        let text = report::outcome::text(&done.plan, &done.outcomes, stage.clock.now());
        let exit = Exit::of_plan(&done.plan).or(Exit::of_outcomes(&done.outcomes));
        Ok(Some(told(&text, exit)))
    }

    /// Applies until the process dies with its nth request: it is carried out, and nobody hears the answer.
    async fn die(&mut self, number: usize) -> Said {
        let desired = self.desired()?;
        let stage = self.stage()?;
        let (client, death) = stage.mortal_client(number);
        let halt = Halt::never();
        tokio::select! {
            _ = stage.apply_with(&client, &desired, &halt, Deferral::Leave) => {
                Err(format!("it needed fewer than {number} requests"))
            }
            () = death.notified() => Ok(None),
        }
    }

    /// Writes everything down from now on, as a process that has just been started.
    fn keep_a_journal(&mut self) -> Said {
        let url = format!("sqlite:{}", self.journal.path().join("journal.db").display());
        self.stage()?;
        let stage = self.stage.as_mut().expect("it was set up");
        stage.journal = Journal::open(&url, stage.clock).map_err(|error| error.to_string())?;
        Ok(None)
    }

    /// What the program's command of that name says.
    fn register(&mut self, words: &[&str]) -> Said {
        let desired = self.desired()?;
        let mut book = Book::default();
        let path = self.journal.path().join("journal.db");
        let chains = read::records(&path, |record| book.enter(&record)).map_err(|e| e.to_string())?;
        let mut register = book.close(&chains);
        let mut at: Option<Timestamp> = None;
        for pair in words.chunks(2) {
            match pair {
                ["at", time] => at = Some(time.parse().map_err(|error| format!("no time: {error}"))?),
                ["customer", name] => register.accesses.retain(|access| access.customer.as_str() == *name),
                ["person", who] => register
                    .accesses
                    .retain(|access| access.address.as_ref().is_some_and(|address| address.as_str() == *who)),
                _ => return Err("register at TIME, customer NAME, person ADDRESS".to_owned()),
            }
        }
        if let Some(at) = at {
            register.accesses.retain(|access| access.lasts_at(at));
        }
        let names = desired.people_named().map(|named| (named.id, named.address.clone())).collect();
        Ok(Some(report::register::text(&register, &names, at)))
    }

    async fn wait_until(&mut self, time: &str) -> Said {
        let time: Timestamp = time.parse().map_err(|error| format!("no time: {error}"))?;
        let clock = self.stage()?.clock;
        if clock.now() > time {
            return Err(format!("it is {} already", clock.now()));
        }
        clock.sleep_until(time).await;
        Ok(None)
    }

    async fn show(&mut self, words: &[&str]) -> Said {
        let told = self.told;
        let simulator = self.stage()?.simulator.clone();
        let world = simulator.world();
        let customer =
            |name: &str| world.customer(name).ok_or_else(|| format!("there is no customer {name}"));
        match words {
            ["members", name, group] => show::members(customer(name)?, group).map(Some),
            ["requests", customer] => {
                let text = show::requests(&simulator.requests(), customer);
                simulator.clear_requests();
                Ok(Some(text))
            }
            ["condition", name] => {
                let desired = self.desired()?;
                Ok(Some(self.condition(&desired, name).await?))
            }
            ["log"] => {
                let history = simulator.history();
                self.told = history.len();
                Ok(Some(show::log(&world, &history[told..])))
            }
            ["writes"] => {
                let history = simulator.history();
                self.told = history.len();
                Ok(Some(show::writes(&world, &history[told..])))
            }
            [name] => Ok(Some(show::customer(customer(name)?))),
            _ => Err("nothing of that kind can be shown".to_owned()),
        }
    }
}

fn client(stage: &Stage, secret: Option<&str>) -> Client {
    secret.map_or_else(|| stage.client(), |secret| stage.client_with_secret(secret))
}

/// A text, and the exit code the program would end with if it says something.
fn told(text: &str, exit: Exit) -> String {
    match exit {
        Exit::Done => text.to_owned(),
        code => format!("{}\nexit {}\n", text.trim_end(), code as u8),
    }
}

/// What is wrong in the files, as if their directory stood where the program was started.
fn problems(read: &desired::Read, dir: &Path) -> String {
    let text = report::diagnostics::text(&read.diagnostics, Path::new(""));
    text.replace(&dir.display().to_string(), "desired-state")
}

fn accept_all(customer: &mut Customer) {
    let pending = |user: &&mut groupsync::simulator::world::User| {
        user.external_user_state.as_deref() == Some("PendingAcceptance")
    };
    customer.users.iter_mut().filter(pending).for_each(tenant::accept);
}
