//! What lies between the command line and the defaults, nearest first: the environment with its
//! `--env-file`, the file of `--config`, the user's own file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use etcetera::BaseStrategy as _;

use crate::cli::config::environment::{Environment, Origin};
use crate::cli::config::file::ConfigFile;
use crate::cli::config::key::key_variable;
use crate::cli::config::setting::{KEY_FILE, Setting, is_typed};
use crate::cli::exit::CommandError;
use mavi_upload::text::plain;

/// What was found for an option: one value, or those of a repeatable one.
#[derive(Debug, Clone)]
pub(crate) struct FoundValue {
    pub(crate) texts: Vec<String>,
    pub(crate) origin: Origin,
}

/// Values that were found outside the command line, by the ids of their options.
pub(crate) type FoundValues = BTreeMap<String, FoundValue>;

/// All that may set an option besides the command line.
pub(crate) struct Layers {
    pub(crate) environment: Environment,
    /// Nearest first.
    pub(crate) files: Vec<ConfigFile>,
}

impl Layers {
    /// Reads the files that the command line, or else the environment, names. `named` are the command
    /// and the subcommands that were typed.
    pub(crate) fn read(
        command: &Command,
        named: &[&Command],
        typed: &ArgMatches,
    ) -> Result<Self, CommandError> {
        let mut layers = Self {
            environment: Environment::default(),
            files: Vec::new(),
        };
        layers.files = layers.config_files(&Setting::of_all(command), typed)?;
        let env_file = match path_of(typed, "env_file") {
            Some(path) => Some(path),
            None => layers.env_file(named)?,
        };
        layers.environment = Environment::read(env_file.as_deref())?;
        Ok(layers)
    }

    fn config_files(
        &self,
        known: &[Setting<'_>],
        typed: &ArgMatches,
    ) -> Result<Vec<ConfigFile>, CommandError> {
        if is_typed(typed, "no_config") {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        let in_environment = || Some(PathBuf::from(self.environment.get("MAVI_CONFIG")?.0));
        if let Some(path) = path_of(typed, "config").or_else(in_environment) {
            files.push(ConfigFile::read(&path, known)?);
        }
        if let Some(path) = users_file() {
            files.push(ConfigFile::read_if_there(&path, known)?);
        }
        Ok(files)
    }

    fn env_file(&self, named: &[&Command]) -> Result<Option<PathBuf>, CommandError> {
        let mut settings = named.iter().flat_map(|command| Setting::of(command));
        let Some(setting) = settings.find(|setting| setting.name() == "env-file") else {
            return Ok(None);
        };
        let value = self.find(setting)?;
        Ok(value.and_then(|value| Some(PathBuf::from(value.texts.into_iter().next()?))))
    }

    /// What these commands' options are set to.
    pub(crate) fn find_all(&self, commands: &[&Command]) -> Result<FoundValues, CommandError> {
        let settings = commands.iter().flat_map(|command| Setting::of(command));
        let found = settings.filter_map(|setting| {
            let value = self.find(setting).transpose()?;
            Some(value.map(|value| (setting.id().to_owned(), value)))
        });
        found.collect()
    }

    fn find(&self, setting: Setting<'_>) -> Result<Option<FoundValue>, CommandError> {
        if let Some(value) = self.in_environment(setting)? {
            return Ok(Some(value));
        }
        // A key in the environment is nearer than a file with the key that a configuration file names.
        if setting.name() == KEY_FILE && key_variable(&self.environment).is_some() {
            return Ok(None);
        }
        for file in &self.files {
            if let Some((texts, line)) = file.get(setting)? {
                let origin = Origin::File(file.path.clone(), line);
                return Ok(Some(FoundValue { texts, origin }));
            }
        }
        Ok(None)
    }

    fn in_environment(&self, setting: Setting<'_>) -> Result<Option<FoundValue>, CommandError> {
        let variable = setting.variable();
        if std::env::var_os(&variable).is_some_and(|value| value.to_str().is_none()) {
            return Err(CommandError::Usage(format!("{variable}: not UTF-8")));
        }
        let Some((text, origin)) = self.environment.get(&variable) else {
            return Ok(None);
        };
        let failed =
            |words: String| CommandError::Usage(format!("{}: {words}", plain(&origin.to_string())));
        let texts = if setting.is_repeatable() {
            // Globs hold blanks and commas, but no line ends.
            text.lines().map(|line| setting.accept(line)).collect()
        } else {
            setting.accept(&text).map(|text| vec![text])
        };
        let texts: Vec<_> = texts.map_err(failed)?;
        Ok(Some(FoundValue { texts, origin }))
    }
}

fn path_of(typed: &ArgMatches, id: &str) -> Option<PathBuf> {
    let path = typed.try_get_one::<PathBuf>(id).ok()?;
    path.map(|path| Path::to_owned(path))
}

/// The user's own file. Without a home in the environment there is no user to have one.
fn users_file() -> Option<PathBuf> {
    let homes = ["XDG_CONFIG_HOME", "HOME", "APPDATA", "USERPROFILE"];
    homes.iter().find_map(std::env::var_os)?;
    let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(folders.config_dir().join("mavi").join("config.toml"))
}
