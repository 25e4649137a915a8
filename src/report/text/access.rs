//! Who gains and who loses what at one customer: a block per group, then guests, then the ledger.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::desired::state::{Customer, DesiredState, Mapping};
use crate::model::ids::ObjectId;
use crate::model::invitation::InvitationMail;
use crate::model::ownership::Mark;
use crate::plan::operation::{Action, GroupRef, Joining, Leaving, LedgerEntry, Operation};
use crate::plan::value::CustomerPlan;
use crate::report::escape::escape;
use crate::report::moment;
use crate::report::paint::{DIM, STRONG, paint};
use crate::report::tally::{Fate, Fates};
use crate::report::text::line::{Line, Sign, common_reason, lines, places, reasons};
use crate::report::words::count;

/// So many of a group's standing roles are named in its heading.
const ROLES_NAMED: usize = 3;

/// All blocks of a customer.
pub(super) fn blocks(plan: &CustomerPlan, desired: &DesiredState) -> String {
    let mark = Mark::of(desired.partner.tenant);
    let mut sheet = Sheet::new(plan, desired.customers.get(&plan.name), &mark);
    let fates = Fates::of(plan);
    for operation in &plan.operations {
        sheet.place(operation, fates.of_operation(&operation.id));
    }
    sheet.text(&mark)
}

/// The operations of one customer, sorted by what they touch.
struct Sheet<'a> {
    customer: Option<&'a Customer>,
    /// Unique names of groups that are known by their id here.
    names: BTreeMap<ObjectId, String>,
    ledger: String,
    groups: BTreeMap<String, Block>,
    guests: Vec<Line>,
    book: Book,
}

#[derive(Default)]
struct Block {
    title: String,
    /// Whether the plan makes the group: then nothing gives it a role already.
    is_new: bool,
    notes: Vec<String>,
    lines: Vec<Line>,
}

/// What happens to the ledger; nobody gains or loses anything by it.
#[derive(Default)]
struct Book {
    created: bool,
    deleted: bool,
    written: usize,
    taken: usize,
}

impl<'a> Sheet<'a> {
    fn new(plan: &CustomerPlan, customer: Option<&'a Customer>, mark: &Mark) -> Self {
        let refs = plan.operations.iter().filter_map(|operation| match &operation.action {
            Action::AddMembers { group, .. }
            | Action::RemoveMembers { group, .. }
            | Action::CreateRoleAssignment { group, .. } => Some(group),
            _ => None,
        });
        Self {
            customer,
            names: refs.filter_map(|group| Some((group.id?, group.unique_name.clone()))).collect(),
            ledger: mark.ledger(),
            groups: BTreeMap::new(),
            guests: Vec::new(),
            book: Book::default(),
        }
    }

    fn place(&mut self, operation: &Operation, fate: Fate) {
        match &operation.action {
            Action::InviteGuest { address, mail, again, .. } => {
                let mail = match mail {
                    InvitationMail::None => Vec::new(),
                    InvitationMail::Microsoft => vec!["Microsoft mails them".to_owned()],
                };
                let (sign, verb) = match again {
                    None => (Sign::Add, "invite"),
                    Some(_) => (Sign::Change, "mail the invitation again to"),
                };
                // Why is said where the group is that she is invited for.
                let line = Line {
                    verb: verb.to_owned(),
                    plural: "people",
                    asides: mail,
                    reasons: Vec::new(),
                    ..change(sign, address.to_string(), fate, operation)
                };
                self.guests.push(line);
            }
            Action::DeleteGuest { label, .. } => {
                let line = change(Sign::Remove, escape(label).into_owned(), fate, operation);
                self.guests.push(Line { verb: "delete guest".to_owned(), ..line });
            }
            Action::AddToLedger { entry, .. } => {
                self.book.written += 1;
                if let LedgerEntry::Adopted { group, display_name } = entry {
                    let note = noted("taken over", fate, &places(&reasons(&operation.because)));
                    self.block_by_id(*group, display_name).notes.push(note);
                }
            }
            Action::RemoveFromLedger { object, label, .. } => {
                self.book.taken += 1;
                let note = noted("given back: it stays, with the customer's own people", fate, "");
                self.block_by_id(*object, label).notes.push(note);
            }
            Action::CreateGroup { unique_name, .. } if *unique_name == self.ledger => {
                self.book.created = true;
            }
            Action::DeleteGroup { display_name, .. } if *display_name == self.ledger => {
                self.book.deleted = true;
            }
            Action::CreateGroup { unique_name, display_name } => {
                let place = places(&reasons(&operation.because));
                let block = self.block(unique_name, display_name);
                block.is_new = true;
                block.notes.push(noted("new group", fate, &place));
            }
            Action::UpdateGroup { group, from, to } => {
                let subject = format!("named {} instead of {}", escape(to), escape(from));
                let line = change(Sign::Change, subject, fate, operation);
                self.block_by_id(*group, to).lines.push(line);
            }
            Action::DeleteGroup { group, display_name } => {
                let line = change(Sign::Remove, "itself".to_owned(), fate, operation);
                // After the roles, which begin with a capital letter.
                let line = Line { verb: "the group".to_owned(), ..line };
                self.block_by_id(*group, display_name).lines.push(line);
            }
            Action::AddMembers { group, members } => {
                let lines = members.iter().map(|member| joining(member, fate));
                self.block_of(group).lines.extend(lines);
            }
            Action::RemoveMembers { group, members } => {
                let lines = members.iter().map(|member| leaving(member, fate));
                self.block_of(group).lines.extend(lines);
            }
            Action::CreateRoleAssignment { group, role, written, .. } => {
                let line = change(Sign::Add, escape(written).into_owned(), fate, operation);
                let line = Line { verb: format!("{} on", role.name), plural: "scopes", ..line };
                self.block_of(group).lines.push(line);
            }
            Action::DeleteRoleAssignment { key, group, role, .. } => {
                let scope = self.customer.map_or_else(|| key.scope.to_string(), |c| c.written(&key.scope));
                let line = change(Sign::Remove, escape(&scope).into_owned(), fate, operation);
                let line = Line { verb: format!("{} on", escape(role)), ..line };
                self.block_by_id(key.principal, group).lines.push(line);
            }
        }
    }

    fn block(&mut self, key: &str, title: &str) -> &mut Block {
        let block = self.groups.entry(key.to_owned()).or_default();
        if block.title.is_empty() {
            title.clone_into(&mut block.title);
        }
        block
    }

    fn block_of(&mut self, group: &GroupRef) -> &mut Block {
        self.block(&group.unique_name, &group.display_name)
    }

    fn block_by_id(&mut self, id: ObjectId, title: &str) -> &mut Block {
        let key = self.names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        self.block(&key, title)
    }

    fn text(self, mark: &Mark) -> String {
        let mut blocks: Vec<_> = self.groups.into_iter().collect();
        blocks.sort_by(|(a_key, a), (b_key, b)| (&a.title, a_key).cmp(&(&b.title, b_key)));
        let mut text = String::new();
        for (key, mut block) in blocks {
            let mapping = self.customer.filter(|_| !block.is_new).and_then(|c| mapping(c, mark, &key));
            block.notes.extend(mapping.and_then(|m| standing(m, &block.lines)));
            text.push_str(&block.text());
        }
        if !self.guests.is_empty() {
            let guests = Block { title: "guests".to_owned(), lines: self.guests, ..Block::default() };
            text.push_str(&guests.text());
        }
        let book = self.book.words();
        if !book.is_empty() {
            let _infallible = writeln!(text, "  {}", paint(DIM, format!("ledger: {}", book.join(", "))));
        }
        text
    }
}

impl Block {
    fn text(mut self) -> String {
        self.notes.extend(common_reason(&mut self.lines).map(|reason| format!("· {reason}")));
        let mut text = format!("  {}", paint(STRONG, escape(&self.title)));
        for note in &self.notes {
            let _infallible = write!(text, "  {}", paint(DIM, note));
        }
        text.push('\n');
        text.push_str(&lines(self.lines, "    "));
        text
    }
}

impl Book {
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.created {
            words.push("created".to_owned());
        }
        if self.written > 0 {
            words.push(format!("{} written", entries(self.written)));
        }
        if self.taken > 0 {
            words.push(format!("{} taken out", entries(self.taken)));
        }
        if self.deleted {
            words.push("deleted last".to_owned());
        }
        words
    }
}

fn entries(number: usize) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

fn change(sign: Sign, subject: String, fate: Fate, operation: &Operation) -> Line {
    Line {
        sign,
        verb: String::new(),
        subject,
        plural: "",
        asides: Vec::new(),
        fate,
        reasons: reasons(&operation.because),
    }
}

fn joining(member: &Joining, fate: Fate) -> Line {
    let mut asides = Vec::new();
    if let Some(until) = member.until {
        asides.push(format!("until {}", moment::shown(until)));
    }
    Line {
        sign: Sign::Add,
        verb: String::new(),
        subject: member.address.to_string(),
        plural: "people",
        asides,
        fate,
        reasons: reasons(std::slice::from_ref(&member.because)),
    }
}

fn leaving(member: &Leaving, fate: Fate) -> Line {
    Line {
        sign: Sign::Remove,
        verb: String::new(),
        subject: escape(&member.label).into_owned(),
        plural: "",
        asides: Vec::new(),
        fate,
        reasons: reasons(std::slice::from_ref(&member.because)),
    }
}

fn noted(words: &str, fate: Fate, place: &str) -> String {
    let fate = match fate {
        Fate::Runs | Fate::Listed => "",
        Fate::Held => ", held",
        Fate::Refused => ", refused",
    };
    if place.is_empty() { format!("{words}{fate}") } else { format!("{words}{fate} ({place})") }
}

/// The mapping behind a group's unique name, or behind the id of an adopted group.
fn mapping<'a>(customer: &'a Customer, mark: &Mark, key: &str) -> Option<&'a Mapping> {
    customer.mappings.values().find(|m| match m.adopt {
        Some(id) => id.to_string() == key,
        None => mark.group(m.identity()) == key,
    })
}

/// What membership gives besides the roles that this plan gives or takes, as a note.
fn standing(mapping: &Mapping, lines: &[Line]) -> Option<String> {
    let changes = |role: &str, written: &str| {
        let verb = format!("{role} on");
        lines.iter().any(|line| line.verb == verb && line.subject == written)
    };
    let roles: Vec<_> = mapping
        .roles
        .iter()
        .filter(|at| !changes(at.role.name.as_str(), &at.written))
        .map(|at| format!("{} on {}", at.role.name, at.written))
        .collect();
    match roles.len() {
        0 => None,
        1..=ROLES_NAMED => Some(format!("gives {}", roles.join(", "))),
        many => Some(format!(
            "gives {} and {}",
            roles[..ROLES_NAMED].join(", "),
            count(many - ROLES_NAMED, "more role")
        )),
    }
}
