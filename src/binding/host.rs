//! What must be read through JavaScript at the call: the clock (fake timers replace it) and the environment
//! (hosts and tests assign `process.env` while running, which `std::env` does not see in worker threads).

use napi::Env;
use napi::bindgen_prelude::{Function, JsObjectValue, Object, Unknown};

/// `Date.now()`, wall-clock milliseconds.
pub(crate) fn now_ms(env: &Env) -> napi::Result<f64> {
    let date: Object<'_> = env.get_global()?.get_named_property("Date")?;
    let now: Function<'_, (), f64> = date.get_named_property("now")?;
    now.call(())
}

/// `process.env` of the calling thread.
pub(crate) struct ProcessEnv<'env>(Object<'env>);

impl<'env> ProcessEnv<'env> {
    pub(crate) fn read(env: &'env Env) -> napi::Result<Self> {
        let process: Object<'_> = env.get_global()?.get_named_property("process")?;
        Ok(Self(process.get_named_property("env")?))
    }

    /// A variable's value; an empty one counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = self.0.get::<String>(name).ok().flatten()?;
        (!value.trim().is_empty()).then_some(value)
    }
}

/// Calls `JSON.parse`: the fastest way to build a large JavaScript value, and the one with JavaScript's own
/// rules for numbers and repeated keys.
pub(crate) fn json_parse<'env>(env: &'env Env, text: &str) -> napi::Result<Unknown<'env>> {
    let json: Object<'_> = env.get_global()?.get_named_property("JSON")?;
    let parse: Function<'_, &str, Unknown<'env>> = json.get_named_property("parse")?;
    parse.call(text)
}
