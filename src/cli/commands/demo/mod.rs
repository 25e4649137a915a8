//! `groupsync demo`: a day in the life of the example partner, on the embedded simulator, on a clock that jumps over waits.
//! What is shown is the real program: the same files, plans, requests and answers as with `apply`, only nobody waits.

mod stage;

use anyhow::Context;
use jiff::Timestamp;

use crate::cli::commands::demo::stage::Stage;
use crate::cli::example;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;

/// When the story begins.
const BEGIN: &str = "2030-01-01T00:00:00Z";
/// When ada's grant begins, and when it ends.
const GRANT: [&str; 2] = ["2030-01-01T09:00:00Z", "2030-01-01T13:00:00Z"];
/// When tailspin's contract is over.
const OVER: &str = "2030-01-02T00:00:00Z";

/// Tells the story.
pub fn run(printer: &mut Printer) -> Result<Exit, Failure> {
    // On a runtime of one thread whose time is paused, time moves only when everybody waits, and then at once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(tell(printer))
}

async fn tell(printer: &mut Printer) -> Result<Exit, Failure> {
    let desired = example::read(printer)?;
    let mut stage = Stage::set(&desired, at(BEGIN)?, printer)?;
    stage.say(
        "Fabrikam runs Azure for three customers. Who of its people may do what there stands in ten files of YAML.\n\
         Everything below is the real program; only Microsoft's services and the passing of time are simulated.",
    )?;

    stage.scene("The files ask, the tenants are read, and this is the difference")?;
    let plan = stage.plan().await?;
    stage.show_all(&plan)?;

    stage.scene("Carried out: first the guests and groups, then the people in them, then the roles")?;
    stage.apply(plan).await?;

    stage.scene("Asked again, there is nothing left to do")?;
    let plan = stage.plan().await?;
    stage.show_summary(&plan)?;
    stage::expect_quiet(&plan)?;

    stage.scene("Somebody at Contoso takes grace out of the readers and puts margaret in")?;
    stage.meddle("contoso", "Contoso_Readers", "grace@fabrikam.example", "margaret@fabrikam.example")?;
    stage.repair().await?;

    stage.wait_until(at(GRANT[0])?).await;
    stage.scene("An incident: ada's grant begins, and ends by itself")?;
    stage.repair().await?;
    stage.wait_until(at(GRANT[1])?).await;
    stage.scene("Four hours later")?;
    stage.repair().await?;

    stage.wait_until(at(OVER)?).await;
    stage.scene("Tailspin's contract is over: everything Fabrikam made there goes")?;
    let later = stage.repair().await?.context("the guests are deleted without a second look")?;
    stage.wait_until(later).await;
    stage.scene("Once the replicas agree that nobody else uses them, the guests go too, the ledger last")?;
    stage.repair().await?;

    stage.scene("And then it is quiet")?;
    let plan = stage.plan().await?;
    stage.show_summary(&plan)?;
    stage::expect_quiet(&plan)?;
    stage.close()?;
    Ok(Exit::Done)
}

fn at(text: &str) -> Result<Timestamp, Failure> {
    Ok(text.parse()?)
}
