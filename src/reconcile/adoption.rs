//! One look at what the tenants hold that no file declares. Only reads.

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use super::{Pass, Progress, READ_AT_ONCE, ROUNDS, Selection, Survey};
use crate::collect;
use crate::collect::cache::Cache;
use crate::desired::state::Customer;
use crate::plan::adoption;
use crate::plan::adoption::holders::{guests, principals};
use crate::plan::adoption::value::Adoption;

/// Reads the chosen customers and tells apart what stands there, customer by customer in the order of their names.
pub async fn survey(pass: &Pass<'_>, selection: &Selection, now: Timestamp) -> Vec<Adoption> {
    let customers = selection.of(pass.desired);
    (pass.progress)(Progress::Reading(customers.len()));
    let partner = collect::partner(pass.client, pass.desired).await;
    let cache = Cache::new();
    let survey = Survey::new(pass, &partner, &cache, now);
    let mut adoptions: Vec<Adoption> = stream::iter(customers)
        .map(|customer| look_around(&survey, customer))
        .buffered(READ_AT_ONCE)
        .inspect(|adoption| (pass.progress)(Progress::Planned(&adoption.name)))
        .collect()
        .await;
    adoption::distinguish(&mut adoptions);
    adoptions
}

/// Plans the customer as its files are, then reads who else holds roles there and what else our guests stand in.
async fn look_around(survey: &Survey<'_>, customer: &Customer) -> Adoption {
    let Pass { client, desired, memory, .. } = *survey.pass;
    let (plan, mut observed) = survey.read(customer).await;
    let memory = memory.of(customer.tenant);
    let holders = principals(survey.inputs(customer, &observed, &memory));
    let mut around = collect::surroundings(client, customer, &holders.groups, &holders.users).await;
    let guests = guests(survey.inputs(customer, &observed, &memory), &around);
    around.memberships = collect::memberships(client, customer, &guests).await;
    for _ in 0..ROUNDS {
        let drafted = adoption::draft(survey.inputs(customer, &observed, &memory), &plan, &around);
        if drafted.questions.is_empty() {
            return drafted.adoption;
        }
        let questions = &drafted.questions;
        collect::answers(client, desired, customer, questions, survey.cache, &mut observed).await;
    }
    adoption::unfinished(survey.inputs(customer, &observed, &memory), &plan)
}
