//! What is written after a merge is what stands on the target branch now: not what an older merge left, and nothing while there is a
//! STOP.

use std::fs;

use super::host::{Held, Kind};
use super::{LINUS, Review, edit, git, succeeds};

/// Leaves a mark if it runs.
const WRITE: [&str; 2] = ["touch", "written"];

impl Review {
    fn wrote(&self) -> bool {
        fs::remove_file(self.repository.base().join("written")).is_ok()
    }

    /// Commits to the target branch from elsewhere: this checkout stays what it is.
    fn push(&self, path: &str, text: &str) {
        let elsewhere = self.repository.folder.path().join("elsewhere");
        if !elsewhere.exists() {
            git(
                self.repository.folder.path(),
                &["clone", "--quiet", "--branch", "main", "origin.git", "elsewhere"],
            );
        }
        fs::write(elsewhere.join(path), text).unwrap();
        git(&elsewhere, &["add", "--all"]);
        git(&elsewhere, &["commit", "--quiet", "--message", path]);
        git(&elsewhere, &["push", "--quiet", "origin", "main"]);
    }
}

/// Adding somebody, removing her and running the first merge again would bring her back: the plan is as it was then. Tried:
/// not comparing the files in newest-only.sh -> "left: (0, true), right: (3, false)".
#[test]
fn a_merge_that_was_overtaken_is_not_carried_out_again() {
    for kind in [Kind::GitHub, Kind::AzureDevOps] {
        let review = Review::new(kind);
        let repository = &review.repository;
        repository.propose("joins", |files| edit(files, "groups/contoso.yaml", LINUS, ""));
        let first = repository.merge("joins");
        assert_eq!(review.newest_only(&WRITE, &[]).0, 0);
        assert!(review.wrote());
        repository.propose("other", |files| fs::write(files.join("../README.md"), "words").unwrap());
        let second = repository.merge("other");
        git(&repository.base(), &["checkout", "--quiet", "--detach", &first]);
        let (code, said) = review.newest_only(&WRITE, &[]);
        assert_eq!((code, review.wrote()), (0, true), "the files are the same: {said}");
        git(&repository.base(), &["checkout", "--quiet", "main"]);
        repository.propose("leaves", |files| {
            let words = "# listed: this list is the group";
            edit(files, "groups/contoso.yaml", words, "# somebody leaves");
        });
        let third = repository.merge("leaves");
        for old in [first, second] {
            git(&repository.base(), &["checkout", "--quiet", "--detach", &old]);
            let (code, said) = review.newest_only(&WRITE, &[]);
            assert_eq!((code, review.wrote()), (3, false), "{said}");
            assert!(said.contains(&format!("refs/heads/main has moved on to {third}")), "{said}");
        }
    }
}

/// A STOP on the target branch reaches a run that was waiting for its approval. Tried: an `is_stopped` that is always false; the
/// refusal was that the branch has moved on, without a word of the STOP.
#[test]
fn a_stop_on_the_target_branch_holds_a_run_that_waited() {
    let review = Review::new(Kind::GitHub);
    review.push("desired-state/STOP", "an incident");
    let (code, said) = review.newest_only(&WRITE, &[]);
    assert_eq!((code, review.wrote()), (3, false), "{said}");
    assert!(said.contains("the file desired-state/STOP stands on refs/heads/main"), "{said}");
    // Without an answer nothing is written either.
    let (code, said) = review.newest_only(&WRITE, &[("GROUPSYNC_TARGET", "refs/heads/nowhere")]);
    assert_eq!((code, review.wrote()), (1, false), "{said}");
    assert!(said.contains("cannot be read, so nothing is written"), "{said}");
}

/// A STOP that is merged while a run writes is laid where `apply` looks for it.
#[test]
fn a_stop_on_the_target_branch_reaches_a_run_under_way() {
    let review = Review::new(Kind::GitHub);
    // The push stands in the command itself, so that it surely comes after the first look.
    review.push("note", "so that there is a second checkout");
    let script = "cd ../elsewhere && echo 'an incident' >desired-state/STOP && git add desired-state/STOP && \
                  git -c user.name=t -c user.email=t@t.example commit --quiet --message STOP && \
                  git push --quiet origin main && cd ../base && \
                  until [ -s desired-state/STOP ]; do sleep 0.1; done; cat desired-state/STOP >seen; exit 3";
    let (code, said) =
        review.newest_only(&["timeout", "120", "bash", "-c", script], &[("GROUPSYNC_LOOK", "0.2")]);
    assert_eq!(code, 3, "{said}");
    assert_eq!(fs::read_to_string(review.repository.base().join("seen")).unwrap(), "an incident\n");
}

/// Runs of other branches, of forks and of other commits are not what was reviewed, and neither is what has expired. Tried:
/// not looking at the branch of a run in github-plan.sh -> "run=666".
#[test]
fn on_github_only_a_plan_made_on_the_target_branch_is_applied() {
    let review = Review::new(Kind::GitHub);
    review.repository.propose("first", |files| edit(files, "groups/contoso.yaml", LINUS, ""));
    let proposed = review.repository.commit("first");
    review.merge("first");
    let merged = review.repository.commit("main");
    let name = format!("groupsync-plan-{proposed}");
    let keep =
        |held: &mut Held, run: u64, branch: &str| held.runs.push((run, name.clone(), branch.to_owned()));
    {
        let mut held = review.host.held.lock().unwrap();
        held.head.clone_from(&proposed);
        keep(&mut held, 666, "refs/heads/evil");
        keep(&mut held, 667, "refs/heads/main");
        keep(&mut held, 668, "refs/heads/main");
    }
    let find = |commit: &str| review.finds("github-plan.sh", &[("GITHUB_SHA", commit)]);
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let (output, found) = find(&merged);
    assert!(!output.status.success() && found.is_empty(), "{found}");
    assert!(said(&output).contains("open a new pull request"), "{}", said(&output));
    let (output, _) = find(&proposed);
    assert!(!output.status.success() && said(&output).contains("not merged by a pull request"));
    // Of two that count it is the newer one, whichever comes first.
    keep(&mut review.host.held.lock().unwrap(), 41, "refs/heads/main");
    keep(&mut review.host.held.lock().unwrap(), 40, "refs/heads/main");
    let (output, found) = find(&merged);
    succeeds(&output);
    assert_eq!(found, format!("run=41\nname={name}\n"));
    // A pull request that is closed is planned no more, and what is no commit is not looked for.
    review.host.held.lock().unwrap().branch = "first".to_owned();
    for (commit, words) in
        [(proposed.as_str(), "no open pull request for main"), ("$(id)", "is not a commit")]
    {
        let (output, found) =
            review.finds("github-change.sh", &[("HEAD_SHA", commit), ("HEAD_BRANCH", "first")]);
        assert!(!output.status.success() && found.is_empty(), "{found}");
        assert!(said(&output).contains(words), "{}", said(&output));
    }
}
