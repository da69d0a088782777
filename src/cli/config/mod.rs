//! Settings, from what is typed (`args`) to what is meant (`settings`). Nothing here runs a command, but
//! for `mavi config show`.

pub(crate) mod args;
pub(crate) mod environment;
pub(crate) mod file;
pub(crate) mod key;
pub(crate) mod layers;
pub(crate) mod resolve;
pub(crate) mod setting;
pub(crate) mod settings;
pub(crate) mod show;
pub(crate) mod zone;
