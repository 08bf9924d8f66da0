//! The caller's own rules for `classify`, from a file.

use super::intake::{self, Intake};
use crate::error::Error;
use crate::failure::given_rules;
use crate::failure::own_rules::OwnRule;
use crate::profiles::provider::normalize_provider_id;

/// Why there are no rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoRules {
    /// The system's word for it.
    Unreadable(String),
    /// What is wrong with them, by the name of the field.
    Wrong(String),
}

/// Reads a JSON array of rules, as `classifyFailure` takes them.
pub(crate) async fn read(file: &str) -> Result<Result<Vec<OwnRule>, NoRules>, Error> {
    Ok(match intake::read(Some(file)).await? {
        Intake::Text { is_cut: true, .. } => {
            Err(NoRules::Wrong("--rules: the file is longer than 1 MiB".to_owned()))
        }
        Intake::Text { text, .. } => parse(&text),
        Intake::Terminal => Err(NoRules::Unreadable("it is a terminal".to_owned())),
        Intake::Unreadable { why } => Err(NoRules::Unreadable(why)),
    })
}

fn parse(text: &str) -> Result<Vec<OwnRule>, NoRules> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        NoRules::Wrong(format!("--rules: the file is no JSON (line {line}, column {column})"))
    })?;
    let rules = given_rules::read(&value.into(), "rules", normalize_provider_id);
    rules.map_err(|wrong| NoRules::Wrong(format!("{}: {}", wrong.field, wrong.problem)))
}
