//! How an import reaches the disk: whole or not at all, and over nobody's work.

use std::fs;
use std::path::Path;

use groupsync::cli::commands::import::write;
use groupsync::cli::exit::Exit;
use groupsync::desired::source::{Source, Sources};

fn sources() -> Sources {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    Sources::new(vec![source("a.yaml", "a: 1\n"), source("groups/imported/b.yaml", "b: 2\n")])
}

fn says(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn a_new_directory_appears_whole_and_takes_the_kill_switch_along() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let out = place.path().join("imported");
    write(&out, &sources(), Some("audit")).expect("it can be written");
    assert_eq!(says(&out.join("a.yaml")), "a: 1\n");
    assert_eq!(says(&out.join("groups/imported/b.yaml")), "b: 2\n");
    assert_eq!(says(&out.join("STOP")), "audit");
    let left = fs::read_dir(place.path()).expect("readable").count();
    assert_eq!(left, 1, "no draft stays behind");
}

#[test]
fn what_exists_and_says_the_same_is_completed() {
    let place = tempfile::tempdir().expect("a temporary directory");
    fs::write(place.path().join("a.yaml"), "a: 1\n").expect("ours to write");
    write(place.path(), &sources(), None).expect("nothing there says something else");
    assert_eq!(says(&place.path().join("groups/imported/b.yaml")), "b: 2\n");
    write(place.path(), &sources(), None).expect("twice is the same as once");
}

#[test]
fn nothing_is_written_over_and_nothing_beside_what_differs() {
    let place = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir_all(place.path().join("groups/imported")).expect("ours to write");
    fs::write(place.path().join("groups/imported/b.yaml"), "somebody's work\n").expect("ours to write");
    let failure = write(place.path(), &sources(), None).expect_err("that would alter a file");
    assert_eq!(failure.exit, Exit::Usage);
    assert!(
        failure.error.to_string().contains("b.yaml exists and says something else"),
        "{:?}",
        failure.error
    );
    assert!(!place.path().join("a.yaml").exists(), "the other file is not written either");
    assert_eq!(says(&place.path().join("groups/imported/b.yaml")), "somebody's work\n");
}

#[test]
fn a_failure_in_the_middle_leaves_nothing_behind() {
    let place = tempfile::tempdir().expect("a temporary directory");
    // A file where a folder has to be: the second of the two files cannot be made.
    fs::write(place.path().join("groups"), "").expect("ours to write");
    assert!(write(place.path(), &sources(), None).is_err());
    assert!(!place.path().join("a.yaml").exists(), "what was made before the failure goes again");
    let place = tempfile::tempdir().expect("a temporary directory");
    let nowhere = place.path().join("no/such/folder/out");
    assert!(write(&nowhere, &sources(), None).is_err());
}
