//! Keeps partner groups, B2B guests and Azure role assignments equal across every customer tenant of a Cloud Solution
//! Provider: *these people, at this customer, this role, this scope, until this date*, said in files that a reviewer
//! can read, and gone on the day it ends.
//!
//! # The way through the code
//!
//! ```text
//! desired-state/*.yaml ─ load ─ check ─ resolve ─▶ DesiredState ┐
//!                                                               ├─ plan ─▶ Plan ─ execute ─▶ Outcomes ─▶ report
//! Graph + Resource Manager ─────── collect ──────▶ Observed ────┘  pure
//!                                    ▲                                 │
//!                                    └──────────── client ◀────────────┘
//! ```
//!
//! In reading order:
//!
//! | module | holds | may import |
//! |---|---|---|
//! | [`model`] | the nouns: ids, names, scopes, roles, people, groups, assignments, places in files | nothing |
//! | [`clock`] | time, and every wait | nothing |
//! | [`bounded`] | files read no further than anything of their kind can reach | nothing |
//! | [`desired`] | from files to one [`DesiredState`](desired::state::DesiredState): load, check, resolve | model, bounded |
//! | [`observed`] | what the tenants hold, as read, each collection complete or an error | model |
//! | [`plan`] | the ordered difference as a value, judged as a whole; pure | model, desired, observed |
//! | [`journal`] | the record of what was set about and what became of it, hash-chained; memory follows from it | model, plan, clock |
//! | [`client`] | login, Graph, Resource Manager: tokens, budgets, retries, one `send` | model, clock, bounded, telemetry |
//! | [`collect`] | reads tenants; a failure becomes a recorded gap, never an empty set | model, desired, observed, client, clock |
//! | [`execute`] | carries out a plan and decides nothing | model, plan, journal, client, clock |
//! | [`report`] | all words: a plan, an outcome, a problem in the files, a record | model, desired, observed, plan, journal |
//! | [`reconcile`] | one pass; the only place that composes the phases | all above but report |
//! | [`controller`] | the loop: when which customer is looked at, and what everybody may know of it | model, clock, bounded, desired, observed, plan, journal, client, collect, execute, report, reconcile, telemetry |
//! | [`simulator`] | login, Graph and Resource Manager of many tenants in one process | nothing |
//! | [`telemetry`] | logs, and metrics for Prometheus | nothing |
//! | [`defects`] | deliberate defects for tests to find; nothing without the feature of that name | nothing |
//! | [`cli`] | arguments, settings, commands, exit codes | everything |
//!
//! `plan` is a pure function of what the files say, what was read, what is remembered and the time. A dry run, a review, the
//! limits and every test look at the value it returns. Expiry, leavers, drift and offboarding have no code of their own:
//! they are plans like any other. The test `architecture` keeps the arrows.
//!
//! # What always holds
//!
//! 1. **What could not be read is not empty.** Absence counts only where both sides were read to the end; anything less
//!    freezes what depends on it, and says so. Ended access needs no more than the ended grant or dead account and the live
//!    membership.
//! 2. **Only what is ours goes**, proven from the live object by its unique name, its ledger entry or its derived
//!    assignment name. A display name or a mail domain proves nothing.
//! 3. **Limits are judged before the first write**, over the whole plan. One that strikes holds all of that customer's
//!    changes, never some of them; a refusal strikes one operation and what needs it.
//! 4. **Nothing keeps those inside who have left.** No limit, suspension, unreadable neighbour or broken file stands between
//!    ended access and its end. Only the kill switch, the limit on people who leave at once,
//!    and what Policy protects do.
//! 5. **What was reviewed is what happens.** A plan has a digest over everything it would write; nothing else is carried out
//!    in its name.
//! 6. **Being cut off is harmless.** After any prefix of a plan the next pass ends where the whole plan would have.
//! 7. **A tenant that is as it should be costs next to nothing**: an empty plan, no write, a handful of reads.
//! 8. **One customer's trouble stays with that customer.**
//! 9. **Taking comes before giving, and deleting comes last**: ended access out, people in, roles in, people who moved out,
//!    other removals, then deletions, each after all that refers to it.
//! 10. **A delegated administrator never becomes a guest**: the two do not work together. Where it is not known who they are,
//!     nobody is added.
//! 11. **Our own access and what others made stay untouched**: the acting application, the partner's Owner row, inherited
//!     rows, groups that rules or other directories manage. The partner tenant is read, never written.
//! 12. **Time breaks no file**, and silence is not success: a pass that could not read something was not a good pass.
//! 13. **Secrets stay secret and names stay harmless**: no token in any text, and whatever a tenant calls something is escaped
//!     wherever it is shown.
//! 14. **The same input gives the same bytes**, whatever the order of files, pages or answers.

#[macro_use]
pub mod defects;
pub mod model;
pub mod clock;
pub mod bounded;
pub mod desired;
pub mod observed;
pub mod plan;
pub mod journal;
pub mod client;
pub mod collect;
pub mod execute;
pub mod report;
pub mod reconcile;
pub mod controller;
pub mod simulator;
pub mod telemetry;
pub mod cli;
