//! `mavi plan`: shows what an upload would do. Nothing is sent or written.

mod forecast;
mod object;
mod table;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::commands::plan::forecast::Plan;
use crate::cli::config::args::plan::PlanArgs;
use crate::cli::config::settings;
use crate::cli::config::zone::zone_of;
use crate::cli::exit::{self, CommandError};
use crate::cli::output::{print, say};
use crate::cli::signals;
use mavi_upload::ledger::{LedgerError, Reader};
use mavi_upload::plan::{PlanOptions, estimate, workload};
use mavi_upload::run::{Paths, RunError, own_files};
use mavi_upload::shutdown::Shutdown;

pub(crate) async fn run(args: PlanArgs) -> Result<ExitCode, CommandError> {
    let shutdown = Shutdown::new();
    let signal = signals::watch(&shutdown, "nothing was changed")?;
    let json = args.estimate.json;
    let planning = tokio::task::spawn_blocking(move || plan(&args));
    let plan = tokio::select! {
        plan = planning => plan.map_err(|_| CommandError::Local("a defect of mavi".to_owned()))??,
        () = shutdown.draining().cancelled() => {
            return Ok(signal.exit_code());
        }
    };
    if json {
        print(&object::of(&plan).to_string());
    } else {
        for line in table::of(&plan) {
            print(&line);
        }
    }
    let code = if plan.workload.failing() == 0 {
        exit::DONE
    } else {
        exit::ROWS_FAILED
    };
    Ok(ExitCode::from(code))
}

fn plan(args: &PlanArgs) -> Result<Plan, CommandError> {
    let Paths { report, ledger } = settings::paths(&args.paths);
    let zone = zone_of(&args.speed.bandwidth)?;
    let source = settings::source(&args.input, own_files(&report, &ledger))?;
    let options = options(args);
    let writer = || Reader::writer(&ledger).map_err(RunError::from);
    let no_one_wrote = writer()?.is_none();
    let reader = open(&ledger)?;
    let workload = workload(source, reader.as_ref(), &options)?;
    if no_one_wrote && writer()?.is_some() {
        say("warning: an upload with this ledger began meanwhile: plan again");
    }
    let estimate = estimate(&workload, &options, jiff::ZonedDateTime::now().time());
    Ok(Plan {
        ledger,
        ledger_exists: reader.is_some(),
        options,
        zone,
        workload,
        estimate,
    })
}

fn open(ledger: &Path) -> Result<Option<Reader>, CommandError> {
    match Reader::open_untouched(ledger) {
        Err(LedgerError::Missing { .. }) => Ok(None),
        opened => Ok(Some(opened.map_err(RunError::from)?)),
    }
}

fn options(args: &PlanArgs) -> PlanOptions {
    let via = settings::via(args.via);
    let poll_interval = settings::poll_interval(&args.speed);
    PlanOptions {
        rules: settings::rules(&args.input, via),
        via,
        rates: settings::rates(&args.speed, 1.0),
        concurrency: args.speed.concurrency,
        bandwidth: args.speed.bandwidth.clone(),
        line: args.estimate.line.map(|bits| bits / 8.0),
        poll_interval: (!args.speed.no_confirm).then_some(poll_interval),
        dedupe: args.input.dedupe,
        preflight: !args.estimate.no_preflight,
    }
}
