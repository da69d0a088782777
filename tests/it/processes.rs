//! Interrupted in every state that a run can be in: in order by the first signal, at once by the
//! second, and the same command goes on.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use mavi_upload::sandbox::{Processing, Sandbox, SandboxConfig, Stats};
use rusqlite::{Connection, OpenFlags};

use crate::common::Bench;
use crate::signals::{Running, mavi, signal, until};

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
        let processing = Processing {
            median: Duration::from_millis(5),
            sigma: 0.0,
        };
        let config = SandboxConfig {
            rate: 0.0,
            processing,
            faults: state.faults.parse().unwrap(),
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let mut run = Running::start(&mut command(&state, &bench, &sandbox));
        let pid = run.child().id();
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

    async fn interrupted_once(mut self, name: &str, code: i32) {
        let state = self.state.name;
        signal(self.run.child(), name);
        let (status, time, words) = self.run.end().await;
        assert_eq!(status.code(), Some(code), "{state}: {words}");
        assert!(time < Duration::from_secs(15), "{state}: {time:?}");
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

    async fn interrupted_twice(mut self) {
        let state = self.state.name;
        signal(self.run.child(), "INT");
        // Two signals of a kind that come at once are one to the system.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = Instant::now();
        signal(self.run.child(), "INT");
        let (status, _, words) = self.run.end().await;
        let time = second.elapsed();
        assert_eq!(status.code(), Some(130), "{state}: {words}");
        assert!(time < Duration::from_secs(1), "{state}: {time:?}");
        goes_on(&self.state, &self.bench, &self.sandbox).await;
    }
}

fn command(state: &State, bench: &Bench, sandbox: &Sandbox) -> Command {
    let mut command = mavi(bench, sandbox, state.options);
    if state.row.is_none() {
        // Nobody writes the manifest; the folder that the other states walk is no input beside it.
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let envs: Vec<_> = command
            .get_envs()
            .map(|(k, v)| (k.to_owned(), v.unwrap().to_owned()))
            .collect();
        command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        command
            .env_clear()
            .envs(envs)
            .args(&args[..args.len() - 1])
            .current_dir(bench.folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
    }
    command
}

/// The same library again, to its end: one asset, filled once.
async fn goes_on(state: &State, bench: &Bench, sandbox: &Sandbox) {
    let again = Running::start(&mut mavi(bench, sandbox, &[]));
    let (status, _, words) = again.end().await;
    let state = state.name;
    assert_eq!(status.code(), Some(0), "{state}: {words}");
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
    let path = bench.folder.path().join("mavi-ledger.db");
    if !path.exists() {
        return Vec::new();
    }
    let ledger = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = ledger.prepare("SELECT asset_id FROM asset").unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
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
