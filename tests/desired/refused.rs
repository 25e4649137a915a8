//! What is refused in any file: what hides things from a reviewer, what is no YAML, what has the wrong shape or place.

use super::tree::{CUSTOMER, GRANT, GRANT_FILE, NORTHWIND, PARTNER, POLICY, Tree, expect};

#[test]
fn an_unknown_key_is_shown_with_the_one_that_was_meant() {
    let tree = Tree::valid().edit(CUSTOMER, "verifyDomain", "verfyDomain").edit(
        CUSTOMER,
        "      from: none",
        "      from: none\n      colour: red",
    );
    expect(
        &tree,
        "
        GS032 customers/contoso/customer.yaml:6:3 unknown key `verfyDomain`
          did you mean `verifyDomain`?
        GS032 customers/contoso/customer.yaml:17:7 unknown key `colour`
          possible here: `from`, `as`, `was`, `adopt`, `reassert` and `roles`
        ",
    );
}

#[test]
fn a_misspelt_required_key_is_not_also_called_missing() {
    expect(
        &Tree::valid().edit("partner.yaml", "adminAgents", "adminAgent"),
        "
        GS032 partner.yaml:7:3 unknown key `adminAgent`
          did you mean `adminAgents`?
        ",
    );
}

#[test]
fn a_duplicate_key_is_refused_at_the_second_and_shows_the_first() {
    let tree = Tree::valid().append(CUSTOMER, "    Ops:\n      from: none\n  state: observe\n");
    expect(
        &tree,
        "
        GS023 customers/contoso/customer.yaml:18:5 duplicate key `Ops`
          keep one of the two
        GS023 customers/contoso/customer.yaml:20:3 duplicate key `state`
          keep one of the two
        ",
    );
    let related = tree.read().diagnostics[0].related.clone().unwrap();
    assert_eq!((related.0.line, related.1.as_str()), (13, "first defined here"));
}

#[test]
fn anchors_aliases_merge_keys_and_tags_are_refused() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "Reader: [", "Reader: &all [")
        .edit(CUSTOMER, "Owner: subscriptions/prod", "Owner: *all")
        .edit(CUSTOMER, "  state: enforce", "  <<: {state: enforce}\n  state: !!str enforce");
    expect(
        &tree,
        "
        GS021 customers/contoso/customer.yaml:7:3 merge keys are not allowed
          write the keys out
        GS022 customers/contoso/customer.yaml:8:10 tags are not allowed
          remove it; a text that starts with `!` needs quotes
        GS021 customers/contoso/customer.yaml:15:23 anchors are not allowed
          write the value out where it is used
        GS021 customers/contoso/customer.yaml:18:22 aliases are not allowed
          write the value out; a text that starts with `*` needs quotes
        ",
    );
}

#[test]
fn a_key_is_text() {
    expect(
        &Tree::valid().append(CUSTOMER, "  ? [a, {b: c}]\n  : d\n  drift: {strayStaff: hold, }\n"),
        "
        GS025 customers/contoso/customer.yaml:18:5 a key must be text
          write the key as plain text
        ",
    );
}

#[test]
fn a_bare_star_is_an_alias_and_the_hint_says_what_to_write() {
    expect(
        &Tree::valid().edit(CUSTOMER, "Owner: subscriptions/prod", "Owner: *"),
        "
        GS021 customers/contoso/customer.yaml:17:22 a bare `*` is an alias, and aliases are not allowed
          for all subscriptions write `subscriptions/*`; any other text with it needs quotes
        ",
    );
}

#[test]
fn a_broken_document_hides_nothing_in_the_others() {
    let tree = Tree::valid()
        .edit("groups/all.yaml", "  members:\n", "  members: [\n")
        .edit("groups/all.yaml", "entraGroup: 0f1e2d3c", "entraGroup: 0f1e2d3")
        .edit(CUSTOMER, "enforce", "enfroce");
    expect(
        &tree,
        "
        GS036 customers/contoso/customer.yaml:7:10 unknown word `enfroce`, expected `observe`, `enforce`, `suspend`, `offboard` or `offboarded`
          did you mean `enforce`?
        GS020 groups/all.yaml:5:12 unclosed bracket '['
          check the indentation, the colons and the quotes of this line and the one before it
        GS035 groups/all.yaml:12:15 `0f1e2d3-1111-4000-8000-000000000101` is not an id of the form 00000000-0000-0000-0000-000000000000
        ",
    );
}

#[test]
fn a_key_without_a_value_is_refused() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "  state: enforce", "  state:")
        .edit("partner.yaml", "[fabrikam.example]", "~")
        .append(CUSTOMER, "  drift:\n");
    expect(
        &tree,
        "
        GS026 customers/contoso/customer.yaml:7:3 expected text, found nothing
          give it a value or remove the key; `{}` is an empty map, `[]` an empty list
        GS026 customers/contoso/customer.yaml:18:3 expected a map, found nothing
          give it a value or remove the key; `{}` is an empty map, `[]` an empty list
        GS026 partner.yaml:6:17 expected a list, found nothing
          give it a value or remove the key; `{}` is an empty map, `[]` an empty list
        ",
    );
}

#[test]
fn a_missing_key_is_named_at_what_lacks_it() {
    let tree = Tree::valid()
        .with("partner.yaml", "apiVersion: groupsync.dev/v1\nkind: Partner\nmetadata: {}\nspec:\n  staffDomains: [fabrikam.example]\n")
        .edit(GRANT_FILE, "  reason: restore\n", "");
    expect(
        &tree,
        "
        GS033 customers/contoso/grants/inc-1.yaml:4:1 missing key `reason`
          add `reason:` here
        GS033 partner.yaml:3:1 missing key `name`
          add `name:` here
        GS033 partner.yaml:4:1 missing key `adminAgents`
          add `adminAgents:` here
        GS033 partner.yaml:4:1 missing key `helpdeskAgents`
          add `helpdeskAgents:` here
        GS033 partner.yaml:4:1 missing key `tenantId`
          add `tenantId:` here
        ",
    );
}

#[test]
fn wrong_shapes_are_refused() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "templates: [managed]", "templates: managed")
        .edit(CUSTOMER, "nameInGroups: Contoso", "nameInGroups: {is: Contoso}")
        .edit(CUSTOMER, "from: none", "from: [none]")
        .edit(CUSTOMER, "    prod: 22222222-2222-4000-8000-0000000000b1", "    - prod")
        .append("policy.yaml", "  limits: {group: {members: {percent: lots, floor: \"3\"}}}\n")
        .append(CUSTOMER, "      reassert: yes\n");
    expect(
        &tree,
        "
        GS034 customers/contoso/customer.yaml:8:3 expected text, found a map
          write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines
        GS034 customers/contoso/customer.yaml:9:3 expected a map, found a list
          write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines
        GS034 customers/contoso/customer.yaml:11:14 expected a list, found text
          write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines
        GS034 customers/contoso/customer.yaml:16:7 expected text, found a list
          write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines
        GS034 customers/contoso/customer.yaml:18:17 expected true or false, found `yes`
        GS034 policy.yaml:8:39 expected a whole number, found `lots`
        GS034 policy.yaml:8:52 expected a whole number, found the text `3`
          remove the quotes
        ",
    );
}

#[test]
fn malformed_values_are_refused_one_by_one() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "-000000000001", "-00000000001")
        .edit(CUSTOMER, "contoso.example", "contoso")
        .edit(CUSTOMER, "nameInGroups: Contoso", "nameInGroups: Conto/so")
        .edit("partner.yaml", "0f1e2d3c-1111-4000-8000-0000000000a1", "00000000-0000-0000-0000-000000000000")
        .edit("groups/all.yaml", "ada@fabrikam.example", "ada@fаbrikam.example")
        .edit(GRANT_FILE, "13:00:00Z", "13:00:00+01:00")
        .append(
            "policy.yaml",
            "  grantMaxDuration: 12 hours\n  limits: {fleet: {members: {percent: 101}, invitations: -1}}\n",
        );
    expect(
        &tree,
        "
        GS035 customers/contoso/customer.yaml:5:13 `22222222-2222-4000-8000-00000000001` is not an id of the form 00000000-0000-0000-0000-000000000000
        GS035 customers/contoso/customer.yaml:6:17 `contoso` is not a domain name of the form fabrikam.example
        GS035 customers/contoso/customer.yaml:8:17 `Conto/so` is not a name: 1 to 100 of A-Z a-z 0-9 space _ . -
        GS035 customers/contoso/grants/inc-1.yaml:7:12 `2030-01-01T13:00:00+01:00` is not a time of the form 2030-01-01T09:00:00Z (UTC, with Z)
        GS035 groups/all.yaml:6:5 `ada@fаbrikam.example` is not a mail address of the form name@domain: its `а` is U+0430, and letters are a to z here
        GS035 partner.yaml:7:16 the id of all zeros names nothing
        GS035 policy.yaml:8:21 `12 hours` is not a duration of the form 30m, 12h or 90d
        GS035 policy.yaml:9:39 101 is not a percentage from 0 to 100
        GS034 policy.yaml:9:58 expected a whole number, found `-1`
        ",
    );
}

#[test]
fn an_unknown_word_is_shown_with_the_allowed_ones() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "enforce", "enforced")
        .append(CUSTOMER, "  drift: {strayStaff: keep}\n")
        .append("partner.yaml", "  gdap: maybe\n  cloud: mars\n");
    expect(
        &tree,
        "
        GS036 customers/contoso/customer.yaml:7:10 unknown word `enforced`, expected `observe`, `enforce`, `suspend`, `offboard` or `offboarded`
          did you mean `enforce`?
        GS036 customers/contoso/customer.yaml:18:23 unknown word `keep`, expected `remove` or `hold`
        GS036 partner.yaml:9:9 unknown word `maybe`, expected `read` or `off`
        GS036 partner.yaml:10:10 unknown word `mars`, expected `global`, `usgov`, `usgovdod` or `china`
        ",
    );
}

#[test]
fn kind_and_version_are_known() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "kind: Customer", "kind: Custommer")
        .edit("policy.yaml", "groupsync.dev/v1", "groupsync.dev/v2")
        .edit("partner.yaml", "kind: Partner\n", "")
        .edit(GRANT_FILE, "apiVersion: groupsync.dev/v1\n", "");
    expect(
        &tree,
        "
        GS030 customers/contoso/customer.yaml:2:7 unknown kind `Custommer`
          did you mean `Customer`?
        GS031 customers/contoso/grants/inc-1.yaml:1:1 missing key `apiVersion`
          start the document with `apiVersion: groupsync.dev/v1`
        GS030 partner.yaml:1:1 missing key `kind`
          in the root of the directory it is Partner or Policy
        GS031 policy.yaml:1:13 unknown apiVersion `groupsync.dev/v2`
          write `groupsync.dev/v1`
        ",
    );
}

#[test]
fn a_document_is_a_map_and_not_empty() {
    let tree = Tree::valid()
        .with("groups/list.yaml", "- a\n")
        .with("groups/text.yaml", "hello\n")
        .with("groups/hole.yaml", "---\n---\n# nothing\n")
        .with("groups/comment.yaml", "# nothing\n");
    expect(
        &tree,
        "
        GS011 groups/comment.yaml:1:1 the file holds no document
          remove it
        GS010 groups/hole.yaml:1:4 the document is empty
          remove the `---` before it
        GS010 groups/hole.yaml:2:4 the document is empty
          remove the `---` before it
        GS034 groups/list.yaml:1:1 expected a document with apiVersion, kind, metadata and spec
        GS034 groups/text.yaml:1:1 expected a document with apiVersion, kind, metadata and spec
        ",
    );
}

#[test]
fn invisible_characters_are_refused_wherever_they_are() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "state: enforce", "state: enforce # \u{202e}evresbo")
        .edit(CUSTOMER, "[managed]", "[man\u{200b}aged]")
        .edit(GRANT_FILE, "reason: restore", "reason: \"rest\\u0007ore\"")
        .edit("policy.yaml", "name: policy", "name: po\u{7}licy")
        .with("partner.yaml", format!("\u{feff}{PARTNER}"));
    expect(
        &tree,
        "
        GS009 customers/contoso/customer.yaml:7:20 the invisible character U+202E is not allowed
          remove it: it can make a review show something else than what is read
        GS009 customers/contoso/customer.yaml:11:18 the invisible character U+200B is not allowed
          remove it: it can make a review show something else than what is read
        GS009 customers/contoso/grants/inc-1.yaml:8:11 the invisible character U+0007 is not allowed
          remove the escape
        GS008 partner.yaml:1:1 the file holds a byte order mark
          save it as UTF-8 without BOM
        GS009 policy.yaml:3:20 the invisible character U+0007 is not allowed
          remove it: it can make a review show something else than what is read
        ",
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    expect(
        &Tree::valid().with("groups/latin.yaml", b"# caf\xe9\n# \xff\n"),
        "
        GS007 groups/latin.yaml:1:6 this is not UTF-8
          save the file as UTF-8
        ",
    );
}

#[test]
fn windows_line_ends_change_nothing() {
    let tree = Tree::valid().with("policy.yaml", POLICY.replace('\n', "\r\n"));
    expect(&tree, "");
    let tree = tree
        .with(CUSTOMER, NORTHWIND.replace("subscriptions/main", "subscriptions/mian").replace('\n', "\r\n"));
    assert!(tree.problems().contains("GS055 customers/contoso/customer.yaml:10:23"), "{}", tree.problems());
}

#[test]
fn nesting_has_an_end() {
    let deep = format!("apiVersion: groupsync.dev/v1\nkind: {}x{}\n", "[".repeat(40), "]".repeat(40));
    expect(
        &Tree::valid().with("groups/deep.yaml", deep),
        "
        GS024 groups/deep.yaml:2:38 more than 32 levels of nesting
          nothing in this language is nested so deep
        ",
    );
    let bottomless = "[".repeat(200_000);
    let problems = Tree::valid().with("groups/deep.yaml", bottomless).problems();
    assert!(problems.starts_with("GS024 groups/deep.yaml:1:65"), "{problems}");
}

#[test]
fn a_file_over_four_mebibytes_is_not_read() {
    let big = format!("# {}\n", "x".repeat(4 * 1024 * 1024));
    expect(
        &Tree::valid().with("groups/big.yaml", big),
        "
        GS006 groups/big.yaml:0:0 the file is larger than 4 MiB
          split it: groups and customers may be spread over any number of files
        ",
    );
}

#[test]
fn every_document_has_its_place() {
    let tree = Tree::valid()
        .with("groups/policy.yaml", POLICY)
        .with(
            "customers/contoso/grants/customer.yaml",
            NORTHWIND.replace("northwind", "north").replace("33333333", "44444444"),
        )
        .with("customers/loose.yaml", GRANT)
        .with("misc/grant.yaml", GRANT);
    expect(
        &tree,
        "
        GS040 customers/contoso/grants/customer.yaml:1:1 a document of kind Customer does not belong in customers/contoso/grants/
          move it to customers/<name>/customer.yaml
        GS040 customers/loose.yaml:1:1 a document of kind Grant does not belong in this folder
          move it to a file in customers/<name>/grants/
        GS040 groups/policy.yaml:1:1 a document of kind Policy does not belong in groups/
          move it to policy.yaml at the root of the directory
        GS040 misc/grant.yaml:1:1 a document of kind Grant does not belong in this folder
          move it to a file in customers/<name>/grants/
        ",
    );
}

#[test]
fn a_customer_is_called_like_its_folder() {
    expect(
        &Tree::valid().edit(CUSTOMER, "{name: contoso}", "{name: Contoso}"),
        "
        GS041 customers/contoso/customer.yaml:3:18 the customer is called `Contoso`, its folder `contoso`
          write `name: contoso`, or rename the folder to `Contoso`
        ",
    );
}

#[test]
fn stray_files_are_refused_and_notes_for_people_are_not() {
    let tree = Tree::valid()
        .with("README.md", "read me")
        .with("customers/README.md", "read me")
        .with(".gitignore", "x")
        .with(".hidden/x.txt", "x")
        .with("groups/notes.txt", "x")
        .with("groups/all.yaml.bak", "x")
        .with("customers/contoso/STOP", "x");
    expect(
        &tree,
        "
        GS003 customers/contoso/STOP:0:0 STOP has no effect here
          the kill switch is a file STOP at the root of the directory
        GS003 groups/all.yaml.bak:0:0 this file does not belong here
          only *.yaml, *.yml, README.md and names that start with a dot belong in the directory
        GS003 groups/notes.txt:0:0 this file does not belong here
          only *.yaml, *.yml, README.md and names that start with a dot belong in the directory
        ",
    );
}

#[test]
fn the_kill_switch_is_read_even_from_a_broken_tree() {
    let tree = Tree::valid().with("STOP", "  incident 12\n");
    expect(&tree, "");
    assert_eq!(tree.read().state.unwrap().stop.as_deref(), Some("incident 12"));
    let read = tree.without("policy.yaml").with("STOP", b"\xff").read();
    assert!(read.state.is_none());
    assert_eq!(read.stop.as_deref(), Some("\u{fffd}"));
}

#[test]
fn one_partner_and_one_policy() {
    expect(
        &Tree::valid().without("partner.yaml").without("policy.yaml"),
        "
        GS043 :0:0 there is no Partner
          add partner.yaml with a document of kind Partner at the root of the directory
        GS043 :0:0 there is no Policy
          add policy.yaml with a document of kind Policy at the root of the directory
        ",
    );
    let tree = Tree::valid().with("other.yaml", format!("{PARTNER}---\n{POLICY}"));
    expect(
        &tree,
        "
        GS044 partner.yaml:1:1 a second Partner
          a directory has exactly one
        GS044 policy.yaml:1:1 a second Policy
          a directory has exactly one
        ",
    );
}

#[test]
fn two_documents_of_one_kind_and_name_are_refused() {
    let tree = Tree::valid()
        .with(
            "groups/more.yaml",
            "apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {name: Ops}\nspec: {members: {}}\n",
        )
        .with("customers/contoso/grants/inc-2.yaml", GRANT)
        .with("customers/contoso/again.yaml", NORTHWIND.replace("northwind", "contoso"));
    expect(
        &tree,
        "
        GS042 customers/contoso/customer.yaml:3:18 a second Customer called `contoso`
          rename one of the two
        GS042 customers/contoso/grants/inc-2.yaml:3:18 a second Grant called `inc-1`
          rename one of the two
        GS080 customers/northwind/customer.yaml:5:13 the tenant 33333333-3333-4000-8000-000000000001 belongs to `contoso` already
          one of the two was probably copied and not changed
        GS082 customers/northwind/customer.yaml:7:11 the subscription 33333333-3333-4000-8000-0000000000b1 belongs to `contoso` already
          one of the two was probably copied and not changed
        GS042 groups/more.yaml:3:18 a second PartnerGroup called `Ops`
          rename one of the two
        ",
    );
}

#[test]
fn a_directory_without_desired_state_is_a_clear_problem() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere");
    let file = dir.path().join("file.txt");
    std::fs::write(&file, "x").unwrap();
    let said =
        |dir: &std::path::Path| super::tree::problems_in(dir).replace(&dir.display().to_string(), "DIR");
    assert_eq!(
        said(&missing),
        "GS001 :0:0 there is no directory `DIR`\n  name the directory that holds partner.yaml\n"
    );
    assert_eq!(said(&file), "GS001 :0:0 `DIR` is not a directory\n  name the directory, not a file in it\n");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        said(dir.path()),
        "GS002 :0:0 `DIR` holds no desired state\n  it needs at least a Partner and a Policy, see desired-state/ of this project\n"
    );
}

#[cfg(unix)]
#[test]
fn links_are_refused_except_the_kubelets_own() {
    use std::os::unix::fs::symlink;
    let dir = Tree::valid().write();
    symlink("all.yaml", dir.path().join("groups/link.yaml")).unwrap();
    symlink("/etc/hostname", dir.path().join("host.yaml")).unwrap();
    let problems = super::tree::problems_in(dir.path());
    assert_eq!(problems.matches("GS004 ").count(), 2, "{problems}");
    assert!(problems.starts_with("GS004 groups/link.yaml:0:0 symbolic links are not followed"), "{problems}");
    assert!(problems.contains("GS004 host.yaml:0:0"), "{problems}");

    // As the kubelet mounts a volume: names that link into `..data`, which links to the current version.
    let mount = tempfile::tempdir().unwrap();
    let version = mount.path().join("..2030_01_01");
    std::fs::rename(Tree::valid().write().keep(), &version).unwrap();
    symlink("..2030_01_01", mount.path().join("..data")).unwrap();
    for name in ["partner.yaml", "policy.yaml", "groups", "templates", "customers"] {
        symlink(format!("..data/{name}"), mount.path().join(name)).unwrap();
    }
    // The directory itself may be a link, too: git-sync swaps it.
    let link = dir.path().join("current");
    symlink(mount.path(), &link).unwrap();
    assert_eq!(super::tree::problems_in(&link), "");
    symlink("..data/../../../../etc/passwd", mount.path().join("x.yaml")).unwrap();
    symlink("..data/..", mount.path().join("y.yaml")).unwrap();
    assert_eq!(super::tree::problems_in(&link).matches("GS004 ").count(), 2);
}
