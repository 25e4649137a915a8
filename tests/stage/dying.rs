//! How a process dies: in the middle of a request that is carried out, and whose answer nobody hears.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use groupsync::client::transport::Transport;
use tokio::sync::Notify;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// Says that a process has died, also when it does not wait for the answer it dies with.
struct Dies(Arc<Notify>);

impl Drop for Dies {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// A transport that answers all but the last of `calls` requests; the last is carried out and never answered.
pub(crate) fn dying(transport: Transport, calls: usize, death: Arc<Notify>) -> Transport {
    let sent = Arc::new(AtomicUsize::new(0));
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let (transport, sent, death) = (transport.clone(), Arc::clone(&sent), Arc::clone(&death));
        async move {
            let number = sent.fetch_add(1, Ordering::SeqCst) + 1;
            if number > calls {
                std::future::pending::<()>().await;
            }
            let dies = (number == calls).then(|| Dies(death));
            let answer = transport.oneshot(request).await;
            if let Some(dies) = dies {
                drop(dies);
                std::future::pending::<()>().await;
            }
            answer
        }
    }))
}
