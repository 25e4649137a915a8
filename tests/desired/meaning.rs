//! What the words refer to: groups, templates, roles, subscriptions, people, customers, mappings, grants, overrides.

use super::tree::{CUSTOMER, GRANT, GRANT_FILE, NORTHWIND, Tree, expect};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn override_of(spec: &str) -> String {
    format!(
        "apiVersion: groupsync.dev/v1\nkind: Override\nmetadata: {{name: o}}\nspec:\n{spec}  expires: 2030-01-03T00:00:00Z\n  reason: move\n"
    )
}

#[test]
fn names_that_nobody_has_are_shown_with_the_one_that_was_meant() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "    Ops:", "    Opps:")
        .edit(CUSTOMER, "[managed]", "[manged, managed]")
        .edit(CUSTOMER, "{Reader: [", "{Raeder: [")
        .edit(CUSTOMER, "Owner: subscriptions/prod", "Owner: subscriptions/porod")
        .edit("customers/northwind/customer.yaml", "    Ops:\n", "    Else:\n      from: Nothing like it\n");
    expect(
        &tree,
        "
        GS051 customers/contoso/customer.yaml:11:15 there is no template `manged`
          did you mean `managed`?
        GS050 customers/contoso/customer.yaml:13:5 there is no partner group `Opps`
          did you mean `Ops`?
        GS054 customers/contoso/customer.yaml:14:15 there is no role `Raeder`
          did you mean `Reader`?
        GS055 customers/contoso/customer.yaml:17:22 `contoso` has no subscription `porod`
          did you mean `prod`?
        GS050 customers/northwind/customer.yaml:10:13 there is no partner group `Nothing like it`
          add a PartnerGroup of that name in groups/, or name another one with `from:`
        ",
    );
}

#[test]
fn a_grant_names_a_group_of_its_customer() {
    expect(
        &Tree::valid().edit(GRANT_FILE, "BreakGlass", "BrakeGlass"),
        "
        GS053 customers/contoso/grants/inc-1.yaml:5:10 `contoso` has no group `BrakeGlass`
          did you mean `BreakGlass`?
        ",
    );
    expect(&Tree::valid().edit(GRANT_FILE, "BreakGlass", "Contoso_Readers"), "");
}

#[test]
fn a_grant_lies_in_the_folder_of_a_customer() {
    let tree = Tree::valid().with("customers/contso/grants/inc-9.yaml", GRANT);
    expect(
        &tree,
        "
        GS052 customers/contso/grants/inc-9.yaml:1:1 there is no customer `contso`
          did you mean `contoso`?
        ",
    );
}

#[test]
fn a_name_is_not_called_unknown_while_its_file_cannot_be_understood() {
    let tree = Tree::valid().edit("groups/all.yaml", "metadata: {name: Ops}", "metadata: {name: Ops");
    expect(
        &tree,
        "
        GS020 groups/all.yaml:11:5 while parsing a flow mapping, did not find expected ',' or '}'
          check the indentation, the colons and the quotes of this line and the one before it
        ",
    );
}

#[test]
fn a_scope_stays_within_the_customer() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "subscriptions/prod/resourceGroups/rg", "subscriptions/main, subscriptions/33333333-3333-4000-8000-0000000000b1, subscriptions/22222222-2222-4000-8000-0000000000b1");
    expect(
        &tree,
        "
        GS055 customers/contoso/customer.yaml:14:24 `main` is a subscription of `northwind`, not of `contoso`
          `contoso` has `prod`
        GS055 customers/contoso/customer.yaml:14:44 the subscription 33333333-3333-4000-8000-0000000000b1 belongs to `northwind`, not to `contoso`
          `contoso` has `prod`
        GS055 customers/contoso/customer.yaml:14:96 a subscription is named by its alias, not by its id 22222222-2222-4000-8000-0000000000b1
          write `prod`
        ",
    );
}

#[test]
fn a_scope_has_one_form() {
    let scopes = "\"*\", /subscriptions/prod, /, subscriptions/prod/resourcegroups/rg, providers/Microsoft.Management/managementGroups/m, subscriptions/prod/resourceGroups/.., subscription/prod";
    let tree = Tree::valid().edit(CUSTOMER, "subscriptions/prod/resourceGroups/rg", scopes);
    expect(
        &tree,
        "
        GS035 customers/contoso/customer.yaml:14:24 `*` is not a scope: write `subscriptions/*` for all subscriptions of the customer
        GS035 customers/contoso/customer.yaml:14:29 `/subscriptions/prod` is not a scope: write it without the leading slash, by the subscription's alias: `subscriptions/prod`
        GS035 customers/contoso/customer.yaml:14:50 `/` is not a scope: write it without the leading slash, by the subscription's alias: `subscriptions/prod`
        GS035 customers/contoso/customer.yaml:14:53 `subscriptions/prod/resourcegroups/rg` is not a scope: write `resourceGroups` with a capital G
        GS035 customers/contoso/customer.yaml:14:91 `providers/Microsoft.Management/managementGroups/m` is not a scope: a management group cannot be named; roles are given in subscriptions and below
        GS035 customers/contoso/customer.yaml:14:142 `subscriptions/prod/resourceGroups/..` is not a scope: between slashes stand letters, digits, `-`, `_`, `.` and parentheses
        GS035 customers/contoso/customer.yaml:14:180 `subscription/prod` is not a scope: it starts with `subscriptions/` and an alias from the customer's `subscriptions`, or `*`
        ",
    );
}

#[test]
fn a_template_that_does_not_fit_a_customer_is_shown_where_the_customer_asks_for_it() {
    let tree = Tree::valid().edit("templates/managed.yaml", "subscriptions/*", "subscriptions/prod").edit(
        "customers/northwind/customer.yaml",
        "  groups:",
        "  templates: [managed]\n  groups:",
    );
    expect(
        &tree,
        "
        GS050 customers/northwind/customer.yaml:8:15 there is no partner group `northwind_Readers`
          add a PartnerGroup of that name in groups/, or name another one with `from:`
        GS055 customers/northwind/customer.yaml:8:15 `prod` is a subscription of `contoso`, not of `northwind`
          `northwind` has `main`
        ",
    );
    let tree = Tree::valid().edit(
        "templates/managed.yaml",
        "      roles:",
        "      from: Readers of {custom}\n      roles:",
    );
    expect(
        &tree,
        "
        GS035 templates/managed.yaml:7:13 `Readers of {custom}` holds a placeholder that does not exist; the only one is `{customer}`
        ",
    );
    let tree =
        Tree::valid().edit(CUSTOMER, "nameInGroups: Contoso", &format!("nameInGroups: {}", "C".repeat(95)));
    expect(
        &tree,
        "
        GS093 templates/managed.yaml:6:5 with `CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC` for {customer} this becomes `CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC_Readers`, which is too long for a name
          shorten it, or give the customer a shorter `nameInGroups`
        ",
    );
}

#[test]
fn a_mapping_comes_from_one_place() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "[managed]", "[managed, second]")
        .append(CUSTOMER, "    Contoso_Readers: {}\n")
        .with(
            "templates/second.yaml",
            String::from_utf8(Tree::valid().0["templates/managed.yaml"].clone())
                .unwrap()
                .replace("managed", "second"),
        );
    expect(
        &tree,
        "
        GS090 customers/contoso/customer.yaml:11:24 `Contoso_Readers` comes from two places
          a mapping is written once: in one template, or at the customer; leave one of them out
        GS090 customers/contoso/customer.yaml:18:5 `Contoso_Readers` comes from two places
          a mapping is written once: in one template, or at the customer; leave one of them out
        ",
    );
}

#[test]
fn a_star_needs_subscriptions_to_mean_something() {
    let tree = Tree::valid()
        .edit(
            "customers/northwind/customer.yaml",
            "  subscriptions:\n    main: 33333333-3333-4000-8000-0000000000b1\n",
            "",
        )
        .edit("customers/northwind/customer.yaml", "subscriptions/main", "subscriptions/*");
    expect(
        &tree,
        "
        GS096 customers/northwind/customer.yaml:8:23 `northwind` lists no subscriptions, so this role is given nowhere
          add `subscriptions:` to the customer
        ",
    );
    assert!(tree.read().state.is_some(), "a warning spoils nothing");
}

#[test]
fn a_privileged_role_goes_only_where_memberships_end() {
    let owner = "    Ops:\n      roles: {Owner: subscriptions/prod}\n    Contoso_Readers:\n      roles: {Owner: subscriptions/prod}\n";
    let tree = Tree::valid().edit(CUSTOMER, "  templates: [managed]\n", "").edit(
        CUSTOMER,
        "    Ops:\n      roles: {Reader: [subscriptions/prod/resourceGroups/rg]}\n",
        owner,
    );
    expect(
        &tree,
        "
        GS095 customers/contoso/customer.yaml:13:15 `Owner` is privileged, and memberships of `Ops` do not end
          use `from: none` with grants, or give every listed member `expires`
        GS095 customers/contoso/customer.yaml:15:15 `Owner` is privileged, and memberships of `Contoso_Readers` do not end
          use `from: none` with grants, or give every listed member `expires`
        ",
    );
    let ends = "{objectId: 0f1e2d3c-1111-4000-8000-000000000201, expires: 2031-01-01T00:00:00Z}";
    let tree = Tree::valid().edit("groups/all.yaml", "0f1e2d3c-1111-4000-8000-000000000201", ends).edit(
        "templates/managed.yaml",
        "{Reader",
        "{Owner",
    );
    expect(&tree, "");
}

#[test]
fn groups_that_would_share_a_unique_name_are_refused() {
    let long = "A".repeat(45);
    let tree = Tree::valid().append(
        CUSTOMER,
        &format!("    break_glass: {{from: none}}\n    Break-Glass: {{from: none}}\n    New: {{from: none, was: ops}}\n    ___: {{from: none}}\n    {long}1: {{from: none}}\n    {long}2: {{from: none}}\n"),
    );
    expect(
        &tree,
        "
        GS091 customers/contoso/customer.yaml:19:5 `Break-Glass` and `break_glass` would share the unique name …-g-break-glass
          only letters, digits and the first 40 characters count there; choose another key
        GS091 customers/contoso/customer.yaml:20:5 `ops` and `Ops` would share the unique name …-g-ops
          only letters, digits and the first 40 characters count there; choose another key
        GS092 customers/contoso/customer.yaml:21:5 `___` holds no letter and no digit
          the group's unique name is made of them
        GS091 customers/contoso/customer.yaml:23:5 `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2` and `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1` would share the unique name …-g-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          only letters, digits and the first 40 characters count there; choose another key
        ",
    );
}

#[test]
fn a_display_name_fits_into_entra() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "      from: none", &format!("      from: none\n      as: {}", "x".repeat(257)))
        .edit(CUSTOMER, "    Ops:", "    Ops:\n      as: \" padded\"");
    expect(
        &tree,
        "
        GS035 customers/contoso/customer.yaml:14:11 `padded` is not a display name: one line without blanks around it
        GS035 customers/contoso/customer.yaml:18:11 the display name is 257 characters long, 256 are allowed
        ",
    );
    expect(
        &Tree::valid().edit(CUSTOMER, "    Ops:", &format!("    Ops:\n      as: {}", "å".repeat(256))),
        "",
    );
}

#[test]
fn people_are_staff() {
    let tree = Tree::valid()
        .edit("groups/all.yaml", "ada@fabrikam.example", "ada@fabrikam.example.evil")
        .edit(GRANT_FILE, "ada@fabrikam.example", "ada@notfabrikam.example");
    expect(
        &tree,
        "
        GS060 customers/contoso/grants/inc-1.yaml:6:12 `ada@notfabrikam.example` is not in a staff domain
          did you mean `fabrikam.example`?
        GS061 customers/contoso/grants/inc-1.yaml:6:12 the person 0f1e2d3c-1111-4000-8000-000000000201 has another address elsewhere
          use one address for a person everywhere
        GS060 groups/all.yaml:6:5 `ada@fabrikam.example.evil` is not in a staff domain
          only addresses in the Partner's staffDomains are ever invited
        ",
    );
}

#[test]
fn an_address_and_an_id_belong_together_everywhere() {
    let other = "\
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Other}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000299
    ADA.L@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
";
    expect(
        &Tree::valid().with("groups/other.yaml", other),
        "
        GS061 groups/other.yaml:6:27 `ada@fabrikam.example` has another object id elsewhere
          look the person up in the partner tenant: the object id decides who is meant
        GS061 groups/other.yaml:7:5 the person 0f1e2d3c-1111-4000-8000-000000000201 has another address elsewhere
          use one address for a person everywhere
        ",
    );
}

#[test]
fn a_grant_is_for_one_person() {
    let two =
        "0f1e2d3c-1111-4000-8000-000000000201, bob@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202";
    expect(
        &Tree::valid().edit(GRANT_FILE, "0f1e2d3c-1111-4000-8000-000000000201", two),
        "
        GS062 customers/contoso/grants/inc-1.yaml:6:3 a grant is for exactly one person, not 2
          write `person: {name@domain: object id}`; one grant for each further person
        ",
    );
    expect(
        &Tree::valid().edit(GRANT_FILE, "{ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}", "{}"),
        "
        GS062 customers/contoso/grants/inc-1.yaml:6:3 a grant is for exactly one person, not 0
          write `person: {name@domain: object id}`; one grant for each further person
        ",
    );
    expect(
        &Tree::valid().edit(
            GRANT_FILE,
            "{ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}",
            "ada@fabrikam.example",
        ),
        "
        GS034 customers/contoso/grants/inc-1.yaml:6:11 expected a map, found text
          write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines
        ",
    );
}

#[test]
fn a_grant_starts_before_it_ends_and_is_short() {
    let at = |start: &str| {
        Tree::valid().edit(GRANT_FILE, "  expires:", &format!("  notBefore: {start}\n  expires:"))
    };
    expect(&at("2030-01-01T01:00:00Z"), "");
    expect(
        &at("2030-01-01T00:59:59Z"),
        "
        GS101 customers/contoso/grants/inc-1.yaml:8:12 the grant lasts 12h 1s, 12h are allowed
          shorten it; `grantMaxDuration` in Policy sets the limit
        ",
    );
    expect(
        &at("2030-01-01T13:00:00Z"),
        "
        GS100 customers/contoso/grants/inc-1.yaml:8:12 the grant ends at 2030-01-01T13:00:00Z, but starts only at 2030-01-01T13:00:00Z
          `expires` comes after `notBefore`
        ",
    );
    expect(
        &at("2031-01-01T13:00:00Z"),
        "
        GS100 customers/contoso/grants/inc-1.yaml:8:12 the grant ends at 2030-01-01T13:00:00Z, but starts only at 2031-01-01T13:00:00Z
          `expires` comes after `notBefore`
        ",
    );
    let generous = at("2030-01-01T00:59:59Z").append("policy.yaml", "  grantMaxDuration: 1d\n");
    expect(&generous, "");
}

#[test]
fn time_never_makes_a_tree_invalid() {
    let tree = Tree::valid()
        .edit(GRANT_FILE, "2030-01-01", "1999-01-01")
        .edit(
            "groups/all.yaml",
            "0f1e2d3c-1111-4000-8000-000000000201",
            "{objectId: 0f1e2d3c-1111-4000-8000-000000000201, expires: 1999-01-01T00:00:00Z}",
        )
        .with(
            "customers/contoso/overrides/o.yaml",
            override_of(&format!("  digest: {DIGEST}\n")).replace("2030", "1999"),
        );
    expect(&tree, "");
}

#[test]
fn a_grant_without_start_is_as_long_as_policy_allows() {
    let state = Tree::valid().read().state.unwrap();
    let grant = &state.customers[&"contoso".parse().unwrap()].grants[&"inc-1".parse().unwrap()];
    assert_eq!(grant.not_before.to_string(), "2030-01-01T01:00:00Z");
}

#[test]
fn an_override_releases_one_customer_in_its_folder_and_many_in_the_root() {
    let tree = Tree::valid()
        .with("customers/contoso/overrides/o.yaml", override_of(&format!("  digest: {DIGEST}\n")))
        .with(
            "overrides/o.yaml",
            override_of(&format!("  digests: {{contoso: \"{DIGEST}\", northwind: \"{DIGEST}\"}}\n")),
        );
    expect(&tree, "");
    let released: Vec<_> =
        tree.read().state.unwrap().overrides.into_iter().map(|o| o.customer.to_string()).collect();
    assert_eq!(released, ["contoso", "contoso", "northwind"]);

    let tree = Tree::valid()
        .with(
            "customers/contoso/overrides/o.yaml",
            override_of(&format!("  digests: {{contoso: \"{DIGEST}\"}}\n")),
        )
        .with("overrides/o.yaml", override_of(""))
        .with(
            "overrides/p.yaml",
            override_of(&format!("  digests: {{contosso: \"{DIGEST}\", contoso: abc}}\n"))
                .replace("name: o", "name: p"),
        );
    expect(
        &tree,
        r#"
        GS102 customers/contoso/overrides/o.yaml:5:3 this key belongs to the other kind of override
          in a customer's folder write `digest: "sha256:…"`
        GS102 overrides/o.yaml:4:1 the override names no digest
          here write `digests: {customer: "sha256:…"}`, one for each customer
        GS052 overrides/p.yaml:5:13 there is no customer `contosso`
          did you mean `contoso`?
        GS035 overrides/p.yaml:5:107 `abc` is not a digest of the form sha256:… with 64 hexadecimal digits
        "#,
    );
}

#[test]
fn customers_share_nothing() {
    let twin = NORTHWIND
        .replace("northwind", "twin")
        .replace("  subscriptions", "  verifyDomain: contoso.example\n  subscriptions");
    let tree = Tree::valid().with("customers/twin/customer.yaml", twin).edit(
        "customers/northwind/customer.yaml",
        "  tenantId: 33333333-3333-4000-8000-000000000001",
        "  tenantId: 0F1E2D3C-1111-4000-8000-0000000000AA",
    );
    expect(
        &tree,
        "
        GS081 customers/northwind/customer.yaml:5:13 `northwind` has the partner's own tenant
          the partner tenant is only ever read and cannot be a customer
        GS085 customers/twin/customer.yaml:6:17 the domain contoso.example belongs to `contoso` already
          one of the two was probably copied and not changed
        GS082 customers/twin/customer.yaml:8:11 the subscription 33333333-3333-4000-8000-0000000000b1 belongs to `northwind` already
          one of the two was probably copied and not changed
        ",
    );
    let twice =
        "    prod: 22222222-2222-4000-8000-0000000000b1\n    live: 22222222-2222-4000-8000-0000000000b1";
    let tree = Tree::valid()
        .edit(CUSTOMER, "    prod: 22222222-2222-4000-8000-0000000000b1", twice)
        .edit(
            CUSTOMER,
            "      from: none",
            "      from: none\n      adopt: 22222222-2222-4000-8000-0000000000d1",
        )
        .edit(CUSTOMER, "    Ops:", "    Ops:\n      adopt: 22222222-2222-4000-8000-0000000000d1")
        .edit(
            "customers/northwind/customer.yaml",
            "    Ops:",
            "    Ops:\n      adopt: 22222222-2222-4000-8000-0000000000d1",
        );
    expect(
        &tree,
        "
        GS082 customers/contoso/customer.yaml:11:11 the subscription 22222222-2222-4000-8000-0000000000b1 stands twice at `contoso`
          one of the two was probably copied and not changed
        GS087 customers/contoso/customer.yaml:19:14 the adopted group 22222222-2222-4000-8000-0000000000d1 stands twice at `contoso`
          one of the two was probably copied and not changed
        GS087 customers/northwind/customer.yaml:10:14 the adopted group 22222222-2222-4000-8000-0000000000d1 belongs to `contoso` already
          one of the two was probably copied and not changed
        ",
    );
    let tree = Tree::valid().edit(
        "customers/northwind/customer.yaml",
        "33333333-3333-4000-8000-000000000001",
        "22222222-2222-4000-8000-000000000001",
    );
    expect(
        &tree,
        "
        GS080 customers/northwind/customer.yaml:5:13 the tenant 22222222-2222-4000-8000-000000000001 belongs to `contoso` already
          one of the two was probably copied and not changed
        ",
    );
}

#[test]
fn leaving_a_customer_says_how() {
    expect(
        &Tree::valid().edit(CUSTOMER, "enforce", "offboard"),
        "
        GS083 customers/contoso/customer.yaml:7:10 `contoso` is to be left, but nothing says how
          add `offboard: {notBefore: 2030-01-31T00:00:00Z, reason: …}`; without notBefore it starts at once
        ",
    );
    expect(&Tree::valid().edit(CUSTOMER, "enforce", "offboarded"), "");
    expect(&Tree::valid().edit(CUSTOMER, "state: enforce", "state: offboard\n  offboard: {}"), "");
    expect(
        &Tree::valid().append(CUSTOMER, "  offboard: {guests: keep}\n"),
        "
        GS084 customers/contoso/customer.yaml:18:3 this has no effect before the state is `offboard`
          write `state: offboard`
        ",
    );
}

#[test]
fn a_partner_group_has_one_source() {
    let tree = Tree::valid()
        .edit("groups/all.yaml", "  entraGroup: 0f1e2d3c-1111-4000-8000-000000000101", "  owner: me")
        .edit("groups/all.yaml", "  members:", "  entraGroup: 0f1e2d3c-1111-4000-8000-000000000102\n  members:")
        .append("groups/all.yaml", "---\napiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {name: none}\nspec: {members: {}}\n");
    expect(
        &tree,
        "
        GS070 groups/all.yaml:5:15 the group has two sources
          keep `members` (listed here) or `entraGroup` (read live), not both
        GS070 groups/all.yaml:12:1 the group has no source
          add `members` (listed here) or `entraGroup` (read live); nobody at all is `members: {}`
        GS074 groups/all.yaml:17:18 a partner group cannot be called `none`
          `from: none` says that nobody stands in a mapping; choose another name
        ",
    );
}

#[test]
fn roles_are_what_they_say() {
    let tree = Tree::valid()
        .edit("policy.yaml", "tier: privileged", "tier: standard")
        .append("policy.yaml", "    Viewer: acdd72a7-3385-48ef-bd42-f606fba81ae7\n    Contributor: f58310d9-a9f6-439a-9e8d-f62e7b41a168\n    Backup Operator: 11111111-1111-4000-8000-000000000001\n");
    expect(
        &tree,
        "
        GS073 policy.yaml:7:5 `Owner` can hand out roles and is not `tier: privileged`
          privileged roles go only to mappings whose memberships all end
        GS071 policy.yaml:8:5 `Viewer` is the same role as `Reader`
          roles are compared by id; keep one name
        GS073 policy.yaml:9:5 `Contributor` can hand out roles and is not `tier: privileged`
          privileged roles go only to mappings whose memberships all end
        GS073 policy.yaml:10:5 `Backup Operator` does not have the id of Azure's role of that name
          that one is 00c29273-979b-4161-815c-10b084fb9324; give another role another name
        ",
    );
}

#[test]
fn a_customers_own_role_is_its_own() {
    let tree = Tree::valid().append(
        CUSTOMER,
        "  roles:\n    Reader: 22222222-2222-4000-8000-0000000000e1\n    Boss: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635\n    Keeper: f58310d9-a9f6-439a-9e8d-f62e7b41a168\n",
    );
    expect(
        &tree,
        "
        GS086 customers/contoso/customer.yaml:19:5 `Reader` is a role of Policy already
          give the customer's own role another name
        GS086 customers/contoso/customer.yaml:20:5 `Boss` is Policy's `Owner`, not a custom role of this customer
          built-in roles are listed in Policy, with their tier
        GS086 customers/contoso/customer.yaml:21:5 `Keeper` is Azure's `Role Based Access Control Administrator`, not a custom role of this customer
          built-in roles are listed in Policy, with their tier
        ",
    );
    let tree = Tree::valid()
        .edit(CUSTOMER, "{Reader: [", "{Operator: [")
        .append(CUSTOMER, "  roles: {Operator: 22222222-2222-4000-8000-0000000000e1}\n");
    expect(&tree, "");
}

#[test]
fn numbers_do_not_contradict_each_other() {
    let tree = Tree::valid().append(
        "policy.yaml",
        "  tenantsPerPerson: {warn: 491}\n  objectsPerTenant: {warn: 10, refuse: 5}\n  protected: [22222222-2222-4000-8000-0000000000d1, 22222222-2222-4000-8000-0000000000d1]\n",
    );
    expect(
        &tree,
        "
        GS072 policy.yaml:8:28 warns at 491, after refusing at 490
          `warn` is at most `refuse`
        GS072 policy.yaml:9:28 warns at 10, after refusing at 5
          `warn` is at most `refuse`
        GS075 policy.yaml:10:53 `22222222-2222-4000-8000-0000000000d1` stands twice in the list
          remove one of the two
        ",
    );
}

#[test]
fn a_template_that_nobody_uses_is_checked_too() {
    let tree = Tree::valid().edit(CUSTOMER, "  templates: [managed]\n", "").edit(
        "templates/managed.yaml",
        "{Reader",
        "{Raeder",
    );
    expect(
        &tree,
        "
        GS054 templates/managed.yaml:7:15 there is no role `Raeder`
          did you mean `Reader`?
        ",
    );
    let known = tree.append(CUSTOMER, "  roles: {Raeder: 22222222-2222-4000-8000-0000000000e1}\n");
    expect(&known, "");
}

#[test]
fn a_person_stands_once_in_a_list() {
    let twice = "    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201\n    Ada@Fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201\n";
    let tree = Tree::valid().edit(
        "groups/all.yaml",
        "    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201\n",
        twice,
    );
    expect(
        &tree,
        "
        GS075 groups/all.yaml:7:5 `ada@fabrikam.example` stands twice in the list
          remove one of the two
        ",
    );
}
