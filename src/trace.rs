//! Steps traced to standard error: what was locked, chosen, booked and asked, for people who look for a fault.
//!
//! `AUTH_FAILOVER_LOG=debug` turns it on, for the life of the process and read once. Off, a step costs one load.
//!
//! Invariant: a step shows paths, ids, hosts, codes and numbers. No credential, no header, no text of a request or of a
//! response is ever handed to it.
//!
//! Not the `tracing` crate: five kinds of line need no spans, filters or subscribers.

use std::fmt::Arguments;
use std::io::Write;
use std::sync::LazyLock;

static IS_ON: LazyLock<bool> = LazyLock::new(|| {
    std::env::var_os("AUTH_FAILOVER_LOG").is_some_and(|level| level.eq_ignore_ascii_case("debug"))
});

pub(crate) fn is_on() -> bool {
    *IS_ON
}

/// Writes one line in one call, so that lines of several threads and processes do not mix.
pub(crate) fn write(step: &str, details: Arguments<'_>) {
    let now = jiff::Timestamp::now();
    let line = format!("auth-failover {now:.3} {} {step}{details}\n", std::process::id());
    // Standard error may be closed; a trace is not worth an error.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// `trace_step!("lock.taken", store = path, waited_ms = 3)`: evaluated only where tracing is on.
macro_rules! trace_step {
    ($step:literal $(, $name:ident = $value:expr)* $(,)?) => {
        if $crate::trace::is_on() {
            $crate::trace::write($step, format_args!(
                concat!("" $(, " ", stringify!($name), "={:?}")*) $(, $value)*
            ));
        }
    };
}
pub(crate) use trace_step;
