//! What a pull request shows where its plan alone would mislead: other rules, broken files, nothing changed, a release of another plan.

use std::fs;

use super::host::Kind;
use super::{LINUS, Review, edit, git};

/// A change cannot bring its own rules. Tried: leaving `--policy` out of plan.sh; the label was `groupsync: add`. Tried: a saved plan
/// that covers what it showed as held → the apply ended with 0 in place of 3.
#[test]
fn a_change_that_loosens_the_rules_is_judged_by_the_old_ones() {
    let review = Review::new(Kind::GitHub);
    let base = review.repository.base().join("desired-state");
    edit(&base, "policy.yaml", "invitations: 50", "invitations: 1");
    git(&base, &["commit", "--quiet", "--all", "--message", "strict"]);
    review
        .repository
        .propose("loose", |files| edit(files, "policy.yaml", "invitations: 1", "invitations: 500"));
    review.plan("loose");
    assert_eq!(review.host.labels(), ["groupsync: held"], "nothing of it would be carried out");
    assert_eq!(review.repository.left("exit-code").trim(), "3");
    let comment = review.host.comment();
    let (old, new) = comment.split_once("## What the new rules would do").expect("both are shown");
    assert!(old.contains("customerInvitations"), "{comment}");
    assert!(!new.contains("customerInvitations") && new.contains("ada@fabrikam.example"), "{comment}");
    // What was shown as held does not go because the rules are looser by the time it is merged.
    review.merge("loose");
    assert_eq!(review.apply(), 3, "the customer is left alone");
    let mut again = review.simulation.groupsync();
    let again = again.args(["plan", "--exit-code"]).arg(&base).output().unwrap();
    assert_eq!(again.status.code(), Some(2), "all of it is still to be done");
}

/// Files that cannot be used end in a comment, and in no plan that somebody could apply.
#[test]
fn a_change_that_cannot_be_planned_says_why_on_the_pull_request() {
    let review = Review::new(Kind::AzureDevOps);
    let path = "customers/contoso/customer.yaml";
    review.repository.propose("broken", |files| edit(files, path, "state: enforce", "state: <b>@eve</b>"));
    review.plan("broken");
    assert!(!review.repository.out().join("plan.json").exists());
    assert_eq!(review.host.labels(), ["groupsync: error"]);
    let comment = review.host.comment();
    assert!(comment.contains("    error"), "what the files say is shown as text only: {comment}");
}

/// The release of one plan is not the release of the next: the comment says so, where the reviewer believes it is released.
#[test]
fn an_override_for_another_plan_is_named_beside_what_it_does_not_release() {
    let review = Review::new(Kind::GitHub);
    let base = review.repository.base().join("desired-state");
    edit(&base, "policy.yaml", "invitations: 50", "invitations: 1");
    git(&base, &["commit", "--quiet", "--all", "--message", "strict"]);
    let ends =
        groupsync::clock::Clock::system().now().saturating_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let yesterdays = format!(
        "apiVersion: groupsync.dev/v1\nkind: Override\nmetadata: {{name: big-day}}\nspec: {{digest: \"sha256:{}\", \
         expires: {}, reason: a team joins}}\n",
        "0".repeat(64),
        ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    review.repository.propose("released", |files| {
        let folder = files.join("customers/contoso/overrides");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("big-day.yaml"), &yesterdays).unwrap();
    });
    review.plan("released");
    assert!(review.host.labels().contains(&"groupsync: held".to_owned()), "{:?}", review.host.labels());
    let comment = review.host.comment();
    assert!(
        comment.contains("overrideOfAnotherPlan") && comment.contains("it releases nothing"),
        "{comment}"
    );
}

/// What the check refused can be planned all the same, and must not be carried out by whoever merges past the check.
/// Tried: leaving `rm "$out/plan.json"` out of plan.sh; it existed.
#[test]
fn a_change_that_the_check_refused_is_shown_and_leaves_no_plan_to_apply() {
    let review = Review::new(Kind::GitHub);
    review.repository.propose("mixed", |files| {
        edit(files, "policy.yaml", "invitations: 50", "invitations: 500");
        edit(files, "groups/contoso.yaml", LINUS, "");
    });
    assert_eq!(review.check().0, 4);
    review.plan_after("failure", "mixed");
    assert!(!review.repository.out().join("plan.json").exists());
    assert_eq!(review.host.labels(), ["groupsync: add", "groupsync: error"]);
    let comment = review.host.comment();
    assert!(comment.contains("cannot be applied"), "{comment}");
    assert!(!comment.contains("What the new rules would do"), "they are not all that changes: {comment}");
}

/// A comment that stays from an earlier push would be taken for the truth.
#[test]
fn files_that_break_take_the_place_of_the_plan_that_was_shown() {
    let review = Review::new(Kind::GitHub);
    review.repository.propose("good", |files| edit(files, "groups/contoso.yaml", LINUS, ""));
    review.plan("good");
    let good = review.repository.commit("good");
    assert!(review.host.comment().contains(&format!("Of commit {good}")), "{}", review.host.comment());
    let path = "customers/contoso/customer.yaml";
    review.repository.propose("broken", |files| edit(files, path, "state: enforce", "state: broken"));
    review.plan_after("failure", "broken");
    assert_eq!(review.host.labels(), ["groupsync: error"]);
    let comment = review.host.comment();
    assert!(!comment.contains(&good) && comment.contains("could not plan this change"), "{comment}");
    assert_eq!(review.host.held.lock().unwrap().made, 1);
}

/// Every pull request is checked, so that a required check is never skipped; one that leaves the files alone hears nothing.
#[test]
fn a_change_of_other_files_gets_no_comment_but_corrects_an_old_one() {
    for kind in [Kind::GitHub, Kind::AzureDevOps] {
        let review = Review::new(kind);
        let words = |files: &std::path::Path| fs::write(files.join("../README.md"), "words").unwrap();
        review.repository.propose("words", words);
        review.plan("words");
        assert_eq!((review.host.comment().as_str(), review.host.labels().len()), ("", 0));
        review.repository.propose("first", |files| edit(files, "groups/contoso.yaml", LINUS, ""));
        review.plan("first");
        review.repository.propose("taken-back", words);
        review.plan("taken-back");
        assert_eq!(review.host.labels(), ["groupsync: none"]);
        assert!(review.host.comment().contains("nothing of them changes"), "{}", review.host.comment());
        assert!(review.host.held.lock().unwrap().runs.len() == 1, "there is nothing to apply");
    }
}
