//! How a run ends: with an answer, with what was thrown, with the caller's reason, or with nobody left.
//!
//! Invariant: every end goes through `finish`, which gives back the listener and every kept value.

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, ObjectRef, PromiseRaw, Unknown};

use super::functions::{Answer, Run, after};
use super::input::dice;
use super::outcome::error_message;
use super::report::{Details, error_of, outcome, tell};
use crate::binding::values::host;
use crate::binding::values::value::as_object;
use crate::error::{Error, Next, Unavailable};
use crate::pool::choose;
use crate::rotation::choice::{Standing, next_free};
use crate::rotation::course::{REFUSED_FOR_MS, jittered};
use crate::store::edits::marks::{Applied, Documents, Event, Mark};

impl Run {
    pub(crate) fn end_succeeded(
        self,
        env: &Env,
        kept: ObjectRef<false>,
    ) -> napi::Result<Answer<'_>> {
        let value: Unknown<'_> = kept.get_value(env)?.get_named_property("value")?;
        kept.unref(env)?;
        let details = Details {
            profile_id: self.attempted.last().map(|last| last.profile_id.as_str()),
            attempt: Some(self.attempted.len()),
            ..Details::default()
        };
        tell(env, self.on_event.as_ref(), "succeeded", &details)?;
        let outcome = outcome(env, value, &self.attempted)?;
        self.finish(env, PromiseRaw::resolve(env, outcome.to_unknown())?)
    }

    /// Another account would not help: what was thrown is passed on as it is, and a message becomes an error.
    pub(crate) fn end_failed(self, env: &Env, is_returned: bool) -> napi::Result<Answer<'_>> {
        if self.token.is_cancelled() {
            return self.end_aborted(env);
        }
        let value = self.cause_value(env)?;
        if !is_returned {
            return self.finish(env, PromiseRaw::reject(env, value)?);
        }
        let text = as_object(value).and_then(|message| error_message(env, &message));
        let text = text.unwrap_or_else(|| "the answer ended in an error".to_owned());
        let text = self.secrets.hide(&crate::failure::redact::redact(&text));
        let error = Error::AttemptFailed { text };
        let mut error = error_of(env, &error, &self.attempted, None)?;
        error.set("result", value)?;
        error
            .set("profileId", self.attempted.last().map_or("", |last| last.profile_id.as_str()))?;
        self.finish(env, PromiseRaw::reject(env, error.to_unknown())?)
    }

    pub(crate) fn end_aborted(self, env: &Env) -> napi::Result<Answer<'_>> {
        let reason = self.reason(env)?;
        self.finish(env, PromiseRaw::reject(env, reason)?)
    }

    /// Nobody is left: the accounts' fault or the request's.
    pub(crate) fn nobody<'env>(
        mut self,
        env: &'env Env,
        standings: &[Standing],
    ) -> napi::Result<Answer<'env>> {
        let now = host::now_ms(env)?;
        let unavailable = self.unavailable(standings, now);
        let Some(refusal) = self.course.refusal(now) else {
            return self.end_unavailable(env, unavailable);
        };
        let restores: Vec<_> = std::mem::take(&mut self.restores)
            .into_iter()
            .map(|(profile_id, restored)| {
                let event = Event::Restore(Box::new(restored));
                Mark { profile_id, event, now }
            })
            .collect();
        let paths = self.settings.paths.clone();
        after(env, choose::refuse(paths, refusal, now), move |env, is_booked| {
            if !is_booked {
                return self.end_unavailable(env, unavailable);
            }
            let edit = move |documents: &mut Documents| {
                let applied: Vec<_> = restores.iter().map(|mark| mark.apply(documents)).collect();
                applied.into_iter().next().unwrap_or(Ok(Applied::default()))
            };
            let done = self.submit(Box::new(edit));
            // A window that could not be taken back ends by itself.
            after(env, done, |env, _| self.refused(env, REFUSED_FOR_MS))
        })
    }

    fn unavailable(&self, standings: &[Standing], now: f64) -> Unavailable {
        Unavailable {
            provider: self.settings.provider.clone(),
            model: self.course.wish.model.clone(),
            profiles: standings.len(),
            asked: self.attempted.len(),
            next: next_free(standings).map(|(id, free_at)| Next {
                profile_id: id.to_owned(),
                free_at,
                retry_after_ms: jittered((free_at - now).max(0.0), dice()),
            }),
        }
    }

    fn end_unavailable(self, env: &Env, unavailable: Unavailable) -> napi::Result<Answer<'_>> {
        let next = unavailable.next.as_ref();
        let details = Details {
            profile_id: next.map(|next| next.profile_id.as_str()),
            until: next.map(|next| next.free_at),
            ..Details::default()
        };
        tell(env, self.on_event.as_ref(), "unavailable", &details)?;
        self.reject(env, &Error::NoProfileAvailable(Box::new(unavailable)))
    }

    pub(crate) fn refused(self, env: &Env, wait_ms: f64) -> napi::Result<Answer<'_>> {
        let details = Details { until: Some(host::now_ms(env)? + wait_ms), ..Details::default() };
        tell(env, self.on_event.as_ref(), "refused", &details)?;
        let provider = self.settings.provider.clone();
        self.reject(env, &Error::RequestRefused { provider, wait_ms })
    }

    /// With an error of this package's.
    pub(crate) fn reject<'env>(self, env: &'env Env, error: &Error) -> napi::Result<Answer<'env>> {
        let error = error_of(env, error, &self.attempted, self.cause.as_ref())?;
        self.finish(env, PromiseRaw::reject(env, error.to_unknown())?)
    }

    /// The caller's own reason.
    pub(crate) fn reason<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        match &self.signal {
            Some(signal) => signal.get_value(env)?.get_named_property("reason"),
            None => Ok(Object::new(env)?.to_unknown()),
        }
    }

    fn cause_value<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        match &self.cause {
            Some(cause) => cause.get_value(env)?.get_named_property("value"),
            None => Ok(Object::new(env)?.to_unknown()),
        }
    }

    fn finish<'env>(mut self, env: &Env, answer: Answer<'env>) -> napi::Result<Answer<'env>> {
        self.listener.detach(env)?;
        for kept in [self.signal.take(), self.cause.take()].into_iter().flatten() {
            kept.unref(env)?;
        }
        Ok(answer)
    }
}
