//! What `runWithAuthProfiles` is given, read and checked before anything is done.

use std::hash::Hasher;
use std::sync::Arc;
use std::time::Duration;

use fnv::FnvHasher;
use napi::Env;
use napi::bindgen_prelude::{FunctionRef, ObjectRef, Unknown};
use tokio_util::sync::CancellationToken;

use super::thread_end;
use crate::binding::failure::read_rules;
use crate::binding::values::host;
use crate::binding::values::host_config::{cooldown_settings, order_config};
use crate::binding::values::options::{self, Options};
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::{Fields, as_object};
use crate::error::{Error, Result};
use crate::failure::own_rules::OwnRule;
use crate::pool::choose::Source;
use crate::pool::file::FileBackend;
use crate::profiles::booking_rules::Policy;
use crate::profiles::provider::normalize_provider_id;
use crate::rotation::endpoint::base_url;
use crate::rotation::request::{Request, Strategy};
use crate::rotation::run::Limits;
use crate::rotation::time_limits::{Limit, TimeLimits};
use crate::store::accounts::{BookingRules, FileAccounts};
use crate::store::file::atomic::Durability;
use crate::store::file::update::UpdateOptions;

pub(crate) type Callback = FunctionRef<(), Unknown<'static>>;

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
    pub(crate) on_event: Option<Callback>,
    pub(crate) token: CancellationToken,
    pub(crate) listener: AbortListener,
    pub(crate) signal: Option<ObjectRef<false>>,
}

impl Input {
    pub(crate) fn read(env: &Env, params: Unknown<'_>) -> Result<Self> {
        let fields = Fields::required(params, "params")?;
        let run = fields
            .optional_function("run")?
            .ok_or_else(|| fields.invalid("run", "must be a function"))?;
        let resolve_secret = fields.optional_function("resolveSecret")?;
        let on_event = fields.optional_function("onEvent")?;
        let limits = read_limits(&fields)?;
        let request = read_request(&fields)?;
        let settings = read_settings(env, &fields, &request.provider)?;
        let token = CancellationToken::new();
        let signal = fields.get("signal");
        // Last: from here on there is something to undo.
        let listener = AbortListener::attach(env, signal, "params.signal", &token)?;
        let signal = signal.and_then(as_object).and_then(|signal| signal.create_ref().ok());
        Ok(Self {
            settings,
            request,
            limits,
            run,
            resolve_secret,
            on_event,
            token,
            listener,
            signal,
        })
    }
}

fn read_limits(fields: &Fields<'_>) -> Result<Limits> {
    let count = |field| {
        let count = fields.optional_number(field)?;
        if count.is_some_and(|count| count < 1.0 || count.fract() != 0.0) {
            return Err(fields.invalid(field, "must be a whole number from 1"));
        }
        Ok(count.map(|count| count as usize))
    };
    let max_attempts = count("maxAttempts")?;
    let endpoint_attempts = count("endpointAttempts")?;
    let replays = [("safe", false), ("always", true)];
    let may_replay = fields.optional_choice("replay", &replays)?.unwrap_or(false);
    let endpoint_attempts = endpoint_attempts.unwrap_or(Limits::default().endpoint_attempts);
    Ok(Limits { max_attempts, endpoint_attempts, may_replay })
}

fn read_request(fields: &Fields<'_>) -> Result<Request> {
    let provider = normalize_provider_id(&filled(fields, "provider")?);
    let hash_of = |field| Ok::<_, Error>(fields.optional_string(field)?.map(|key| hash(&key)));
    let strategies = [
        ("balanced", Strategy::Balanced),
        ("priority", Strategy::Priority),
        ("pinned", Strategy::Pinned),
    ];
    let request = Request {
        provider,
        model: fields.optional_string("model")?.filter(|model| !model.is_empty()),
        preferred: fields.optional_string("preferredProfile")?,
        strategy: fields.optional_choice("strategy", &strategies)?.unwrap_or_default(),
        session: hash_of("sessionKey")?,
        key: hash_of("requestKey")?,
        is_forced: fields.optional_bool("force")?.unwrap_or(false),
        base_url: read_base_url(fields)?,
        ..Request::default()
    };
    if request.strategy == Strategy::Pinned && request.preferred.is_none() {
        return Err(fields.invalid("preferredProfile", "must be given with strategy \"pinned\""));
    }
    Ok(request)
}

fn read_base_url(fields: &Fields<'_>) -> Result<Option<u64>> {
    let address = fields.optional_string("baseUrl")?.filter(|address| !address.trim().is_empty());
    let hash = |address: String| {
        let problem = "must be an absolute URL, for example https://api.example.com/v1";
        base_url::hash(&address).ok_or_else(|| fields.invalid("baseUrl", problem))
    };
    address.map(hash).transpose()
}

fn read_settings(env: &Env, fields: &Fields<'_>, provider: &str) -> Result<Settings> {
    // The loop is ours, so it books by the better rules unless the call says otherwise.
    let policies = [("compatible", Policy::Compatible), ("safe", Policy::Safe)];
    let policy = fields.optional_choice("policy", &policies)?.unwrap_or(Policy::Safe);
    let options = Options { policy, ..options::read(fields)? };
    let time_limits = read_time_limits(fields)?;
    let agent_dir = fields.optional_string("agentDir")?;
    let paths = host::store_paths(env, agent_dir.as_deref(), options.with_state)?;
    let rules = BookingRules {
        provider: filled(fields, "provider")?,
        cooldowns: cooldown_settings(fields.optional_object("cfg")?.as_ref()),
        policy: options.policy,
        ladder: options.ladder,
    };
    let update = UpdateOptions {
        lock_form: options.lock_form,
        durability: options.durability.unwrap_or(Durability::Relaxed),
    };
    let accounts = FileAccounts {
        paths: paths.clone(),
        config: order_config(env, fields, provider)?,
        rules,
        update,
        wait: options.wait,
        warn: thread_end::warn(env, &paths.store),
        last_seen: Arc::default(),
    };
    let pool = FileBackend::beside(paths.main.into_iter().chain([paths.store.clone()]).collect());
    Ok(Settings {
        source: Source { pool: Arc::new(pool), accounts: Arc::new(accounts) },
        provider: filled(fields, "provider")?,
        rules: read_rules::read(fields.get("rules"), "params.rules")?.into(),
        time_limits,
    })
}

fn read_time_limits(fields: &Fields<'_>) -> Result<TimeLimits> {
    let read = |limit: Limit| {
        let limit_ms = fields.optional_timeout_ms(limit.option())?;
        Ok::<_, Error>(limit_ms.map(|ms| Duration::from_secs_f64(ms / 1_000.0)))
    };
    Ok(TimeLimits {
        whole: read(Limit::Whole)?,
        first_byte: read(Limit::FirstByte)?,
        idle: read(Limit::Idle)?,
    })
}

fn filled(fields: &Fields<'_>, field: &str) -> Result<String> {
    let text = fields.string(field)?;
    if text.trim().is_empty() {
        return Err(fields.invalid(field, "must not be empty"));
    }
    Ok(text)
}

/// The same in every process and version, for what is written to the pool.
fn hash(key: &str) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish()
}
