//! What is logged of a tenant whose names mean harm: text, in lines that we began.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::everywhere::assert_plain;
use super::hostile::NAMES;
use crate::stage::{self, Stage};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const FILES: [(&str, &str); 4] = [
    ("partner.yaml", stage::PARTNER),
    (
        "policy.yaml",
        "apiVersion: groupsync.dev/v1\nkind: Policy\nmetadata: {name: policy}\nspec:\n  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}\n",
    ),
    (
        "groups/readers.yaml",
        "apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {name: Readers}\nspec:\n  members:\n    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201\n    grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202\n",
    ),
    (
        "customers/contoso/customer.yaml",
        "apiVersion: groupsync.dev/v1\nkind: Customer\nmetadata: {name: contoso}\nspec:\n  tenantId: 22222222-2222-4000-8000-000000000001\n  state: enforce\n  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}\n  groups:\n    Readers: {roles: {Reader: subscriptions/prod}}\n",
    ),
];

/// Everything of a tenant that has a name is called something hostile, and everything is logged.
///
/// Tried: the body of every answer logged in `client::http` → "log: ['\u{202e}', …".
#[test]
fn no_name_of_a_tenant_gets_into_a_log_as_anything_but_text() {
    for json in [false, true] {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let run = || {
            runtime.unwrap().block_on(async {
                let write = |dir: &Path| FILES.iter().for_each(|(path, text)| stage::write(dir, path, text));
                let stage = Stage::new(write, 1, |_| {});
                stage.apply().await;
                stage.simulator.edit(|world| {
                    let contoso = &mut world.customers[0];
                    for group in &mut contoso.groups {
                        group.display_name = NAMES.concat();
                    }
                    for user in &mut contoso.users {
                        user.display_name = Some(NAMES.concat());
                    }
                });
                stage.apply().await;
            });
        };
        if json {
            tracing::subscriber::with_default(lines.json().finish(), run);
        } else {
            tracing::subscriber::with_default(lines.finish(), run);
        }
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.lines().count() > 20, "it was logged");
        assert_plain("log", &log);
        for line in log.lines() {
            let is_line = if json { line.starts_with("{\"timestamp\"") } else { line.starts_with("20") };
            assert!(is_line, "a line that we did not begin: {line:?}");
        }
    }
}
