//! The checks of the way to the service: proxy, names, connection, trust, clock, key. They ask about
//! no asset of the account.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Blame, Finding};
use crate::api::{Address, Fault, Peer, Probe};

/// A clock that is off by more makes signed URLs expire too early or too late.
const CLOCK: Duration = Duration::from_secs(60);

/// How long the system may take to resolve a name.
const LOOK_UP: Duration = Duration::from_secs(10);

/// How long a connection may take; as long as in a run.
const CONNECT: Duration = Duration::from_secs(10);

/// Which proxy the calls go through, if any; returns the peer of the connection.
#[must_use]
pub fn proxy(address: &Address, no_proxy: bool) -> (Finding, Peer) {
    let Some(proxy) = address.proxy(no_proxy) else {
        let says = if address.is_loopback() {
            "none: the service is on this machine"
        } else if no_proxy {
            "none (--no-proxy)"
        } else if address.passes_proxies_by() {
            "none for this host (NO_PROXY)"
        } else {
            "none"
        };
        return (Finding::ok("proxy", says), address.peer());
    };
    let says = format!(
        "{}:{} (NO_PROXY or --no-proxy pass it by)",
        proxy.host, proxy.port
    );
    (Finding::ok("proxy", says), proxy)
}

/// What addresses a host has.
pub async fn names(peer: &Peer) -> (Finding, Vec<SocketAddr>) {
    let (host, check) = (peer.host.as_str(), "dns");
    let fail = |why: &str| {
        let finding = Finding::fail(check, Blame::Outage, format!("{host}: {why}"));
        (
            finding.hinting("check --base-url, the network and its name server"),
            Vec::new(),
        )
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        let says = format!("{host}: an address, no name to look up");
        return (Finding::ok(check, says), vec![(ip, peer.port).into()]);
    }
    let found = match timeout(LOOK_UP, tokio::net::lookup_host((host, peer.port))).await {
        Err(_) => return fail("the name server does not answer"),
        Ok(Err(error)) => return fail(&error.to_string()),
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
    };
    if found.is_empty() {
        return fail("the name has no address");
    }
    let says = format!("{host}: {}", families(&found, |at| at.ip().to_string()));
    (Finding::ok(check, says), found)
}

/// Addresses by family, also where there is none of a family.
fn families(found: &[SocketAddr], word: impl Fn(&SocketAddr) -> String) -> String {
    let of = |name: &str, is_v6: bool| {
        let mut words: Vec<String> = found
            .iter()
            .filter(|at| at.is_ipv6() == is_v6)
            .map(&word)
            .collect();
        words.dedup();
        if words.is_empty() {
            format!("no {name}")
        } else {
            format!("{name} {}", words.join(" "))
        }
    };
    format!("{}; {}", of("IPv4", false), of("IPv6", true))
}

/// Whether any of the addresses accepts a connection.
pub async fn connection(peer: &Peer, found: &[SocketAddr]) -> Finding {
    let (mut reached, mut failed) = (0_usize, Vec::new());
    for at in found {
        match timeout(CONNECT, TcpStream::connect(at)).await {
            Ok(Ok(_)) => reached += 1,
            Ok(Err(error)) => failed.push(format!("{at}: {error}")),
            Err(_) => failed.push(format!("{at}: no answer in time")),
        }
    }
    let check = "connection";
    match (reached == 0, failed.is_empty()) {
        (false, true) => Finding::ok(check, format!("{reached} of {} reached", found.len())),
        (false, false) => Finding::warn(
            check,
            failed.join(", "),
            "the others are reached: each connection may take longer until this is fixed",
        ),
        (true, _) => Finding::fail(
            check,
            Blame::Outage,
            format!("cannot connect to {}: {}", peer.host, failed.join(", ")),
        )
        .hinting("check --base-url, the firewall, and whether a proxy is needed (HTTPS_PROXY)"),
    }
}

/// Whether the certificate is trusted and the service answers.
#[must_use]
pub fn trust(address: &Address, probe: &Probe) -> Finding {
    let check = "tls";
    match &probe.answer {
        Err(Fault::Tls(text)) => Finding::fail(check, Blame::Setup, text),
        Err(fault) if probe.status.is_none() => {
            Finding::fail(check, Blame::Outage, fault.to_string())
                .hinting("something between here and the service may break connections off")
        }
        _ if address.is_plain() => Finding::ok(check, "none: the service is on this machine"),
        _ => Finding::ok(check, "the certificate is trusted"),
    }
}

/// Whether this machine's clock agrees with the service's.
#[must_use]
pub fn clock(probe: &Probe, now: Timestamp) -> Finding {
    let check = "clock";
    let Some(theirs) = probe.date else {
        return Finding::ok(check, "not compared: the answer had no date");
    };
    let off = now.duration_since(theirs).unsigned_abs();
    let seconds = off.as_secs();
    if off <= CLOCK {
        return Finding::ok(check, "agrees with the service's");
    }
    let way = if now > theirs { "ahead of" } else { "behind" };
    Finding::warn(
        check,
        format!("{seconds} s {way} the service's"),
        "set it by a time server: signed URLs are given up by the clock",
    )
}

/// Whether the key is accepted. Judges an answer about an asset that cannot exist.
#[must_use]
pub fn account(host: &str, probe: &Probe) -> Finding {
    let check = "account";
    let fail = |blame, says: String| Finding::fail(check, blame, says);
    let fault = match &probe.answer {
        Ok(_) if probe.status == Some(404) => {
            return Finding::warn(
                check,
                format!("{host} answers 404, which may mean that the key is accepted"),
                "it may also mean that no MAVI API lives there: check --base-url",
            );
        }
        Ok(_) => return Finding::ok(check, "the key is accepted"),
        Err(fault) => fault,
    };
    match fault {
        Fault::Account(account) => fail(Blame::Account, account.to_string())
            .hinting("see the account's page; the key's line above says where the key came from"),
        Fault::Throttled { .. } => Finding::warn(
            check,
            "not known: the service asks to slow down",
            "another program may be using the account: its limits are for all of them together",
        ),
        Fault::Redirect(to) => fail(Blame::Setup, format!("{host} redirects to {to}"))
            .hinting("check --base-url or log in to the network"),
        Fault::Rejected(..) | Fault::Api(..) | Fault::Conflict(_) | Fault::UnsupportedMedia(_) => {
            Finding::warn(
                check,
                format!("the key seems to be accepted; the service says: {fault}"),
                "a run may show more",
            )
        }
        _ => {
            fail(Blame::Outage, fault.to_string()).hinting("see the service's status page, or wait")
        }
    }
}
