//! The one export that `bin/auth-failover.mjs` calls. It is not in index.d.ts: people call the command, not this.
//!
//! Protocol: `openCommandLine(arguments)` answers `{ next }`; `next({ isTerminal, columns, rows }, answer)` resolves with
//! `{ stdout, stderr, exitCode, question }`, one text after the other, until `exitCode` is a number. Where `question` is a
//! text, the next call brings the answer to it: see `store::openclaw::question`.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{AsyncBlockBuilder, Object, Unknown};
use napi_derive::napi;

use crate::binding::values::function::define;
use crate::binding::values::host::{self, ProcessEnv};
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{self, params};
use crate::binding::values::value::{nullable, string_elements};
use crate::cli::invocation::Step;
use crate::cli::session::{Session, Start};
use crate::cli::text::terminal::{Preferences, Terminal};
use crate::error::{Error, Result};

/// Begins one run of the command line.
#[napi(catch_unwind, skip_typescript)]
pub fn open_command_line<'env>(
    env: &'env Env,
    arguments: Unknown<'env>,
) -> napi::Result<Object<'env>> {
    let session =
        Arc::new(Session::new(start(env, arguments).map_err(|it| to_js_error(env, &it))?));
    let mut object = Object::new(env)?;
    define(env, &mut object, "next", move |it| {
        let session = Arc::clone(&session);
        let terminal = terminal(it.get(0)?).map_err(|error| to_js_error(it.env, &error))?;
        let answer: Option<String> = it.get(1)?;
        let step = async move { Ok(session.next(terminal, answer).await) };
        AsyncBlockBuilder::build_with_map(it.env, step, |env, step| output(&env, &step))
    })?;
    Ok(object)
}

fn output(env: &Env, step: &Step) -> napi::Result<Object<'static>> {
    let mut object = Object::new(env)?;
    object.set("stdout", step.stdout.as_str())?;
    object.set("stderr", step.stderr.as_str())?;
    object.set("exitCode", nullable(step.exit_code))?;
    object.set("question", nullable(step.question.as_deref()))?;
    Ok(object)
}

fn start(env: &Env, arguments: Unknown<'_>) -> Result<Start> {
    let arguments = string_elements(arguments)
        .ok_or_else(|| Error::invalid("arguments", "must be an array of strings"))?;
    let variables = ProcessEnv::read(env).map_err(|_| Error::Internal("process.env"))?;
    let get = |name| variables.get(name);
    let preferences = Preferences {
        no_color: get("NO_COLOR"),
        force_color: get("FORCE_COLOR"),
        term: get("TERM"),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(get),
        windows_terminal: ["WT_SESSION", "TERM_PROGRAM"].into_iter().find_map(get),
    };
    Ok(Start { arguments, environment: host::environment(env)?, preferences })
}

/// What `bin/` tells of standard output.
struct TerminalFacts {
    is_terminal: Option<bool>,
    columns: Option<f64>,
    rows: Option<f64>,
}
params!(TerminalFacts { is_terminal, columns, rows });

fn terminal(facts: Unknown<'_>) -> Result<Terminal> {
    let facts: TerminalFacts = params::argument(facts, "terminal")?;
    Ok(Terminal {
        is_terminal: facts.is_terminal.unwrap_or(false),
        columns: facts.columns.map(|size| size as usize),
        rows: facts.rows.map(|size| size as usize),
    })
}
