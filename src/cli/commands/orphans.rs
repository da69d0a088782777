//! `mavi orphans`: shows the assets that nothing uses any more, and deletes them when asked to. Which
//! these are is the ledger's to say.

use std::io::{BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::commands::orphan_total::{total_json, total_words};
use crate::cli::config::args::ledger::OrphansArgs;
use crate::cli::config::settings;
use crate::cli::exit::{self, CommandError};
use crate::cli::format::{counted, shown, size};
use crate::cli::output::say;
use crate::cli::{ask, signals};
use mavi_upload::api::HttpService;
use mavi_upload::ledger::{Identity, LedgerError, Orphan, OrphanTotal, Reader};
use mavi_upload::orphans::{Cleaned, Cleanup, Deletion};
use mavi_upload::run::RunError;
use mavi_upload::shutdown::Shutdown;

pub(crate) async fn run(args: OrphansArgs) -> Result<ExitCode, CommandError> {
    if args.delete {
        return delete(&args).await;
    }
    let ledger = Reader::open(&args.ledger).map_err(RunError::from)?;
    list(&ledger, args.json).map_err(RunError::from)?;
    Ok(ExitCode::from(exit::DONE))
}

async fn delete(args: &OrphansArgs) -> Result<ExitCode, CommandError> {
    if !args.yes {
        ask::must_be_possible("--delete")?;
    }
    let http = settings::http(&args.service)?;
    let identity = Identity {
        base_url: http.address.as_str().to_owned(),
        account: http.api_key.fingerprint(),
    };
    let service = HttpService::new(http).map_err(RunError::Http)?;
    let shutdown = Shutdown::new();
    let signal = signals::watch(&shutdown, "the call under way finishes")?;
    let opened = Cleanup::open(
        &args.ledger,
        service,
        &identity,
        args.rate,
        shutdown.clone(),
    );
    let cleanup = opened.await?;
    let total = list(cleanup.ledger(), args.json).map_err(RunError::from)?;
    if total.assets == 0 {
        return Ok(ExitCode::from(exit::DONE));
    }
    if !args.yes && !ask::agreed(&question(total), &shutdown).await {
        say("nothing was deleted");
        return Ok(signal.exit_code());
    }
    let cleaned = cleanup.delete(report).await.map_err(RunError::from)?;
    let code = exit::cleanup_code(&cleaned, signal.get());
    sum_up(&cleaned, total, code);
    Ok(ExitCode::from(code))
}

fn question(total: OrphanTotal) -> String {
    let assets = counted(total.assets, "asset");
    format!("Delete {assets} at the service, for good?")
}

fn report(orphan: &Orphan, deletion: &Deletion) {
    let id = &orphan.asset_id;
    say(&match deletion {
        Deletion::Deleted => format!("deleted {id}"),
        Deletion::Unknown => format!("deleted {id}: the service did not know it any more"),
        Deletion::Failed(failure) => format!("not deleted: {id}: {failure}"),
    });
}

fn sum_up(cleaned: &Cleaned, total: OrphanTotal, code: u8) {
    let (gone, failed) = (cleaned.gone.assets, cleaned.failed);
    say(&format!(
        "{gone} of {} deleted, {failed} not, {} left",
        total.assets,
        total.assets.saturating_sub(gone + failed),
    ));
    exit::report_stop(cleaned.cause.as_ref(), code);
}

/// Writes the list to stdout as it is read, and its total.
fn list(ledger: &Reader, json: bool) -> Result<OrphanTotal, LedgerError> {
    let mut listing = Listing::new(json);
    let mut total = OrphanTotal::default();
    ledger.each_orphan(|orphan| {
        listing.orphan(orphan, total.assets == 0);
        total.add(orphan);
        Ok::<_, LedgerError>(())
    })?;
    listing.end(total);
    Ok(total)
}

/// The list on stdout. A closed pipe is no error: its reader has what it wanted.
struct Listing {
    out: BufWriter<StdoutLock<'static>>,
    json: bool,
}

impl Listing {
    fn new(json: bool) -> Self {
        let out = BufWriter::new(std::io::stdout().lock());
        Self { out, json }
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
    }

    fn orphan(&mut self, orphan: &Orphan, first: bool) {
        let path = shown(&orphan.path);
        if self.json {
            let object = json!({
                "asset_id": orphan.asset_id,
                "path": orphan.path.to_string_lossy(),
                "state": orphan.state,
                "reason": orphan.reason,
                "bytes": orphan.size,
                "may_hold_bytes": orphan.may_hold_bytes,
            });
            let start = if first { "{\"orphans\":[\n" } else { ",\n" };
            let _ = write!(self.out, "{start}{object}");
            return;
        }
        if first {
            self.line(&row("asset", "size", "costs", "why", "file"));
        }
        let size = size(orphan.size);
        let costs = if orphan.may_hold_bytes { "maybe" } else { "no" };
        self.line(&row(
            orphan.asset_id.as_str(),
            &size,
            costs,
            &orphan.reason,
            &path,
        ));
    }

    fn end(mut self, total: OrphanTotal) {
        if self.json {
            let start = if total.assets == 0 {
                "{\"orphans\":["
            } else {
                ""
            };
            let total = total_json(total);
            self.line(&format!("{start}\n],\"total\":{total}}}"));
        } else {
            self.line(&total_words(total));
        }
        let _ = self.out.flush();
    }
}

fn row(asset: &str, size: &str, costs: &str, why: &str, file: &str) -> String {
    format!("{asset:<21}  {size:>9}  {costs:<5}  {why:<14}  {file}")
}
