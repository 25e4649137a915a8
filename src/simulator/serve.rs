//! The simulator behind an address, over plain HTTP or over TLS.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Extension;
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::call::OverTls;
use super::{Certificates, Simulator};

/// Whoever has not shaken hands by then has gone.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Binds the address and returns what was bound (port 0 picks a free one) with the future that serves it for ever.
pub async fn serve(
    simulator: &Simulator,
    address: SocketAddr,
) -> io::Result<(SocketAddr, impl Future<Output = io::Result<()>> + Send + use<>)> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let router = simulator.router();
    Ok((bound, async move { axum::serve(listener, router).await }))
}

/// The same over TLS, HTTP/2 or HTTP/1.1 as the client prefers.
pub async fn serve_tls(
    simulator: &Simulator,
    address: SocketAddr,
    certificates: &Certificates,
) -> io::Result<(SocketAddr, impl Future<Output = io::Result<()>> + Send + use<>)> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let acceptor = TlsAcceptor::from(certificates.server());
    let listener = TlsListener { listener, acceptor, handshakes: JoinSet::new() };
    let router = simulator.router().layer(Extension(OverTls));
    Ok((bound, async move { axum::serve(listener, router).await }))
}

/// Hands out connections once they have shaken hands; nobody waits for a slower one.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, peer) = Listener::accept(&mut self.listener) => {
                    let handshake = timeout(HANDSHAKE, self.acceptor.accept(stream));
                    self.handshakes.spawn(async move { Some((handshake.await.ok()?.ok()?, peer)) });
                }
                // A handshake that failed is the client's to tell.
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
