//! Which service, and what is trusted on the way to it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use mavi_upload::run::BASE_URL;

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ViaArgs {
    /// By signed-url or direct
    ///
    /// How files are uploaded. `signed-url` asks for an asset, then fills it: nothing can be lost or paid for twice.
    /// `direct` is one call, for files under 500 MB. Its asset id comes with the answer, so that a lost answer leaves an
    /// asset that no one can see and that is paid for: such a row fails as `outcome_unknown`, and after a kill
    /// the file is sent again.
    #[arg(
        long,
        value_name = "WAY",
        value_enum,
        default_value = "signed-url",
        hide_possible_values = true
    )]
    pub(crate) via: ViaArg,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceArgs {
    /// A file with the API key; `-` is stdin
    ///
    /// Without it the key comes from the environment: `MEMORIES_API_KEY`. It is never an argument: arguments
    /// can be seen by all.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// A .env file; real variables win
    ///
    /// Lines of KEY=VALUE, for the key and for options.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Where the service is
    #[arg(
        long,
        value_name = "URL",
        env = "MEMORIES_V2_BASE_URL",
        hide_env = true,
        long_help = format!("Where the service is [default: {BASE_URL}]\n\nIts variable is MEMORIES_V2_BASE_URL.")
    )]
    pub(crate) base_url: Option<String>,
    /// Certificates to trust beside the system's
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_cert: Option<PathBuf>,
    /// Ignore `HTTPS_PROXY` and the like
    #[arg(long)]
    pub(crate) no_proxy: bool,
    /// Send files to this storage host, too; repeatable
    ///
    /// Although its address is private or its port unusual.
    #[arg(long, value_name = "HOST", value_parser = storage_host)]
    pub(crate) storage_host: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViaArg {
    /// Ask for an asset, then fill it: nothing can be lost or paid for twice.
    SignedUrl,
    /// One call.
    Direct,
}

/// A host alone: what a URL has besides is no matter of trust.
fn storage_host(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(&format!("https://{text}"));
    let written_back = url.ok().and_then(|url| {
        let host = url.host_str()?;
        Some(
            url.port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        )
    });
    match written_back {
        Some(host) if host.eq_ignore_ascii_case(text.trim_end_matches(":443")) => {
            Ok(text.to_owned())
        }
        _ => Err(
            "expected a host name or address, such as storage.example or 10.0.0.5:9000".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests;
