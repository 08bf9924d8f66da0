//! The fields in which services outside Google state a wait beside the message.

use super::facts::Facts;
use super::json::Json;
use super::times::duration;
use super::times::timestamp::{self, Stamp};
use super::wait::Wait;
use crate::failure::names::Source;

/// A number of seconds from now.
const SECONDS: [&str; 6] = [
    "resets_in_seconds",
    "retry_after",
    "retryAfter",
    "retry_after_seconds",
    "reset_after",
    "estimated_time",
];
const MILLISECONDS: [&str; 2] = ["retry_after_ms", "retryAfterMs"];
/// A time as text, or as a number of seconds or milliseconds since the epoch.
const MOMENTS: [&str; 7] = [
    "resets_at",
    "reset_at",
    "resetsAt",
    "resetAt",
    "window_resets_at",
    "quota_reset_at",
    "next_retry_at",
];

impl Facts {
    pub(super) fn absorb_wait_fields(&mut self, error: &Json<'_>) {
        let scalar = |name: &&str| error.get(name).and_then(Json::scalar);
        let seconds = SECONDS.iter().filter_map(scalar).filter_map(duration::seconds);
        let exact = MILLISECONDS.iter().filter_map(scalar).filter_map(duration::millis);
        for ms in seconds.chain(exact) {
            self.add_wait(Wait::Relative(ms), Source::BodyRetryAfter);
        }
        for value in MOMENTS.iter().filter_map(|name| error.get(name)) {
            let epoch = value.number().and_then(timestamp::from_epoch);
            let stamp = epoch.map(|ms| Stamp { ms, zoned: true });
            if let Some(stamp) = stamp.or_else(|| value.text().and_then(timestamp::parse)) {
                self.add_stamp(stamp, Source::BodyResetsAt);
            }
        }
    }
}
