//! All integration tests, as one program: linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod api_answers;
mod api_faults;
mod cli;
#[cfg(target_os = "linux")]
mod clocks;
mod command;
mod common;
mod config;
mod dedupe;
mod direct;
mod disagreements;
#[cfg(unix)]
mod disks;
mod docs;
mod doctor;
#[cfg(unix)]
mod files;
mod hard_names;
mod hostile;
mod house;
mod inspect;
#[cfg(unix)]
mod job;
#[cfg(unix)]
mod kill;
mod limits;
#[cfg(unix)]
mod manifests;
mod meddler;
mod model;
mod network;
mod outages;
mod page;
mod plan;
mod poll_model;
mod polling;
mod processes;
mod progress;
mod proxy;
mod report;
mod retries;
mod running;
mod sandbox;
mod scene;
mod secrets;
#[cfg(target_os = "linux")]
mod shim;
mod signals;
mod soak;
mod storage_faults;
mod surroundings;
mod tls;
mod trust;
mod upload;
mod verify;
