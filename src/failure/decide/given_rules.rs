//! Reads rules of the caller's own, from JavaScript or from a file, and checks them before anything is judged by them.
//!
//! Invariant: a rule that says nothing, or that cannot be read, is an error that names its field. A rule that is silently
//! ignored would be trusted.

use super::hint::PLAUSIBLE_MS;
use super::own_rules::{HeaderPattern, OwnRule, Pattern, Then, When};
use crate::failure::names::{Class, Scope};
use crate::failure::redact::redact_to;

/// Nobody needs more, and each is compared with every failure.
pub(crate) const MOST_RULES: usize = 1_000;

/// What was given, whoever gave it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// `null` and what is not there.
    Absent,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Given>),
    Object(Vec<(String, Given)>),
    /// What no rule can hold.
    Other,
}

impl From<serde_json::Value> for Given {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Absent,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => number.as_f64().map_or(Self::Other, Self::Number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// What is wrong with the rules: with which field, and what. Never with which value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongRule {
    pub(crate) field: String,
    pub(crate) problem: String,
}

impl WrongRule {
    fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

type Result<T> = std::result::Result<T, WrongRule>;

/// How a provider's name is compared.
pub(crate) type Normalize = fn(&str) -> String;

/// Reads a list of rules; absent is none. `name` is the field's, for errors.
pub(crate) fn read(given: &Given, name: &str, normalize: Normalize) -> Result<Vec<OwnRule>> {
    let list = match given {
        Given::Absent => return Ok(Vec::new()),
        Given::List(list) => list,
        _ => return Err(WrongRule::new(name, "must be an array of rules")),
    };
    if list.len() > MOST_RULES {
        return Err(WrongRule::new(name, format!("must hold at most {MOST_RULES} rules")));
    }
    let rules = list.iter().enumerate();
    rules.map(|(index, rule)| read_rule(rule, &format!("{name}[{index}]"), normalize)).collect()
}

fn read_rule(given: &Given, name: &str, normalize: Normalize) -> Result<OwnRule> {
    let rule = Part::of(given, name)?;
    rule.only(&["when", "then"])?;
    let when = Part::of(rule.get("when"), &format!("{name}.when"))?;
    when.only(&["status", "provider", "code", "text", "header"])?;
    let then = Part::of(rule.get("then"), &format!("{name}.then"))?;
    then.only(&["class", "scope", "rotate", "retryAfterMs"])?;
    let rule = OwnRule { when: read_when(&when, normalize)?, then: read_then(&then)? };
    if rule.when == When::default() {
        return Err(WrongRule::new(when.name, "must hold at least one condition"));
    }
    if rule.then == Then::default() {
        return Err(WrongRule::new(then.name, "must say at least one thing"));
    }
    Ok(rule)
}

fn read_when(when: &Part<'_>, normalize: Normalize) -> Result<When> {
    let header = when.filled("header")?.map(|text| {
        HeaderPattern::new(text)
            .ok_or_else(|| when.invalid("header", "must be \"name\" or \"name: value\""))
    });
    Ok(When {
        status: when.statuses()?,
        provider: when.filled("provider")?.map(normalize),
        code: when.pattern("code")?,
        text: when.pattern("text")?,
        header: header.transpose()?,
    })
}

fn read_then(then: &Part<'_>) -> Result<Then> {
    let class = then.filled("class")?.map(|name| {
        Class::from_name(name).ok_or_else(|| then.invalid("class", "is not a class of a failure"))
    });
    let scope = then.filled("scope")?.map(|name| {
        Scope::from_name(name).ok_or_else(|| then.invalid("scope", "is not a scope of a failure"))
    });
    let rotate = match then.get("rotate") {
        Given::Absent => None,
        Given::Bool(rotate) => Some(*rotate),
        _ => return Err(then.invalid("rotate", "must be true or false")),
    };
    let retry_after_ms = match then.get("retryAfterMs") {
        Given::Absent => None,
        Given::Number(ms) if (0.0..=PLAUSIBLE_MS as f64).contains(ms) => Some(ms.ceil() as u64),
        _ => {
            return Err(then.invalid("retryAfterMs", "must be milliseconds, from 0 to 35 days"));
        }
    };
    Ok(Then { class: class.transpose()?, scope: scope.transpose()?, rotate, retry_after_ms })
}

/// An object of a rule, with the path to it.
struct Part<'a> {
    members: &'a [(String, Given)],
    name: String,
}

impl<'a> Part<'a> {
    fn of(given: &'a Given, name: &str) -> Result<Self> {
        match given {
            Given::Object(members) => Ok(Self { members, name: name.to_owned() }),
            _ => Err(WrongRule::new(name, "must be an object")),
        }
    }

    fn invalid(&self, field: &str, problem: &str) -> WrongRule {
        WrongRule::new(format!("{}.{field}", self.name), problem)
    }

    /// A misspelled condition would make a rule fit where it should not.
    fn only(&self, fields: &[&str]) -> Result<()> {
        match self.members.iter().find(|(key, _)| !fields.contains(&key.as_str())) {
            Some((key, _)) => {
                let problem = format!("is not known; there are {}", fields.join(", "));
                Err(self.invalid(&redact_to(key, 40), &problem))
            }
            None => Ok(()),
        }
    }

    fn get(&self, field: &str) -> &'a Given {
        let found = self.members.iter().find(|(key, _)| key == field);
        found.map_or(&Given::Absent, |(_, value)| value)
    }

    fn filled(&self, field: &str) -> Result<Option<&'a str>> {
        match self.get(field) {
            Given::Absent => Ok(None),
            Given::Text(text) if text.trim().is_empty() => {
                Err(self.invalid(field, "must not be empty"))
            }
            Given::Text(text) => Ok(Some(text)),
            _ => Err(self.invalid(field, "must be a string")),
        }
    }

    fn pattern(&self, field: &str) -> Result<Option<Pattern>> {
        let Some(text) = self.filled(field)? else { return Ok(None) };
        let pattern = Pattern::new(text);
        pattern.map(Some).ok_or_else(|| self.invalid(field, "must name more than *"))
    }

    /// One status, or a list of them.
    fn statuses(&self) -> Result<Vec<u16>> {
        let status = |given: &Given| match given {
            Given::Number(number) => {
                let is_status = number.fract() == 0.0 && (100.0..600.0).contains(number);
                is_status.then_some(*number as u16)
            }
            _ => None,
        };
        let all: Option<Vec<u16>> = match self.get("status") {
            Given::Absent => return Ok(Vec::new()),
            Given::List(list) => list.iter().map(status).collect(),
            one => status(one).map(|status| vec![status]),
        };
        let all = all.filter(|all| !all.is_empty());
        all.ok_or_else(|| {
            self.invalid("status", "must be a status from 100 to 599, or a list of them")
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reading(value: serde_json::Value) -> Result<Vec<OwnRule>> {
        super::read(&value.into(), "rules", str::to_lowercase)
    }

    #[test]
    fn every_field_of_a_rule_is_read() {
        let when = json!({
            "status": [402, 429], "provider": "Acme", "code": "E*", "text": "moon",
            "header": "x-plan: free",
        });
        let then = json!({
            "class": "quota", "scope": "pool", "rotate": false, "retryAfterMs": 0.5,
        });
        let rules = reading(json!([{ "when": when, "then": then }])).unwrap();
        let when = &rules[0].when;
        assert_eq!(
            (when.status.as_slice(), when.provider.as_deref()),
            (&[402, 429][..], Some("acme"))
        );
        assert!(when.code.is_some() && when.text.is_some() && when.header.is_some());
        let then = Then {
            class: Some(Class::Quota),
            scope: Some(Scope::Pool),
            rotate: Some(false),
            retry_after_ms: Some(1),
        };
        assert_eq!(rules[0].then, then);
        assert_eq!(reading(json!(null)).unwrap(), []);
    }

    #[test]
    fn an_error_names_the_field_and_never_its_value() {
        let when = json!({ "status": 429 });
        for (rule, field) in [
            (json!({ "when": when, "then": { "class": "hunter2222" } }), "rules[0].then.class"),
            (json!({ "when": { "text": 7 }, "then": {} }), "rules[0].when.text"),
            (json!({ "when": { "txt": "hunter2222" }, "then": {} }), "rules[0].when.txt"),
            (json!({ "when": when }), "rules[0].then"),
            (json!("hunter2222"), "rules[0]"),
        ] {
            let error = reading(json!([rule])).unwrap_err();
            assert_eq!(error.field, field);
            assert!(!error.problem.contains("hunter2222"), "{error:?}");
        }
        let many = vec![json!({ "when": when, "then": { "rotate": true } }); MOST_RULES + 1];
        assert!(reading(json!(many)).unwrap_err().problem.contains("at most"));
    }
}
