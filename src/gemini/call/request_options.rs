//! The caller's options, and what holds where the caller says nothing.

use std::time::Duration;

use super::model::Model;
use super::thinking::{Budgets, Effort, Thinking, from_effort};
use crate::http::ProxyChoice;

/// When a request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryMode {
    /// One request, whatever happens.
    None,
    /// Server faults and network errors a few times; a rate limit never.
    Transient,
    /// As `Transient`, and a rate limit too when the server states a short wait.
    Short,
}

/// How a rate limit is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimitText {
    /// `Cloud Code Assist API error (429): …`
    Status,
    /// Words that a host takes for a rate limit but that no retry layer above matches.
    Quota,
}

/// What the sender says about itself, when it is not this package.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    pub headers: Vec<(String, String)>,
    pub user_agent: Option<String>,
    pub request_type: Option<String>,
    pub system_instruction: Vec<String>,
}

/// The four timers; `None` is off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timers {
    pub connect: Option<Duration>,
    pub first_event: Option<Duration>,
    pub idle: Option<Duration>,
    pub total: Option<Duration>,
}

/// Everything the caller may set. Headers and proxies may hold secrets, so it has no debug form.
#[derive(Clone)]
pub(crate) struct Options {
    pub temperature: Option<f64>,
    pub max_tokens: Option<f64>,
    pub tool_choice: Option<String>,
    pub thinking: Option<Thinking>,
    pub session_id: Option<String>,
    pub headers: Vec<(String, String)>,
    pub identity: Identity,
    pub retry: RetryMode,
    /// The first pause before a repetition.
    pub retry_delay: Duration,
    /// The longest stated wait that `Short` sits out; `None` is no limit.
    pub longest_wait: Option<Duration>,
    pub rate_limit_text: RateLimitText,
    pub timers: Timers,
    pub proxy: ProxyChoice,
    pub max_frame_bytes: usize,
}

/// What the simple options ask for in place of `thinking`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reasoning {
    pub effort: Option<Effort>,
    pub budgets: Budgets,
}

/// A model may think for minutes before its first word, and between two of them.
const SILENCE: Duration = Duration::from_mins(5);

impl Default for Options {
    fn default() -> Self {
        Self {
            temperature: None,
            max_tokens: None,
            tool_choice: None,
            thinking: None,
            session_id: None,
            headers: Vec::new(),
            identity: Identity::default(),
            retry: RetryMode::Transient,
            retry_delay: Duration::from_secs(1),
            longest_wait: Some(Duration::from_mins(1)),
            rate_limit_text: RateLimitText::Status,
            timers: Timers {
                connect: Some(Duration::from_secs(10)),
                first_event: Some(SILENCE),
                idle: Some(SILENCE),
                total: None,
            },
            proxy: ProxyChoice::Environment,
            max_frame_bytes: 32 << 20,
        }
    }
}

impl Options {
    /// Replaces `thinking` and `maxTokens` by what the simple options mean for this model.
    pub(crate) fn apply(&mut self, reasoning: Reasoning, model: &Model) {
        /// What the simple options ask for when the caller names no limit.
        const USUAL_LIMIT: f64 = 32_000.0;
        let usual = model.max_tokens.filter(|most| *most > 0.0).map(|most| most.min(USUAL_LIMIT));
        let max_tokens = self.max_tokens.or(usual);
        let (thinking, max_tokens) =
            from_effort(model, reasoning.effort, reasoning.budgets, max_tokens);
        self.thinking = Some(thinking);
        self.max_tokens = max_tokens;
        // The simple options know no tool choice.
        self.tool_choice = None;
    }
}
