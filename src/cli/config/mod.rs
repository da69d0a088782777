//! Settings: from what is typed to what is meant.
//!
//! | step | duty |
//! |---|---|
//! | `args` | the command line as it is typed: names, defaults, help; no effects |
//! | `setting` | which options can be set elsewhere, and their syntax |
//! | `environment`, `key`, `file` | places where settings stand |
//! | `layers` | those places in their order |
//! | `resolve` | the command line, read with what the layers hold |
//! | `settings` | the library's types, checked |
//! | `show` | `mavi config show` |

pub(crate) mod args;
pub(crate) mod environment;
pub(crate) mod file;
pub(crate) mod key;
pub(crate) mod layers;
pub(crate) mod resolve;
pub(crate) mod setting;
pub(crate) mod settings;
pub(crate) mod show;
