//! Where the key to the account comes from: a file, or the environment.
//!
//! It is never an argument: arguments can be seen by all. Whether it is a valid key is not checked.

use std::path::{Path, PathBuf};

use crate::cli::config::args::service::ServiceArgs;
use crate::cli::config::environment::{Environment, Origin, holds_settings, read_small};
use crate::cli::exit::CommandError;
use crate::cli::output::say;
use mavi_upload::model::others_may_read;

/// Variables that may hold the key, in this order.
const KEY_VARIABLES: [&str; 4] = [
    "MEMORIES_API_KEY",
    "MEMORIES_AI_API_KEY",
    "MEMORIES_AI_KEY",
    "MAVI_API_KEY",
];

/// A longer file, in KiB, is not a key.
const LONGEST_KEY: u64 = 4;

/// A key, not checked yet.
pub(crate) struct KeyFound {
    pub(crate) text: String,
    /// Where it was found, in words.
    pub(crate) found: String,
    /// The same, where that was a file of its own or of settings.
    pub(crate) file: Option<PathBuf>,
}

pub(crate) fn key(args: &ServiceArgs, environment: &Environment) -> Result<KeyFound, CommandError> {
    if let Some(path) = &args.api_key_file {
        return Ok(KeyFound {
            text: key_file(path)?,
            found: format!("file {}", path.display()),
            file: Some(path.clone()),
        });
    }
    let (text, found) = key_variable(environment).ok_or_else(|| {
        let text = "no API key: set MEMORIES_API_KEY or give --api-key-file; to try mavi out \
                    without a key: mavi upload --sandbox";
        CommandError::Usage(text.to_owned())
    })?;
    let (found, file) = match found {
        Origin::EnvFile(_, ref path) => (found.to_string(), Some(path.clone())),
        variable => (format!("environment variable {variable}"), None),
    };
    Ok(KeyFound { text, found, file })
}

/// The key in the environment, and where.
pub(crate) fn key_variable(environment: &Environment) -> Option<(String, Origin)> {
    KEY_VARIABLES.iter().find_map(|name| environment.get(name))
}

fn key_file(path: &Path) -> Result<String, CommandError> {
    let key = if path == Path::new("-") {
        read_small(std::io::stdin(), LONGEST_KEY, "a key")
    } else {
        let file = std::fs::File::open(path).map_err(|error| error.to_string());
        file.and_then(|file| read_small(file, LONGEST_KEY, "a key"))
    };
    let not_text = |_| "not UTF-8: save it as plain text".to_owned();
    key.and_then(|key| String::from_utf8(key).map_err(not_text))
        .and_then(the_key_alone)
        .map_err(|words| CommandError::Usage(format!("--api-key-file {}: {words}", path.display())))
}

/// A file with settings is no key: sent as one, it would be refused by the service.
fn the_key_alone(text: String) -> Result<String, String> {
    if holds_settings(&text) {
        return Err(
            "holds KEY=VALUE and not a key alone: give such a file by --env-file".to_owned(),
        );
    }
    Ok(text)
}

/// Warns of a file that holds secrets and can be read by others.
pub(crate) fn warn_when_readable_by_others(path: &Path) {
    if others_may_read(path) {
        say(&format!(
            "warning: {} can be read by others: chmod 600 it",
            path.display()
        ));
    }
}
