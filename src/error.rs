//! The one error type of the core. It knows no napi; `binding` turns it into a JavaScript error with
//! `code`, `name` and the fields of the variant. No variant carries a token, a key or a body.

use crate::time::WallMs;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of everything in the core that can fail.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as data. [`Error::code`] is the stable name that JavaScript sees.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// The caller passed something that cannot be used. Becomes a `TypeError`.
    #[error("{field}: {problem}")]
    InvalidArgument { field: String, problem: String },
    /// Another process held the lock for the whole wait.
    #[error(
        "{} is locked by {holder}; gave up after {} ms; auth-failover doctor tells whether the lock is stale, and \
         lockTimeoutMs is how long to wait",
        .path.display(), .waited.as_millis()
    )]
    LockTimeout { path: PathBuf, holder: String, lock_age: Option<Duration>, waited: Duration },
    /// The file exists, but is not a store. It is left as it is.
    #[error("{} is not a readable auth-profile store ({problem}); it was left untouched; auth-failover doctor says what to do", .path.display())]
    StoreUnreadable { path: PathBuf, problem: String },
    /// There is no store file.
    #[error("{} does not exist; is agentDir right, and has an account signed in there? Without a gateway, begin with: npx auth-failover init", .path.display())]
    StoreMissing { path: PathBuf },
    /// A newer host keeps its profiles in databases, of which only the command line reads.
    #[error("{} is not what its gateway uses: {} belongs to openclaw 2026.6.5 or later, which keeps profiles in databases; leave them where they are, auth-failover status shows them", .path.display(), .database.display())]
    StoreMigrated { path: PathBuf, database: PathBuf },
    /// The file, its directory or its file system does not accept writes.
    #[error("{} cannot be written (read-only or no permission); auth-failover doctor says what to do", .path.display())]
    StoreReadOnly { path: PathBuf },
    /// No space, a quota or a file-size limit.
    #[error("no space left to write {}; free some, or raise the quota or file-size limit", .path.display())]
    StoreNoSpace { path: PathBuf },
    /// Another program holds the file open and does not let it be replaced.
    #[error("{} cannot be replaced, because another program holds it open; close it and try again", .path.display())]
    StoreBusy { path: PathBuf },
    /// The system has no file notifications left.
    #[error("{} cannot be watched: the system's limit of file watches or open files is reached; raise it (Linux: fs.inotify.max_user_instances, fs.inotify.max_user_watches, ulimit -n)", .path.display())]
    WatchLimit { path: PathBuf },
    /// Any other input or output fault.
    #[error("{action} {} failed: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// A wait that the caller bounded is over. Becomes a `TimeoutError`.
    #[error("{what} timed out after {} ms ({option})", .after.as_millis())]
    TimedOut { what: &'static str, after: Duration, option: &'static str },
    /// No profile can be asked, or every profile that was asked has failed.
    #[error("{0}")]
    NoProfileAvailable(Box<Unavailable>),
    /// The provider's server fails, whoever asks it.
    #[error("{0}")]
    ProviderUnavailable(Box<Outage>),
    /// Several accounts refused a request in the same way: the fault is the request's.
    #[error("{provider} refuses this request from every profile; it is not sent again for {}", spell(*.wait))]
    RequestRefused { provider: String, wait: Duration },
    /// The caller's function answered with an error that another account does not help with.
    #[error("{text}")]
    AttemptFailed { text: String },
    /// A profile names its secret by reference, and nobody has looked it up.
    #[error("the secret of {profile} is missing: {problem} ({reference})")]
    SecretUnresolved { profile: String, reference: String, problem: &'static str },
    /// A login could not be renewed. The text has no token.
    #[error("{}could not be refreshed: {text}{}", .profile.as_ref().map_or_else(String::new, |id| format!("the login of {id} ")), if *.needs_login { "; sign in again" } else { "" })]
    RefreshFailed { profile: Option<String>, text: String, needs_login: bool },
    /// A fault of ours. The text names the place, never the data.
    #[error("internal fault in {0}; please report it")]
    Internal(&'static str),
}

/// Why no profile can be asked, and which one is free first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Unavailable {
    pub provider: String,
    pub model: Option<String>,
    /// How many profiles there are to choose from.
    pub profiles: usize,
    /// How many of them were asked by this request.
    pub asked: usize,
    pub next: Option<Next>,
    /// The one profile that may be asked, if the caller named it.
    pub pinned: Option<String>,
    /// How many of the profiles are paused.
    pub paused: usize,
}

/// A provider's server that fails.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outage {
    pub provider: String,
    pub model: Option<String>,
    /// How many attempts of this request it left without an answer.
    pub failed: usize,
    /// How long to wait, with what keeps callers from coming back in one burst.
    pub retry_after: Duration,
}

impl fmt::Display for Outage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, model, failed, retry_after } = self;
        write!(formatter, "{provider} does not answer")?;
        if let Some(model) = model {
            write!(formatter, " for {model}")?;
        }
        match failed {
            0 => write!(formatter, ": its server, or the way to it, failed a moment ago")?,
            1 => write!(formatter, ": its server, or the way to it, failed once")?,
            times => write!(formatter, ": its server, or the way to it, failed {times} times")?,
        }
        write!(formatter, "; no profile is at fault, try again in {}", spell(*retry_after))
    }
}

/// The profile that is free first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Next {
    pub profile_id: String,
    /// Wall clock; now or earlier if it is free already.
    pub free_at: WallMs,
    /// How long to wait, jitter included.
    pub retry_after: Duration,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, model, profiles, asked, next, pinned, paused } = self;
        if *profiles == 0 {
            if let Some(pinned) = pinned {
                return write!(
                    formatter,
                    "the pinned profile {pinned} is not in the store as a {provider} profile, or the order leaves it \
                     out; pin another one, or choose without 'pinned'"
                );
            }
            return write!(formatter, "there is no {provider} profile to ask");
        }
        if let Some(pinned) = pinned.as_ref().filter(|_| paused == profiles) {
            return write!(
                formatter,
                "the pinned profile {pinned} is paused; resume it, or choose without 'pinned'"
            );
        }
        write!(formatter, "no {provider} profile is free")?;
        if let Some(model) = model {
            write!(formatter, " for {model}")?;
        }
        if *asked > 0 {
            write!(formatter, " ({asked} of {profiles} asked just now)")?;
        }
        if *paused > 0 {
            write!(formatter, " ({paused} of {profiles} paused)")?;
        }
        match next {
            None if paused == profiles => write!(formatter, "; resume one of them"),
            None => write!(formatter, "; waiting does not help, see their credentials"),
            Some(Next { profile_id, retry_after, .. }) if retry_after.is_zero() => {
                write!(formatter, "; {profile_id} can be asked again")
            }
            Some(Next { profile_id, retry_after, .. }) => {
                write!(formatter, "; {profile_id} is free next, in {}", spell(*retry_after))
            }
        }
    }
}

/// A wait in words, rounded up.
fn spell(wait: Duration) -> String {
    match wait.as_nanos().div_ceil(1_000_000_000) {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 7_200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3_600)),
    }
}

/// What each error is called: its stable code, which README and `index.d.ts` document, and a short word, for the
/// `reason` of a mark that was not written.
macro_rules! codes {
    ($($variant:ident $code:literal $reason:literal,)*) => {
        impl Error {
            /// Every code.
            #[cfg(test)]
            pub(crate) const CODES: &[&str] = &[$($code),*];

            #[must_use]
            pub(crate) fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                }
            }

            #[must_use]
            pub(crate) fn reason(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $reason,)*
                }
            }
        }
    };
}

codes! {
    InvalidArgument "ERR_INVALID_ARGUMENT" "invalid",
    LockTimeout "ERR_LOCK_TIMEOUT" "lock-timeout",
    StoreUnreadable "ERR_STORE_UNREADABLE" "unreadable",
    StoreMissing "ERR_STORE_MISSING" "missing",
    StoreMigrated "ERR_STORE_MIGRATED" "migrated",
    StoreReadOnly "ERR_STORE_READ_ONLY" "read-only",
    StoreNoSpace "ERR_STORE_NO_SPACE" "no-space",
    StoreBusy "ERR_STORE_BUSY" "busy",
    WatchLimit "ERR_WATCH_LIMIT" "watch-limit",
    Io "ERR_STORE_IO" "io",
    TimedOut "ERR_TIMEOUT" "timeout",
    NoProfileAvailable "ERR_NO_PROFILE_AVAILABLE" "no-profile",
    ProviderUnavailable "ERR_PROVIDER_UNAVAILABLE" "no-provider",
    RequestRefused "ERR_REQUEST_REFUSED" "refused",
    AttemptFailed "ERR_ATTEMPT_FAILED" "failed",
    SecretUnresolved "ERR_SECRET_UNRESOLVED" "secret",
    RefreshFailed "ERR_REFRESH_FAILED" "refresh",
    Internal "ERR_INTERNAL" "internal",
}

impl Error {
    /// The caller's mistake, by field.
    pub(crate) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::InvalidArgument { field: field.into(), problem: problem.into() }
    }

    /// The same mistake, in a part of what stands at `path`.
    #[must_use]
    pub(crate) fn inside(self, path: &str) -> Self {
        match self {
            Self::InvalidArgument { field, problem } => {
                Self::InvalidArgument { field: format!("{path}{field}"), problem }
            }
            other => other,
        }
    }

    /// Sorts an I/O error by what the user can do about it.
    #[must_use]
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        use io::ErrorKind::{
            FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let path = path.to_path_buf();
        match source.kind() {
            PermissionDenied | ReadOnlyFilesystem => Self::StoreReadOnly { path },
            StorageFull | QuotaExceeded | FileTooLarge => Self::StoreNoSpace { path },
            _ => Self::Io { action, path, source },
        }
    }
}
