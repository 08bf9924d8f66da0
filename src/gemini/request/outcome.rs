//! How a request ended: one value, made once.

use serde::Serialize;

use crate::error::Error;
use crate::failure::{Class, Failure, Rule, Scope};
use crate::gemini::call::api_key::CredentialsError;

/// The end of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done(StopReason),
    Failed(Box<Failed>),
}

/// Why the model stopped, when all went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    Stop,
    Length,
    ToolUse,
}

/// Which of our timers fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Connect,
    FirstEvent,
    Idle,
    Total,
}

/// Who ended it before the server did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CausedBy {
    Caller,
    Addon,
}

/// A request that failed: the words for people, and the record for the program.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failed {
    /// What the message says. Hosts match on it.
    #[serde(skip)]
    pub message: String,
    #[serde(flatten)]
    pub failure: Failure,
    #[serde(flatten)]
    pub facts: Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<CausedBy>,
    /// The input that cannot be used, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What had failed before an abort or a timeout ended the wait for another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Box<Failure>>,
}

/// What had happened until then.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// HTTP requests that were sent.
    pub requests: u32,
    pub events_delivered: u64,
    /// Nothing of the answer has reached the caller: the same request may be sent again.
    pub replay_safe: bool,
}

impl Failed {
    pub(crate) fn new(message: impl Into<String>, failure: Failure) -> Self {
        Self {
            message: message.into(),
            failure,
            facts: Facts::default(),
            phase: None,
            caused_by: None,
            field: None,
            previous: None,
        }
    }

    /// A failure that no response explains.
    pub(crate) fn local(class: Class, rule: Rule, message: impl Into<String>) -> Self {
        let message = message.into();
        let (scope, rotate) = match class {
            Class::Timeout | Class::Empty | Class::Unknown => (Scope::Model, true),
            Class::Network | Class::Truncated => (Scope::Endpoint, true),
            Class::Auth => (Scope::Account, true),
            _ => (Scope::Request, false),
        };
        let failure = Failure::without_response(rule, class, scope, rotate, message.clone());
        Self::new(message, failure)
    }

    pub(crate) fn aborted() -> Self {
        let failed = Self::local(Class::Aborted, Rule::Aborted, "Request was aborted");
        Self { caused_by: Some(CausedBy::Caller), ..failed }
    }

    pub(crate) fn timed_out(phase: Phase, limit: std::time::Duration) -> Self {
        let (rule, what) = match phase {
            Phase::Connect => (Rule::TimeoutConnect, "no connection"),
            Phase::FirstEvent => (Rule::TimeoutFirstEvent, "no first event"),
            Phase::Idle => (Rule::TimeoutIdle, "nothing more"),
            Phase::Total => (Rule::TimeoutTotal, "not complete"),
        };
        let message = format!("Request timeout: {what} within {} ms", limit.as_millis());
        let failed = Self::local(Class::Timeout, rule, message);
        Self { phase: Some(phase), caused_by: Some(CausedBy::Addon), ..failed }
    }

    /// The server ended the answer for a reason of its own, such as `SAFETY`.
    pub(crate) fn refused(reason: &str, words: Option<&str>) -> Self {
        let reason = crate::failure::redact::redact_to(reason, 100);
        let mut message = format!("Cloud Code Assist ended the response with {reason}");
        if let Some(words) = words.filter(|words| !words.trim().is_empty()) {
            message.push_str(": ");
            message.push_str(&crate::failure::redact::redact(words));
        }
        let mut failed = Self::local(Class::Unknown, Rule::FinishReason, message);
        failed.failure.reason = Some(reason);
        failed.failure.scope = Scope::Request;
        failed.failure.rotate = false;
        failed
    }

    /// Something is wrong with what the caller passed.
    #[must_use]
    pub(crate) fn bad_input(error: &Error) -> Self {
        let mut failed = match error {
            Error::InvalidArgument { .. } => {
                Self::local(Class::Format, Rule::InvalidInput, error.to_string())
            }
            _ => Self::local(Class::Unknown, Rule::Internal, error.to_string()),
        };
        if let Error::InvalidArgument { field, .. } = error {
            failed.field = Some(field.clone());
        }
        failed
    }

    pub(crate) fn bad_credentials(error: CredentialsError) -> Self {
        let failed = Self::local(Class::Auth, Rule::Credentials, error.to_string());
        Self { field: Some("options.apiKey".to_owned()), ..failed }
    }

    /// A fault of ours: the task that made the request is gone.
    #[must_use]
    pub(crate) fn internal() -> Self {
        Self::local(Class::Unknown, Rule::Internal, "internal fault in the request task")
    }
}
