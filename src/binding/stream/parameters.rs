//! From the structs of a call's model and options to those of the request, with what holds where a caller says nothing.

use std::time::Duration;

use super::option_values::Milliseconds;
use super::types::{
    GeminiCliIdentity, GeminiCliModel, GeminiCliModelCost, GeminiCliOptions,
    GeminiCliReasoningOptions, GeminiCliThinking, GeminiCliThinkingBudgets,
};
use crate::gemini::call::model::{Model, USUAL_NAME};
use crate::gemini::call::request_options::{Identity, Options, Reasoning, Timers};
use crate::gemini::call::thinking::{Budgets, Thinking};
use crate::gemini::call::usage::Cost;
use crate::http::ProxyChoice;

impl From<GeminiCliModel> for Model {
    fn from(given: GeminiCliModel) -> Self {
        let GeminiCliModel { id, provider, api, base_url, reasoning, input, cost, max_tokens } =
            given;
        Self {
            id: id.0,
            provider: provider.unwrap_or_else(|| USUAL_NAME.to_owned()),
            api: api.unwrap_or_else(|| USUAL_NAME.to_owned()),
            base_url,
            reasoning: reasoning.unwrap_or_default().0,
            reads_images: input.is_none_or(|kinds| kinds.0.iter().any(|kind| kind == "image")),
            max_tokens,
            cost: cost.map(Into::into).unwrap_or_default(),
        }
    }
}

impl From<GeminiCliModelCost> for Cost {
    fn from(given: GeminiCliModelCost) -> Self {
        let GeminiCliModelCost { input, output, cache_read, .. } = given;
        Self { input: input.0, output: output.0, cache_read: cache_read.0 }
    }
}

impl From<GeminiCliOptions<'_>> for Options {
    fn from(given: GeminiCliOptions<'_>) -> Self {
        let usual = Self::default();
        // No time at all is no limit.
        let limit = |given: Option<Milliseconds>, usual: Option<Duration>| {
            given.map_or(usual, |time| Some(time.0).filter(|time| !time.is_zero()))
        };
        Self {
            temperature: given.temperature,
            max_tokens: given.max_tokens,
            tool_choice: given.tool_choice,
            thinking: given.thinking.map(Into::into),
            session_id: given.session_id,
            headers: given.headers.map(|headers| headers.0).unwrap_or_default(),
            identity: given.identity.map(Into::into).unwrap_or_default(),
            retry: given.retry.unwrap_or(usual.retry),
            retry_delay: given.retry_delay_ms.map_or(usual.retry_delay, |time| time.0),
            longest_wait: limit(given.max_retry_delay_ms, usual.longest_wait),
            rate_limit_text: given.rate_limit_text.unwrap_or(usual.rate_limit_text),
            timers: Timers {
                connect: limit(given.connect_timeout_ms, usual.timers.connect),
                first_event: limit(given.first_event_timeout_ms, usual.timers.first_event),
                idle: limit(given.idle_timeout_ms, usual.timers.idle),
                total: limit(given.total_timeout_ms, usual.timers.total),
            },
            proxy: given.proxy.unwrap_or(ProxyChoice::Environment),
            max_frame_bytes: given.max_frame_bytes.map_or(usual.max_frame_bytes, |limit| limit.0),
        }
    }
}

impl From<GeminiCliThinking> for Thinking {
    fn from(given: GeminiCliThinking) -> Self {
        let GeminiCliThinking { enabled, budget_tokens, level } = given;
        Self { enabled: enabled.0.0, budget_tokens, level }
    }
}

impl From<GeminiCliIdentity> for Identity {
    fn from(given: GeminiCliIdentity) -> Self {
        let GeminiCliIdentity { headers, user_agent, request_type, system_instruction } = given;
        Self {
            headers: headers.map(|headers| headers.0).unwrap_or_default(),
            user_agent,
            request_type,
            system_instruction: system_instruction.map(|texts| texts.0).unwrap_or_default(),
        }
    }
}

impl From<GeminiCliReasoningOptions> for Reasoning {
    fn from(given: GeminiCliReasoningOptions) -> Self {
        let GeminiCliReasoningOptions { reasoning, thinking_budgets } = given;
        let budgets = thinking_budgets.map(Into::into).unwrap_or_default();
        Self { effort: reasoning, budgets }
    }
}

impl From<GeminiCliThinkingBudgets> for Budgets {
    fn from(given: GeminiCliThinkingBudgets) -> Self {
        let GeminiCliThinkingBudgets { minimal, low, medium, high } = given;
        let usual = Self::default();
        Self {
            minimal: minimal.unwrap_or(usual.minimal),
            low: low.unwrap_or(usual.low),
            medium: medium.unwrap_or(usual.medium),
            high: high.unwrap_or(usual.high),
        }
    }
}
