//! How long an account rests for a used-up quota when no server says when it refills: 5, 15, then 60 minutes.
//!
//! After each rest one request probes the account. A rate limit's minute would probe a daily quota a thousand times, and
//! counters that start over with each window would never climb. So the steps are stored separately, for each model and
//! for the whole account.
//!
//! Invariant: a step is taken by a refusal after a rest, never by others of the same burst; a success goes back to the
//! start.

use super::booking::Booking;

const MINUTE_MS: f64 = 60_000.0;

/// The key of the whole account.
const ACCOUNT: &str = "*";

/// Refusals in a row, by model or for the account.
pub(crate) type Steps = Vec<(String, f64)>;

/// How long the n-th refusal rests.
#[must_use]
pub(crate) fn rest_ms(step: f64) -> f64 {
    match step {
        n if n <= 1.0 => 5.0 * MINUTE_MS,
        n if n <= 2.0 => 15.0 * MINUTE_MS,
        _ => 60.0 * MINUTE_MS,
    }
}

/// The steps after a refusal, and the one that it stands on. `is_next`: it comes after a rest, not during one.
#[must_use]
pub(crate) fn climb(before: &Steps, booking: &Booking, is_next: bool) -> (Steps, f64) {
    let key = booking.models.first().map_or(ACCOUNT, String::as_str);
    let known = before.iter().find(|(name, _)| name == key).map_or(0.0, |(_, step)| *step);
    let step = if is_next || known < 1.0 { known + 1.0 } else { known };
    let mut steps = without(before, key);
    steps.push((key.to_owned(), step));
    (steps, step)
}

/// The steps after a success of this model, or of any.
#[must_use]
pub(crate) fn answered(before: &Steps, model: Option<&str>) -> Steps {
    model.map_or_else(Steps::new, |model| without(&without(before, ACCOUNT), model))
}

fn without(steps: &Steps, key: &str) -> Steps {
    steps.iter().filter(|(name, _)| name != key).cloned().collect()
}
