//! Programs nobody here wrote: Microsoft's SDKs against the simulator over TLS, Prometheus and a browser against the controller.
//!
//! `tests/run` installs them; by hand: `cargo test --test servers`.

mod simulation;
mod watching;

use self::simulation::{Simulation, javascript, python};

#[test]
fn azure_identity_for_python_signs_in() {
    Simulation::start().accepts(python("login.py"));
}

#[test]
fn msgraph_sdk_for_python_manages_groups_guests_and_members() {
    Simulation::start().accepts(python("graph.py"));
}

#[test]
fn azure_mgmt_authorization_for_python_manages_role_assignments() {
    Simulation::start().accepts(python("arm.py"));
}

#[test]
fn azure_identity_for_javascript_signs_in() {
    Simulation::start().accepts(javascript("login.js"));
}

#[test]
fn microsoft_graph_client_for_javascript_manages_groups_guests_and_members() {
    Simulation::start().accepts(javascript("graph.js"));
}

#[test]
fn arm_authorization_for_javascript_manages_role_assignments() {
    Simulation::start().accepts(javascript("arm.js"));
}

/// What a first request of many programs finds, without a token.
#[test]
fn a_cloud_describes_itself_over_tls() {
    Simulation::start().accepts(python("cloud.py"));
}

/// A script that cannot fail would prove nothing: each meets a service that claims what it did not do, or does not answer
/// in its own language.
#[test]
fn every_script_fails_where_a_service_does_not_keep_its_contract() {
    let liar = |service: &str, route: &str| {
        format!(r#"[{{"service": "{service}", "route": "{route}", "fault": "html"}}]"#)
    };
    let token = liar("login", "/{tenant}/oauth2/v2.0/token");
    let members = liar("graph", "/groups/{id}/members");
    let rows = liar("arm", "/{scope}/providers/Microsoft.Authorization/roleAssignments");
    for (script, fault) in [
        (python("login.py"), &token),
        (python("graph.py"), &members),
        (python("arm.py"), &rows),
        (python("cloud.py"), &liar("arm", "/metadata/endpoints")),
        (javascript("login.js"), &token),
        (javascript("graph.js"), &members),
        (javascript("arm.js"), &rows),
    ] {
        Simulation::start().with_fault(fault).refuses(script);
    }
}
