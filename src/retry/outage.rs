//! Whether the service as a whole is there: what single failures of single files cannot tell.
//!
//! One watch a side (the API; storage): fed with every answer in order, it says when the side is
//! away, when to knock again, and when to give up. Arithmetic on instants that it is given: it
//! neither waits nor calls.

use std::time::Duration;

use tokio::time::Instant;

use super::RetryPolicy;
use crate::api::{AccountFault, Fault};

/// Failures in a row, without a success for [`SILENCE`], that make an outage.
const FAILURES: u32 = 10;

/// How long nothing must have succeeded before failures make an outage.
const SILENCE: Duration = Duration::from_secs(30);

/// The time between two probes during an outage.
const PROBE: Duration = Duration::from_secs(60);

/// A proxy is knocked at so often in the time of [`SILENCE`], before it is an outage like others.
const KNOCKS: u32 = 10;

/// Failures in a row that are enough when nobody ever answered: a name or an address is wrong.
const FIRST_FAILURES: u32 = 3;

/// How outages are told and endured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutagePolicy {
    silence: Duration,
    probe: Duration,
    /// How long the service may be away before the run stops; `None`: for ever.
    longest: Option<Duration>,
}

impl OutagePolicy {
    /// The rules' times at the scale of `retry`, and the user's patience as it is.
    #[must_use]
    pub fn new(retry: &RetryPolicy, longest: Option<Duration>) -> Self {
        Self {
            silence: retry.scaled(SILENCE),
            probe: retry.scaled(PROBE),
            longest,
        }
    }

    /// The time between two probes during an outage.
    #[must_use]
    pub fn probe(&self) -> Duration {
        self.probe
    }

    /// How long the service may be away before the run stops; `None`: for ever.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

/// What an answer means for the service as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the answer is the caller's.
    Tell,
    /// The answer is to be had again before it is believed.
    Again,
    /// The side is away: nobody calls it for so long, then one call does.
    Away(Duration),
    /// The run stops, for this fault.
    Stop(Fault),
}

/// How far a failed call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To somebody who took the connection.
    Open,
    /// Nobody took the connection.
    Closed,
    /// To a proxy that cannot be reached or lets nobody through.
    Barred,
}

impl Way {
    fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::Connect(_)) => Self::Closed,
            Some(Fault::Proxy(_)) => Self::Barred,
            _ => Self::Open,
        }
    }
}

/// One side of the service, watched.
#[derive(Debug)]
pub struct Watch {
    policy: OutagePolicy,
    /// What messages call this side.
    host: String,
    /// Somebody there gave an answer that made sense.
    met: bool,
    /// A key that had worked was refused, and the call that it was refused to is asking again.
    key_refused: bool,
    failures: u32,
    last_success: Instant,
    failing_since: Option<Instant>,
    away: bool,
}

impl Watch {
    /// Watches the API, where the first answers also tell whether the address is right.
    #[must_use]
    pub fn api(policy: OutagePolicy, host: String, now: Instant) -> Self {
        Self {
            policy,
            host,
            met: false,
            key_refused: false,
            failures: 0,
            last_success: now,
            failing_since: None,
            away: false,
        }
    }

    /// Watches storage, which the API vouches for: one dead host of it is no reason to stop.
    #[must_use]
    pub fn storage(policy: OutagePolicy, now: Instant) -> Self {
        Self {
            met: true,
            ..Self::api(policy, "storage".to_owned(), now)
        }
    }

    /// What messages call this side.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How outages are told and endured.
    #[must_use]
    pub fn policy(&self) -> &OutagePolicy {
        &self.policy
    }

    /// Whether the side is away at present: whoever calls it is a probe.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away
    }

    /// The call that asked again ([`Verdict::Again`]) succeeded. Others' successes prove nothing: a key
    /// can be refused for one endpoint and serve another.
    pub fn key_works(&mut self) {
        self.key_refused = false;
    }

    /// Takes the next answer, as its fault or `None` for a success.
    pub fn judge(&mut self, fault: Option<&Fault>, now: Instant) -> Verdict {
        match fault {
            Some(
                Fault::Connect(text)
                | Fault::Proxy(text)
                | Fault::Broken(text)
                | Fault::Timeout(text)
                | Fault::Server(_, text)
                | Fault::NotJson(text),
            ) => {
                let way = Way::of(fault);
                self.failed(text, way, now)
            }
            Some(Fault::Tls(text)) if self.met => Verdict::Stop(Fault::Away(text.clone())),
            Some(Fault::Tls(text)) => Verdict::Stop(Fault::Setup(text.clone())),
            Some(Fault::NotFound(_)) if !self.met => {
                let text = format!("no MAVI API at {}: check --base-url", self.host);
                Verdict::Stop(Fault::Setup(text))
            }
            Some(Fault::Redirect(to)) if !self.met => {
                let host = &self.host;
                let text =
                    format!("{host} redirects to {to}: check --base-url or log in to the network");
                Verdict::Stop(Fault::Setup(text))
            }
            // A key that worked a moment ago may have met a server that is just being restarted.
            Some(Fault::Account(AccountFault::BadKey)) if self.met && !self.key_refused => {
                self.key_refused = true;
                Verdict::Again
            }
            // Says nothing about the service as a whole.
            Some(
                Fault::Protocol(_)
                | Fault::InsecureUrl(_)
                | Fault::Descriptors(_)
                | Fault::Cancelled,
            ) => Verdict::Tell,
            // Whoever says yes, or refuses in words of the service, is there.
            _ => {
                self.answered(now);
                Verdict::Tell
            }
        }
    }

    fn answered(&mut self, now: Instant) {
        self.met = true;
        self.failures = 0;
        self.last_success = now;
        self.failing_since = None;
        self.away = false;
    }

    /// A proxy that lets nobody through has nothing to do with the file whose call met it: the side
    /// is away from the first such failure, and knocked at more often until it is an outage.
    fn failed(&mut self, text: &str, way: Way, now: Instant) -> Verdict {
        self.failures += 1;
        let since = *self.failing_since.get_or_insert(now);
        let silent = now.duration_since(self.last_success) >= self.policy.silence;
        if !self.met && way != Way::Open && silent && self.failures >= FIRST_FAILURES {
            return Verdict::Stop(Fault::Away(format!("cannot connect to {text}")));
        }
        let outage = silent && self.failures >= FAILURES;
        self.away |= outage || way == Way::Barred;
        let long = now.duration_since(since);
        match self.policy.longest {
            _ if !self.away => Verdict::Tell,
            Some(longest) if long >= longest => {
                let long = humantime::format_duration(Duration::from_secs(long.as_secs()));
                Verdict::Stop(Fault::Away(format!(
                    "{} away for {long}: {text}",
                    self.host
                )))
            }
            _ if way == Way::Barred && !outage => Verdict::Away(self.policy.silence / KNOCKS),
            _ => Verdict::Away(self.policy.probe),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn watch(longest: u64) -> (Watch, Instant) {
        let longest = (longest > 0).then(|| SECOND * u32::try_from(longest).unwrap());
        let policy = OutagePolicy::new(&RetryPolicy::default(), longest);
        let now = Instant::now();
        (Watch::api(policy, "api.example".to_owned(), now), now)
    }

    fn refused() -> Fault {
        Fault::Connect("api.example: connection refused".to_owned())
    }

    fn server() -> Fault {
        Fault::Server(503, "busy".to_owned())
    }

    #[test]
    fn case_052_ten_failures_in_half_a_minute_of_silence_make_an_outage_and_one_answer_ends_it() {
        let (mut watch, start) = watch(7_200);
        assert_eq!(watch.judge(None, start), Verdict::Tell);
        for i in 0..40 {
            let verdict = watch.judge(Some(&server()), start + SECOND * i);
            let away = i >= 30;
            assert_eq!(
                verdict == Verdict::Away(PROBE),
                away,
                "second {i}: {verdict:?}"
            );
        }
        assert!(watch.is_away());
        assert_eq!(watch.judge(None, start + SECOND * 600), Verdict::Tell);
        assert!(!watch.is_away());
    }

    #[test]
    fn few_failures_or_failures_among_successes_are_no_outage() {
        let (mut watch, start) = watch(7_200);
        for i in 0..9 {
            let at = start + SECOND * 60 * i;
            assert_eq!(watch.judge(Some(&server()), at), Verdict::Tell);
        }
        watch.judge(None, start + SECOND * 900);
        for i in 0..100 {
            let at = start + SECOND * 900 + SECOND / 10 * i;
            assert_eq!(watch.judge(Some(&server()), at), Verdict::Tell);
        }
        let missing = Fault::Rejected(400, String::new());
        watch.judge(Some(&missing), start + SECOND * 920);
        assert!(!watch.is_away());
    }

    #[test]
    fn case_053_an_outage_past_the_limit_stops_the_run_and_none_stops_never() {
        let (mut limited, start) = watch(7_200);
        let (mut endless, _) = watch(0);
        for watch in [&mut limited, &mut endless] {
            watch.judge(None, start);
        }
        for minute in 0..119 {
            let at = start + SECOND * 60 * minute;
            assert!(!matches!(
                limited.judge(Some(&server()), at),
                Verdict::Stop(_)
            ));
            endless.judge(Some(&server()), at);
        }
        let late = start + SECOND * 7_201;
        let Verdict::Stop(Fault::Away(text)) = limited.judge(Some(&server()), late) else {
            panic!("the run goes on")
        };
        assert_eq!(text, "api.example away for 2h 1s: busy");
        assert_eq!(endless.judge(Some(&server()), late), Verdict::Away(PROBE));
    }

    #[test]
    fn case_043_an_api_that_was_never_there_stops_the_run_soon() {
        let (mut watch, start) = watch(7_200);
        assert_eq!(watch.judge(Some(&refused()), start), Verdict::Tell);
        assert_eq!(watch.judge(Some(&refused()), start + SECOND), Verdict::Tell);
        let verdict = watch.judge(Some(&refused()), start + SECOND * 30);
        let text = "cannot connect to api.example: connection refused".to_owned();
        assert_eq!(verdict, Verdict::Stop(Fault::Away(text)));
        let policy = OutagePolicy::new(&RetryPolicy::default(), None);
        let mut storage = Watch::storage(policy, start);
        for i in 0..9 {
            let at = start + SECOND * 30 * i;
            assert_eq!(
                storage.judge(Some(&refused()), at),
                Verdict::Tell,
                "case 44"
            );
        }
    }

    #[test]
    fn case_054_a_proxy_that_bars_the_way_is_an_outage_from_its_first_failure() {
        let text = "proxy gate.example: connection refused";
        let barred = Fault::Proxy(text.to_owned());
        let (mut watch, start) = watch(0);
        for knock in 0..10 {
            let verdict = watch.judge(Some(&barred), start + SECOND * 3 * knock);
            assert_eq!(verdict, Verdict::Away(SECOND * 3));
        }
        let verdict = watch.judge(Some(&barred), start + SECOND * 30);
        let cause = Fault::Away(format!("cannot connect to {text}"));
        assert_eq!(verdict, Verdict::Stop(cause));

        let policy = OutagePolicy::new(&RetryPolicy::default(), Some(SECOND * 7_200));
        let mut storage = Watch::storage(policy, start);
        storage.judge(Some(&barred), start);
        assert!(storage.is_away());
        storage.judge(None, start + SECOND * 3);
        assert!(!storage.is_away());
        storage.judge(Some(&barred), start + SECOND * 60);
        let Verdict::Stop(Fault::Away(words)) =
            storage.judge(Some(&barred), start + SECOND * 7_260)
        else {
            panic!("the run goes on")
        };
        assert_eq!(words, format!("storage away for 2h: {text}"));
    }

    #[test]
    fn case_015_016a_046_what_the_first_answers_say_about_the_address() {
        let redirect = Fault::Redirect("login.example".to_owned());
        let distrust = Fault::Tls("api.example: certificate: use --ca-cert".to_owned());
        let table = [
            (
                Fault::NotFound(String::new()),
                "no MAVI API at api.example: check --base-url",
            ),
            (
                redirect,
                "api.example redirects to login.example: check --base-url or log in to the network",
            ),
            (distrust, "api.example: certificate: use --ca-cert"),
        ];
        for (fault, words) in table {
            let (mut fresh, start) = watch(0);
            let setup = Verdict::Stop(Fault::Setup(words.to_owned()));
            assert_eq!(fresh.judge(Some(&fault), start), setup);
            let (mut later, start) = watch(0);
            later.judge(None, start);
            let verdict = later.judge(Some(&fault), start);
            let expected = match fault {
                Fault::Tls(text) => Verdict::Stop(Fault::Away(text)),
                _ => Verdict::Tell,
            };
            assert_eq!(verdict, expected);
        }
    }

    #[test]
    fn case_006_007_a_key_is_tried_once_more_only_when_it_has_worked() {
        let bad_key = Fault::Account(AccountFault::BadKey);
        let (mut watch, start) = watch(0);
        assert_eq!(watch.judge(Some(&bad_key), start), Verdict::Tell);
        watch.judge(None, start);
        assert_eq!(watch.judge(Some(&bad_key), start), Verdict::Again);
        watch.judge(None, start);
        assert_eq!(watch.judge(Some(&bad_key), start), Verdict::Tell);
        watch.key_works();
        assert_eq!(watch.judge(Some(&bad_key), start), Verdict::Again);
    }
}
