//! Lists: all pages or an error, never a part.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::client::Client;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Answer, Call};

/// More pages than any list here can have: beyond it the links lead in circles that never repeat.
const MAX_PAGES: usize = 5_000;

/// One page. `value` is required: a page without it is not an empty page.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink", alias = "nextLink")]
    next: Option<String>,
}

impl Client {
    /// Reads a whole list.
    pub(super) async fn list<T: DeserializeOwned>(&self, first: &Call) -> Result<Vec<T>, Error> {
        let answer = self.send(first).await?;
        self.rest_of_list(first, &answer).await
    }

    /// Reads the rest of a list whose first page is there already.
    pub(super) async fn rest_of_list<T: DeserializeOwned>(
        &self,
        first: &Call,
        answer: &Answer,
    ) -> Result<Vec<T>, Error> {
        let mut page: Page<T> = first.decode(answer)?;
        let mut items = std::mem::take(&mut page.value);
        let mut followed = BTreeSet::from([first.url.to_string()]);
        while let Some(link) = page.next.take().filter(|_| !defect!(TruncatedPage)) {
            let mut call = first.clone();
            call.url = self.checked(first, &link)?;
            if !followed.insert(call.url.to_string()) {
                return Err(first.failure(Kind::Malformed, None, "the pages lead in a circle"));
            }
            if followed.len() > MAX_PAGES {
                return Err(first.failure(Kind::Malformed, None, "the list does not end"));
            }
            page = match self.send(&call).await {
                Err(_) if defect!(BrokenPageEndsList) => break,
                answered => call.decode(&answered?)?,
            };
            items.append(&mut page.value);
        }
        Ok(items)
    }

    /// A link to the next page, verbatim, if it leads back to the service: the token goes with it.
    pub(super) fn checked(&self, call: &Call, link: &str) -> Result<Url, Error> {
        let base = match call.service {
            Service::Login => self.inner.endpoints.login(),
            Service::Graph => self.inner.endpoints.graph(),
            Service::Arm => self.inner.endpoints.arm(),
        };
        Url::parse(link)
            .ok()
            .filter(|url| base.covers(url))
            .ok_or_else(|| call.failure(Kind::Malformed, None, "the link to the next page leads elsewhere"))
    }
}
