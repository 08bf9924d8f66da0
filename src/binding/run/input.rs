//! What `runWithAuthProfiles` is given, read and checked before anything is done.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use fnv::FnvHasher;
use napi::Env;
use napi::bindgen_prelude::{FunctionRef, ObjectRef, Unknown};
use tokio_util::sync::CancellationToken;

use crate::binding::marks::report::cooldown_settings;
use crate::binding::reads::order::order_config;
use crate::binding::values::host;
use crate::binding::values::options::{self, Options};
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::{Fields, as_object};
use crate::error::{Error, Result};
use crate::profiles::cooldown::CooldownSettings;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::rules::Policy;
use crate::rotation::choice::{Strategy, Wish};
use crate::rotation::course::Course;
use crate::store::edits::candidates::OrderConfig;
use crate::store::file::paths::StorePaths;

pub(crate) type Callback = FunctionRef<(), Unknown<'static>>;

/// Everything but the callbacks and the signal: plain data.
pub(crate) struct Settings {
    pub(crate) paths: StorePaths,
    pub(crate) config: OrderConfig,
    pub(crate) cooldowns: CooldownSettings,
    pub(crate) options: Options,
    /// As the caller wrote it, for messages.
    pub(crate) provider: String,
    pub(crate) timeout: Option<Duration>,
}

pub(crate) struct Input {
    pub(crate) settings: Settings,
    pub(crate) course: Course,
    pub(crate) run: Callback,
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
        let on_event = fields.optional_function("onEvent")?;
        let course = read_course(&fields)?;
        let settings = read_settings(env, &fields, &course.wish.provider)?;
        let token = CancellationToken::new();
        let signal = fields.get("signal");
        // Last: from here on there is something to undo.
        let listener = AbortListener::attach(env, signal, "params.signal", &token)?;
        let signal = signal.and_then(as_object).and_then(|signal| signal.create_ref().ok());
        Ok(Self { settings, course, run, on_event, token, listener, signal })
    }
}

fn read_course(fields: &Fields<'_>) -> Result<Course> {
    let max_attempts = fields.optional_number("maxAttempts")?;
    if max_attempts.is_some_and(|max| max < 1.0 || max.fract() != 0.0) {
        return Err(fields.invalid("maxAttempts", "must be a whole number from 1"));
    }
    let replays = [("safe", false), ("always", true)];
    let may_replay = fields.optional_choice("replay", &replays)?.unwrap_or(false);
    Ok(Course::new(read_wish(fields)?, max_attempts.map(|max| max as usize), may_replay))
}

fn read_wish(fields: &Fields<'_>) -> Result<Wish> {
    let provider = normalize_provider_id(&filled(fields, "provider")?);
    let hash_of = |field| Ok::<_, Error>(fields.optional_string(field)?.map(|key| hash(&key)));
    let strategies = [
        ("balanced", Strategy::Balanced),
        ("priority", Strategy::Priority),
        ("pinned", Strategy::Pinned),
    ];
    let wish = Wish {
        provider,
        model: fields.optional_string("model")?.filter(|model| !model.is_empty()),
        preferred: fields.optional_string("preferredProfile")?,
        strategy: fields.optional_choice("strategy", &strategies)?.unwrap_or_default(),
        session: hash_of("sessionKey")?,
        request: hash_of("requestKey")?,
        tried: Vec::new(),
        is_exhausted: false,
    };
    if wish.strategy == Strategy::Pinned && wish.preferred.is_none() {
        return Err(fields.invalid("preferredProfile", "must be given with strategy \"pinned\""));
    }
    Ok(wish)
}

fn read_settings(env: &Env, fields: &Fields<'_>, provider: &str) -> Result<Settings> {
    // The loop is ours, so it books by the better rules unless the call says otherwise.
    let policies = [("compatible", Policy::Compatible), ("safe", Policy::Safe)];
    let policy = fields.optional_choice("policy", &policies)?.unwrap_or(Policy::Safe);
    let options = Options { policy, ..options::read(fields)? };
    let timeout_ms = fields.optional_timeout_ms("timeoutMs")?;
    let agent_dir = fields.optional_string("agentDir")?;
    Ok(Settings {
        paths: host::store_paths(env, agent_dir.as_deref(), options.with_state)?,
        config: order_config(env, fields, provider)?,
        cooldowns: cooldown_settings(fields)?,
        options,
        provider: filled(fields, "provider")?,
        timeout: timeout_ms.map(|ms| Duration::from_secs_f64(ms / 1_000.0)),
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

/// Between 0 and 1, never the same.
pub(crate) fn dice() -> f64 {
    (RandomState::new().hash_one(0) >> 11) as f64 / (1_u64 << 53) as f64
}
