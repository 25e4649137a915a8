//! What the journal hears first and is told otherwise later: the last word counts, in the register and in memory.

use groupsync::journal::register::{Access, Book, Register};
use groupsync::plan::operation::Kind;
use groupsync::plan::outcome::Outcome;
use groupsync::plan::verdict::FindingCode;
use groupsync::reconcile::Report;
use groupsync::simulator::faults::{Fault, FaultKind};

use super::*;
use crate::apply::{MARK, contoso};
use crate::stage::Stage;

fn register(place: &Place) -> Register {
    let mut book = Book::default();
    let chains = read::records(&place.path(), |record| book.enter(&record)).unwrap();
    book.close(&chains)
}

/// What the register says of the person whose id ends so.
fn accesses(place: &Place, person: &str) -> Vec<Access> {
    let mut accesses = register(place).accesses;
    accesses.retain(|access| access.person.is_some_and(|id| id.to_string().ends_with(person)));
    accesses
}

fn outcome(report: &Report, kind: Kind) -> &Outcome {
    let mut outcomes = report.outcomes.iter().flat_map(|customer| &customer.outcomes);
    outcomes.find(|outcome| outcome.kind == kind).unwrap_or_else(|| panic!("{kind:?} in {report:#?}"))
}

fn leaves(stage: &Stage, person: &str) {
    stage.simulator.edit(|world| {
        let user = world.partner.users.iter_mut().find(|user| user.id.to_string().ends_with(person));
        user.expect("she works there").account_enabled = false;
    });
}

#[tokio::test(start_paused = true)]
async fn access_that_a_service_only_said_had_ended_lasts_in_the_register_until_it_has() {
    let place = Place::new();
    let mut stage = contoso();
    stage.journal = place.open();
    stage.apply().await;
    leaves(&stage, "0202");
    let removal = "/groups/{id}/members/{id}/$ref";
    stage.simulator.add_fault(Fault::new(FaultKind::Liar).route("DELETE", removal));
    let report = stage.apply().await;
    assert_eq!(outcome(&report, Kind::RemoveMembers).status, Status::Failed, "{report:#?}");
    let hers = accesses(&place, "0202");
    assert_eq!(hers.len(), 1, "{hers:#?}");
    assert_eq!((hers[0].until, hers[0].ended_because.len()), (None, 0), "she is still inside: {hers:#?}");
    stage.simulator.clear_faults();
    let before = stage.clock.now();
    stage.apply().await;
    let hers = accesses(&place, "0202");
    assert!(hers.len() == 1 && hers[0].until.is_some_and(|until| until >= before), "{hers:#?}");
    assert!(accesses(&place, "0201").iter().all(|access| access.until.is_none()), "and nobody else");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_of_which_nobody_knows_what_became_is_remembered_and_its_guest_becomes_ours() {
    let place = Place::new();
    let mut stage = contoso();
    stage.journal = place.open();
    let plan = stage.plan().await;
    stage.simulator.add_fault(Fault::new(FaultKind::LostAnswer).route("POST", "/invitations"));
    stage.simulator.add_fault(Fault::new(FaultKind::Error).route("GET", "/users"));
    let report = stage.carry_out(plan).await;
    assert_eq!(outcome(&report, Kind::InviteGuest).status, Status::Failed, "{report:#?}");
    stage.simulator.clear_faults();
    tokio::time::sleep(std::time::Duration::from_mins(20)).await;
    stage.journal = place.open();
    stage.apply().await;
    stage.apply().await;
    let plan = stage.plan().await;
    let strangers = plan.customers[0].findings.iter().filter(|f| f.code == FindingCode::UnclaimedGuest);
    assert_eq!(strangers.count(), 0, "{:#?}", plan.customers[0].findings);
    let world = stage.simulator.world();
    let contoso = &world.customers[0];
    let ledger = contoso.groups.iter().find(|g| g.unique_name == Some(format!("{MARK}ledger"))).unwrap();
    assert_eq!((ledger.members.len(), contoso.users.iter().filter(|u| u.is_external()).count()), (3, 3));
}
