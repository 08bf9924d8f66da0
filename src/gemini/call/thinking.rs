//! How much a model may think: from the caller's words to the wire's numbers.

use serde::Serialize;

use super::model::Model;
use crate::gemini::literal::js_number;

/// What the caller asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thinking {
    pub enabled: bool,
    pub budget_tokens: Option<f64>,
    pub level: Option<String>,
}

/// How hard to think, in the words of the simple options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Minimal,
    Low,
    Medium,
    High,
}

/// Token budgets by effort, for models that take a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budgets {
    pub minimal: f64,
    pub low: f64,
    pub medium: f64,
    pub high: f64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { minimal: 1024.0, low: 2048.0, medium: 8192.0, high: 16384.0 }
    }
}

impl Budgets {
    fn of(self, effort: Effort) -> f64 {
        match effort {
            Effort::Minimal => self.minimal,
            Effort::Low => self.low,
            Effort::Medium => self.medium,
            Effort::High => self.high,
        }
    }
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThinkingConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    include_thoughts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "js_number")]
    thinking_budget: Option<f64>,
}

/// What to send. Nothing for a model that does not think, or when the caller did not say.
pub(crate) fn config(model: &Model, asked: Option<&Thinking>) -> Option<ThinkingConfig> {
    let asked = asked.filter(|_| model.reasoning)?;
    if asked.enabled {
        return Some(ThinkingConfig {
            include_thoughts: Some(true),
            thinking_level: asked.level.clone(),
            thinking_budget: asked.budget_tokens.filter(|_| asked.level.is_none()),
        });
    }
    // Gemini 3 cannot stop thinking: it gets the least, and its thoughts are not asked for.
    let least = if model.is_gemini_3_pro() {
        Some("LOW")
    } else if model.is_gemini_3_flash() {
        Some("MINIMAL")
    } else {
        None
    };
    Some(ThinkingConfig {
        include_thoughts: None,
        thinking_level: least.map(str::to_owned),
        thinking_budget: least.is_none().then_some(0.0),
    })
}

/// The setting and the token limit that follow from an effort.
pub(crate) fn from_effort(
    model: &Model,
    effort: Option<Effort>,
    budgets: Budgets,
    max_tokens: Option<f64>,
) -> (Thinking, Option<f64>) {
    /// What is left for the answer when the budget alone would fill the limit.
    const LEAST_OUTPUT: f64 = 1024.0;
    let Some(effort) = effort else { return (Thinking::default(), max_tokens) };
    if model.is_gemini_3_pro() || model.is_gemini_3_flash() {
        let level = Some(level(model, effort).to_owned());
        return (Thinking { enabled: true, level, budget_tokens: None }, max_tokens);
    }
    let budget = budgets.of(effort);
    let limit = (max_tokens.unwrap_or(0.0) + budget).min(model.max_tokens.unwrap_or(f64::INFINITY));
    let budget = if limit <= budget { (limit - LEAST_OUTPUT).max(0.0) } else { budget };
    (Thinking { enabled: true, budget_tokens: Some(budget), level: None }, Some(limit))
}

fn level(model: &Model, effort: Effort) -> &'static str {
    let pro = model.is_gemini_3_pro();
    match effort {
        Effort::Minimal if !pro => "MINIMAL",
        Effort::Minimal | Effort::Low => "LOW",
        Effort::Medium if !pro => "MEDIUM",
        Effort::Medium | Effort::High => "HIGH",
    }
}
