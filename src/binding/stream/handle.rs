//! One running request as JavaScript holds it: `{ pull, answer, refuse, cancel, detach }`.
//!
//! Invariant: who collects these functions, or ends their thread, cancels the request. A pull that is under way holds
//! the session, so it is the functions that hold the guard, and not the session alone.

use std::cell::RefCell;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{AsyncBlockBuilder, Object, spawn};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::batch::encode;
use super::collected_call;
use crate::binding::values::function::define;
use crate::binding::values::signal::AbortListener;
use crate::error::Error;
use crate::gemini::{Answer, Failed, Input, Link, Outcome, Session, run, session};

/// Starts the request of a collected call.
pub(crate) fn open(env: &Env, call: &Object<'_>) -> napi::Result<Object<'static>> {
    let token = CancellationToken::new();
    let started = collected_call::read(env, call)?.and_then(|collected| {
        let listener = AbortListener::attach(env, collected.signal, "options.signal", &token)?;
        Ok((listener, collected.input))
    });
    let (listener, input) = match started {
        Ok((listener, input)) => (listener, Ok(input)),
        Err(fault) => (AbortListener::default(), Err(fault)),
    };
    let (session, link, report) = session(token.clone());
    let guard = token.clone().drop_guard();
    spawn(async move {
        // A reader who is gone needs no report.
        let _ = report.send(outcome(input, link, token).await);
    });
    session_object(env, session, listener, guard)
}

async fn outcome(input: Result<Input, Error>, link: Link, token: CancellationToken) -> Outcome {
    match input {
        Ok(input) => run(input, link, token).await,
        Err(fault) => Outcome::Failed(Box::new(Failed::bad_input(&fault))),
    }
}

fn session_object(
    env: &Env,
    session: Session,
    listener: AbortListener,
    guard: DropGuard,
) -> napi::Result<Object<'static>> {
    let session = Arc::new(session);
    let listener = RefCell::new(listener);
    let mut object = Object::new(env)?;
    let reader = Arc::clone(&session);
    define(env, &mut object, "pull", move |it| {
        let reader = Arc::clone(&reader);
        AsyncBlockBuilder::new(async move { Ok(encode(&reader.next().await)) }).build(it.env)
    })?;
    let asked = Arc::clone(&session);
    define(env, &mut object, "answer", move |it| {
        let body = if it.length() == 0 { None } else { it.get::<Option<String>>(0)? };
        asked.answer(Answer::Continue(body));
        Ok(())
    })?;
    let asked = Arc::clone(&session);
    define(env, &mut object, "refuse", move |it| {
        asked.answer(Answer::Failed(it.get(0)?));
        Ok(())
    })?;
    define(env, &mut object, "cancel", move |_| {
        let _held_until_collected = &guard;
        session.cancel();
        Ok(())
    })?;
    define(env, &mut object, "detach", move |it| listener.borrow_mut().detach(it.env))?;
    Ok(object)
}
