//! What `runWithAuthProfiles` is given, read and checked before anything is done.

use std::hash::Hasher;
use std::rc::Rc;
use std::sync::Arc;

use fnv::FnvHasher;
use napi::Env;
use napi::bindgen_prelude::{ObjectRef, Unknown};

use super::driver::caller::Caller;
use super::refreshing::Refreshing;
use super::thread_end;
use super::types::{Callback, Functions, Replay, RunWithAuthProfilesParams};
use crate::binding::handle::whose::Given;
use crate::binding::values::checked::{Count, Timeout};
use crate::binding::values::host;
use crate::binding::values::host_config::{cooldown_settings, order_config};
use crate::binding::values::options::{self, Options};
use crate::binding::values::params::Params;
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::{Fields, as_object};
use crate::error::Result;
use crate::failure::own_rules::OwnRule;
use crate::pool::choose::Source;
use crate::pool::file::FileBackend;
use crate::pool::memory::MemoryBackend;
use crate::profiles::provider::normalize_provider_id;
use crate::rotation::request::{Request, Strategy};
use crate::rotation::run::Limits;
use crate::rotation::time_limits::TimeLimits;
use crate::store::accounts::{BookingRules, FileAccounts};
use crate::store::file::atomic::Durability;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;
use crate::store::inline::inline_accounts::InlineAccounts;
use crate::store::inline::memory_store::MemoryAccounts;
use crate::store::inline::state::Place;

/// Everything but the callbacks and the signal: plain data.
pub(crate) struct Settings {
    pub(crate) source: Source,
    /// As the caller wrote it, for messages.
    pub(crate) provider: String,
    pub(crate) time_limits: TimeLimits,
    pub(crate) rules: Arc<[OwnRule]>,
}

pub(crate) struct Input {
    pub(crate) settings: Settings,
    pub(crate) request: Request,
    pub(crate) limits: Limits,
    pub(crate) run: Callback,
    pub(crate) resolve_secret: Option<Callback>,
    pub(crate) refreshing: Option<Refreshing>,
    pub(crate) on_event: Option<Callback>,
    pub(crate) caller: Rc<Caller>,
    pub(crate) listener: AbortListener,
    pub(crate) signal: Option<ObjectRef<false>>,
}

impl Input {
    /// `inline`: accounts that a handle holds.
    pub(crate) fn read(env: &Env, params: Unknown<'_>, inline: Option<&Given>) -> Result<Self> {
        let fields = Fields::required(params, "params")?;
        let Functions { run, on_event } = Functions::read(&fields)?;
        let mut given = RunWithAuthProfilesParams::read(&fields)?;
        let options = options::read_for_run(&fields)?;
        let (signal, resolve_secret) = (given.signal.take(), given.resolve_secret.take());
        let refreshing = Refreshing::take(&mut given);
        let limits = limits(&given);
        let mut request = request(&given);
        if request.strategy == Strategy::Pinned && request.preferred.is_none() {
            let problem = "must be given with strategy \"pinned\"";
            return Err(fields.invalid("preferredProfile", problem));
        }
        let settings = settings(env, given, options, inline, &request.provider)?;
        if let Some(given) = inline {
            request.own_addresses = Arc::clone(&given.inline.addresses);
        }
        request.patience = settings.time_limits.patience();
        // Last: from here on there is something to undo.
        let (caller, listener) = Caller::listen(env, signal, "params.signal")?;
        let signal = signal.and_then(as_object).and_then(|signal| signal.create_ref().ok());
        Ok(Self {
            settings,
            request,
            limits,
            run,
            resolve_secret,
            refreshing,
            on_event,
            caller,
            listener,
            signal,
        })
    }
}

fn limits(given: &RunWithAuthProfilesParams<'_>) -> Limits {
    let usual = Limits::default();
    let or = |count: Option<&Count>, usual| count.map_or(usual, |count| count.0);
    Limits {
        max_attempts: given.max_attempts.as_ref().map(|count| count.0),
        endpoint_attempts: or(given.endpoint_attempts.as_ref(), usual.endpoint_attempts),
        timeout_attempts: or(given.timeout_attempts.as_ref(), usual.timeout_attempts),
        may_replay: given.replay == Some(Replay::Always),
    }
}

fn request(given: &RunWithAuthProfilesParams<'_>) -> Request {
    Request {
        provider: normalize_provider_id(&given.provider.0),
        model: given.model.clone().filter(|model| !model.is_empty()),
        preferred: given.preferred_profile.clone(),
        strategy: given.strategy.unwrap_or_default(),
        session: given.session_key.as_deref().map(hash),
        key: given.request_key.as_deref().map(hash),
        is_forced: given.force.unwrap_or(false),
        base_url: given.base_url.map(|address| address.0),
        ..Request::default()
    }
}

fn settings(
    env: &Env,
    given: RunWithAuthProfilesParams<'_>,
    options: Options,
    inline: Option<&Given>,
    provider: &str,
) -> Result<Settings> {
    let limit = |limit: Option<Timeout>| limit.map(|limit| limit.0);
    Ok(Settings {
        source: source(env, &given, options, inline, provider)?,
        provider: given.provider.0,
        rules: given.rules.map(|rules| rules.0).unwrap_or_default().into(),
        time_limits: TimeLimits {
            whole: limit(given.timeout_ms),
            first_byte: limit(given.first_byte_timeout_ms),
            idle: limit(given.idle_timeout_ms),
        },
    })
}

/// The accounts, and what is going on with them.
fn source(
    env: &Env,
    given: &RunWithAuthProfilesParams<'_>,
    options: Options,
    inline: Option<&Given>,
    provider: &str,
) -> Result<Source> {
    let rules = BookingRules {
        provider: given.provider.0.clone(),
        cooldowns: cooldown_settings(given.cfg.as_ref()),
        policy: options.policy,
        ladder: options.ladder,
    };
    let file = |paths: StorePaths, config, rules| FileAccounts {
        warn: thread_end::warn(env, &paths.store),
        paths,
        config,
        rules,
        update: UpdateOptions {
            lock_form: options.lock_form,
            durability: options.durability.unwrap_or(Durability::Relaxed),
        },
        wait: options.wait,
        last_seen: Arc::default(),
        asked: Arc::default(),
    };
    let Some(Given { inline, pool }) = inline else {
        let paths = host::store_paths_of_run(env, given.agent_dir.as_deref(), options.with_state)?;
        let pool = FileBackend::beside(paths.main.iter().chain([&paths.store]).cloned().collect());
        let accounts = file(paths, order_config(env, given.cfg.as_ref(), provider), rules);
        return Ok(Source { pool: Arc::new(pool), accounts: Arc::new(accounts) });
    };
    let (config, inline) = (inline.config(), Arc::clone(inline));
    Ok(match inline.place() {
        Place::File(paths) => {
            let pool = FileBackend::beside(vec![paths.store.clone()]);
            let state = file(paths, config, rules);
            let accounts = InlineAccounts { inline, state };
            Source { pool: Arc::new(pool), accounts: Arc::new(accounts) }
        }
        Place::Memory(memory) => {
            let state = MemoryAccounts { memory, config, rules };
            let accounts = InlineAccounts { inline, state };
            Source { pool: Arc::<MemoryBackend>::clone(pool), accounts: Arc::new(accounts) }
        }
    })
}

/// The same in every process and version, for what is written to the pool.
fn hash(key: &str) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish()
}
