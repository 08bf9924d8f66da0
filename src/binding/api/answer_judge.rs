//! One answer on its way. JavaScript holds it as an external value: a class would need a declaration, and these functions
//! are not for callers.

use std::cell::RefCell;

use napi::Env;
use napi::bindgen_prelude::{External, Object};
use napi_derive::napi;

use crate::api::answer::judge::{EndKind, Judge, Verdict};
use crate::api::answer::meaning::Kind;
use crate::api::answer::stream_items;
use crate::binding::failure::failure_object;

type Held = External<RefCell<Judge>>;

#[napi(catch_unwind, skip_typescript)]
pub fn answer_judge(content_type: String) -> Held {
    External::new(RefCell::new(Judge::new(&content_type)))
}

/// 0 undecided, 1 content, 2 an error; and 4 more if nothing follows, whatever the connection does.
#[napi(catch_unwind, skip_typescript)]
pub fn push_answer(judge: &Held, chunk: &[u8]) -> u32 {
    let mut judge = judge.borrow_mut();
    judge.push(chunk);
    state(&judge)
}

/// As it stands, if the reader waits no longer.
#[napi(catch_unwind, skip_typescript)]
pub fn let_answer_through(judge: &Held) -> u32 {
    let mut judge = judge.borrow_mut();
    judge.let_through();
    state(&judge)
}

#[napi(catch_unwind, skip_typescript)]
pub fn answer_state(judge: &Held) -> u32 {
    state(&judge.borrow())
}

fn state(judge: &Judge) -> u32 {
    let verdict = match judge.verdict() {
        Verdict::Undecided => 0,
        Verdict::Content => 1,
        Verdict::Failed => 2,
    };
    if judge.is_over() { verdict | 4 } else { verdict }
}

/// `{ kind, state, finish, inputTokens, outputTokens, failure, error }`; `error` is the text of an error event.
#[napi(catch_unwind, skip_typescript)]
pub fn end_answer<'env>(
    env: &'env Env,
    judge: &Held,
    is_in_order: bool,
) -> napi::Result<Object<'env>> {
    let mut judge = judge.borrow_mut();
    let ending = judge.end(is_in_order);
    let kind = match ending.kind {
        EndKind::Complete => "complete",
        EndKind::Cut => "cut",
        EndKind::Empty => "empty",
        EndKind::Failed => "failed",
    };
    let mut object = Object::new(env)?;
    object.set("kind", kind)?;
    object.set("state", state(&judge))?;
    object.set("finish", ending.finish)?;
    object.set("inputTokens", ending.tokens.input as f64)?;
    object.set("outputTokens", ending.tokens.output as f64)?;
    let error = judge.error().map(|error| String::from_utf8_lossy(error).into_owned());
    object.set("error", error)?;
    if let Some(failure) = ending.kind.failure() {
        object.set("failure", failure_object::to_js(env, failure)?)?;
    }
    Ok(object)
}

/// What one item of an SDK's stream is, as JSON: 0 an announcement, 1 content, 2 an error.
#[napi(catch_unwind, skip_typescript)]
pub fn weigh_item(item: String) -> u32 {
    match stream_items::of_item(&item) {
        Kind::Nothing => 0,
        Kind::Content => 1,
        Kind::Error => 2,
    }
}
