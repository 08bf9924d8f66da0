//! OAuth logins in a run: renewed before they end, and once after a refusal; then the same account is asked.
//!
//! Invariant: a run waits for a renewal, but does not own it: one that goes on longer than the run is saved all the same.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsValue, Object, Unknown};

use super::{Answer, Driver, or_abort};
use crate::binding::failure::failure_object;
use crate::binding::oauth::renew::{self, Came};
use crate::binding::run::refreshing::InHand;
use crate::binding::run::report::tell;
use crate::binding::values::host;
use crate::binding::values::js_error::js_error_object;
use crate::binding::waits::resume::wait_for;
use crate::error::Error;
use crate::failure::{Class, Failure, Rule, Scope, Secrets};
use crate::pool::login::Wish;
use crate::pool::login_lease::{Renewed, Whose};
use crate::profiles::order::Kind;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::login::oauth_login::Login;
use crate::rotation::run::{Event, Failed, Notice};
use crate::rotation::verdict::Circumstances;

/// A profile that is to be asked.
pub(super) struct Next {
    pub(super) profile: String,
    pub(super) number: usize,
    pub(super) credential: AttemptCredential,
}

impl Driver {
    /// Asks, after a renewal if one is due.
    pub(super) fn ask_renewed(mut self, env: &Env, next: Next) -> napi::Result<Answer<'_>> {
        let now = host::now(env)?;
        let login = Login::parse(&next.credential.text);
        self.in_hand = login.clone().map(|login| InHand { profile: next.profile.clone(), login });
        let due = self.refreshing.as_ref().zip(login);
        let due = due.filter(|(refreshing, login)| login.is_due(refreshing.before, now));
        let Some(((refreshing, login), whose)) = due.zip(self.whose(&next.profile)) else {
            return self.ask_with(env, &next);
        };
        let (is_valid, is_under_way) = (login.is_valid(now), renew::is_under_way(&whose));
        let may_rotate = refreshing.rotates && self.run.may_postpone();
        if is_valid && is_under_way {
            // By another run of this thread; the token is still good.
            return self.ask_with(env, &next);
        }
        if !is_valid && is_under_way && may_rotate {
            let came = Came::Busy { pid: std::process::id() };
            return self.on_due(env, next, Some(came));
        }
        let before = refreshing.before;
        let waits = !is_valid && !may_rotate;
        let wish = Wish { used: login.access, is_refused: false, before, waits };
        self.renew(env, whose, wish, move |driver, env, came| driver.on_due(env, next, came))
    }

    fn whose(&self, profile: &str) -> Option<Whose> {
        let source = &self.settings.source;
        Some(Whose {
            pool: Arc::clone(&source.pool),
            logins: source.accounts.logins()?,
            provider: self.run.request().provider.clone(),
            profile: profile.to_owned(),
        })
    }

    /// Waits for a renewal; the caller may abort meanwhile. Keeps the reservation for a thread that ends.
    fn renew(
        mut self,
        env: &Env,
        whose: Whose,
        wish: Wish,
        then: impl FnOnce(Self, &Env, Option<Came>) -> napi::Result<Answer<'_>> + 'static,
    ) -> napi::Result<Answer<'_>> {
        let Some(refreshing) = &self.refreshing else {
            return self.on(env, Event::Broken(Error::Internal("a renewal")));
        };
        let came = renew::join(env, whose, wish, &refreshing.refresh)?;
        let (token, reservation) = (self.caller.token(), self.reservation.take());
        let lost = || Came::Unsaveable(Arc::new(Error::Internal("a renewal")));
        let wait = async move {
            let came = or_abort(token, came).await;
            (came.map(|came| came.unwrap_or_else(|_| lost())), reservation)
        };
        wait_for(env, wait, move |env, (came, reservation)| {
            self.reservation = reservation;
            then(self, env, came)
        })
    }

    /// Before an attempt.
    fn on_due(mut self, env: &Env, mut next: Next, came: Option<Came>) -> napi::Result<Answer<'_>> {
        let now = host::now(env)?;
        let Some(came) = came else { return self.on(env, Event::CallerAborted) };
        let is_valid = self.in_hand.as_ref().is_some_and(|it| it.login.is_valid(now));
        match came {
            Came::Renewed(renewed) => {
                let (credential, notice) = self.take(&next.profile, &renewed);
                next.credential = credential;
                tell(env, self.on_event.as_ref(), &notice, self.run.attempts())?;
                self.ask_with(env, &next)
            }
            // A server may lie about the end.
            Came::Fresh => self.ask_with(env, &next),
            Came::Refused(failure) => {
                let failed = self.not_renewed(env, &next.profile, failure)?;
                self.on(env, Event::Failed(failed))
            }
            _ if is_valid => self.ask_with(env, &next),
            other => {
                let may_wait = matches!(other, Came::Busy { .. });
                let failed = self.told(env, &next.profile, other)?;
                if may_wait && self.rotates() && self.run.may_postpone() {
                    return self.on(env, Event::Postponed(failed));
                }
                self.on(env, Event::Failed(failed))
            }
        }
    }

    fn rotates(&self) -> bool {
        self.refreshing.as_ref().is_some_and(|it| it.rotates)
    }

    /// The end of an attempt that failed: one that an old token explains is made again with a new one.
    pub(super) fn has_failed(self, env: &Env, failed: Failed) -> napi::Result<Answer<'_>> {
        let Some(wish) = self.wish_after(&failed) else {
            return self.on(env, Event::Failed(failed));
        };
        let profile = self.in_hand.as_ref().map(|it| it.profile.clone()).unwrap_or_default();
        let Some(whose) = self.whose(&profile) else {
            return self.on(env, Event::Failed(failed));
        };
        self.renew(env, whose, wish, move |driver, env, came| {
            driver.on_refused(env, &profile, failed, came)
        })
    }

    fn wish_after(&self, failed: &Failed) -> Option<Wish> {
        let Failed { failure, circumstances } = failed;
        let (refreshing, in_hand) = (self.refreshing.as_ref()?, self.in_hand.as_ref()?);
        let is_refusal = match failure.class {
            Class::Auth => true,
            Class::AuthPermanent => failure.status == Some(401),
            _ => false,
        };
        let is_ours = matches!(failure.rule, Rule::RefreshRefused | Rule::RefreshFailed);
        let Circumstances { is_aborted, has_answered, is_callers_code, .. } = *circumstances;
        let may_ask_again = !is_aborted && !has_answered && !is_callers_code;
        let is_first = !self.renewed.contains(&in_hand.profile);
        (is_refusal && !is_ours && may_ask_again && is_first).then(|| Wish {
            used: in_hand.login.access.clone(),
            is_refused: true,
            before: refreshing.before,
            waits: true,
        })
    }

    fn on_refused<'env>(
        mut self,
        env: &'env Env,
        profile: &str,
        failed: Failed,
        came: Option<Came>,
    ) -> napi::Result<Answer<'env>> {
        match came {
            Some(Came::Renewed(renewed)) => {
                self.renewed.push(profile.to_owned());
                let (credential, notice) = self.take(profile, &renewed);
                self.credential = Some(credential);
                self.on(env, Event::Renewed(failed, notice))
            }
            // A token of this moment that is refused is no old one.
            None | Some(Came::Fresh) => self.on(env, Event::Failed(failed)),
            Some(Came::Refused(failure)) => {
                let failed = self.not_renewed(env, profile, failure)?;
                self.on(env, Event::Failed(failed))
            }
            Some(_) => {
                // Its token is old, and the account is not at fault that there is no new one yet.
                let (rule, scope) = (Rule::RefreshFailed, Scope::Endpoint);
                let failure = Failure { scope, rule, ..failed.failure };
                self.on(env, Event::Failed(Failed { failure, ..failed }))
            }
        }
    }

    /// From now on it is asked with this one, and neither it nor the old one is shown.
    fn take(&mut self, profile: &str, renewed: &Renewed) -> (AttemptCredential, Notice) {
        let Renewed { text, pid, expires } = renewed;
        let credential = AttemptCredential::parse(text, Kind::Oauth);
        if let Some(login) = Login::parse(text) {
            for secret in [&login.access, &login.refresh] {
                self.secrets.add(secret.clone());
            }
            self.in_hand = Some(InHand { profile: profile.to_owned(), login });
        }
        self.settings.source.accounts.gave(profile, text);
        let (profile, pid, expires) = (profile.to_owned(), *pid, *expires);
        (credential, Notice::Refreshed { profile, pid, expires })
    }

    fn told(&mut self, env: &Env, profile: &str, came: Came) -> napi::Result<Failed> {
        let failure = match came {
            Came::Failed(failure) => failure,
            Came::Busy { pid } => {
                renew::failure(format!("its login is being refreshed by process {pid}"))
            }
            Came::Rests { until } => {
                let wait = until.since(host::now(env)?);
                let text =
                    "its login has to be refreshed, and the token server failed a moment ago";
                let mut failure = renew::failure(text.to_owned());
                failure.retry_after_ms = Some(wait.as_millis() as u64);
                failure
            }
            Came::Gone => renew::failure("its login was removed".to_owned()),
            Came::Unsaveable(error) => {
                renew::failure(format!("a new token could not be saved: {error}"))
            }
            Came::Renewed(_) | Came::Refused(_) | Came::Fresh => {
                renew::failure("its login could not be refreshed".to_owned())
            }
        };
        self.not_renewed(env, profile, failure)
    }

    fn not_renewed(
        &mut self,
        env: &Env,
        profile: &str,
        mut failure: Failure,
    ) -> napi::Result<Failed> {
        Secrets::hide_in(&self.secrets, &mut failure);
        let error = Error::RefreshFailed {
            profile: Some(profile.to_owned()),
            text: failure.text.clone(),
            needs_login: failure.rule == Rule::RefreshRefused,
        };
        let mut error: Object<'_> = js_error_object(env, &error)?;
        error.set("failure", failure_object::to_js(env, failure.clone())?)?;
        let error: Unknown<'_> = error.to_unknown();
        self.cause.keep(env, error)?;
        self.is_cause_returned = false;
        Ok(Failed { failure, circumstances: self.circumstances(false) })
    }
}
