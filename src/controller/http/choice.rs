//! Which customers somebody wants to see, and in which order.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Deserialize;

use crate::controller::status::CustomerStatus;

/// So many customers stand on one page.
const SHOWN: usize = 100;

/// What stands in the address of a list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    /// Part of a name.
    pub(super) q: String,
    /// A condition, `overdue`, `grants`, or nothing for all.
    pub(super) show: String,
    /// Which page, from 1.
    pub(super) page: String,
}

/// What was chosen.
pub(super) struct Chosen {
    /// The customers of this page, the worst first, then by name.
    pub(super) customers: Vec<Arc<CustomerStatus>>,
    /// How many were chosen in all.
    pub(super) total: usize,
    /// Which page this is, from 1.
    pub(super) page: usize,
    /// How many there are, at least 1.
    pub(super) pages: usize,
}

impl Choice {
    /// Everybody who was chosen, the worst first, then by name.
    pub(super) fn all(&self, customers: Vec<Arc<CustomerStatus>>) -> Vec<Arc<CustomerStatus>> {
        let part = self.q.trim().to_ascii_lowercase();
        let mut chosen: Vec<_> = customers
            .into_iter()
            .filter(|customer| customer.name.as_str().to_ascii_lowercase().contains(&part))
            .filter(|customer| self.shows(customer))
            .collect();
        // They come by name, and the sort keeps that.
        chosen.sort_by_cached_key(|customer| Reverse((!customer.overdue.is_empty(), customer.condition())));
        chosen
    }

    /// One page of them. A page that there is not is the nearest that there is.
    pub(super) fn of(&self, customers: Vec<Arc<CustomerStatus>>) -> Chosen {
        let all = self.all(customers);
        let total = all.len();
        let pages = total.div_ceil(SHOWN).max(1);
        let page = self.page.parse().unwrap_or(1).clamp(1, pages);
        let customers = all.into_iter().skip((page - 1) * SHOWN).take(SHOWN).collect();
        Chosen { customers, total, page, pages }
    }

    /// The address of the same choice at another page.
    pub(super) fn at(&self, page: usize) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &self.q)
            .append_pair("show", &self.show)
            .append_pair("page", &page.to_string())
            .finish();
        format!("/?{query}")
    }

    fn shows(&self, customer: &CustomerStatus) -> bool {
        match self.show.as_str() {
            "" => true,
            "overdue" => !customer.overdue.is_empty(),
            "grants" => !customer.grants.is_empty(),
            show => customer.condition().as_str() == show,
        }
    }
}
