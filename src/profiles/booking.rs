//! From a report of a failure to what is booked: the reason that is counted, how the profile rests, for which
//! models, and until when if the server said so.
//!
//! Invariant: a caller's abort books nothing; a fault of the request books no window, and in the safe policy neither does
//! one of the endpoint; a window of one model never covers the account.

use super::booking_rules::Policy;
use super::failure_effect::{
    Effect, FailureFacts, Rest, concerns_money_or_credential, failure_effect, host_reason,
    reason_effect, rest,
};
use crate::failure::{Class, Failure, PLAUSIBLE_MS, Rule, Scope, Trust};
use crate::time::WallMs;

/// The longest wait that is booked, whoever states it: 35 days. The longest window of a plan is a month.
pub(crate) const LONGEST_WAIT_MS: f64 = PLAUSIBLE_MS as f64;

/// A short wait beside a refused payment or credential is about the server's load, not about the refusal.
const LONGEST_VAGUE_WAIT_MS: f64 = 5.0 * 60_000.0;

/// What the caller reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Report {
    /// The host's reason; wins over the one that the failure's class suggests.
    pub reason: Option<String>,
    pub failure: Option<FailureFacts>,
    /// The model that was asked for.
    pub model: Option<String>,
    /// When the caller says to come back.
    pub resume_at: Option<WallMs>,
    /// When the failed request began.
    pub started_at: Option<WallMs>,
}

/// A wait that somebody stated, instead of the ladder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wait {
    pub until: WallMs,
    /// Where it was found, for example `retry-info`.
    pub source: String,
}

/// What is booked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Booking {
    pub reason: String,
    pub effect: Effect,
    /// Models that rest; empty means the whole account.
    pub models: Vec<String>,
    pub ladder: Rest,
    pub wait: Option<Wait>,
    /// The wait does not make the rest shorter than the ladder does.
    pub is_ladder_least: bool,
    pub started_at: Option<WallMs>,
}

impl Report {
    /// What is booked of a failed attempt. `answered`: something of the answer had arrived.
    #[must_use]
    pub(crate) fn of_failure(
        failure: &Failure,
        answered: bool,
        model: Option<&str>,
        started_at: WallMs,
        now: WallMs,
    ) -> Self {
        let retry_after_ms = failure.retry_after_ms.map(|ms| ms as f64);
        let resume_at =
            resume_at(retry_after_ms, failure.reset_at.map(|at| WallMs::new(at as f64)), now);
        Self {
            reason: None,
            failure: Some(FailureFacts {
                class: failure.class,
                scope: Some(failure.scope),
                resume_at,
                source: failure.source.map(|source| source.name().to_owned()),
                trust: failure.trust,
                model: failure.model.clone(),
                is_concurrency: failure.rule == Rule::Concurrency,
                answered,
            }),
            model: model.map(str::to_owned),
            resume_at: None,
            started_at: Some(started_at),
        }
    }

    /// Decides what this report books.
    #[must_use]
    pub(crate) fn booking(&self, policy: Policy, now: WallMs) -> Booking {
        let class = self.failure.as_ref().map(|failure| failure.class);
        let reason =
            self.reason.clone().unwrap_or_else(|| class.map_or("unknown", host_reason).to_owned());
        let effect = match &self.failure {
            Some(failure) => failure_effect(failure, policy),
            None => reason_effect(&reason, policy),
        };
        let models = if is_model_scoped(&reason, self.failure.as_ref()) {
            self.models()
        } else {
            Vec::new()
        };
        // Without a model, what concerns one model only is no reason to rest the account.
        let effect = match effect {
            Effect::Cool if class == Some(Class::ModelNotFound) && models.is_empty() => {
                Effect::Count
            }
            effect => effect,
        };
        let ladder = self.failure.as_ref().map_or(Rest::Generic, |it| rest(it, policy));
        let wait = self.wait(now);
        let is_vague = |wait: &Wait| {
            let capped = self.failure.as_ref().is_some_and(|it| it.trust == Some(Trust::Capped));
            capped || wait.until - now <= LONGEST_VAGUE_WAIT_MS
        };
        let is_ladder_least = policy == Policy::Safe
            && self.resume_at.is_none()
            && class.is_some_and(concerns_money_or_credential)
            && wait.as_ref().is_some_and(is_vague);
        let started_at = self.started_at;
        Booking { reason, effect, models, ladder, wait, is_ladder_least, started_at }
    }

    fn models(&self) -> Vec<String> {
        let mut models: Vec<String> = self.model.iter().cloned().collect();
        let pool = self.failure.as_ref().filter(|failure| failure.scope == Some(Scope::Pool));
        if let Some(named) = pool.and_then(|failure| failure.model.as_ref())
            && !models.is_empty()
            && !models.contains(named)
        {
            models.push(named.clone());
        }
        models
    }

    fn wait(&self, now: WallMs) -> Option<Wait> {
        let stated = |until: Option<WallMs>, source: String| {
            let until = until.filter(|until| until.as_ms().is_finite())?;
            // The one clamp of stated times; what is stored are whole milliseconds.
            Some(Wait { until: until.clamp(now, now + LONGEST_WAIT_MS).rounded(), source })
        };
        stated(self.resume_at, "caller".to_owned()).or_else(|| {
            let failure = self.failure.as_ref()?;
            stated(
                failure.resume_at,
                failure.source.clone().unwrap_or_else(|| "failure".to_owned()),
            )
        })
    }
}

/// When to come back. A wait beats a time: it does not depend on the server's clock. [`Report::booking`] clamps it.
#[must_use]
pub(crate) fn resume_at(
    retry_after_ms: Option<f64>,
    reset_at: Option<WallMs>,
    now: WallMs,
) -> Option<WallMs> {
    retry_after_ms.map(|ms| now + ms).or(reset_at)
}

fn is_model_scoped(reason: &str, failure: Option<&FailureFacts>) -> bool {
    match failure.and_then(|failure| failure.scope) {
        Some(scope) => matches!(scope, Scope::Model | Scope::Pool | Scope::Endpoint),
        None => matches!(reason, "rate_limit" | "overloaded" | "timeout" | "model_not_found"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn report(failure: FailureFacts, model: &str) -> Report {
        Report { failure: Some(failure), model: Some(model.into()), ..Report::default() }
    }

    fn reason(reason: &str) -> Report {
        Report { reason: Some(reason.into()), ..Report::default() }
    }

    #[test]
    fn an_abort_books_nothing_and_a_bad_request_no_window() {
        let effect = |class, scope| {
            report(FailureFacts::new(class, scope), "m").booking(Policy::Safe, NOW).effect
        };
        assert_eq!(effect(Class::Aborted, Scope::Request), Effect::Nothing);
        assert_eq!(effect(Class::Format, Scope::Request), Effect::Count);
        assert_eq!(effect(Class::Network, Scope::Endpoint), Effect::Count);
    }

    #[test]
    fn a_timeout_cools_in_the_compatible_policy_when_no_byte_came() {
        let mut timeout = FailureFacts::new(Class::Timeout, Scope::Model);
        let effect = |failure: &FailureFacts| {
            report(failure.clone(), "m").booking(Policy::Compatible, NOW).effect
        };
        assert_eq!(effect(&timeout), Effect::Cool);
        timeout.answered = true;
        assert_eq!(effect(&timeout), Effect::Count);
    }

    #[test]
    fn a_fault_of_the_endpoint_rests_no_account_in_the_safe_policy() {
        let effect = |report: Report, policy| report.booking(policy, NOW).effect;
        for (class, scope) in [
            (Class::Overloaded, Scope::Endpoint),
            (Class::Network, Scope::Endpoint),
            (Class::Timeout, Scope::Model),
            (Class::Capacity, Scope::Model),
            (Class::RateLimit, Scope::Endpoint),
        ] {
            assert_eq!(
                effect(report(FailureFacts::new(class, scope), "m"), Policy::Safe),
                Effect::Count
            );
        }
        for name in ["overloaded", "timeout"] {
            assert_eq!(effect(reason(name), Policy::Safe), Effect::Count);
            assert_eq!(effect(reason(name), Policy::Compatible), Effect::Cool);
        }
        let overloaded = report(FailureFacts::new(Class::Overloaded, Scope::Endpoint), "m");
        assert_eq!(effect(overloaded, Policy::Compatible), Effect::Cool);
    }

    #[test]
    fn what_concerns_the_account_rests_the_account() {
        for class in [Class::Billing, Class::AuthPermanent, Class::AccountDisabled] {
            let booking =
                report(FailureFacts::new(class, Scope::Account), "m").booking(Policy::Safe, NOW);
            assert_eq!((booking.effect, booking.models.len()), (Effect::Disable, 0));
        }
    }

    #[test]
    fn a_pool_rests_the_model_asked_for_and_the_model_named() {
        let mut quota = FailureFacts::new(Class::Quota, Scope::Pool);
        quota.model = Some("named".into());
        assert_eq!(report(quota, "asked").booking(Policy::Safe, NOW).models, ["asked", "named"]);
    }

    #[test]
    fn a_missing_model_never_cools_the_account() {
        let mut missing = report(FailureFacts::new(Class::ModelNotFound, Scope::Model), "m");
        assert_eq!(missing.booking(Policy::Safe, NOW).effect, Effect::Cool);
        missing.model = None;
        assert_eq!(missing.booking(Policy::Safe, NOW).effect, Effect::Count);
    }

    #[test]
    fn format_errors_cool_in_the_compatible_policy_only() {
        assert_eq!(reason("format").booking(Policy::Compatible, NOW).effect, Effect::Cool);
        assert_eq!(reason("format").booking(Policy::Safe, NOW).effect, Effect::Count);
    }

    #[test]
    fn a_stated_wait_is_kept_inside_35_days_and_never_lies_in_the_past() {
        let wait = |at| {
            let report = Report { resume_at: Some(at), ..reason("rate_limit") };
            report.booking(Policy::Safe, NOW).wait.map(|wait| wait.until)
        };
        assert_eq!(wait(NOW + 5.0), Some(NOW + 5.0));
        assert_eq!(wait(NOW + 5.4), Some(NOW + 5.0));
        assert_eq!(wait(NOW + -5.0), Some(NOW));
        assert_eq!(wait(NOW + NOW.as_ms()), Some(NOW + LONGEST_WAIT_MS));
        assert_eq!(wait(WallMs::new(f64::NAN)), None);
    }

    #[test]
    fn a_month_that_a_server_states_is_booked_whole() {
        let mut quota = FailureFacts::new(Class::Quota, Scope::Account);
        quota.resume_at = Some(NOW + 30.0 * 86_400_000.0);
        let wait = report(quota.clone(), "m").booking(Policy::Safe, NOW).wait;
        assert_eq!(wait.map(|wait| wait.until), quota.resume_at);
    }

    #[test]
    fn a_refusal_of_one_request_rests_nobody() {
        for class in [Class::NoLicense, Class::Format] {
            let booking =
                report(FailureFacts::new(class, Scope::Request), "m").booking(Policy::Safe, NOW);
            assert_eq!(booking.effect, Effect::Count, "{class:?}");
        }
    }

    #[test]
    fn the_caller_s_reason_beats_the_class() {
        let mut report = report(FailureFacts::new(Class::Quota, Scope::Model), "m");
        assert_eq!(report.booking(Policy::Safe, NOW).reason, "rate_limit");
        report.reason = Some("billing".into());
        assert_eq!(report.booking(Policy::Safe, NOW).reason, "billing");
    }
}
