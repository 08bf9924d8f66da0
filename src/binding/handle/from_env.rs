//! `fromEnv`: keys from the environment.

use std::io;
use std::path::Path;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use crate::binding::values::checked::NotBlank;
use crate::binding::values::host::ProcessEnv;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params;
use crate::error::{Error, Result};
use crate::store::inline::env_keys::{self, Variables};

/// The keys in environment variables, for `profiles` of `createFailover`: in their order, each once.
///
/// For `OPENAI_API_KEY` these are looked at: the variable itself, `OPENAI_API_KEY_FILE` (the path of a file with keys, as
/// Docker and Kubernetes mount secrets), then `OPENAI_API_KEY_1`, `OPENAI_API_KEY_2`, … and `OPENAI_API_KEY_1_FILE`, …, by
/// number. `OPENAI_API_KEY_*` takes every variable whose name begins so. Each may hold one key or a list, by commas or
/// lines. Read once, at the call.
///
/// ```js
/// const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') })
/// ```
///
/// Throws `ERR_INVALID_ARGUMENT` if there is no key (it names what was looked for), where a variable is set to nothing, and
/// where a key has blanks inside. No error shows a key.
#[napi(catch_unwind, ts_args_type = "name: string", ts_return_type = "string[]")]
pub fn from_env(env: &Env, name: Unknown<'_>) -> napi::Result<Vec<String>> {
    keys(env, name).map_err(|error| to_js_error(env, &error))
}

fn keys(env: &Env, name: Unknown<'_>) -> Result<Vec<String>> {
    let name: NotBlank = params::argument(name, "name")?;
    let variables = ProcessEnv::read(env).map_err(|_| Error::Internal("process.env"))?;
    let found = env_keys::keys(&name.0, &Live(variables));
    found.map_err(|problem| Error::invalid("name", problem))
}

struct Live<'env>(ProcessEnv<'env>);

impl Variables for Live<'_> {
    fn names(&self) -> Vec<String> {
        self.0.names()
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.get_any(name)
    }

    fn read_file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}
