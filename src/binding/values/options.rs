//! Options of marks and edits: per call, else what `configureAuthProfiles` set, else the default.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::checked::checked;
use super::js_error::to_js_error;
use super::params::{Params, choices, params};
use super::value::Fields;
use crate::error::Result;
use crate::profiles::booking_rules::Policy;
use crate::profiles::cooldown::Ladder;
use crate::store::file::atomic::Durability;
use crate::store::file::lock::LockForm;
use crate::time::duration;

/// Beyond any sensible wait, and well inside what a timer can hold.
const LONGEST_LOCK_TIMEOUT_MS: f64 = 86_400_000.0;

/// How marks and edits work; each may also be given in a single call.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct AuthProfileOptions {
    /// `compatible` (default): as the host does. `safe`: generic windows neither creep nor shrink, an expired window
    /// starts counting from zero, a burst of the same failure counts once, faults of the request or the service cool
    /// nothing, `auth_permanent` disables, and a used-up quota rests 5, 15, then 60 minutes if nobody says how long.
    #[napi(ts_type = "'compatible' | 'safe' | null")]
    pub policy: Option<Policy>,
    /// The back-off when no server states a wait. `classic` (default): 1, 5, 25, 60 minutes. `stepped`: 30 seconds,
    /// 1 and 5 minutes, as hosts do from 2026.3.28 on.
    #[napi(ts_type = "'classic' | 'stepped' | null")]
    pub ladder: Option<Ladder>,
    /// The form of the lock that the host uses: `directory` (`proper-lockfile`, hosts up to 2026.2.12; default)
    /// or `pid-file` (2026.2.14 and later). Either form is respected when waiting.
    #[napi(ts_type = "'directory' | 'pid-file' | null")]
    pub lock_form: Option<LockForm>,
    /// Longest wait for the store's lock in milliseconds. Default 5000.
    #[napi(ts_type = "number | null")]
    pub lock_timeout_ms: Option<LockTimeout>,
    /// `full`: on disk before the promise resolves, whatever happens to the power. `relaxed`: safe against the death of
    /// any process; a power cut may take back the last second. Default: `relaxed` for usage, `full` for credentials
    /// and orders.
    #[napi(ts_type = "'full' | 'relaxed' | null")]
    pub durability: Option<Durability>,
    /// `auto` (default): where a host keeps `auth-state.json` beside the store (2026.4.9 to 2026.6.1), usage and orders are
    /// read from it first and written there. `ignore`: only the store counts.
    #[napi(ts_type = "'auto' | 'ignore' | null")]
    pub state_file: Option<StateFile>,
    /// Reject with a typed error when a mark cannot be written. Default `false`: resolve with `persisted: false`, keep
    /// the effect in `store`, warn once.
    #[napi(ts_type = "boolean | null")]
    pub strict: Option<bool>,
}
params!(AuthProfileOptions {
    policy,
    ladder,
    lock_form,
    lock_timeout_ms,
    durability,
    state_file,
    strict
});

/// What holds where a call says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Options {
    pub(crate) policy: Policy,
    pub(crate) ladder: Ladder,
    pub(crate) lock_form: LockForm,
    pub(crate) wait: Duration,
    /// `None`: relaxed for usage, full for what changes a credential or an order.
    pub(crate) durability: Option<Durability>,
    pub(crate) strict: bool,
    /// Whether an `auth-state.json` beside the store counts.
    pub(crate) with_state: bool,
}

const DEFAULTS: Options = Options {
    policy: Policy::Compatible,
    ladder: Ladder::Classic,
    lock_form: LockForm::Directory,
    wait: Duration::from_secs(5),
    durability: None,
    strict: false,
    with_state: true,
};

static CONFIGURED: RwLock<Options> = RwLock::new(DEFAULTS);

/// Sets the defaults of all later marks and edits in this process. Fields that are absent or `null` go back to the
/// package's own default, so a call without an argument resets everything.
///
/// Throws `ERR_INVALID_ARGUMENT`; then nothing is changed.
#[napi(catch_unwind, ts_args_type = "options?: AuthProfileOptions | null")]
pub fn configure_auth_profiles(env: &Env, options: Option<Unknown<'_>>) -> napi::Result<()> {
    let configured = Fields::optional(options, "options")
        .and_then(|fields| fields.map_or(Ok(DEFAULTS), |fields| read_over(DEFAULTS, &fields)))
        .map_err(|error| to_js_error(env, &error))?;
    *CONFIGURED.write().unwrap_or_else(PoisonError::into_inner) = configured;
    Ok(())
}

/// A call's options over the configured ones.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Options> {
    read_over(configured(), fields)
}

/// Those of a run. It has no host's behaviour to keep, so it books by the safe policy unless the call says otherwise.
pub(crate) fn read_for_run(fields: &Fields<'_>) -> Result<Options> {
    read_over(Options { policy: Policy::Safe, ..configured() }, fields)
}

/// The configured options.
pub(crate) fn configured() -> Options {
    *CONFIGURED.read().unwrap_or_else(PoisonError::into_inner)
}

fn read_over(base: Options, fields: &Fields<'_>) -> Result<Options> {
    let given = AuthProfileOptions::read(fields)?;
    Ok(Options {
        policy: given.policy.unwrap_or(base.policy),
        ladder: given.ladder.unwrap_or(base.ladder),
        lock_form: given.lock_form.unwrap_or(base.lock_form),
        wait: given.lock_timeout_ms.map_or(base.wait, |timeout| timeout.0),
        durability: given.durability.or(base.durability),
        strict: given.strict.unwrap_or(base.strict),
        with_state: given.state_file.map_or(base.with_state, |file| file == StateFile::Auto),
    })
}

choices! { Policy: "compatible" => Policy::Compatible, "safe" => Policy::Safe }
choices! { Ladder: "classic" => Ladder::Classic, "stepped" => Ladder::Stepped }
choices! { LockForm: "directory" => LockForm::Directory, "pid-file" => LockForm::PidFile }
choices! { Durability: "full" => Durability::Full, "relaxed" => Durability::Relaxed }
choices! { StateFile: "auto" => StateFile::Auto, "ignore" => StateFile::Ignore }

/// Whether an `auth-state.json` beside the store counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateFile {
    Auto,
    Ignore,
}

checked! {
    /// The longest wait for the lock.
    LockTimeout: f64 => Duration, "must be between 0 and 86400000",
    |ms| (0.0..=LONGEST_LOCK_TIMEOUT_MS).contains(&ms).then(|| duration(ms))
}
