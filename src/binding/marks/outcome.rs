//! What a mark leaves on the passed store: the file's state if it was written, its own effect if it was not.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, Object};

use super::stats::{apply_changes, has_stats, provider_of, read_stats};
use super::types::MarkResult;
use crate::binding::values::host;
use crate::binding::values::value::{define, object_field};
use crate::error::Error;
use crate::store::edits::marks::{Event, Mark};
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
        bring_up_to_date(env, store, "usageStats", outcome.usage_stats.as_deref())?;
    }
    if matches!(mark.event, Event::Good { .. } | Event::Success { .. }) {
        bring_up_to_date(env, store, "lastGood", outcome.last_good.as_deref())?;
    }
    let done = outcome.applied.is_ok();
    Ok(MarkResult {
        persisted: done,
        changed: done,
        reason: outcome.applied.err().map(|declined| declined.reason().to_owned()),
        code: None,
        cooldown_kept: outcome.applied.ok().filter(|applied| applied.cooldown_kept).map(|_| true),
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

/// The mark could not be written: it takes effect on the passed object, so that this process acts on it.
pub(crate) fn keep_in_process(
    env: &Env,
    store: &mut Object<'_>,
    mark: &Mark,
    error: &Arc<Error>,
) -> napi::Result<MarkResult> {
    let id = mark.profile_id.as_str();
    let provider = provider_of(env, store, id);
    // As in the host: what the passed store does not know either is not made up.
    let is_known = match mark.event {
        Event::Clear => has_stats(env, store, id),
        _ => provider.is_some(),
    };
    let mut cooldown_kept = false;
    if is_known {
        let stats = read_stats(env, store, id);
        let (changes, applied) = mark.changes(&stats, provider.as_deref().unwrap_or_default());
        cooldown_kept = applied.cooldown_kept;
        if !changes.is_empty() {
            apply_changes(env, store, id, &changes)?;
        }
    }
    if let Event::Good { provider: expected } | Event::Success { provider: expected, .. } =
        &mark.event
        && provider.as_ref() == Some(expected)
    {
        let mut last_good = object_field(store, "lastGood").map_or_else(|| Object::new(env), Ok)?;
        define(env, &mut last_good, expected, &env.create_string(id)?)?;
        store.set("lastGood", last_good)?;
    }
    Ok(MarkResult {
        persisted: false,
        changed: false,
        reason: Some(error.reason().to_owned()),
        code: Some(error.code().to_owned()),
        cooldown_kept: cooldown_kept.then_some(true),
    })
}
