//! The options of `createFailover`, read and checked before anything is done.

use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;

use super::given_profiles;
use super::known::Known;
use super::whose::{Given, Whose};
use crate::binding::api::fetch_options::FailoverFetchOptions;
use crate::binding::run::types::{Functions, RunWithAuthProfilesParams};
use crate::binding::values::host;
use crate::binding::values::options::{self, AuthProfileOptions, Options};
use crate::binding::values::params::{FromJs, Params, choices, params};
use crate::binding::values::value::Fields;
use crate::error::Result;
use crate::profiles::provider::normalize_provider_id;
use crate::store::file::paths::{STORE_FILE, StorePaths};
use crate::store::inline::state::Inline;

/// The longest name that every file system takes.
const LONGEST_NAME: usize = 100;

/// Who the accounts are, and where is kept what becomes of them.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct FailoverPlace<'env> {
    /// The accounts, if they do not live in a store: keys, or objects with a key and what belongs to it. Nothing secret is
    /// ever written. In no order: the least busy one is asked, then the one used longest ago; with `strategy: 'priority'`
    /// the first that is free.
    #[napi(ts_type = "ReadonlyArray<string | FailoverProfile> | null")]
    pub profiles: Option<Unknown<'env>>,
    /// Names the state of in-line accounts: programs with the same name share windows and counters. Letters, digits, dots,
    /// dashes and underscores. Default: the provider.
    #[napi(ts_type = "string | null")]
    pub name: Option<String>,
    /// `file` (default): in `AUTH_FAILOVER_DIR`, else in the user's state directory (`$XDG_STATE_HOME` or
    /// `~/.local/state`, `~/Library/Application Support`, `%LOCALAPPDATA%`), in `auth-failover/<name>`. Where that cannot be
    /// written, a warning says so once and memory is used. `memory`: in this process only.
    #[napi(ts_type = "'file' | 'memory' | null")]
    pub state: Option<StateKind>,
}
params!(FailoverPlace<'env> { profiles, name, state });

choices! { StateKind: "file" => StateKind::File, "memory" => StateKind::Memory }

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    File,
    Memory,
}

pub(crate) const OF_ONE_CALL: [&str; 4] =
    ["signal", "sessionKey", "requestKey", "preferredProfile"];
/// A mark's. A run tells a booking that failed by a warning.
const OF_A_MARK: &str = "strict";

/// Those of the loop, which hold for every call that does not say otherwise.
pub(crate) fn of_runs() -> impl Iterator<Item = &'static str> {
    let names = RunWithAuthProfilesParams::FIELDS.iter().chain(AuthProfileOptions::FIELDS);
    names.copied().filter(|name| *name != OF_A_MARK && !OF_ONE_CALL.contains(name))
}

fn known() -> Known {
    let own = FailoverPlace::FIELDS.iter().chain(FailoverFetchOptions::FIELDS).copied();
    Known {
        names: own.chain(of_runs()).chain(["onEvent"]).collect(),
        misplaced: &OF_ONE_CALL,
        advice: "is of one call: give it to run or lease",
    }
}

/// What a handle is made of.
pub(crate) struct Opening {
    pub(crate) provider: String,
    pub(crate) whose: Whose,
    pub(crate) options: Options,
    /// The id of each given profile, in their order.
    pub(crate) ids: Vec<String>,
}

impl Opening {
    pub(crate) fn read(env: &Env, value: Unknown<'_>) -> Result<Self> {
        let fields = Fields::required(value, "options")?;
        known().only(&Object::from_js(value)?, "options")?;
        let loop_options = RunWithAuthProfilesParams::read(&fields)?;
        let options = options::read_for_run(&fields)?;
        let _ = Functions::read_listener(&fields)?;
        let place = FailoverPlace::read(&fields)?;
        let provider = normalize_provider_id(&loop_options.provider.0);
        let agent_dir = loop_options.agent_dir.as_deref();
        let Some(given) = place.profiles else {
            for (field, is_given) in
                [("name", place.name.is_some()), ("state", place.state.is_some())]
            {
                if is_given {
                    return Err(fields.invalid(field, "is for accounts that are given in profiles"));
                }
            }
            let paths = host::store_paths(env, agent_dir, options.with_state)?;
            return Ok(Self { provider, whose: Whose::Store(paths), options, ids: Vec::new() });
        };
        if agent_dir.is_some() {
            let problem = "must not be given together with profiles: they live in one of them";
            return Err(fields.invalid("agentDir", problem));
        }
        let (profiles, ids) = given_profiles::read(env, given, "options.profiles", &provider)?;
        let name = place.name.unwrap_or_else(|| file_name(&provider));
        let is_plain = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-%".contains(&byte);
            name.bytes().all(is_plain) && !name.starts_with('.') && name.len() <= LONGEST_NAME
        };
        if name.is_empty() || !is_plain(&name) {
            let problem = "must have letters, digits, dots, dashes and underscores only";
            return Err(fields.invalid("name", problem));
        }
        let is_file = place.state != Some(StateKind::Memory);
        let paths = is_file.then(|| host::environment(env)).transpose()?.map(|environment| {
            let store = environment.own_root().join(&name).join(STORE_FILE);
            StorePaths { store, main: None, with_state: false }
        });
        let given = Given { inline: Inline::new(profiles, paths), pool: std::sync::Arc::default() };
        Ok(Self { provider, whose: Whose::Given(given), options, ids })
    }
}

/// A provider's name as a directory's.
fn file_name(provider: &str) -> String {
    let letter = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02x}")
        }
    };
    provider.bytes().take(LONGEST_NAME / 3).map(letter).collect()
}
