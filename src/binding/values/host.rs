//! What must be read through JavaScript at the call: the clock (fake timers replace it) and the environment
//! (hosts and tests assign `process.env` while running, which `std::env` does not see in worker threads).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, Unknown};

use super::function::linked_function;
use crate::error::{Error, Result};
use crate::store::file::paths::{Environment, StorePaths};
use crate::time::WallMs;

/// `Date.now()`, wall-clock milliseconds. `Date` is looked up at each call: fake timers replace it.
pub(crate) fn now(env: &Env) -> napi::Result<WallMs> {
    let now: Function<'_, (), f64> =
        linked_function(env, "now", |env| env.run_script("() => Date.now()"))?;
    now.call(()).map(WallMs::new)
}

/// A time that the caller may leave out.
pub(crate) fn given_or_now(env: &Env, given: Option<f64>) -> Result<WallMs> {
    let now = || now(env).map_err(|_| Error::Internal("Date.now"));
    given.map_or_else(now, |given| Ok(WallMs::new(given)))
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

    /// A variable's value as it is.
    pub(crate) fn get_any(&self, name: &str) -> Option<String> {
        self.0.get::<String>(name).ok().flatten()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        Object::keys(&self.0).unwrap_or_default()
    }
}

/// Calls `JSON.stringify` with the host's layout: JavaScript's own spelling of every number and string.
pub(crate) fn json_stringify(env: &Env, value: &Object<'_>) -> napi::Result<String> {
    let json: Object<'_> = env.get_global()?.get_named_property("JSON")?;
    let stringify: Function<'_, FnArgs<(Object<'_>, (), f64)>, String> =
        json.get_named_property("stringify")?;
    stringify.call(FnArgs { data: (*value, (), 2.0) })
}

/// Calls `JSON.parse`: the fastest way to build a large JavaScript value, and the one with JavaScript's own
/// rules for numbers and repeated keys.
pub(crate) fn json_parse<'env>(env: &'env Env, text: &str) -> napi::Result<Unknown<'env>> {
    let json: Object<'_> = env.get_global()?.get_named_property("JSON")?;
    let parse: Function<'_, &str, Unknown<'env>> = json.get_named_property("parse")?;
    parse.call(text)
}

/// The paths of an agent's store, from the environment as JavaScript sees it now.
pub(crate) fn store_paths(
    env: &Env,
    agent_dir: Option<&str>,
    with_state: bool,
) -> Result<StorePaths> {
    Ok(StorePaths { with_state, ..StorePaths::resolve(agent_dir, &environment(env)?) })
}

/// How long a run believes which directories are there: to look costs a run more than all else it does on its thread.
const DIRECTORIES_STAY: Duration = Duration::from_secs(1);

thread_local! {
    static FOUND: RefCell<VecDeque<Found>> = const { RefCell::new(VecDeque::new()) };
}

/// More agents than one process works with at a time.
const MOST_FOUND: usize = 16;

/// What was found, and from what.
struct Found {
    variables: String,
    current_dir: PathBuf,
    agent_dir: String,
    paths: StorePaths,
    at: Instant,
}

/// The same for runs. A store that is not named is looked for at each call: it may be made between two of them.
pub(crate) fn store_paths_of_run(
    env: &Env,
    agent_dir: Option<&str>,
    with_state: bool,
) -> Result<StorePaths> {
    let Some(agent_dir) = agent_dir else { return store_paths(env, agent_dir, with_state) };
    let variables = store_variables(env).map_err(|_| Error::Internal("process.env"))?;
    let current_dir = std::env::current_dir().unwrap_or_default();
    let known = FOUND.with_borrow_mut(|found| {
        found.retain(|it| it.at.elapsed() < DIRECTORIES_STAY);
        let is_same = |it: &&Found| {
            it.agent_dir == agent_dir && it.variables == variables && it.current_dir == current_dir
        };
        found.iter().find(is_same).map(|it| it.paths.clone())
    });
    let paths = known.unwrap_or_else(|| {
        let environment = environment_of(&variables, current_dir.clone());
        let paths = StorePaths::resolve(Some(agent_dir), &environment);
        let (agent_dir, at) = (agent_dir.to_owned(), Instant::now());
        let new = Found { variables, current_dir, agent_dir, paths: paths.clone(), at };
        FOUND.with_borrow_mut(|found| {
            found.truncate(MOST_FOUND - 1);
            found.push_front(new);
        });
        paths
    });
    Ok(StorePaths { with_state, ..paths })
}

/// The variables and directories that decide where stores are.
pub(crate) fn environment(env: &Env) -> Result<Environment> {
    let variables = store_variables(env).map_err(|_| Error::Internal("process.env"))?;
    // Hosts change the directory while running, so it is asked at the call too.
    Ok(environment_of(&variables, std::env::current_dir().unwrap_or_default()))
}

fn environment_of(variables: &str, current_dir: PathBuf) -> Environment {
    let is_set = |(_, value): &(_, &str)| !value.trim().is_empty();
    let set: Vec<_> = variable_names().zip(variables.split(SEPARATOR)).filter(is_set).collect();
    let first = |names: &[&str]| {
        let found = |name: &&str| set.iter().find(|(known, _)| known == name);
        names.iter().filter_map(found).map(|(_, value)| (*value).to_owned()).next()
    };
    let home = first(&[HOME]);
    Environment {
        agent_dir: first(&Environment::AGENT_DIR_VARIABLES),
        state_dir: first(&Environment::STATE_DIR_VARIABLES),
        config: first(&[Environment::CONFIG_VARIABLE]),
        own_dir: first(&[OWN_DIR]),
        user_state_dir: first(&[USER_STATE]),
        home: home.map(PathBuf::from).or_else(std::env::home_dir).unwrap_or_default(),
        current_dir,
    }
}

const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
const OWN_DIR: &str = "AUTH_FAILOVER_DIR";
const USER_STATE: &str = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" };

/// No variable's value has one.
const SEPARATOR: char = '\0';

fn variable_names() -> impl Iterator<Item = &'static str> {
    let own = [Environment::CONFIG_VARIABLE, OWN_DIR, USER_STATE, HOME];
    let of_hosts =
        Environment::AGENT_DIR_VARIABLES.into_iter().chain(Environment::STATE_DIR_VARIABLES);
    of_hosts.chain(own)
}

/// Their values, read in one call.
fn store_variables(env: &Env) -> napi::Result<String> {
    let read: Function<'_, (), String> = linked_function(env, "variables", |env| {
        let read = |name| format!("env.{name} ?? ''");
        let all = variable_names().map(read).collect::<Vec<_>>().join(", ");
        env.run_script(format!(
            "() => {{ const {{ env }} = process; return [{all}].join('\\0'); }}"
        ))
    })?;
    read.call(())
}
