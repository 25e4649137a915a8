//! Stories: one text file each that says what somebody wants, does it, and shows what groupsync says. The text is example,
//! documentation and test at once; `UPDATE_STORIES=1 cargo test stories` writes what is said now into the files.

mod script;
mod teller;
mod keeping;
mod people;
mod tenant;
mod show;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use similar::TextDiff;

use self::script::Script;
use self::teller::Teller;

/// Makes a test of each story, and one that none was forgotten.
macro_rules! stories {
    ($($story:ident)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $story() {
                tell(stringify!($story)).await;
            }
        )*

        #[test]
        fn every_story_is_told() {
            let told: BTreeSet<String> = [$(format!("{}.story", stringify!($story))),*].into();
            let files = fs::read_dir(folder()).expect("the stories").map(|entry| entry.expect("an entry"));
            let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
            let written: BTreeSet<String> = names.filter(|name| name.ends_with(".story")).collect();
            assert_eq!(told, written);
        }
    };
}

stories! {
    a_change_for_every_customer
    a_colleague_leaves
    a_colleague_moves_to_another_team
    a_customer_comes_with_groups_of_its_own
    a_customer_is_left
    a_customer_is_marked_as_left_too_early
    a_customer_removes_our_privileges
    a_customer_takes_its_consent_back_while_the_loop_runs
    a_grant_ends_although_its_source_cannot_be_read
    a_grant_is_ended_early
    a_group_gets_another_name
    a_group_is_deleted_by_the_customer
    a_group_is_taken_over_and_given_back
    a_group_nobody_wrote_down
    a_guest_goes_with_its_grant
    a_mass_of_leavers_is_held
    a_new_colleague_joins
    a_new_colleague_joins_a_live_group
    a_new_customer
    a_person_with_two_guests
    a_source_group_is_missing_or_empty
    a_role_is_taken_by_the_customer
    a_subscription_is_disabled_or_moves_away
    a_subscription_nobody_declared
    a_team_that_moves_is_held_whole
    a_stop_stops_everything
    a_tenant_that_cannot_be_read
    a_tenant_that_throttles
    a_wrong_secret
    an_account_comes_back_with_the_same_address
    an_address_changes
    an_invitation_is_mailed_once_more
    an_outage_in_the_middle
    emergency_access_ends_by_itself
    files_that_are_wrong
    guests_who_never_accept
    invitations_are_blocked
    nested_groups
    the_customer_edits_our_groups
    who_had_access_and_why
    why_somebody_has_access
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories")
}

/// Tells a story from its first command to its last, and compares what was said with what the file says.
async fn tell(name: &str) {
    let path = folder().join(format!("{name}.story"));
    let text = fs::read_to_string(&path).expect("the story");
    let mut script = Script::parse(&text);
    let mut teller = Teller::new();
    for step in script.steps() {
        match teller.carry_out(step).await {
            Ok(None) => {}
            Ok(Some(said)) => step.block = lines(&said),
            Err(problem) => panic!("{}:{}: `{}`: {problem}", path.display(), step.line, step.command),
        }
    }
    let told = script.text();
    if told == text {
        return;
    }
    if is_update() {
        fs::write(&path, told).expect("the story can be written");
        return;
    }
    let difference = TextDiff::from_lines(&text, &told);
    let difference = difference.unified_diff().context_radius(4).header("the file", "told now").to_string();
    panic!("{name} is told differently now; UPDATE_STORIES=1 writes it down\n\n{difference}");
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test harness, not a setting of the program")]
fn is_update() -> bool {
    std::env::var_os("UPDATE_STORIES").is_some()
}

/// What was said, as the lines of a block: no colour, nothing at line ends, and no digests, which change with every word
/// and say nothing to a reader.
fn lines(said: &str) -> Vec<String> {
    let plain = anstream::adapter::strip_str(said).to_string();
    let mut lines: Vec<String> = plain.lines().map(|line| without_digests(line.trim_end())).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn without_digests(line: &str) -> String {
    let mut parts = line.split("sha256:");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digest = part.chars().take_while(char::is_ascii_hexdigit).count();
        shown.push_str(if digest == 64 { "sha256:…" } else { "sha256:" });
        shown.push_str(&part[if digest == 64 { digest } else { 0 }..]);
    }
    shown
}
