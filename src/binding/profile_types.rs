//! The shapes of the store as TypeScript sees them. They are read field by field where they are used, so these
//! structs only give `index.d.ts` its interfaces.

#![expect(dead_code, reason = "shapes for index.d.ts; nothing in Rust builds them")]

use std::collections::HashMap;

use napi_derive::napi;

/// One account of one provider. The credential's other fields (`key`, `token`, `access`, `refresh`, …) are the
/// host's; this package never reads them but to see whether the profile can be used.
#[napi(object, object_to_js = false)]
pub struct AuthProfileCredential {
    /// `api_key`, `oauth` or `token`; profiles of other types are kept in the file and otherwise ignored.
    pub r#type: String,
    /// Provider id, for example `google-gemini-cli`.
    pub provider: String,
}

/// What happened to one profile so far. Times are `Date.now()` milliseconds.
#[napi(object, object_to_js = false)]
pub struct ProfileUsageStats {
    pub last_used: Option<f64>,
    /// End of the cooldown after failures; the profile is usable again at this very moment.
    pub cooldown_until: Option<f64>,
    /// End of the longer rest after a billing failure.
    pub disabled_until: Option<f64>,
    pub disabled_reason: Option<String>,
    /// Failures since the last success.
    pub error_count: Option<f64>,
    #[napi(ts_type = "{ [reason: string]: number | undefined }")]
    pub failure_counts: Option<HashMap<String, f64>>,
    pub last_failure_at: Option<f64>,
}

/// The content of `auth-profiles.json` as the host's loader gives it.
#[napi(object, object_to_js = false)]
pub struct AuthProfileStore {
    pub version: f64,
    /// By profile id, for example `google-gemini-cli:me@example.com`.
    pub profiles: HashMap<String, AuthProfileCredential>,
    /// Preferred order of profile ids, by provider.
    pub order: Option<HashMap<String, Vec<String>>>,
    /// The profile that last answered, by provider.
    pub last_good: Option<HashMap<String, String>>,
    /// By profile id.
    pub usage_stats: Option<HashMap<String, ProfileUsageStats>>,
}

/// The part of the host's configuration that these functions read. Hours that are not positive finite numbers
/// fall back to the default.
#[napi(object, object_to_js = false)]
pub struct AuthCooldownConfig {
    /// Rest after the first billing failure, doubled with each further one. Default 5.
    pub billing_backoff_hours: Option<f64>,
    /// The same for single providers.
    #[napi(ts_type = "{ [provider: string]: number }")]
    pub billing_backoff_hours_by_provider: Option<HashMap<String, f64>>,
    /// Longest rest after billing failures. Default 24.
    pub billing_max_hours: Option<f64>,
    /// Counters start over when the last failure is older than this. Default 24.
    pub failure_window_hours: Option<f64>,
}

/// A profile as the host's configuration lists it.
#[napi(object, object_to_js = false)]
pub struct AuthProfileConfig {
    pub provider: String,
    /// `api_key`, `oauth` or `token`; `oauth` also admits `token` credentials.
    pub mode: String,
}

/// `cfg.auth` of the host.
#[napi(object, object_to_js = false)]
pub struct AuthConfig {
    pub cooldowns: Option<AuthCooldownConfig>,
    /// Order of profile ids by provider; the store's own `order` beats it.
    #[napi(ts_type = "{ [provider: string]: string[] }")]
    pub order: Option<HashMap<String, Vec<String>>>,
    /// Profiles by id; without an order, only these are used for their provider.
    #[napi(ts_type = "{ [profileId: string]: AuthProfileConfig }")]
    pub profiles: Option<HashMap<String, AuthProfileConfig>>,
}

/// The host's configuration.
#[napi(object, object_to_js = false)]
pub struct AuthFailoverHostConfig {
    pub auth: Option<AuthConfig>,
}

/// What became of a mark.
#[napi(object, object_from_js = false)]
pub struct MarkResult {
    /// The mark is in the file. `false` if there was nothing to write or it could not be written; see `reason`.
    pub persisted: bool,
    /// The file was changed by this mark.
    pub changed: bool,
    /// Why nothing was written. Nothing to do: `unknown-profile`, `provider-mismatch`, `nothing-to-clear`. Not
    /// possible, and kept only in the `store` object that was passed: `missing` (no store file), `lock-timeout`,
    /// `unreadable`, `migrated`, `read-only`, `no-space`, `busy`, `io`, `internal`.
    #[napi(
        ts_type = "'unknown-profile' | 'provider-mismatch' | 'nothing-to-clear' | 'missing' | 'lock-timeout' | 'unreadable' | 'migrated' | 'read-only' | 'no-space' | 'busy' | 'io' | 'internal'"
    )]
    pub reason: Option<String>,
    /// The error's code when the mark could not be written, for example `ERR_LOCK_TIMEOUT`.
    pub code: Option<String>,
}

/// What every mark takes.
#[napi(object, object_to_js = false)]
pub struct MarkAuthProfileParams {
    /// The caller's store. It is never written to disk; afterwards `usageStats` (or `lastGood`) is brought up to
    /// date with the file, other processes' marks included.
    pub store: AuthProfileStore,
    pub profile_id: String,
    /// The agent's directory; `~` is the home directory. Default: the main agent's, from `OPENCLAW_AGENT_DIR`,
    /// `CLAWDBOT_AGENT_DIR`, `PI_CODING_AGENT_DIR` or the state directory.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    /// Longest wait for the store's lock in milliseconds. Default 5000.
    #[napi(ts_type = "number | null")]
    pub lock_timeout_ms: Option<f64>,
    /// The form of the lock that the host uses: `directory` (`proper-lockfile`, hosts up to 2026.2.12; default)
    /// or `pid-file` (2026.2.14 and later). Either form is respected when waiting.
    #[napi(ts_type = "'directory' | 'pid-file' | null")]
    pub lock_form: Option<String>,
    /// `relaxed` (default): the mark does not wait for the disk. It survives the death of any process; a power cut
    /// may take back the marks of the last second, never a credential. `full`: it survives a power cut too.
    #[napi(ts_type = "'full' | 'relaxed'")]
    pub durability: Option<String>,
    /// Reject with a typed error when the mark cannot be written. Default `false`: resolve with
    /// `persisted: false`, keep the effect in `store`, warn once.
    #[napi(ts_type = "boolean | null")]
    pub strict: Option<bool>,
}

/// Which provider a profile answered for.
#[napi(object, object_to_js = false)]
pub struct MarkAuthProfileGoodParams {
    /// Must be the profile's own provider, letter by letter.
    pub provider: String,
}

/// What a failure was.
#[napi(object, object_to_js = false)]
pub struct MarkAuthProfileFailureParams {
    /// The host's reason: `rate_limit`, `auth`, `format`, `timeout`, `unknown`, …; `billing` disables the profile
    /// for hours instead of cooling it for minutes.
    pub reason: String,
    /// The host's configuration; `auth.cooldowns` is read.
    #[napi(ts_type = "AuthFailoverHostConfig | null")]
    pub cfg: Option<AuthFailoverHostConfig>,
}

/// What the order depends on.
#[napi(object, object_to_js = false)]
pub struct ResolveAuthProfileOrderParams {
    /// The host's configuration; `auth.order` and `auth.profiles` are read.
    #[napi(ts_type = "AuthFailoverHostConfig | null")]
    pub cfg: Option<AuthFailoverHostConfig>,
    pub store: AuthProfileStore,
    pub provider: String,
    /// Goes first if it can be used at all, even while it cools.
    #[napi(ts_type = "string | null")]
    pub preferred_profile: Option<String>,
}

/// Where the store is.
#[napi(object, object_to_js = false)]
pub struct ReadAuthProfileStoreParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
}
