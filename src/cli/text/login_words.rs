//! What is known of a login's refreshes, in words. No token, and no hash of one.

use serde_json::{Value, json};

use super::time_words::{ago, left, stamp};
use crate::rotation::login::login_record::{LoginRecord, LoginState};
use crate::time::WallMs;

/// When it was refreshed, by whom, and when it ends next; or what became of it instead.
#[must_use]
pub(crate) fn login(record: &LoginRecord, now: WallMs) -> String {
    let when = format!("{} ({})", ago(record.at, now), stamp(record.at));
    match record.state {
        LoginState::Renewed { pid, expires } => {
            let end = |at: WallMs| {
                if at > now {
                    format!("; its access token ends in {} ({})", left(at.since(now)), stamp(at))
                } else {
                    format!("; its access token ended {} ({})", ago(at, now), stamp(at))
                }
            };
            let end = expires.map(end);
            format!("refreshed {when} by process {pid}{}", end.unwrap_or_default())
        }
        LoginState::Taken { by } | LoginState::Spending { by } => {
            format!("process {} is refreshing it, since {when}", by.owner.pid)
        }
        LoginState::Unknown { pid } => format!(
            "its refresh token may be spent: process {pid} was refreshing it {when}, and nobody knows with what \
             result; the next refresh settles that by trying"
        ),
        LoginState::Refused { pid } => format!(
            "its refresh token was refused {when}, when process {pid} refreshed it: only a new login helps"
        ),
    }
}

/// The same for programs.
#[must_use]
pub(crate) fn for_programs(record: &LoginRecord) -> Value {
    let (state, pid, expires) = match record.state {
        LoginState::Renewed { pid, expires } => ("refreshed", pid, expires),
        LoginState::Taken { by } | LoginState::Spending { by } => {
            ("refreshing", by.owner.pid, None)
        }
        LoginState::Unknown { pid } => ("unknown", pid, None),
        LoginState::Refused { pid } => ("refused", pid, None),
    };
    let at = record.at.whole_ms();
    json!({ "state": state, "at": at, "pid": pid, "expires": expires.map(WallMs::whole_ms) })
}
