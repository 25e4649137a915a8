//! Pages: how much of a list an answer holds, and the opaque link to the rest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::call::Call;
use super::dice::Dice;
use super::fault_answers;
use super::faults::{Fault, FaultKind};
use super::refusal::Refusal;

/// How a list is cut into pages.
pub(super) struct Pages<'a> {
    pub(super) call: &'a Call,
    /// The query option that carries the place to go on from.
    pub(super) option: &'static str,
    pub(super) size: usize,
    /// Whether now and then a page is empty although more follow.
    pub(super) gaps: bool,
    pub(super) fault: Option<&'a Fault>,
    pub(super) dice: Dice,
    pub(super) nth: u64,
}

/// Where a link goes on.
enum Place {
    Start,
    /// After the item of that key; the flag says that the last page was an empty one.
    After(String, bool),
    /// Nowhere: the list breaks with that status.
    Broken(u16),
}

impl Pages<'_> {
    /// One page of the items, which are in the order of their keys, and the link to the next.
    pub(super) fn cut<T>(
        &self,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, Option<String>), Refusal> {
        let (start, had_gap) = match self.place()? {
            Place::Broken(status) => return Err(fault_answers::failed(status)),
            Place::Start => (0, false),
            Place::After(last, gap) => (items.partition_point(|item| key(item) <= last), gap),
        };
        let left = items.len() - start;
        let struck = |kind: FaultKind| self.fault.is_some_and(|fault| fault.fault == kind);
        if let Some(fault) = self.fault.filter(|fault| fault.fault == FaultKind::ShortPage) {
            let page = items.into_iter().skip(start).take(left.min(self.size) / 2).collect();
            let token = format!("broken:{}", fault.status.unwrap_or(500));
            return Ok((page, Some(self.link(&token))));
        }
        let previous = start.checked_sub(1).and_then(|last| items.get(last)).map(&key).unwrap_or_default();
        if self.gaps && !had_gap && left > 0 && self.dice.roll("empty page", &[], self.nth).u8(0..4) == 0 {
            return Ok((Vec::new(), Some(self.link(&format!("gap:{previous}")))));
        }
        let more = left > self.size;
        let page: Vec<T> = items.into_iter().skip(start).take(self.size).collect();
        let next = page.last().filter(|_| more).map(|last| self.link(&format!("after:{}", key(last))));
        if struck(FaultKind::ForeignLink) {
            let link = next.unwrap_or_else(|| self.link(&format!("after:{previous}")));
            return Ok((page, Some(elsewhere(&link))));
        }
        if struck(FaultKind::SameLink) {
            return Ok((page, Some(self.link(&format!("gap:{previous}")))));
        }
        Ok((page, next))
    }

    fn link(&self, token: &str) -> String {
        self.call.link_with(self.option, &URL_SAFE_NO_PAD.encode(token))
    }

    fn place(&self) -> Result<Place, Refusal> {
        let Some(token) = self.call.option(self.option) else { return Ok(Place::Start) };
        let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let place =
            text.as_deref().and_then(|text| text.split_once(':')).and_then(|(kind, rest)| match kind {
                "after" => Some(Place::After(rest.to_owned(), false)),
                "gap" => Some(Place::After(rest.to_owned(), true)),
                "broken" => rest.parse().ok().map(Place::Broken),
                _ => None,
            });
        place.ok_or_else(|| {
            Refusal::new(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        })
    }
}

/// The same address at a host nobody trusts.
pub(super) fn elsewhere(link: &str) -> String {
    let path = link.splitn(4, '/').nth(3).unwrap_or_default();
    format!("https://elsewhere.invalid/{path}")
}
