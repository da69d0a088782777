//! `mavi plan`: what an upload would do, for people and for programs. Nothing is sent or written.

mod forecast;
mod object;
mod table;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::commands::plan::forecast::Plan;
use crate::cli::config::args::plan::PlanArgs;
use crate::cli::config::settings;
use crate::cli::exit::{self, Failure};
use crate::cli::output::{give, say};
use crate::cli::signals::{self, Signals};
use mavi_upload::ledger::{LedgerError, Reader};
use mavi_upload::plan::{Terms, outlook, survey};
use mavi_upload::run::{Paths, RunError, own_files};
use mavi_upload::shutdown::Shutdown;

pub(crate) async fn run(args: PlanArgs) -> Result<ExitCode, Failure> {
    let shutdown = Shutdown::new();
    let words = |line: String| say(&line);
    let stopping = "nothing was changed";
    let signal = signals::watch(
        Signals::subscribe()?,
        shutdown.clone(),
        false,
        stopping,
        words,
    );
    let json = args.forecast.json;
    let looking = tokio::task::spawn_blocking(move || plan(&args));
    let plan = tokio::select! {
        plan = looking => plan.map_err(|_| Failure::Local("a defect of mavi".to_owned()))??,
        () = shutdown.draining().cancelled() => {
            let code = signal.get().map_or(exit::DONE, |signal| signal.exit_code());
            return Ok(ExitCode::from(code));
        }
    };
    if json {
        give(&object::of(&plan).to_string());
    } else {
        for line in table::of(&plan) {
            give(&line);
        }
    }
    let code = if plan.survey.failing() == 0 {
        exit::DONE
    } else {
        exit::ROWS_FAILED
    };
    Ok(ExitCode::from(code))
}

fn plan(args: &PlanArgs) -> Result<Plan, Failure> {
    let Paths { report, ledger } = settings::places(&args.place);
    let source = settings::source(&args.input, own_files(&report, &ledger))?;
    let terms = terms(args);
    let writer = || Reader::writer(&ledger).map_err(RunError::from);
    let nobody_wrote = writer()?.is_none();
    let reader = open(&ledger)?;
    let survey = survey(source, reader.as_ref(), &terms)?;
    if nobody_wrote && writer()?.is_some() {
        say("warning: an upload with this ledger began meanwhile: plan again");
    }
    let outlook = outlook(&survey, &terms, jiff::ZonedDateTime::now().time());
    Ok(Plan {
        ledger,
        ledger_exists: reader.is_some(),
        terms,
        survey,
        outlook,
    })
}

fn open(ledger: &Path) -> Result<Option<Reader>, Failure> {
    match Reader::open_untouched(ledger) {
        Err(LedgerError::Missing { .. }) => Ok(None),
        opened => Ok(Some(opened.map_err(RunError::from)?)),
    }
}

fn terms(args: &PlanArgs) -> Terms {
    let via = settings::via(args.way);
    let poll_interval = settings::poll_interval(&args.pace);
    Terms {
        rules: settings::rules(&args.input, via),
        via,
        rates: settings::rates(&args.pace, 1.0),
        concurrency: args.pace.concurrency,
        bandwidth: args.pace.bandwidth.clone(),
        line: args.forecast.line.map(|bits| bits / 8.0),
        poll_interval: (!args.pace.no_confirm).then_some(poll_interval),
        dedupe: args.input.dedupe,
        preflight: !args.forecast.no_preflight,
    }
}
