//! What `runWithAuthProfiles` takes and tells.

use std::borrow::Cow;
use std::time::Duration;

use napi::bindgen_prelude::{FunctionRef, Object, Unknown};
use napi_derive::napi;

use crate::binding::failure::read_rules::OwnRules;
use crate::binding::failure::types::FailureRecord;
use crate::binding::values::checked::{Count, NotBlank, Timeout, checked};
use crate::binding::values::params::{FromJs, choices, field, misfit, params};
use crate::binding::values::value::{Fields, Nullable};
use crate::error::Result;
use crate::rotation::endpoint::base_url;
use crate::rotation::request::Strategy;
use crate::time::duration;

pub(crate) type Callback = FunctionRef<(), Unknown<'static>>;

/// The functions of a call whose types depend on its answer, and so stand in the declaration itself.
pub(crate) struct Functions {
    pub(crate) run: Callback,
    pub(crate) on_event: Option<Callback>,
}
params!(Functions { run, on_event });

impl Functions {
    /// Where only the listener can be given.
    pub(crate) fn read_listener(fields: &Fields<'_>) -> Result<Option<Callback>> {
        field(fields, "onEvent")
    }
}

/// Whose profiles are tried, and how.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct RunWithAuthProfilesParams<'env> {
    /// The provider to ask, for example `google-gemini-cli`; compared without case, blanks and aliases.
    #[napi(ts_type = "string")]
    pub provider: NotBlank,
    /// The model to ask. Only cooldowns that concern it count, and failures that concern it alone rest it alone.
    #[napi(ts_type = "string | null")]
    pub model: Option<String>,
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    /// The host's configuration; `auth.order`, `auth.profiles` and `auth.cooldowns` are read.
    #[napi(ts_type = "AuthFailoverHostConfig | null")]
    pub cfg: Option<Object<'env>>,
    /// Goes first if it is free.
    #[napi(ts_type = "string | null")]
    pub preferred_profile: Option<String>,
    /// Requests of one session stay with one profile, across processes, for 24 hours after the last one: while it rests
    /// another stands in, and then it is back. An explicit order goes before it. Only a hash of the key is stored.
    #[napi(ts_type = "string | null")]
    pub session_key: Option<String>,
    /// Names the request, so that one that was refused by every profile is not sent again at once. Only a hash of it is
    /// stored. Default: every call is another request.
    #[napi(ts_type = "string | null")]
    pub request_key: Option<String>,
    /// `balanced` (default): an explicit order is priority; without one by type, then the least busy one, in all
    /// processes, then the one used longest ago. `priority`: always the first that is free. `pinned`: only
    /// `preferredProfile`, as with `force`.
    #[napi(ts_type = "'balanced' | 'priority' | 'pinned' | null")]
    pub strategy: Option<Strategy>,
    /// `true`: if no profile is free, one is asked that rests only for a reason that its owner can fix (`billing`, `auth`,
    /// `auth_permanent`), at most once a minute for each account, in all processes together; `freeAt` says when the next
    /// such request may be sent. Limits and quotas are kept. An answer ends its windows. Default: `false`.
    #[napi(ts_type = "boolean | null")]
    pub force: Option<bool>,
    /// Ends the run: it rejects with the caller's own reason at once, and nothing cools for it. What the server had said
    /// before is booked all the same, if need be after the run has ended; an answer that had come is given.
    #[napi(ts_type = "AbortSignal | null")]
    pub signal: Option<Unknown<'env>>,
    /// Longest time for one attempt in milliseconds, however well it goes; then its signal is aborted with a
    /// `TimeoutError`, the timeout is booked and the next profile is asked, unless `deliver()` was called. Default: no
    /// limit. For all attempts together, pass a signal.
    #[napi(ts_type = "number | null")]
    pub timeout_ms: Option<Timeout>,
    /// Longest time from the start of an attempt to its first `deliver()` or `progress()`, in milliseconds; then as with
    /// `timeoutMs`. An attempt that calls neither must be over by then. Default: no limit.
    #[napi(ts_type = "number | null")]
    pub first_byte_timeout_ms: Option<Timeout>,
    /// Longest time from one `deliver()` or `progress()` to the next one or the end of the attempt, in milliseconds; then
    /// as with `timeoutMs`. Default: no limit.
    #[napi(ts_type = "number | null")]
    pub idle_timeout_ms: Option<Timeout>,
    /// How many attempts there are at most, from 1. No profile is asked twice, but for a fault of the provider's server and
    /// where nobody else is left. Default: all profiles.
    #[napi(ts_type = "number | null")]
    pub max_attempts: Option<Count>,
    /// How many attempts the provider's server, or the way to it, may leave without an answer before the run rejects with
    /// `ERR_PROVIDER_UNAVAILABLE`, from 1; where accounts have a `baseURL` of their own, each of these servers. See
    /// `timeoutAttempts` too. Default: 3.
    #[napi(ts_type = "number | null")]
    pub endpoint_attempts: Option<Count>,
    /// How many of those may run into a time limit, from 1. Give more where a server lets some accounts wait for ever and
    /// answers others; each costs its limit, and `endpointAttempts` must allow for as many. Default: 2.
    #[napi(ts_type = "number | null")]
    pub timeout_attempts: Option<Count>,
    /// The address that `run` asks, if one provider is asked at several: what fails at one says nothing of another. An
    /// absolute URL; its user, password, query and fragment do not matter. Only a hash of it is stored.
    #[napi(ts_type = "string | null")]
    pub base_url: Option<BaseUrl>,
    /// `safe` (default): an answer that had begun before it failed, by `deliver()` or by what its error says, is not asked
    /// for again. `always`: it is.
    #[napi(ts_type = "'safe' | 'always' | null")]
    pub replay: Option<Replay>,
    /// Looks up the secret of a profile that names it by reference (`keyRef`, `tokenRef`, `oauthRef`): gets that field's
    /// value, and gives the text that becomes `apiKey`. Called once an attempt, within its limits, and not for profiles
    /// that hold their secret. What it gives is hidden in failures and events like any key, and written nowhere. If it
    /// fails, takes too long or gives no text, the account rests for seconds and the next one is asked:
    /// `ERR_SECRET_UNRESOLVED` names the profile and the reference.
    #[napi(
        ts_type = "((reference: string | Record<string, unknown>, about: { profileId: string, provider: string, signal: AbortSignal }) => string | PromiseLike<string>) | null"
    )]
    pub resolve_secret: Option<Callback>,
    /// Renews an OAuth login: called when its `expires` is near, and once after a server has refused its access token; then
    /// the same account is asked. `refreshOAuth` makes such a function. One process at a time renews a login, the new
    /// credential is saved where the old one lives, safe from a power cut, before it is used, and other accounts go on
    /// meanwhile. A refresh that the token server refuses for good (`invalid_grant` and its kin) disables the account until
    /// a new login; one that fails otherwise rests nobody, and a token that is still good is used. See docs/oauth.md.
    #[napi(ts_type = "RefreshCredential | null")]
    pub refresh: Option<Callback>,
    /// How long before `expires` a login is renewed, in milliseconds; each process begins up to a quarter earlier, so that
    /// they do not all begin at once. Default: 60,000.
    #[napi(ts_type = "number | null")]
    pub refresh_before_ms: Option<RefreshBefore>,
    /// What a request does whose account's login is being renewed by somebody else and can no longer be used: `wait`
    /// (default) for it, 31 seconds at most, or `rotate` to another account first.
    #[napi(ts_type = "'wait' | 'rotate' | null")]
    pub refresh_wait: Option<RefreshWait>,
    /// Rules of your own for failures, as in `classifyFailure`. They go before ours.
    #[napi(ts_type = "readonly FailureRule[] | null")]
    pub rules: Option<OwnRules>,
}
params!(RunWithAuthProfilesParams<'env> {
    provider, model, agent_dir, cfg, preferred_profile, session_key, request_key, strategy, force, signal, timeout_ms, first_byte_timeout_ms, idle_timeout_ms, max_attempts, endpoint_attempts, timeout_attempts, base_url, replay, resolve_secret, refresh, refresh_before_ms, refresh_wait, rules,
});

choices! {
    Strategy:
    "balanced" => Strategy::Balanced,
    "priority" => Strategy::Priority,
    "pinned" => Strategy::Pinned,
}
choices! { Replay: "safe" => Replay::Safe, "always" => Replay::Always }

choices! { RefreshWait: "wait" => RefreshWait::Wait, "rotate" => RefreshWait::Rotate }

/// What is done while somebody else renews a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshWait {
    Wait,
    Rotate,
}

checked! {
    /// How long before its end a login is renewed.
    RefreshBefore: f64 => Duration, "must be between 0 and 86400000",
    |ms| (0.0..=86_400_000.0).contains(&ms).then(|| duration(ms))
}

/// Whether an answer that had begun is asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Safe,
    Always,
}

/// The hash of an address.
#[derive(Debug, Clone, Copy)]
pub struct BaseUrl(pub(crate) u64);

impl FromJs<'_> for BaseUrl {
    fn expected() -> Cow<'static, str> {
        String::expected()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let hash = base_url::hash(&String::from_js(value)?);
        let problem = || misfit("must be an absolute URL, for example https://api.example.com/v1");
        hash.map(Self).ok_or_else(problem)
    }
}

/// One attempt of a run.
#[napi(object, object_from_js = false)]
pub struct AuthProfileAttempt {
    pub profile_id: String,
    /// From 1.
    pub attempt: u32,
    /// `Date.now()` milliseconds.
    pub started_at: f64,
    pub ended_at: f64,
    /// `null`: it answered.
    #[napi(ts_type = "Failure | null")]
    pub failure: Nullable<FailureRecord>,
}
