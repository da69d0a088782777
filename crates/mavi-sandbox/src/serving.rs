//! Accepts connections and serves them until the sandbox stops.
//!
//! `axum::serve` lets connections run on after it is dropped. Here they are in a set that ends them with it, stalled
//! calls included. This file does not know what is served.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::connection::{self, Connection, Socket};
use crate::inject;
use crate::routes;
use crate::service::Service;

/// How long calls that are under way may take to end once the sandbox stops.
const GRACE: Duration = Duration::from_secs(1);

/// Without descriptors, accepting fails at once and again; the pause saves the CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What is served on every connection.
#[derive(Clone)]
struct Served {
    service: Arc<Service>,
    router: Router,
}

/// Serves until `closing`, then lets running calls end within the grace period. Dropped, it ends everything at once.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    closing: CancellationToken,
) {
    let router = routes::router(&service);
    let served = Served { service, router };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = closing.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, served.clone(), closing.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // After the grace period the set drops what is left.
    let _ = timeout(GRACE, ended).await;
}

async fn serve_connection(stream: TcpStream, served: Served, closing: CancellationToken) {
    // Without this, small answers may wait for an acknowledgement. If it fails, they do.
    let _ = stream.set_nodelay(true);
    if let Some(action) = served.service.choose(None)
        && let Some(end) = inject::on_connect(action).await
    {
        return connection::hang_up(stream, end).await;
    }
    let connection = Connection::default();
    let socket = Socket {
        stream,
        connection: connection.clone(),
    };
    let router = TowerToHyperService::new(served.router);
    let passed = connection.clone();
    let calls = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(passed.clone());
        router.call(request)
    });
    let mut serving = http1::Builder::new().serve_connection(TokioIo::new(socket), calls);
    // An error here means that the client went away.
    tokio::select! {
        _ = &mut serving => return,
        end = connection.ended() => {
            let socket = serving.into_parts().io.into_inner();
            return connection::hang_up(socket.stream, end).await;
        }
        () = closing.cancelled() => std::pin::Pin::new(&mut serving).graceful_shutdown(),
    }
    let _ = serving.await;
}
