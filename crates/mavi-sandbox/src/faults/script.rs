//! The script as it is written, decoded. It does not find contradictions; `check` does.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use toml::Spanned;

use crate::connection::End;
use crate::fate::FateStatus;
use crate::faults::rule::Per;
use crate::faults::units::{Amount, Repeat, Stall, Time};
use crate::limits::LimitStyle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptText {
    #[serde(default)]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RuleText>>,
    #[serde(default)]
    pub(super) limit: Vec<Spanned<LimitText>>,
    #[serde(default)]
    pub(super) preset: BTreeMap<String, Spanned<ActionText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LimitText {
    pub(super) call: Option<CallNames>,
    pub(super) after: Option<Time>,
    pub(super) rate: Option<f64>,
    pub(super) style: Option<LimitStyle>,
    pub(super) other_client: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) name: Option<String>,
    pub(super) call: Option<CallNames>,
    pub(super) file: Option<String>,
    #[serde(default)]
    pub(super) per: Per,
    pub(super) arrived: Option<bool>,
    pub(super) nth: Option<u64>,
    pub(super) first: Option<u64>,
    pub(super) every: Option<u64>,
    pub(super) share: Option<f64>,
    pub(super) after: Option<Time>,
    pub(super) until: Option<Time>,
    pub(super) times: Option<u64>,
    pub(super) then: ActionList,
}

#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum CallName {
    Any,
    Sign,
    Send,
    Status,
    Direct,
    Delete,
    Download,
    Connect,
}

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ActionText {
    pub(super) preset: Option<String>,
    pub(super) name: Option<String>,
    pub(super) read: Option<Amount>,
    pub(super) stall: Option<Stall>,
    pub(super) slow: Option<u64>,
    pub(super) done: Option<bool>,
    pub(super) delay: Option<Stall>,
    pub(super) answer: Option<AnswerName>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<Value>,
    pub(super) msg: Option<String>,
    pub(super) spring: Option<bool>,
    pub(super) headers: Option<BTreeMap<String, String>>,
    pub(super) content_type: Option<String>,
    pub(super) body: Option<String>,
    pub(super) repeat: Option<Repeat>,
    pub(super) set: Option<BTreeMap<String, Value>>,
    pub(super) null: Option<Vec<String>>,
    pub(super) drop: Option<Vec<String>>,
    pub(super) cut: Option<Amount>,
    pub(super) end: Option<End>,
    pub(super) end_after: Option<Time>,
    pub(super) fate: Option<FateStatus>,
    pub(super) fate_after: Option<Time>,
    pub(super) truncate: Option<u32>,
    pub(super) flip: Option<bool>,
    pub(super) lag: Option<Time>,
    pub(super) url_lifetime: Option<Time>,
}

#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum AnswerName {
    Own,
    None,
}

impl ActionText {
    /// These keys, and those of `base` where one is missing.
    pub(super) fn over(self, base: Self) -> Self {
        macro_rules! first {
            ($($key:ident)*) => { Self { $($key: self.$key.or(base.$key)),* } };
        }
        first! {
            preset name read stall slow done delay
            answer status code msg spring headers content_type body repeat set null drop cut end end_after
            fate fate_after truncate flip lag url_lifetime
        }
    }
}

/// One call or a list of them.
#[derive(Clone, Debug)]
pub(super) struct CallNames(pub(super) Vec<CallName>);

/// What `then` holds: a preset's name, a table, or a list of them.
pub(super) struct ActionList(pub(super) Vec<ActionText>);

impl<'de> Deserialize<'de> for CallNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CallNamesVisitor)
    }
}

struct CallNamesVisitor;

impl<'de> Visitor<'de> for CallNamesVisitor {
    type Value = CallNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call, or a list of calls")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CallNames, E> {
        let name = CallName::deserialize(de::value::StrDeserializer::new(text))?;
        Ok(CallNames(vec![name]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CallNames, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        Ok(CallNames(names))
    }
}

impl<'de> Deserialize<'de> for ActionList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ActionListVisitor)
    }
}

struct ActionListVisitor;

impl<'de> Visitor<'de> for ActionListVisitor {
    type Value = ActionList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a preset's name, a table, or a list of these")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ActionList, E> {
        let preset = Some(text.to_owned());
        Ok(ActionList(vec![ActionText {
            preset,
            ..ActionText::default()
        }]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ActionList, A::Error> {
        ActionText::deserialize(MapAccessDeserializer::new(map))
            .map(|action| ActionList(vec![action]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ActionList, A::Error> {
        let mut actions = Vec::new();
        while let Some(ActionList(some)) = list.next_element()? {
            actions.extend(some);
        }
        Ok(ActionList(actions))
    }
}
