//! What a mark leaves on the passed store: the file's state if it was written, its own effect if it was not.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, Object};

use super::types::MarkResult;
use crate::binding::values::host;
use crate::binding::values::passed_store::PassedStore;
use crate::error::Error;
use crate::store::edits::marks::{Applied, Declined, Event, Mark};
use crate::store::file::update::Outcome;

/// The update went through: the passed object now shows what the file says, whether or not this mark had
/// something to do. The host's rotation loop reads other profiles' cooldowns from it.
pub(crate) fn settle(
    env: &Env,
    store: &mut Object<'_>,
    mark: &Mark,
    outcome: &Outcome,
) -> napi::Result<MarkResult> {
    if !matches!(mark.event, Event::Good { .. }) {
        bring_up_to_date(env, store, "usageStats", outcome.after.usage_stats())?;
    }
    if matches!(mark.event, Event::Good { .. } | Event::Success { .. }) {
        bring_up_to_date(env, store, "lastGood", outcome.after.last_good())?;
    }
    let done = outcome.applied.is_ok();
    Ok(MarkResult {
        persisted: done,
        changed: done,
        reason: outcome.applied.err().map(|declined| declined.reason().to_owned()),
        code: None,
        cooldown_kept: cooldown_kept(&outcome.applied),
    })
}

fn bring_up_to_date(
    env: &Env,
    store: &mut Object<'_>,
    key: &str,
    text: Option<&str>,
) -> napi::Result<()> {
    match text {
        Some(text) => store.set(key, host::json_parse(env, text)?),
        None => store.delete_named_property(key).map(|_| ()),
    }
}

/// The mark could not be written: it takes effect on the passed object, so that this process acts on it. What the
/// passed store does not know is not made up, as in the host.
pub(crate) fn keep_in_process(
    env: &Env,
    store: &mut Object<'_>,
    mark: &Mark,
    error: &Arc<Error>,
) -> napi::Result<MarkResult> {
    let applied = mark.apply_to(&mut PassedStore { env, object: store })?;
    Ok(MarkResult {
        persisted: false,
        changed: false,
        reason: Some(error.reason().to_owned()),
        code: Some(error.code().to_owned()),
        cooldown_kept: cooldown_kept(&applied),
    })
}

fn cooldown_kept(applied: &Result<Applied, Declined>) -> Option<bool> {
    applied.is_ok_and(|applied| applied.cooldown_kept).then_some(true)
}
