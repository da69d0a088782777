//! Interrupted in every state that a run can be in: in order by the first signal, at once by the
//! second, and the same command goes on.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use mavi_sandbox::{Sandbox, Stats};

use crate::common::{Bench, asset_ids, scripted};
use crate::running::{End, Running, told, until};

/// What a run of one file is doing when the signal comes.
#[derive(Clone, Copy)]
struct State {
    name: &'static str,
    /// What holds the run in this state, once.
    faults: &'static str,
    options: &'static [&'static str],
    reached: fn(&Stats) -> bool,
    /// What the report then says of the file; `None`: it says nothing yet.
    row: Option<&'static str>,
}

const STATES: [State; 7] = [
    State {
        name: "waiting for its input",
        faults: "",
        options: &["-m", "-", "--root", "library"],
        reached: |_| true,
        row: None,
    },
    State {
        name: "signing",
        faults: "[[rule]]\ncall = 'sign'\ntimes = 1\nthen = { delay = '1500ms' }",
        options: &[],
        reached: |stats| stats.calls.sign == 1,
        row: Some("not_started"),
    },
    State {
        name: "resting before it tries again",
        faults: "[[rule]]\ncall = 'sign'\ntimes = 1\nthen = 'server-error'",
        options: &["--retry-delay", "20s"],
        reached: |stats| stats.refused.sign == 1,
        row: Some("not_started"),
    },
    State {
        name: "held back by a limit",
        faults: "[[rule]]\ncall = 'sign'\ntimes = 1\nthen = 'throttle'",
        options: &["--retry-delay", "20s"],
        reached: |stats| stats.refused.sign == 1,
        row: Some("not_started"),
    },
    State {
        name: "sending",
        faults: "[[rule]]\ncall = 'send'\ntimes = 1\nthen = { slow = 100000 }",
        options: &[],
        reached: |stats| stats.calls.send == 1,
        row: Some("not_started"),
    },
    State {
        name: "looking",
        faults: "[[rule]]\ncall = 'status'\ntimes = 1\nthen = { delay = '1500ms' }",
        options: &[],
        reached: |stats| stats.calls.status == 1,
        // A short call is heard out, and this one says that all is well.
        row: Some("success"),
    },
    State {
        name: "waiting for confirmation",
        faults: "[[rule]]\ncall = 'status'\nfirst = 2\nthen = { set = { 'data.resource.0.upload_status' = 'UPLOADING' } }",
        options: &["--poll-interval", "20s"],
        reached: |stats| stats.calls.status == 1,
        row: Some("pending"),
    },
];

struct Scene {
    state: State,
    bench: Bench,
    sandbox: Sandbox,
    run: Running,
}

impl Scene {
    async fn reach(state: State) -> Self {
        let bench = Bench::new();
        bench.file("a.mp4", 2_000_000);
        let sandbox = Sandbox::start(scripted(state.faults)).await.unwrap();
        let run = Running::heard(command(&state, &bench, &sandbox));
        let pid = run.id();
        until(|| listens(pid) && (state.reached)(&sandbox.stats())).await;
        // From the call's arrival to whatever follows its answer.
        tokio::time::sleep(Duration::from_millis(100)).await;
        Self {
            state,
            bench,
            sandbox,
            run,
        }
    }

    async fn interrupted_once(self, name: &str, code: i32) {
        let state = self.state.name;
        self.run.signal(name);
        let end = self.run.end().await;
        let (words, took) = (end.words, end.took);
        assert_eq!(end.code, Some(code), "{state}: {words}");
        assert!(took < Duration::from_secs(15), "{state}: {took:?}");
        assert!(
            words.ends_with("run the same command again to go on\n"),
            "{state}: {words}"
        );
        match self.state.row {
            Some(row) => assert_eq!(self.bench.rows()[0]["status"], row, "{state}: {words}"),
            None => assert!(!self.bench.report().exists(), "{state}"),
        }
        let allotted: Vec<_> = self
            .sandbox
            .assets()
            .into_iter()
            .map(|asset| asset.asset_id)
            .collect();
        assert_eq!(known(&self.bench), allotted, "{state}: no id is lost");
        goes_on(&self.state, &self.bench, &self.sandbox).await;
    }

    async fn interrupted_twice(self) {
        let state = self.state.name;
        self.run.signal("INT");
        // Two signals of a kind that come at once are one to the system.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = Instant::now();
        self.run.signal("INT");
        let End { code, words, .. } = self.run.end().await;
        let time = second.elapsed();
        assert_eq!(code, Some(130), "{state}: {words}");
        assert!(time < Duration::from_secs(1), "{state}: {time:?}");
        goes_on(&self.state, &self.bench, &self.sandbox).await;
    }
}

fn command(state: &State, bench: &Bench, sandbox: &Sandbox) -> Command {
    let mut command = bench.upload_to(sandbox, state.options);
    if state.row.is_some() {
        command.arg("library");
    } else {
        // A manifest that nobody writes.
        command.stdin(Stdio::piped());
    }
    command
}

/// The same library again, to its end: one asset, filled once.
async fn goes_on(state: &State, bench: &Bench, sandbox: &Sandbox) {
    let (code, words) = told(bench.upload_to(sandbox, &["library"])).await;
    let state = state.name;
    assert_eq!(code, Some(0), "{state}: {words}");
    assert_eq!(bench.rows()[0]["status"], "success", "{state}");
    let assets = sandbox.assets();
    let with_bytes: Vec<_> = assets
        .iter()
        .filter(|asset| asset.bytes.is_some())
        .collect();
    assert_eq!(
        (with_bytes.len(), with_bytes[0].complete_posts),
        (1, 1),
        "{state}"
    );
}

fn known(bench: &Bench) -> Vec<String> {
    let ledger = bench.folder.path().join("mavi-ledger.db");
    if ledger.exists() {
        asset_ids(&ledger)
    } else {
        Vec::new()
    }
}

/// Whether the process has subscribed to signals, so that one does not simply kill it.
fn listens(pid: u32) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else {
        // Where the system does not tell, it has had the time.
        std::thread::sleep(Duration::from_millis(500));
        return true;
    };
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    [1, 2, 15]
        .iter()
        .all(|signal| caught & (1 << (signal - 1)) != 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn case_115_an_interrupt_in_any_state_ends_the_run_in_order() {
    let scenes = futures::stream::iter(STATES);
    scenes
        .for_each_concurrent(4, |state| async move {
            Scene::reach(state).await.interrupted_once("INT", 130).await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_116_a_second_interrupt_in_any_state_ends_it_at_once() {
    let scenes = futures::stream::iter(STATES);
    scenes
        .for_each_concurrent(2, |state| async move {
            Scene::reach(state).await.interrupted_twice().await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_117_a_polite_kill_and_a_lost_terminal_end_it_in_order_in_any_state() {
    let signals = [("TERM", 143), ("HUP", 129)].into_iter().cycle();
    futures::stream::iter(STATES.into_iter().zip(signals))
        .for_each_concurrent(4, |(state, (name, code))| async move {
            Scene::reach(state).await.interrupted_once(name, code).await;
        })
        .await;
}
