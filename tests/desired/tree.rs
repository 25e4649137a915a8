//! A small valid tree, and ways to break it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use groupsync::desired::{self, Read};
use tempfile::TempDir;

pub(crate) const PARTNER: &str = "\
apiVersion: groupsync.dev/v1
kind: Partner
metadata: {name: fabrikam}
spec:
  tenantId: 0f1e2d3c-1111-4000-8000-0000000000aa
  staffDomains: [fabrikam.example]
  adminAgents: 0f1e2d3c-1111-4000-8000-0000000000a1
  helpdeskAgents: 0f1e2d3c-1111-4000-8000-0000000000a2
";

pub(crate) const POLICY: &str = "\
apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles:
    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7
    Owner: {id: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635, tier: privileged}
";

pub(crate) const GROUPS: &str = "\
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Contoso_Readers}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
---
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Ops}
spec:
  entraGroup: 0f1e2d3c-1111-4000-8000-000000000101
";

pub(crate) const TEMPLATE: &str = "\
apiVersion: groupsync.dev/v1
kind: AccessTemplate
metadata: {name: managed}
spec:
  groups:
    \"{customer}_Readers\":
      roles: {Reader: subscriptions/*}
";

pub(crate) const CONTOSO: &str = "\
apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  verifyDomain: contoso.example
  state: enforce
  nameInGroups: Contoso
  subscriptions:
    prod: 22222222-2222-4000-8000-0000000000b1
  templates: [managed]
  groups:
    Ops:
      roles: {Reader: [subscriptions/prod/resourceGroups/rg]}
    BreakGlass:
      from: none
      roles: {Owner: subscriptions/prod}
";

pub(crate) const NORTHWIND: &str = "\
apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: northwind}
spec:
  tenantId: 33333333-3333-4000-8000-000000000001
  subscriptions:
    main: 33333333-3333-4000-8000-0000000000b1
  groups:
    Ops:
      roles: {Reader: subscriptions/main}
";

pub(crate) const GRANT: &str = "\
apiVersion: groupsync.dev/v1
kind: Grant
metadata: {name: inc-1}
spec:
  group: BreakGlass
  person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
  expires: 2030-01-01T13:00:00Z
  reason: restore
";

/// Files by path.
#[derive(Clone)]
pub(crate) struct Tree(pub(crate) BTreeMap<String, Vec<u8>>);

pub(crate) const CUSTOMER: &str = "customers/contoso/customer.yaml";
pub(crate) const GRANT_FILE: &str = "customers/contoso/grants/inc-1.yaml";

impl Tree {
    pub(crate) fn valid() -> Self {
        let files = [
            ("partner.yaml", PARTNER),
            ("policy.yaml", POLICY),
            ("groups/all.yaml", GROUPS),
            ("templates/managed.yaml", TEMPLATE),
            (CUSTOMER, CONTOSO),
            ("customers/northwind/customer.yaml", NORTHWIND),
            (GRANT_FILE, GRANT),
        ];
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_owned())).collect())
    }

    /// Adds or replaces a file.
    pub(crate) fn with(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.0.insert(path.to_owned(), text.as_ref().to_owned());
        self
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        assert!(self.0.remove(path).is_some(), "no file {path}");
        self
    }

    /// Replaces the first `from` in a file.
    pub(crate) fn edit(self, path: &str, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.0[path].clone()).unwrap();
        assert!(text.contains(from), "no `{from}` in {path}");
        self.with(path, text.replacen(from, to, 1))
    }

    /// Adds lines at the end of a file.
    pub(crate) fn append(self, path: &str, lines: &str) -> Self {
        let text = String::from_utf8(self.0[path].clone()).unwrap();
        self.with(path, text + lines)
    }

    pub(crate) fn write(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in &self.0 {
            let file = dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        dir
    }

    pub(crate) fn read(&self) -> Read {
        desired::read(self.write().path())
    }

    /// What is wrong with it: a line `CODE file:line:column message` each, hints indented below.
    pub(crate) fn problems(&self) -> String {
        told(&self.read())
    }
}

pub(crate) fn problems_in(dir: &Path) -> String {
    told(&desired::read(dir))
}

fn told(read: &Read) -> String {
    let line = |d: &desired::diagnostic::Diagnostic| {
        let hint = d.hint.as_ref().map(|hint| format!("  {hint}\n")).unwrap_or_default();
        format!("{} {}:{}:{} {}\n{hint}", d.code, d.origin.file, d.origin.line, d.origin.column, d.message)
    };
    read.diagnostics.iter().map(line).collect()
}

/// Asserts what is wrong with a tree, whole: every problem, in order, nothing else.
#[track_caller]
pub(crate) fn expect(tree: &Tree, problems: &str) {
    let lines: Vec<_> = problems.lines().skip_while(|line| line.trim().is_empty()).collect();
    let indent = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<_> = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.get(indent..).unwrap_or(""))
        .collect();
    let expected = expected.join("\n");
    let found = tree.problems();
    assert!(found.trim_end() == expected, "found\n<<<\n{found}>>>\nexpected\n{expected}");
}
