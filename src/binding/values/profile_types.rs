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
    #[napi(ts_type = "'api_key' | 'oauth' | 'token' | (string & {})")]
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
    /// Why it cools. Written where the caller states more than old hosts do, or with `policy: 'safe'`.
    pub cooldown_reason: Option<String>,
    /// The only model it cools for; absent means every model.
    pub cooldown_model: Option<String>,
    /// Failures since the last success.
    pub error_count: Option<f64>,
    #[napi(ts_type = "{ [reason: string]: number | undefined }")]
    pub failure_counts: Option<HashMap<String, f64>>,
    pub last_failure_at: Option<f64>,
    /// What only this package writes; hosts ignore it.
    pub failover: Option<ProfileFailoverStats>,
}

/// Windows that hosts have no field for.
#[napi(object, object_to_js = false)]
pub struct ProfileFailoverStats {
    /// Where the end of the account's cooldown was stated, for example `retry-info`.
    pub source: Option<String>,
    /// Windows of single models, by model id.
    #[napi(ts_type = "{ [model: string]: ProfileModelWindow }")]
    pub models: Option<HashMap<String, ProfileModelWindow>>,
    /// Refusals in a row for a used-up quota without a stated wait, by model id; `*` is the account. With
    /// `policy: 'safe'` they rest 5, 15, then 60 minutes.
    #[napi(ts_type = "{ [model: string]: number }")]
    pub quota_steps: Option<HashMap<String, f64>>,
    /// Tells the credential that was refused last from another; a profile with another one does not rest for it. No
    /// secret: 32 bits of a hash.
    pub refused: Option<String>,
}

/// The window of one model.
#[napi(object, object_to_js = false)]
pub struct ProfileModelWindow {
    /// `Date.now()` milliseconds.
    pub until: f64,
    pub reason: String,
    /// Where the end was stated; absent for a generic back-off.
    pub source: Option<String>,
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
    #[napi(ts_type = "'api_key' | 'oauth' | 'token' | (string & {})")]
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
