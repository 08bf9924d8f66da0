//! `openHandle`, of which `entry/handle` makes what `createFailover` returns. It is not in index.d.ts.
//!
//! Protocol: `openHandle(options)` throws or answers `{ ids, directory(), isReady(), prepare(), run(params), lease(params),
//! describe(params), edit(what, params), store() }`. While `isReady()` is false, `prepare()` is to be awaited before a run.

use std::path::Path;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi_derive::napi;

use super::options::Opening;
use super::whose::Whose;
use crate::binding::edits::types::EditResult;
use crate::binding::lease::functions::begin_lease;
use crate::binding::reads::describe::description;
use crate::binding::run::functions::begin_run;
use crate::binding::values::checked::NotBlank;
use crate::binding::values::function::define;
use crate::binding::values::host;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{FromJs, Params, choices, params};
use crate::binding::values::value::{Fields, nullable};
use crate::binding::values::warning::warn_state;
use crate::error::{Error, Result};
use crate::store::edits::by_hand::{rest_profile, set_paused};
use crate::store::edits::marks::{Event, Mark};
use crate::store::file::atomic::Durability;
use crate::store::file::read::host_view;
use crate::store::file::update::{Edit, UpdateOptions};
use crate::store::inline::state::Place;
use crate::time::WallMs;

/// Checks the options and makes a handle of them. Touches no file.
#[napi(catch_unwind, skip_typescript)]
pub fn open_handle<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Object<'env>> {
    let opening = Opening::read(env, options).map_err(|error| to_js_error(env, &error))?;
    let opening = Arc::new(opening);
    let mut handle = Object::new(env)?;
    handle.set("ids", opening.ids.clone())?;
    offer_state(env, &mut handle, &opening)?;
    offer_runs(env, &mut handle, &opening)?;
    offer_edits(env, &mut handle, &opening)?;
    Ok(handle)
}

fn offer_state(env: &Env, handle: &mut Object<'_>, opening: &Arc<Opening>) -> napi::Result<()> {
    let of = Arc::clone(opening);
    define(env, handle, "directory", move |_| {
        Ok(nullable(match of.whose.place() {
            Place::File(paths) => paths.store.parent().map(|it| it.to_string_lossy().into_owned()),
            Place::Memory(_) => None,
        }))
    })?;
    let of = Arc::clone(opening);
    define(env, handle, "isReady", move |_| {
        Ok(of.whose.given().is_none_or(|given| given.inline.is_prepared()))
    })?;
    let of = Arc::clone(opening);
    define(env, handle, "prepare", move |it| {
        let (whose, wait) = (of.whose.clone(), of.options.wait);
        let work = async move {
            let given = whose.given()?;
            let store = match given.inline.place() {
                Place::File(paths) => paths.store,
                Place::Memory(_) => return None,
            };
            let fault = Arc::clone(&given.inline).prepare(wait).await?;
            Some((store, fault))
        };
        let promise =
            it.env.spawn_future_with_callback(async move { Ok(work.await) }, |env, fault| {
                if let Some((store, fault)) = fault {
                    warn_state(env, Path::new(&store), &fault);
                }
                Ok(())
            })?;
        Ok(promise.raw())
    })?;
    let of = Arc::clone(opening);
    define(env, handle, "store", move |it| match of.whose.place() {
        Place::Memory(memory) => {
            let text = memory.with(|documents| host_view(documents));
            Ok(host::json_parse(it.env, &text)?.raw())
        }
        Place::File(_) => Err(to_js_error(it.env, &Error::Internal("the handle's store"))),
    })
}

fn offer_runs(env: &Env, handle: &mut Object<'_>, opening: &Arc<Opening>) -> napi::Result<()> {
    let of = Arc::clone(opening);
    define(env, handle, "run", move |it| {
        Ok(begin_run(it.env, it.get(0)?, of.whose.given())?.raw())
    })?;
    let of = Arc::clone(opening);
    define(env, handle, "lease", move |it| {
        Ok(begin_lease(it.env, it.get(0)?, of.whose.given())?.raw())
    })
}

/// Which model's windows count.
pub(crate) struct DescribeParams {
    model: Option<String>,
}
params!(DescribeParams { model });

#[derive(Debug, Clone, Copy)]
enum What {
    Clear,
    Rest,
    Pause,
    Resume,
}
choices! {
    What:
    "clear" => What::Clear,
    "rest" => What::Rest,
    "pause" => What::Pause,
    "resume" => What::Resume,
}

/// Of whom.
struct EditParams {
    profile_id: NotBlank,
}
params!(EditParams { profile_id });

/// How long, and why.
pub(crate) struct RestParams {
    until: Option<f64>,
    for_ms: Option<f64>,
    reason: Option<NotBlank>,
}
params!(RestParams { until, for_ms, reason });

fn offer_edits(env: &Env, handle: &mut Object<'_>, opening: &Arc<Opening>) -> napi::Result<()> {
    let of = Arc::clone(opening);
    define(env, handle, "describe", move |it| {
        let read =
            || DescribeParams::read(&Fields::required(it.get(0).map_err(internal)?, "params")?);
        let DescribeParams { model } = read().map_err(|error| to_js_error(it.env, &error))?;
        let now = host::now(it.env)?;
        let work = of.whose.clone().describe(of.provider.clone(), model, now);
        let promise = it.env.spawn_future_with_callback(
            async move { Ok(work.await) },
            move |env, entries| {
                let (entries, unwell) = entries.map_err(|error| to_js_error(env, &error))?;
                Ok(description(entries, unwell, now))
            },
        )?;
        Ok(promise.raw())
    })?;
    let of = Arc::clone(opening);
    define(env, handle, "edit", move |it| {
        let now = host::now(it.env)?;
        let read = || edit(it.get(0).map_err(internal)?, it.get(1).map_err(internal)?, now);
        let (id, edit) = read().map_err(|error| to_js_error(it.env, &error))?;
        let update = UpdateOptions {
            lock_form: of.options.lock_form,
            durability: of.options.durability.unwrap_or(Durability::Relaxed),
        };
        let work = Whose::clone(&of.whose).edit(update, of.options.wait, id, edit);
        let promise =
            it.env.spawn_future_with_callback(async move { Ok(work.await) }, |env, applied| {
                let applied = applied.map_err(|error| to_js_error(env, &error))?;
                let reason = applied.err().map(|declined| declined.reason().to_owned());
                Ok(EditResult { changed: reason.is_none(), reason })
            })?;
        Ok(promise.raw())
    })
}

fn internal(_: napi::Error) -> Error {
    Error::Internal("the handle")
}

fn edit(what: Unknown<'_>, given: Unknown<'_>, now: WallMs) -> Result<(String, Edit)> {
    let fields = Fields::required(given, "params")?;
    let EditParams { profile_id } = EditParams::read(&fields)?;
    let (id, whose) = (profile_id.0.clone(), profile_id.0);
    let edit: Edit = match What::from_js(what)? {
        What::Clear => {
            let mark = Mark { profile_id: id, event: Event::Clear, now };
            Box::new(move |documents| mark.apply(documents))
        }
        What::Pause => Box::new(move |documents| set_paused(documents, &id, Some(now))),
        What::Resume => Box::new(move |documents| set_paused(documents, &id, None)),
        What::Rest => {
            let RestParams { until, for_ms, reason } = RestParams::read(&fields)?;
            let until = match (until, for_ms) {
                (Some(until), None) => WallMs::new(until),
                (None, Some(ms)) => now + ms,
                _ => return Err(fields.invalid("until", "or forMs must be given, and not both")),
            };
            if until <= now || !until.is_possible() {
                let field = if for_ms.is_some() { "forMs" } else { "until" };
                return Err(fields.invalid(field, "must be in the future, in milliseconds"));
            }
            let reason = reason.map_or_else(|| "manual".to_owned(), |reason| reason.0);
            Box::new(move |documents| rest_profile(documents, &id, until, &reason))
        }
    };
    Ok((whose, edit))
}
