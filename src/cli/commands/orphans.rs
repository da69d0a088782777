//! `mavi orphans`: shows the assets that nothing uses any more, and deletes them when asked to.

use std::io::{BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::ask;
use crate::cli::commands::orphan_total::{total_json, total_words};
use crate::cli::config::args::ledger::OrphansArgs;
use crate::cli::config::settings;
use crate::cli::exit::{self, CommandError, GO_ON};
use crate::cli::format::size;
use crate::cli::output::say;
use crate::cli::signals::{self, Signals};
use mavi_upload::api::HttpService;
use mavi_upload::ledger::{Identity, LedgerError, Orphan, OrphanTotal, Reader};
use mavi_upload::orphans::{Cleaned, Cleanup, Deletion};
use mavi_upload::run::RunError;
use mavi_upload::shutdown::Shutdown;
use mavi_upload::text::plain;

pub(crate) async fn run(args: OrphansArgs) -> Result<ExitCode, CommandError> {
    if args.delete {
        return delete(&args).await;
    }
    let ledger = Reader::open(&args.ledger).map_err(RunError::from)?;
    list(&ledger, args.json).map_err(RunError::from)?;
    Ok(ExitCode::from(exit::DONE))
}

async fn delete(args: &OrphansArgs) -> Result<ExitCode, CommandError> {
    if !args.yes && !ask::can_ask() {
        let text = "--delete asks first, and there is no terminal to ask on: add --yes";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let http = settings::http(&args.service)?;
    let identity = Identity {
        base_url: http.address.as_str().to_owned(),
        account: http.api_key.fingerprint(),
    };
    let service = HttpService::new(http).map_err(RunError::Http)?;
    let shutdown = Shutdown::new();
    let stopping = "the call under way finishes";
    let words = |line: String| say(&line);
    let signal = signals::watch(
        Signals::subscribe()?,
        shutdown.clone(),
        false,
        stopping,
        words,
    );
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
        let code = signal.get().map_or(exit::DONE, |signal| signal.exit_code());
        return Ok(ExitCode::from(code));
    }
    let cleaned = cleanup.delete(tell).await.map_err(RunError::from)?;
    let code = exit::cleanup_code(&cleaned, signal.get().copied());
    sum_up(&cleaned, total, code);
    Ok(ExitCode::from(code))
}

fn question(total: OrphanTotal) -> String {
    let asset = if total.assets == 1 { "asset" } else { "assets" };
    format!("Delete {} {asset} at the service, for good?", total.assets)
}

fn tell(orphan: &Orphan, deletion: &Deletion) {
    let id = &orphan.asset_id;
    say(&match deletion {
        Deletion::Deleted => format!("deleted {id}"),
        Deletion::Unknown => format!("deleted {id}: the service did not know it any more"),
        Deletion::Failed(refusal) => format!("not deleted: {id}: {refusal}"),
    });
}

fn sum_up(cleaned: &Cleaned, total: OrphanTotal, code: u8) {
    let (gone, failed) = (cleaned.gone.assets, cleaned.failed);
    say(&format!(
        "{gone} of {} deleted, {failed} not, {} left",
        total.assets,
        total.assets.saturating_sub(gone + failed),
    ));
    if let Some(cause) = &cleaned.cause {
        say(&format!("stopped: {cause}"));
    }
    if code >= exit::ACCOUNT {
        say(GO_ON);
    }
}

/// Writes the list to stdout as it is read, and its total.
fn list(ledger: &Reader, json: bool) -> Result<OrphanTotal, LedgerError> {
    let mut sheet = Sheet::new(json);
    let mut total = OrphanTotal::default();
    ledger.each_orphan(|orphan| {
        sheet.orphan(orphan, total.assets == 0);
        total.add(orphan);
        Ok::<_, LedgerError>(())
    })?;
    sheet.end(total);
    Ok(total)
}

/// The list on stdout. Whoever read as much as they wanted and left is served: writing to a closed
/// pipe is no error.
struct Sheet {
    out: BufWriter<StdoutLock<'static>>,
    json: bool,
}

impl Sheet {
    fn new(json: bool) -> Self {
        let out = BufWriter::new(std::io::stdout().lock());
        Self { out, json }
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
    }

    fn orphan(&mut self, orphan: &Orphan, first: bool) {
        let path = plain(&orphan.path.to_string_lossy());
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
            self.line(&row("asset", "size", "held", "why", "file"));
        }
        let size = size(orphan.size);
        let held = if orphan.may_hold_bytes { "maybe" } else { "no" };
        self.line(&row(
            orphan.asset_id.as_str(),
            &size,
            held,
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

fn row(asset: &str, size: &str, held: &str, why: &str, file: &str) -> String {
    format!("{asset:<21}  {size:>9}  {held:<5}  {why:<14}  {file}")
}
