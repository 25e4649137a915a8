//! The simulator over plain HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Simulator;

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
