//! What lies in `deploy/` agrees with the program and with itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Parser as _;
use groupsync::cli::args::Args;
use serde_yaml::Value;

fn deploy(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(deploy(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The operator's rules are those of Prometheus, further in. Kustomize cannot put one file into another, so there are two;
/// `UPDATE_ALERTS=1 cargo test --test suite deploy::` writes the second.
#[test]
#[expect(clippy::disallowed_methods, reason = "a wish of whoever runs the tests, not a setting")]
fn the_operator_gets_the_alerts_that_are_tested() {
    let alerts = read("monitoring/alerts.yaml");
    let rules = alerts.find("\ngroups:").expect("rules") + 1;
    let mut expected = String::from(
        "# The rules of deploy/monitoring/alerts.yaml, written by a test: change them there.\n\
         apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: groupsync\nspec:\n",
    );
    for line in alerts[rules..].lines() {
        if !line.is_empty() {
            expected.push_str("  ");
        }
        expected.push_str(line);
        expected.push('\n');
    }
    let file = "kubernetes/components/monitoring/prometheusrule.yaml";
    if std::env::var_os("UPDATE_ALERTS").is_some() {
        fs::write(deploy(file), &expected).unwrap();
    }
    assert!(read(file) == expected, "write it anew: UPDATE_ALERTS=1 cargo test --test suite deploy::");
    let [spec, rules]: [Value; 2] = [&expected, &alerts].map(|text| serde_yaml::from_str(text).unwrap());
    assert_eq!(spec["spec"], rules, "indenting changed what they say");
}

#[test]
fn the_program_understands_what_the_manifests_tell_it() {
    let deployment: Value = serde_yaml::from_str(&read("kubernetes/base/deployment.yaml")).unwrap();
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let mut arguments: Vec<String> = serde_yaml::from_value(container["args"].clone()).unwrap();
    for component in fs::read_dir(deploy("kubernetes/components")).unwrap() {
        let text = fs::read_to_string(component.unwrap().path().join("kustomization.yaml")).unwrap();
        arguments.extend(
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("value: --"))
                .map(|flag| format!("--{flag}")),
        );
    }
    assert!(arguments.iter().any(|argument| argument.starts_with("--webhook-url-file=")), "{arguments:?}");
    let arguments =
        arguments.iter().map(|argument| argument.replace("$(INTERVAL)", "10m").replace("$(FOLDER)", "."));
    if let Err(error) = Args::try_parse_from(std::iter::once("groupsync".to_owned()).chain(arguments)) {
        panic!("{error}");
    }
}

#[test]
fn every_setting_has_a_default_or_must_be_given_and_is_used() {
    let schema: serde_json::Value = serde_json::from_str(&read("kubernetes/settings.schema.json")).unwrap();
    let known: BTreeSet<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let text = read("kubernetes/base/settings.env");
    let lines: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    assert_eq!(lines.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), known);
    let manifests = read("kubernetes/base/deployment.yaml") + &read("kubernetes/example/kustomization.yaml");
    for (name, value) in lines {
        let required = schema["required"].as_array().unwrap().iter().any(|required| required == name);
        let default = schema["properties"][name]["default"].as_str().unwrap_or_default();
        assert_eq!((default, default.is_empty()), (value, required), "{name}");
        let uses = [format!("key: {name}}}"), format!("data.{name}}}")];
        assert!(uses.iter().any(|used| manifests.contains(used)), "{name} is used nowhere");
    }
}

#[test]
fn the_image_is_built_with_the_rust_that_the_package_asks_for() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("Dockerfile").contains(&format!("FROM rust:{version}.")), "raise the image to {version}");
}
