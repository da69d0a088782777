//! Checks a script: its rules, limits and presets become what is meant, or an error that says what to change.
//!
//! It does not check what a rule does; `check_action` does.

use std::collections::BTreeMap;
use std::time::Duration;

use globset::Glob;
use toml::Spanned;

use crate::call::Endpoint;
use crate::faults::check_action::{self, Presets};
use crate::faults::choose::Rules;
use crate::faults::error::{FaultsError, Problem};
use crate::faults::rule::{CallSet, Ordinals, Per, Rule};
use crate::faults::script::{CallName, CallNames, LimitText, RuleText, ScriptText};
use crate::limits::LimitChange;

/// Checks a script against the built-in presets.
pub(super) fn script(text: &str, builtin: &str) -> Result<(Rules, Vec<LimitChange>), FaultsError> {
    let script: ScriptText = toml::from_str(text)?;
    let builtin: ScriptText = toml::from_str(builtin)?;
    let mut presets: Presets = BTreeMap::new();
    for (name, preset) in builtin.preset.into_iter().chain(script.preset) {
        if preset.as_ref().preset.is_some() {
            let words = "a preset cannot be made from another preset".to_owned();
            return Err(at(text, &preset, format!("preset {name:?}"), words));
        }
        presets.insert(name, preset.into_inner());
    }
    let mut rules: Vec<Rule> = Vec::new();
    for (number, written) in (1..).zip(script.rule) {
        let what = match &written.as_ref().name {
            Some(name) => format!("rule {number} ({name})"),
            None => format!("rule {number}"),
        };
        let span = written.span();
        let checked = rule(written.into_inner(), number, &presets).and_then(|rule| {
            let taken = rules.iter().any(|other| other.name == rule.name);
            if taken {
                Err(format!("the name {:?} is taken", rule.name))
            } else {
                Ok(rule)
            }
        });
        rules.push(checked.map_err(|words| at(text, &Spanned::new(span, ()), what, words))?);
    }
    let mut limits = Vec::new();
    for (number, written) in (1..).zip(&script.limit) {
        let checked = limit(written.as_ref());
        let what = format!("limit {number}");
        limits.push(checked.map_err(|words| at(text, written, what, words))?);
    }
    let (seed, rules) = (script.seed, rules.into());
    Ok((Rules { seed, rules }, limits))
}

fn at<T>(text: &str, written: &Spanned<T>, what: String, words: Problem) -> FaultsError {
    let before = text.get(..written.span().start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    FaultsError::Rule { line, what, words }
}

fn rule(written: RuleText, number: u32, presets: &Presets) -> Result<Rule, Problem> {
    let ordinals = ordinals(&written)?;
    let calls = call_set(written.call.as_ref())?;
    if written.file.is_some() && (calls.connect || calls.only(Endpoint::Direct)) {
        return Err(
            "`file` needs a call that names one: `sign`, `send`, `status`, `delete` or `download`"
                .to_owned(),
        );
    }
    if written.per == Per::File && calls.connect {
        return Err("a connection is about no file: leave `per` out".to_owned());
    }
    let file = written.file.as_deref().map(glob).transpose()?;
    let share = written.share.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&share) {
        return Err(format!(
            "`share` is from 0 to 1, such as 0.2; here it is {share}"
        ));
    }
    let after = written.after.map_or(Duration::ZERO, |time| time.0);
    let until = written.until.map_or(Duration::MAX, |time| time.0);
    if until <= after {
        return Err("`until` must be later than `after`".to_owned());
    }
    if written.times == Some(0) {
        return Err("`times` is at least 1".to_owned());
    }
    if written.then.0.is_empty() {
        return Err("`then` must not be an empty list".to_owned());
    }
    Ok(Rule {
        name: written.name.unwrap_or_else(|| format!("rule {number}")),
        file,
        arrived: written.arrived,
        per: written.per,
        ordinals,
        share,
        window: after..until,
        times: written.times.unwrap_or(u64::MAX),
        actions: check_action::all(written.then.0, calls, presets)?,
        calls,
    })
}

fn ordinals(written: &RuleText) -> Result<Ordinals, Problem> {
    let ordinals = match (written.nth, written.first, written.every) {
        (None, None, None) => Ordinals::Each,
        (Some(n), None, None) => Ordinals::Nth(n),
        (None, Some(n), None) => Ordinals::First(n),
        (None, None, Some(n)) => Ordinals::Every(n),
        _ => return Err("only one of `nth`, `first` and `every` can be given".to_owned()),
    };
    match ordinals {
        Ordinals::Nth(0) | Ordinals::First(0) | Ordinals::Every(0) => {
            Err("`nth`, `first` and `every` count from 1".to_owned())
        }
        _ => Ok(ordinals),
    }
}

fn glob(pattern: &str) -> Result<globset::GlobMatcher, Problem> {
    let glob = Glob::new(pattern).map_err(|error| format!("`file`: {error}"))?;
    Ok(glob.compile_matcher())
}

fn call_set(calls: Option<&CallNames>) -> Result<CallSet, Problem> {
    let any = [CallName::Any];
    let names = calls.map_or(&any[..], |calls| &calls.0);
    let mut set = CallSet::default();
    for name in names {
        match name {
            CallName::Any => Endpoint::ALL.into_iter().for_each(|one| set.add(one)),
            CallName::Sign => set.add(Endpoint::Sign),
            CallName::Send => set.add(Endpoint::Send),
            CallName::Status => set.add(Endpoint::Status),
            CallName::Direct => set.add(Endpoint::Direct),
            CallName::Delete => set.add(Endpoint::Delete),
            CallName::Download => set.add(Endpoint::Download),
            CallName::Connect => set.connect = true,
        }
    }
    match (set.connect, names.len()) {
        (_, 0) => Err("`call` must not be an empty list".to_owned()),
        (true, 2..) => Err("`connect` is no call and stands alone".to_owned()),
        _ => Ok(set),
    }
}

fn limit(written: &LimitText) -> Result<LimitChange, Problem> {
    let calls = call_set(written.call.as_ref())?;
    if calls.connect || calls.only(Endpoint::Download) {
        return Err("there is no limit of connections or downloads".to_owned());
    }
    if written.rate.is_none() && written.style.is_none() && written.other_client.is_none() {
        return Err("says nothing: give `rate`, `style` or `other-client`".to_owned());
    }
    let numbers = [
        ("rate", written.rate),
        ("other-client", written.other_client),
    ];
    for (key, number) in numbers {
        if number.is_some_and(|number| !number.is_finite() || number < 0.0) {
            return Err(format!("`{key}` is a number of calls per second from 0 up"));
        }
    }
    Ok(LimitChange {
        after: written.after.map_or(Duration::ZERO, |time| time.0),
        endpoints: Endpoint::ALL
            .into_iter()
            .filter(|endpoint| calls.has(*endpoint))
            .collect(),
        rate: written.rate,
        style: written.style,
        other_client: written.other_client,
    })
}
