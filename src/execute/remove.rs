//! Members and entries of the ledger that go.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::limiter::Priority;
use crate::client::receipt::Receipt;
use crate::execute::fate::Fate;
use crate::execute::look::Membership;
use crate::execute::pass::Pass;
use crate::execute::patience::GivenUp;
use crate::model::ids::ObjectId;
use crate::model::quota::AT_ONCE;
use crate::plan::operation::{GroupRef, Leaving};

impl Pass<'_> {
    /// Takes members out of a group.
    pub(super) async fn remove_members(
        &mut self,
        group: &GroupRef,
        members: &[Leaving],
        priority: Priority,
    ) -> Fate {
        let group = match self.resolve(group) {
            Ok(group) => group,
            Err(fate) => return fate,
        };
        let objects: Vec<ObjectId> = members.iter().map(|leaving| leaving.object).collect();
        let mut removed = self.remove(group, &objects, priority).await;
        let parts = members.iter().map(|leaving| {
            let result = removed.remove(&leaving.object).expect("every member asked for has a result");
            (leaving.label.clone(), Some(leaving.object), result)
        });
        Fate::of_parts(parts.collect())
    }

    /// Takes an entry out of the ledger.
    pub(super) async fn remove_from_ledger(
        &mut self,
        ledger: ObjectId,
        object: ObjectId,
        priority: Priority,
    ) -> Fate {
        let mut removed = self.remove(ledger, &[object], priority).await;
        Fate::of(removed.remove(&object).expect("the entry asked for has a result")).on(object)
    }

    /// Takes objects out of a group, and says what became of each.
    pub(super) async fn remove(
        &mut self,
        group: ObjectId,
        objects: &[ObjectId],
        priority: Priority,
    ) -> BTreeMap<ObjectId, Result<Receipt, GivenUp>> {
        let mut results = BTreeMap::new();
        for chunk in objects.chunks(AT_ONCE) {
            if let Some(reason) = self.context.halt.reason() {
                results.extend(chunk.iter().map(|object| (*object, Err(GivenUp::NotBegun(reason.clone())))));
                continue;
            }
            let chunk: BTreeSet<ObjectId> = chunk.iter().copied().collect();
            for (object, result) in self.graph(priority).remove_members(group, &chunk).await {
                results.insert(object, result.map_err(GivenUp::Failed));
            }
        }
        self.believe_the_members(group, Membership::Unwanted, &mut results, priority).await;
        // A removal whose answer got lost finds nothing left to remove when it is repeated: what was so already may be our own
        // write of a moment ago.
        for object in results.iter().filter(|(_, result)| result.is_ok()).map(|(object, _)| *object) {
            self.touch(object);
        }
        results
    }
}
