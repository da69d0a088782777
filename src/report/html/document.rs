//! The page, made from the ledger and written to its place. Does not know what stands on it.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;

use super::page::{About, Page};
use crate::ledger::{JobSurvey, Reader};
use crate::report::{ReportError, place};

/// A page that stands where the next one is to go begins with this when it is one of ours.
const BEGINNING: &str = "<!doctype html>\n<!-- made by mavi -->\n";

/// Rows that failed which are listed.
const FAILURES: u32 = 300;

/// Checks that the page may be written to `path`: no file stands there that is not such a page.
///
/// # Errors
/// As [`crate::report::claim`].
pub fn claim(path: &Path) -> Result<(), ReportError> {
    place::claim_as(path, None, false, is_ours)
}

fn is_ours(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    let length = BEGINNING.len() as u64;
    File::open(path)?.take(length).read_to_end(&mut beginning)?;
    Ok(beginning == BEGINNING.as_bytes())
}

/// Writes the page to its place, atomically.
///
/// # Errors
/// When the ledger cannot be read or the file cannot be written; then the old one still stands.
pub fn write_to(ledger: &Reader, about: &About, path: &Path) -> Result<(), ReportError> {
    place::replace(path, |out| write(ledger, about, out))
        .map_err(|error: ReportError| error.named(path))
}

/// Writes the page.
///
/// # Errors
/// When the ledger cannot be read or `out` cannot be written.
pub fn write(ledger: &Reader, about: &About, out: &mut dyn Write) -> Result<(), ReportError> {
    let survey = ledger.survey(FAILURES)?;
    let page = render(&survey, about).map_err(io::Error::other)?;
    Ok(out.write_all(page.as_bytes())?)
}

pub(super) fn render(survey: &JobSurvey, about: &About) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).build()?);
    // Its name ends in `.html`: whatever is put into it is escaped.
    environment.add_template("page.html", include_str!("page.html"))?;
    let page = Serde(Page::of(survey, about));
    let text = environment.get_template("page.html")?.render(page)?;
    Ok(format!("{BEGINNING}{text}"))
}
