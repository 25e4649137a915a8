//! The files one to one, as serde and an editor see them. Nothing outside `desired` knows these types.

pub(super) mod leaf;
pub(super) mod scope;
pub(super) mod partner;
pub(super) mod policy;
pub(super) mod access;
pub(super) mod grant;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desired::given::Given;
use crate::model::names::{CustomerName, GrantName, GroupName, OverrideName, PartnerName, TemplateName};

/// The only version of the language.
pub(super) const VERSION: &str = "groupsync.dev/v1";

/// The kinds of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Partner,
    Policy,
    PartnerGroup,
    AccessTemplate,
    Customer,
    Grant,
    Override,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Partner,
        Self::Policy,
        Self::PartnerGroup,
        Self::AccessTemplate,
        Self::Customer,
        Self::Grant,
        Self::Override,
    ];

    /// The word in the files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Partner => "Partner",
            Self::Policy => "Policy",
            Self::PartnerGroup => "PartnerGroup",
            Self::AccessTemplate => "AccessTemplate",
            Self::Customer => "Customer",
            Self::Grant => "Grant",
            Self::Override => "Override",
        }
    }
}

/// Any document: its kind and name around a specification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document<N, S> {
    #[expect(
        dead_code,
        reason = "checked before the document is decoded; named here so that no other key passes"
    )]
    pub(super) api_version: Given<String>,
    #[expect(
        dead_code,
        reason = "checked before the document is decoded; named here so that no other key passes"
    )]
    pub(super) kind: Given<String>,
    pub(super) metadata: Given<Metadata<N>>,
    pub(super) spec: Given<S>,
}

/// What a document is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Metadata<N> {
    pub(super) name: Given<N>,
}

/// The name of Policy: any.
pub(super) type PolicyName = PartnerName;

/// The JSON Schema of a document of any kind, for editors: what `kind` says decides which keys are offered.
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let rules = [
        rule::<PartnerName, partner::PartnerSpec>(Kind::Partner, &mut generator),
        rule::<PolicyName, policy::PolicySpec>(Kind::Policy, &mut generator),
        rule::<GroupName, partner::GroupSpec>(Kind::PartnerGroup, &mut generator),
        rule::<TemplateName, access::TemplateSpec>(Kind::AccessTemplate, &mut generator),
        rule::<CustomerName, access::CustomerSpec>(Kind::Customer, &mut generator),
        rule::<GrantName, grant::GrantSpec>(Kind::Grant, &mut generator),
        rule::<OverrideName, grant::OverrideSpec>(Kind::Override, &mut generator),
    ];
    let mut definitions = Value::Object(generator.take_definitions(true));
    without_null(&mut definitions);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "groupsync desired state",
        "description": "One document of a desired-state file.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "const": VERSION, "description": "The version of the language." },
            "kind": { "enum": Kind::ALL.map(Kind::name), "description": "What the document is." },
            "metadata": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": { "name": { "$ref": "#/definitions/Name" } },
                "description": "What the document is called."
            },
            "spec": { "type": "object", "description": "What it says." }
        },
        "allOf": rules,
        "definitions": definitions
    })
}

/// If a document is of this kind, then this is its specification.
fn rule<N: JsonSchema, S: JsonSchema>(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    json!({
        "if": { "properties": { "kind": { "const": kind.name() } }, "required": ["kind"] },
        "then": {
            "properties": {
                "metadata": { "properties": { "name": generator.subschema_for::<N>() } },
                "spec": generator.subschema_for::<S>()
            }
        }
    })
}

/// Takes `null` out of what is allowed: a key may be left out, but not left empty.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            if let Some(Value::Array(types)) = keys.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    keys.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(forms)) = keys.get_mut("anyOf") {
                forms.retain(|form| form != &json!({ "type": "null" }));
            }
            keys.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
