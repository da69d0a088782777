//! What all orphans cost together, for people and for programs.

use serde_json::json;

use crate::cli::format::{dollars, size};
use mavi_upload::ledger::OrphanTotal;

pub(crate) fn total_json(total: OrphanTotal) -> serde_json::Value {
    json!({
        "count": total.assets,
        "may_hold_bytes": { "count": total.may_hold_bytes, "bytes": total.bytes },
        "dollars_a_day": total.dollars_a_day(),
    })
}

pub(crate) fn total_words(total: OrphanTotal) -> String {
    match total {
        OrphanTotal { assets: 0, .. } => "no orphans".to_owned(),
        OrphanTotal {
            assets,
            may_hold_bytes: 0,
            ..
        } => format!("{assets} in all, none costs money"),
        _ => format!(
            "{} in all, {} may still cost money: up to {}, {} a day",
            total.assets,
            total.may_hold_bytes,
            size(total.bytes),
            dollars(total.dollars_a_day()),
        ),
    }
}
