//! The kill switch: once thrown, no further write begins.

use tokio::sync::watch;

/// Throws the switch for every [`Halt`] that came with it.
#[derive(Debug, Clone)]
pub struct Switch(watch::Sender<Option<String>>);

/// The switch as whoever writes sees it. Reading it before every write is what makes a halt take effect between two
/// calls: the one in flight finishes, the next never begins.
#[derive(Debug, Clone)]
pub struct Halt(watch::Receiver<Option<String>>);

/// A switch, not thrown.
pub fn switch() -> (Switch, Halt) {
    let (sender, receiver) = watch::channel(None);
    (Switch(sender), Halt(receiver))
}

impl Switch {
    /// Stops everything that has not begun. The first reason given is the one reported.
    pub fn throw(&self, reason: &str) {
        self.0.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(reason.to_owned());
            }
            first
        });
    }
}

impl Halt {
    /// A halt that never comes.
    pub fn never() -> Self {
        switch().1
    }

    /// Why nothing more may be written, if so.
    pub fn reason(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Returns once the switch is thrown.
    pub async fn thrown(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(Option::is_some).await.is_err() {
            // Whoever held the switch is gone: it can no longer be thrown.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_everybody_who_waits_wakes() {
        let (switch, halt) = switch();
        assert_eq!(halt.reason(), None);
        switch.throw("interrupted");
        switch.throw("STOP");
        halt.thrown().await;
        assert_eq!(halt.reason().as_deref(), Some("interrupted"));
    }
}
