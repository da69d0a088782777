//! Accepts connections and serves them until told to stop.
//!
//! A loop of our own rather than `axum::serve`, because that one lets connections run on after it is dropped; here
//! they are in a set that takes them down with it, stalled calls included.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long calls that are under way may take to end once the sandbox stops.
const GRACE: Duration = Duration::from_secs(1);

/// Out of descriptors, accepting fails at once and again; a pause keeps that from burning a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `closing`, then lets running calls end within the grace period. Dropped, it ends everything at once.
pub(super) async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = closing.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), closing.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // Running out of grace is no error: the set then drops what is left.
    let _ = timeout(GRACE, ended).await;
}

async fn connection(stream: TcpStream, router: Router, closing: CancellationToken) {
    // Without it small answers may wait for an acknowledgement; where it cannot be set, they do.
    let _ = stream.set_nodelay(true);
    let serving = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut serving = std::pin::pin!(serving);
    // An error here is a client that went away, which is the client's affair.
    tokio::select! {
        _ = serving.as_mut() => return,
        () = closing.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
