//! Who holds a reservation, and whether we can know that it lives.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::rotation::pool_document::{Owner, Ticket};
use crate::store::file::lock::owner::{Life, Process};

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// A new reservation's identity.
#[must_use]
pub(crate) fn ticket() -> Ticket {
    let Process { pid, started } = Process::current();
    Ticket { owner: Owner { pid, started }, serial: SERIAL.fetch_add(1, Ordering::Relaxed) }
}

#[must_use]
pub(crate) fn lives(owner: Owner) -> bool {
    let process = Process { pid: owner.pid, started: owner.started };
    process == Process::current() || process.life(None) != Life::Dead
}
