//! What a tenant holds comes into a directory of its own; and the condition for our own right.

use std::fs;

use serde_json::Value;

use super::{Simulation, example, groupsync, run};

#[test]
fn a_lost_mapping_is_found_in_the_tenant_and_written_beside_the_files() {
    let files = example();
    let simulation = Simulation::of(files.path());
    run(simulation.groupsync().args(["apply", "--yes"]).arg(files.path())).expect(0);
    let own = files.path().join("customers/contoso/customer.yaml");
    let whole = fs::read_to_string(&own).unwrap();
    let mapping = "    Contoso_BackupOperators:\n      roles: {Backup Operator: subscriptions/prod}\n";
    let less = whole.replace(mapping, "");
    assert_ne!(less, whole);
    fs::write(&own, &less).unwrap();

    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("imported");
    let import = |more: &[&str]| {
        let mut command = simulation.groupsync();
        run(command.args(["import", "--customer", "contoso", "--dir"]).arg(files.path()).args(more))
    };
    import(&[]).expect(0).shows("+ mapping Contoso_BackupOperators").says("nothing was written");
    assert!(!out.exists());
    let to = ["--out", out.to_str().unwrap()];
    import(&to).expect(0).shows("customers/contoso/customer.yaml  changed");
    assert_eq!(fs::read_to_string(&own).unwrap(), less, "the files themselves stay as they are");
    run(groupsync().arg("validate").arg(&out)).expect(0);
    let plan = run(simulation.groupsync().args(["plan", "--exit-code"]).arg(&out));
    plan.expect(0).shows("nothing to do at 3 customers");

    import(&to).expect(0);
    fs::write(out.join("policy.yaml"), "mine").unwrap();
    import(&to).expect(4).says("policy.yaml exists and says something else");
    let document: Value = serde_json::from_str(&import(&["--format", "json"]).expect(0).out).unwrap();
    assert_eq!(document["customers"][0]["ours"]["groups"][0]["proposal"]["key"], "Contoso_BackupOperators");

    simulation.steer(
        "POST",
        "faults",
        r#"[{"service": "arm", "customer": "contoso", "fault": "forbidden"}]"#,
    );
    import(&[]).expect(1).shows("? not read");
    import(&["--customer", "contosso"]).expect(4).says("did you mean `contoso`?");
}

#[test]
fn the_condition_names_the_roles_of_policy_and_says_what_it_leaves_out() {
    let files = example();
    let print = |more: &[&str]| run(groupsync().arg("rbac-condition").arg(files.path()).args(more));
    let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    let narrow =
        print(&[]).expect(0).says("left out, because privileged: ").shows("ForAnyOfAnyValues:GuidEquals");
    assert!(!narrow.out.contains(owner) && narrow.out.matches("acdd72a7").count() == 2, "{}", narrow.out);
    print(&["--privileged"]).expect(0).shows(owner);
    print(&["--customer", "nobody"]).expect(4).says("there is no customer `nobody`");

    // Whatever Policy calls it, a role that hands out access is in the condition only where that was asked for.
    //
    // Tried: the tier alone looked at, by hand: 8e3af657 is printed.
    let policy = files.path().join("policy.yaml");
    let said = std::fs::read_to_string(&policy).unwrap();
    let loosened = said.replace("tier: privileged}", "tier: standard}");
    assert_ne!(said, loosened);
    std::fs::write(&policy, loosened).unwrap();
    let narrow = print(&[]).expect(0).says("left out, because privileged: Owner");
    assert!(!narrow.out.contains(owner), "8e3af657 is in it");
    print(&["--privileged"]).expect(0).shows(owner);

    let customer = files.path().join("customers/northwind/customer.yaml");
    let said = std::fs::read_to_string(&customer).unwrap();
    std::fs::write(&customer, said + "  roles: {Their Role: 0f1e2d3c-1111-4000-8000-0000000000ee}\n")
        .unwrap();
    print(&["--customer", "northwind"]).expect(0).shows("0000000000ee").says("can grant roles: Their Role");
}
