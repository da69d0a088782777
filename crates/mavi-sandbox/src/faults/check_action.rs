//! Checks what a rule does: which keys go together, and with which calls. It knows one action at a time.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::call::Endpoint;
use crate::connection::{End, Ending};
use crate::fate::{Fate, FateStatus};
use crate::faults::action::{Action, Answer, Edits, Replacement, Shape};
use crate::faults::error::Problem;
use crate::faults::rule::CallSet;
use crate::faults::script::{ActionText, AnswerName};
use crate::faults::units::{Amount, ByteRate, Repeat};

pub(super) type Presets = BTreeMap<String, ActionText>;

/// The longest text of an answer, which is held in memory.
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// The actions of one rule.
pub(super) fn all(
    written: Vec<ActionText>,
    calls: CallSet,
    presets: &Presets,
) -> Result<Vec<Action>, Problem> {
    let mut actions: Vec<Action> = Vec::new();
    for (number, written) in (1..).zip(written) {
        let action = one(written, number, calls, presets)?;
        if actions.iter().any(|other| other.name == action.name) {
            let words = "stands twice in the list: give one of them a `name`";
            return Err(format!("{:?} {words}", action.name));
        }
        actions.push(action);
    }
    Ok(actions)
}

fn one(
    written: ActionText,
    number: u32,
    calls: CallSet,
    presets: &Presets,
) -> Result<Action, Problem> {
    let name = written.name.clone().or_else(|| written.preset.clone());
    let name = name.unwrap_or_else(|| format!("then {number}"));
    let written = match &written.preset {
        None => written,
        Some(preset) => {
            let base = presets
                .get(preset)
                .ok_or_else(|| no_preset(preset, presets))?;
            written.over(base.clone())
        }
    };
    let say = |words: Problem| format!("{name:?}: {words}");
    let action = meant(&written, name.clone()).map_err(say)?;
    suits(&action, calls).map_err(say)?;
    Ok(action)
}

fn no_preset(name: &str, presets: &Presets) -> Problem {
    let known: Vec<_> = presets.keys().map(String::as_str).collect();
    format!(
        "there is no preset {name:?}; there are {}",
        known.join(", ")
    )
}

fn meant(written: &ActionText, name: String) -> Result<Action, Problem> {
    let answer = answer(written)?;
    let fate = fate(written)?;
    let done = written.done.unwrap_or(matches!(answer, Answer::Own(_)));
    if !done && matches!(answer, Answer::Own(_)) {
        return Err("the service's own answer needs `done = true`".to_owned());
    }
    let read = written.read.unwrap_or(Amount::All);
    if done && read != Amount::All && written.stall.is_none() {
        return Err(
            "a call that is done is read whole: `read` goes with `done = false` or with `stall`"
                .to_owned(),
        );
    }
    if fate.is_some() && !done {
        return Err("an asset's fate needs `done = true`".to_owned());
    }
    let silent = matches!(answer, Answer::None);
    if silent && written.cut.is_some() {
        return Err("`cut` breaks an answer off, and here is none".to_owned());
    }
    let end = ending(written, silent)?;
    let slow = written.slow.map(|rate| {
        NonZeroU64::new(rate)
            .map(ByteRate)
            .ok_or("`slow` is at least 1 byte per second")
    });
    Ok(Action {
        name,
        read,
        stall: written.stall,
        slow: slow.transpose()?,
        done,
        fate,
        delay: written.delay,
        answer,
        cut: written.cut,
        end,
    })
}

/// The first key that makes an answer in the service's place.
fn made_key(written: &ActionText) -> Option<&'static str> {
    let keys = [
        ("status", written.status.is_some()),
        ("code", written.code.is_some()),
        ("msg", written.msg.is_some()),
        ("spring", written.spring.is_some()),
        ("body", written.body.is_some()),
        ("content-type", written.content_type.is_some()),
        ("repeat", written.repeat.is_some()),
    ];
    keys.into_iter()
        .find_map(|(key, given)| given.then_some(key))
}

fn answer(written: &ActionText) -> Result<Answer, Problem> {
    let edits = Edits {
        set: written.set.clone().unwrap_or_default(),
        null: written.null.clone().unwrap_or_default(),
        drop: written.drop.clone().unwrap_or_default(),
        headers: headers(written)?,
    };
    let edited = edits.touch_the_body();
    match (made_key(written), written.answer) {
        (Some(key), Some(_)) => Err(format!(
            "`{key}` makes an answer in the service's place and cannot go with `answer`"
        )),
        (Some(key), None) if edited => Err(format!(
            "`set`, `null` and `drop` alter the service's own answer and cannot go with `{key}`"
        )),
        (Some(_), None) => made(written, edits.headers).map(Answer::Replaced),
        (None, Some(AnswerName::None)) if edited => {
            Err("`set`, `null` and `drop` alter an answer, and here is none".to_owned())
        }
        (None, Some(AnswerName::None)) => Ok(Answer::None),
        (None, None) if written.end.is_some() && !edited && written.cut.is_none() => {
            Ok(Answer::None)
        }
        (None, _) => Ok(Answer::Own(edits)),
    }
}

fn made(written: &ActionText, mut headers: HeaderMap) -> Result<Replacement, Problem> {
    let status = written.status.unwrap_or(200);
    let known = StatusCode::from_u16(status)
        .ok()
        .filter(|_| (200..=599).contains(&status));
    let status = known.ok_or(format!("`status` is from 200 to 599; here it is {status}"))?;
    let spring = written.spring.unwrap_or(false);
    let shape = match (&written.code, spring, &written.body) {
        (Some(code), false, None) if matches!(code, Value::String(_) | Value::Number(_)) => {
            let msg = written.msg.clone().unwrap_or_default();
            Shape::Envelope {
                code: code.clone(),
                msg,
            }
        }
        (Some(_), false, None) => return Err("`code` is a number or a text".to_owned()),
        (None, true, None) => Shape::Spring,
        (None, false, body) => Shape::Text(body.clone().unwrap_or_default()),
        _ => return Err("only one of `code`, `spring` and `body` can be given".to_owned()),
    };
    if written.msg.is_some() && written.code.is_none() {
        return Err("`msg` goes with `code`".to_owned());
    }
    let default = if matches!(shape, Shape::Text(_)) {
        "text/plain"
    } else {
        "application/json"
    };
    let content_type = written.content_type.as_deref().unwrap_or(default);
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, value("content-type", content_type)?);
    }
    let repeat = written.repeat.unwrap_or(Repeat::Times(1));
    check_size(written.body.as_deref().unwrap_or_default(), repeat)?;
    Ok(Replacement {
        status,
        headers,
        shape,
        repeat,
    })
}

fn check_size(body: &str, repeat: Repeat) -> Result<(), Problem> {
    match repeat {
        Repeat::Endless if body.is_empty() => {
            Err("`repeat = \"endless\"` needs a `body`".to_owned())
        }
        Repeat::Times(times) if body.len().saturating_mul(times) > LONGEST_BODY => Err(
            "a repeated `body` holds 64 MiB at most; `repeat = \"endless\"` has no bound"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

fn headers(written: &ActionText) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    for (name, text) in written.headers.iter().flatten() {
        let named = HeaderName::from_bytes(name.as_bytes());
        let named = named.map_err(|_| format!("`headers`: {name:?} is not a header's name"))?;
        headers.insert(named, value(name, text)?);
    }
    Ok(headers)
}

fn value(name: &str, text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|_| format!("{name:?} cannot hold {text:?}"))
}

fn ending(written: &ActionText, silent: bool) -> Result<Option<Ending>, Problem> {
    let after = written.end_after.map_or(Duration::ZERO, |time| time.0);
    if written.end_after.is_some() && (silent || written.end.is_none()) {
        return Err("`end-after` goes with `end` and an answer".to_owned());
    }
    // After a cut or missing answer a connection cannot serve another call.
    let needed = silent || written.cut.is_some();
    let end = written.end.or(needed.then_some(End::Close));
    Ok(end.map(|end| Ending { end, after }))
}

fn fate(written: &ActionText) -> Result<Option<Fate>, Problem> {
    if written.fate_after.is_some() && written.fate != Some(FateStatus::Failed) {
        return Err("`fate-after` goes with `fate = \"failed\"`".to_owned());
    }
    let fate = Fate {
        status: written.fate,
        after: written.fate_after.map_or(Duration::ZERO, |time| time.0),
        truncate: written.truncate.unwrap_or(0),
        flip: written.flip.unwrap_or(false),
        lag: written.lag.map_or(Duration::ZERO, |time| time.0),
        url_lifetime: written.url_lifetime.map(|time| time.0),
    };
    if fate.truncate > MOST_TRUNCATED {
        return Err(format!("`truncate` is at most {MOST_TRUNCATED} bytes"));
    }
    Ok((fate != Fate::default()).then_some(fate))
}

/// As many bytes of an upload's end are held in memory.
const MOST_TRUNCATED: u32 = 16 * 1024 * 1024;

/// Checks that the action is possible for these calls.
fn suits(action: &Action, calls: CallSet) -> Result<(), Problem> {
    let makes_assets = [Endpoint::Sign, Endpoint::Send, Endpoint::Direct];
    if let Some(fate) = action.fate {
        if !calls.within(&makes_assets) {
            return Err(
                "an asset's fate is decided at `sign`, `send` or `direct`: name these in `call`"
                    .to_owned(),
            );
        }
        if fate.url_lifetime.is_some() && !calls.within(&[Endpoint::Sign]) {
            return Err("`url-lifetime` is decided at `sign`".to_owned());
        }
    }
    if calls.connect {
        let plain = action.read == Amount::All && action.slow.is_none() && action.cut.is_none();
        let own = matches!(&action.answer, Answer::Own(edits) if !edits.touch_the_body() && edits.headers.is_empty());
        let silent = matches!(action.answer, Answer::None) && !action.done;
        if !plain || !(own && action.end.is_none() || silent) {
            return Err(
                "a connection can only be ended (`end`) or kept waiting (`stall`)".to_owned(),
            );
        }
    }
    Ok(())
}
