//! What `explain` tells, as TypeScript sees it.

use napi_derive::napi;

use crate::failure::Finding;

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
    ///   this), `long-context`, `dead-key`, `login-expired`, `unauthorized`, `forbidden`, `client`, `region`; of limits
    ///   `rate-limit`, `concurrency`, `per-minute`, `per-day`, `plan-window`, `model-window`, `quota-used-up`, `quota`, `individual-quota`,
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
