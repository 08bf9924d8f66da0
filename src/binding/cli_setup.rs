//! The export that `bin/openclaw-setup.mjs` calls. Not in index.d.ts: people call the command, not this.
//!
//! Protocol: `openOpenclawSetup(arguments, packageDir)` answers `{ openclaw, stateDir, next }`; `next(fault, said)` answers
//! `{ stdout, stderr, run, isCaptured, exitCode }`, until `exitCode` is a number. `run` is a command of the gateway;
//! `fault` says why the last one did not do its work, `said` what it wrote, if `isCaptured` asked for that.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;

use crate::binding::values::function::define;
use crate::binding::values::host;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::value::{nullable, string_elements};
use crate::cli::setup::session::{Session, Step};
use crate::error::Error;

/// Begins one run of `auth-failover openclaw …`.
#[napi(catch_unwind, skip_typescript)]
pub fn open_openclaw_setup<'env>(
    env: &'env Env,
    arguments: Unknown<'env>,
    package_dir: String,
) -> napi::Result<Object<'env>> {
    let words = string_elements(arguments)
        .ok_or_else(|| Error::invalid("arguments", "must be an array of strings"));
    let words = words.map_err(|error| to_js_error(env, &error))?;
    let environment = host::environment(env).map_err(|error| to_js_error(env, &error))?;
    let session = Session::new(&words, PathBuf::from(package_dir), &environment);
    let mut object = Object::new(env)?;
    object.set("openclaw", session.openclaw.as_str())?;
    let state_dir = session.state_dir.as_ref().map(|dir| dir.to_string_lossy().into_owned());
    object.set("stateDir", nullable(state_dir))?;
    let session = Rc::new(RefCell::new(session));
    define(env, &mut object, "next", move |it| {
        let fault: Option<String> = it.get(0)?;
        let said: Option<String> = it.get(1)?;
        let step = session.borrow_mut().next(fault.as_deref(), said.as_deref());
        output(it.env, step)
    })?;
    Ok(object)
}

fn output(env: &Env, step: Step) -> napi::Result<Object<'static>> {
    let mut object = Object::new(env)?;
    object.set("stdout", step.stdout)?;
    object.set("stderr", step.stderr)?;
    object.set("run", nullable(step.run))?;
    object.set("isCaptured", step.is_captured)?;
    object.set("exitCode", nullable(step.exit_code))?;
    Ok(object)
}
