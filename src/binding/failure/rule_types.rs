//! The types of rules of the caller's own, and of what `explain` tells, as TypeScript sees them.

use napi_derive::napi;

use crate::failure::Finding;

/// A rule of your own, for words or codes of a provider that are read wrong or are new: what must hold, and what the
/// failure then is. What `then` does not say stays as it was read; a `class` brings its scope and whether another account
/// is asked. A caller's own abort is never given another meaning.
///
/// ```js
/// const rules = [{ when: { provider: 'acme', text: 'piggy bank*' }, then: { class: 'billing' } }]
/// ```
///
/// A rule that cannot be read is an `ERR_INVALID_ARGUMENT` that names its field, as is one without a condition.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
#[expect(dead_code, reason = "a shape for index.d.ts")]
pub struct FailureRule {
    pub when: FailureRuleCondition,
    pub then: FailureRuleResult,
}

/// All that is given must hold. Texts are plain, compared without case; a `*` at the end makes them a beginning.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
#[expect(dead_code, reason = "a shape for index.d.ts")]
pub struct FailureRuleCondition {
    /// The HTTP status, or any of several.
    #[napi(ts_type = "number | readonly number[] | null")]
    pub status: Option<f64>,
    /// The provider that was asked.
    #[napi(ts_type = "string | null")]
    pub provider: Option<String>,
    /// A code, type or reason of the response, whole; `quota_*` is a beginning.
    #[napi(ts_type = "string | null")]
    pub code: Option<String>,
    /// Words in the error's text; `your plan*` is its beginning.
    #[napi(ts_type = "string | null")]
    pub text: Option<String>,
    /// A response header: `x-plan`, or with its value `x-plan: free`.
    #[napi(ts_type = "string | null")]
    pub header: Option<String>,
}

/// What the failure then is. At least one must be given.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
#[expect(dead_code, reason = "a shape for index.d.ts")]
pub struct FailureRuleResult {
    #[napi(ts_type = "FailureClass | null")]
    pub class: Option<String>,
    #[napi(ts_type = "FailureScope | null")]
    pub scope: Option<String>,
    /// Whether another account is asked.
    #[napi(ts_type = "boolean | null")]
    pub rotate: Option<bool>,
    /// Milliseconds, 35 days at most; believed as it is.
    #[napi(ts_type = "number | null")]
    pub retry_after_ms: Option<f64>,
}

/// One thing that was seen in a failure.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct FailureFinding {
    #[napi(ts_type = "'rule' | 'status' | 'code' | 'header' | 'quota' | 'words' | 'wait'")]
    pub place: &'static str,
    /// As it was written: the status, the code, the header's name or its beginning, the quota's id, the phrase. Of a rule of
    /// yours its place (`rules[0]`), of a wait where it was found.
    pub text: String,
    /// What it stands for; empty where that is not known.
    ///
    /// - `code`: a class, or the status that a general code stands for. `quota`: `per-day`. `wait`: milliseconds.
    /// - `header`: `used-up`, `has-room` (a window of the plan), `blocked` (by an edge on the way), `may-retry`.
    /// - `words`: of the account `no-money`, `extra-usage`, `account-closed`, `verification`, `plan` (it does not cover
    ///   this), `long-context`, `dead-key`, `login-expired`, `unauthorized`, `forbidden`, `client`, `region`; of limits `rate-limit`, `concurrency`,
    ///   `per-minute`, `per-day`, `plan-window`, `model-window`, `quota-used-up`, `quota`, `individual-quota`,
    ///   `allocated-quota`, `organization`, `limit-zero`, `requested`; of the server `no-capacity`, `overloaded`,
    ///   `timeout`, `network`, `aborted`; of the request `no-model`, `too-long`, `tool-id`, `thought-signature`,
    ///   `content-policy`, `bad-request`.
    pub says: String,
    /// Whether the record rests on it: its class, or, for `wait`, its wait.
    pub decisive: bool,
}

impl From<Finding> for FailureFinding {
    fn from(finding: Finding) -> Self {
        let Finding { place, text, says, is_decisive } = finding;
        Self { place: place.name(), text, says, decisive: is_decisive }
    }
}
