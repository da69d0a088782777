//! Uploads a folder with a listener of one's own. Tries itself out on the embedded sandbox:
//! `cargo run --example upload_folder -- examples/library`
#![expect(clippy::print_stdout, reason = "an example talks")]

use mavi_sandbox::{Sandbox, SandboxConfig};
use mavi_upload::model::Rates;
use mavi_upload::source::{Walk, WalkOptions};
use mavi_upload::{Event, Settings, Shutdown, run};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "examples/library".to_owned());
    // With a real account: Settings::new(&key, mavi_upload::BASE_URL, "report.csv").
    let sandbox = Sandbox::start(SandboxConfig {
        rate: 0.0,
        ..Default::default()
    })
    .await?;
    let out = tempfile::tempdir()?;
    let report = out.path().join("report.csv");
    let mut settings = Settings::new(sandbox.api_key(), sandbox.base_url(), &report)?;
    settings.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };

    let listener = |event: &Event| match event {
        Event::Confirmed { path, asset_id, .. } => println!("{} is {asset_id}", path.display()),
        Event::Failed { path, failure } => println!("{}: {failure}", path.display()),
        _ => {}
    };
    let source = Walk::new(vec![folder.into()], WalkOptions::default());
    let summary = run(settings, Box::new(source), listener, Shutdown::new()).await?;
    println!(
        "{} of {} rows are up",
        summary.counts.success,
        summary.counts.rows()
    );
    print!("{}", std::fs::read_to_string(report)?);
    Ok(())
}
