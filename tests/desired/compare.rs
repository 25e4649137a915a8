//! What may not change between two states of the files, and what should not without being seen.

use groupsync::desired::base::{compare, mixed};

use super::tree::{CUSTOMER, NORTHWIND, Tree};

const NORTH: &str = "customers/northwind/customer.yaml";

/// What `--base` says about a step from one tree to another: `CODE file:line message`.
fn step(base: &Tree, new: &Tree) -> Vec<String> {
    let (base, new) = (base.read(), new.read());
    let (base, new) = (base.state.expect("a valid base"), new.state.expect("a valid tree"));
    compare(&base, &new).into_iter().map(|d| format!("{} {} {}", d.code, d.origin, d.message)).collect()
}

fn with_groups(lines: &str) -> Tree {
    Tree::valid().append(CUSTOMER, lines)
}

#[test]
fn nothing_to_say_about_ordinary_changes() {
    let base = Tree::valid();
    assert!(step(&base, &base).is_empty());
    let changed = Tree::valid()
        .edit(CUSTOMER, "    Ops:\n      roles: {Reader: [subscriptions/prod/resourceGroups/rg]}\n", "")
        .edit(NORTH, "33333333-3333-4000-8000-0000000000b1", "33333333-3333-4000-8000-0000000000b2");
    assert!(step(&base, &changed).is_empty(), "a dropped mapping is a removal like any other");
}

/// Tried: comparing all files in `mixed`, so that rules never stand alone; the change of Policy alone was refused.
#[test]
fn rules_change_alone() {
    let base = Tree::valid().read().sources;
    let said = |tree: &Tree| {
        mixed(&base, &tree.read().sources).map(|d| format!("{} {} {}", d.code, d.origin, d.message))
    };
    assert_eq!(said(&Tree::valid()), None);
    let rules = Tree::valid().append("policy.yaml", "# another word\n");
    assert_eq!(said(&rules), None);
    let both = rules.append(CUSTOMER, "# another word\n").without(NORTH);
    let others = format!("`policy.yaml` changes together with `{CUSTOMER}` and 1 more");
    assert_eq!(said(&both), Some(format!("GS115 policy.yaml:0 {others}")));
}

#[test]
fn a_vanished_customer_is_shown_where_it_was() {
    let gone = Tree::valid().without(NORTH);
    assert_eq!(
        step(&Tree::valid(), &gone),
        [format!("GS111 {NORTH}:1 the customer `northwind` (33333333-3333-4000-8000-000000000001) is gone")]
    );
    let offboarded = Tree::valid().edit(NORTH, "  subscriptions:", "  state: offboarded\n  subscriptions:");
    assert!(step(&offboarded, &gone).is_empty());
}

#[test]
fn a_renamed_folder_has_not_vanished() {
    let renamed = Tree::valid()
        .without(NORTH)
        .with("customers/north/customer.yaml", NORTHWIND.replace("northwind", "north"));
    assert!(step(&Tree::valid(), &renamed).is_empty());
}

#[test]
fn another_tenant_under_the_same_name_is_refused() {
    let moved = Tree::valid().edit(
        NORTH,
        "33333333-3333-4000-8000-000000000001",
        "33333333-3333-4000-8000-000000000002",
    );
    assert_eq!(
        step(&Tree::valid(), &moved),
        [format!(
            "GS112 {NORTH}:1 the tenant of `northwind` was 33333333-3333-4000-8000-000000000001 before"
        )]
    );
    let swapped = Tree::valid()
        .edit(CUSTOMER, "22222222-2222-4000-8000-000000000001", "33333333-3333-4000-8000-000000000001")
        .edit(NORTH, "33333333-3333-4000-8000-000000000001", "22222222-2222-4000-8000-000000000001");
    assert_eq!(step(&Tree::valid(), &swapped).iter().filter(|line| line.starts_with("GS112")).count(), 2);
}

#[test]
fn another_partner_is_refused() {
    let other = Tree::valid().edit("partner.yaml", "0000000000aa", "0000000000bb");
    assert_eq!(
        step(&Tree::valid(), &other),
        ["GS113 partner.yaml:1 the partner's tenant was 0f1e2d3c-1111-4000-8000-0000000000aa before"]
    );
}

#[test]
fn a_rename_names_the_key_that_the_group_was_created_under() {
    let first = with_groups("    Old: {from: none}\n");
    let renamed = with_groups("    New: {from: none, was: Old}\n");
    assert!(step(&first, &renamed).is_empty());
    let again = with_groups("    Newer: {from: none, was: Old}\n");
    assert!(step(&renamed, &again).is_empty(), "a second rename keeps the first key");

    let dropped = with_groups("    New: {from: none}\n");
    assert_eq!(
        step(&renamed, &dropped),
        [format!("GS114 {CUSTOMER}:18 `New` was created as `Old` and no longer says so")]
    );
    let altered = with_groups("    Newer: {from: none, was: New}\n");
    assert_eq!(
        step(&renamed, &altered),
        [format!("GS114 {CUSTOMER}:18 `Newer` was created as `Old`, not as `New`")]
    );
    let claimed = with_groups("    Old: {from: none, was: Elsewhere}\n");
    assert_eq!(
        step(&first, &claimed),
        [format!("GS114 {CUSTOMER}:18 `Old` was created as `Old`, not as `Elsewhere`")]
    );
}

/// A key renamed without `was:` loses its group; two that are alike may be anything.
#[test]
fn a_mapping_that_went_while_one_like_it_came_is_asked_about() {
    let first = with_groups("    Old: {from: none}\n");
    let renamed = with_groups("    New: {from: none}\n");
    let said = "`Old` is gone and `New` gives the same: its group is made anew and the old one deleted";
    assert_eq!(step(&first, &renamed), [format!("GS116 {CUSTOMER}:18 {said}")]);
    let two = with_groups("    New: {from: none}\n    Newer: {from: none}\n");
    assert!(step(&first, &two).is_empty());
    let kept = with_groups("    New: {from: none}\n    Old: {from: none}\n");
    assert!(step(&first, &kept).is_empty());
    let adopted = |key: &str| {
        with_groups(&format!("    {key}: {{from: none, adopt: 0f1e2d3c-1111-4000-8000-0000000000d1}}\n"))
    };
    assert!(step(&adopted("Old"), &adopted("New")).is_empty(), "it is known by its id");
}

/// What a plan shows nothing of, because nothing of it happens today. Tried: `after >= before` counts as sooner; nothing was said.
#[test]
fn access_that_ends_later_than_before_is_named() {
    let grant = |expires: &str| {
        Tree::valid().with(
            "customers/contoso/grants/inc.yaml",
            format!(
                "apiVersion: groupsync.dev/v1\nkind: Grant\nmetadata: {{name: inc}}\nspec:\n  group: Ops\n  person: {{ada@fabrikam.example: \
                 0f1e2d3c-1111-4000-8000-000000000201}}\n  notBefore: 2030-01-01T09:00:00Z\n  expires: {expires}\n  reason: a restore\n"
            ),
        )
    };
    let (short, long) = (grant("2030-01-01T10:00:00Z"), grant("2030-01-01T12:00:00Z"));
    let said = step(&short, &long);
    assert_eq!(said.len(), 1, "{said:?}");
    let words = "by grant inc was to end at 2030-01-01T10:00:00Z and now ends at 2030-01-01T12:00:00Z";
    assert!(
        said[0].starts_with("GS117 customers/contoso/grants/inc.yaml") && said[0].ends_with(words),
        "{said:?}"
    );
    assert!(step(&long, &short).is_empty() && step(&short, &short).is_empty());
}

#[test]
fn without_a_base_it_says_that_the_check_did_not_run() {
    let note = groupsync::desired::base::not_compared();
    assert_eq!((note.code, note.hint.as_deref()), ("GS110", Some("name the state before with `--base DIR`")));
}
