//! Options of marks and edits: per call, else what `configureAuthProfiles` set, else the default.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::error::to_js_error;
use super::value::Fields;
use crate::error::Result;
use crate::profiles::cooldown::Ladder;
use crate::profiles::rules::Policy;
use crate::store::file::atomic::Durability;
use crate::store::file::lock::LockForm;

/// Beyond any sensible wait, and well inside what a timer can hold.
const LONGEST_LOCK_TIMEOUT_MS: f64 = 86_400_000.0;

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

/// The configured options.
pub(crate) fn configured() -> Options {
    *CONFIGURED.read().unwrap_or_else(PoisonError::into_inner)
}

fn read_over(base: Options, fields: &Fields<'_>) -> Result<Options> {
    let wait = match fields.optional_number("lockTimeoutMs")? {
        None => base.wait,
        Some(ms) if (0.0..=LONGEST_LOCK_TIMEOUT_MS).contains(&ms) => {
            Duration::from_secs_f64(ms / 1_000.0)
        }
        Some(_) => return Err(fields.invalid("lockTimeoutMs", "must be between 0 and 86400000")),
    };
    Ok(Options {
        policy: fields
            .optional_choice(
                "policy",
                &[("compatible", Policy::Compatible), ("safe", Policy::Safe)],
            )?
            .unwrap_or(base.policy),
        ladder: fields
            .optional_choice(
                "ladder",
                &[("classic", Ladder::Classic), ("stepped", Ladder::Stepped)],
            )?
            .unwrap_or(base.ladder),
        lock_form: fields
            .optional_choice(
                "lockForm",
                &[("directory", LockForm::Directory), ("pid-file", LockForm::PidFile)],
            )?
            .unwrap_or(base.lock_form),
        wait,
        durability: fields
            .optional_choice(
                "durability",
                &[("full", Durability::Full), ("relaxed", Durability::Relaxed)],
            )?
            .or(base.durability),
        strict: fields.optional_bool("strict")?.unwrap_or(base.strict),
        with_state: fields
            .optional_choice("stateFile", &[("auto", true), ("ignore", false)])?
            .unwrap_or(base.with_state),
    })
}
