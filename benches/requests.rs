//! Prints how many requests four pieces of work cost groupsync, next to a script that asks and writes once per member.

#[path = "../tests/stage/mod.rs"]
#[allow(dead_code, reason = "the stage is the tests'; only a part of it is needed here")]
mod stage;

use stage::work::{Work, by_groupsync, by_script};

#[tokio::main(flavor = "current_thread", start_paused = true)]
#[expect(clippy::print_stdout, reason = "the table is what this is for")]
async fn main() {
    println!("| work | groupsync | of them Graph + Azure | a script | of them Graph + Azure |");
    println!("|---|---:|---:|---:|---:|");
    for work in Work::ALL {
        let (ours, script) = (by_groupsync(work).await, by_script(work).await);
        println!(
            "| {} | {} | {} + {} | {} | {} + {} |",
            work.words(),
            ours.total(),
            ours.graph,
            ours.azure,
            script.total(),
            script.graph,
            script.azure,
        );
    }
}
