//! The caller's options, checked field by field. Unknown keys are ignored: hosts pass many of their own.

use std::time::Duration;

use serde_json::Value;

use super::fields::Fields;
use super::model::Model;
use super::thinking::{Budgets, Effort, Thinking, from_effort};
use crate::error::Result;

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

/// Which proxy to use.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ProxyChoice {
    /// What the environment says.
    Environment,
    Direct,
    Url(String),
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

const CONNECT: Duration = Duration::from_secs(10);
/// A model may think for minutes before its first word, and between two of them.
const SILENCE: Duration = Duration::from_mins(5);
const RETRY_DELAY: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
const MAX_FRAME_BYTES: f64 = 33_554_432.0;

impl Options {
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let fields = Fields::parse("options", json)?;
        let timer = |key, default| -> Result<Option<Duration>> {
            Ok(Some(fields.duration(key)?.unwrap_or(default)).filter(|time| !time.is_zero()))
        };
        let max_frame_bytes = fields.number("maxFrameBytes")?.unwrap_or(MAX_FRAME_BYTES);
        if max_frame_bytes < 1.0 {
            return Err(fields.wrong("maxFrameBytes", "must be at least 1"));
        }
        Ok(Self {
            temperature: fields.number("temperature")?,
            max_tokens: fields.number("maxTokens")?,
            tool_choice: fields.string("toolChoice")?,
            thinking: thinking(&fields)?,
            session_id: fields.string("sessionId")?,
            headers: fields.string_map("headers")?,
            identity: identity(&fields)?,
            retry: fields
                .one_of(
                    "retry",
                    &[
                        ("none", RetryMode::None),
                        ("transient", RetryMode::Transient),
                        ("short", RetryMode::Short),
                    ],
                )?
                .unwrap_or(RetryMode::Transient),
            retry_delay: fields.duration("retryDelayMs")?.unwrap_or(RETRY_DELAY),
            longest_wait: timer("maxRetryDelayMs", LONGEST_WAIT)?,
            rate_limit_text: fields
                .one_of(
                    "rateLimitText",
                    &[("status", RateLimitText::Status), ("quota", RateLimitText::Quota)],
                )?
                .unwrap_or(RateLimitText::Status),
            timers: Timers {
                connect: timer("connectTimeoutMs", CONNECT)?,
                first_event: timer("firstEventTimeoutMs", SILENCE)?,
                idle: timer("idleTimeoutMs", SILENCE)?,
                total: timer("totalTimeoutMs", Duration::ZERO)?,
            },
            proxy: proxy(&fields)?,
            max_frame_bytes: max_frame_bytes as usize,
        })
    }

    /// Replaces `thinking` and `maxTokens` by what the simple options mean for this model.
    pub(crate) fn apply_effort(&mut self, json: &str, model: &Model) -> Result<()> {
        /// What the simple options ask for when the caller names no limit.
        const USUAL_LIMIT: f64 = 32_000.0;
        let fields = Fields::parse("options", json)?;
        let effort = fields.one_of(
            "reasoning",
            &[
                ("minimal", Effort::Minimal),
                ("low", Effort::Low),
                ("medium", Effort::Medium),
                ("high", Effort::High),
                ("xhigh", Effort::High),
            ],
        )?;
        let usual = model.max_tokens.filter(|most| *most > 0.0).map(|most| most.min(USUAL_LIMIT));
        let max_tokens = self.max_tokens.or(usual);
        let (thinking, max_tokens) = from_effort(model, effort, budgets(&fields)?, max_tokens);
        self.thinking = Some(thinking);
        self.max_tokens = max_tokens;
        // The simple options know no tool choice.
        self.tool_choice = None;
        Ok(())
    }
}

fn thinking(fields: &Fields) -> Result<Option<Thinking>> {
    let Some(thinking) = fields.object("thinking")? else { return Ok(None) };
    Ok(Some(Thinking {
        enabled: thinking.truthy("enabled"),
        budget_tokens: thinking.number("budgetTokens")?,
        level: thinking.string("level")?,
    }))
}

fn budgets(fields: &Fields) -> Result<Budgets> {
    let usual = Budgets::default();
    let Some(given) = fields.object("thinkingBudgets")? else { return Ok(usual) };
    Ok(Budgets {
        minimal: given.number("minimal")?.unwrap_or(usual.minimal),
        low: given.number("low")?.unwrap_or(usual.low),
        medium: given.number("medium")?.unwrap_or(usual.medium),
        high: given.number("high")?.unwrap_or(usual.high),
    })
}

fn identity(fields: &Fields) -> Result<Identity> {
    let Some(identity) = fields.object("identity")? else { return Ok(Identity::default()) };
    let system_instruction = match identity.get("systemInstruction") {
        Some(Value::String(text)) => vec![text.clone()],
        _ => identity.strings("systemInstruction")?.unwrap_or_default(),
    };
    Ok(Identity {
        headers: identity.string_map("headers")?,
        user_agent: identity.string("userAgent")?,
        request_type: identity.string("requestType")?,
        system_instruction,
    })
}

fn proxy(fields: &Fields) -> Result<ProxyChoice> {
    match fields.get("proxy") {
        None => Ok(ProxyChoice::Environment),
        Some(Value::Bool(false)) => Ok(ProxyChoice::Direct),
        Some(Value::String(url)) if !url.is_empty() => Ok(ProxyChoice::Url(url.clone())),
        Some(_) => Err(fields.wrong("proxy", "must be a URL, or false for a direct connection")),
    }
}
