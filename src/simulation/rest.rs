//! The rest that an account owes after what the service said.

use std::time::Duration;

use super::server::{MINUTE, Reply, SECOND};
use crate::time::WallMs;

/// The shortest rest after a failure that says nothing of its length.
const SHORTEST_REST: Duration = MINUTE;
/// The longest, with its stretch.
const LONGEST_REST: Duration = Duration::from_millis(66 * 60_000 + 1);
const SHORTEST_BILLING: Duration = Duration::from_hours(5);
const LONGEST_BILLING: Duration = Duration::from_hours(24);
/// What the package promises of probes.
const SHORTEST_PROBED: Duration = Duration::from_secs(30);
fn grace(length: Duration) -> Duration {
    (length / 20).clamp(SECOND, 10 * SECOND)
}

/// A rest that follows from what the service said.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "four things that the entry may fail to tell")]
pub(crate) struct Rest {
    pub(super) account: usize,
    /// `None`: all.
    pub(super) model: Option<String>,
    pub(super) failed_at: WallMs,
    /// It lasts at least until then, and at most until `latest`.
    pub(super) until: WallMs,
    pub(super) latest: WallMs,
    pub(super) run: usize,
    pub(super) is_stated: bool,
    /// Another failure of the account was booked since, so the entry no longer tells when this rest began.
    pub(super) is_blurred: bool,
    /// Something was booked on the account after the end, so the entry no longer tells of this rest.
    pub(super) is_forgotten: bool,
    /// It may be over or not.
    pub(super) is_uncertain: bool,
}

impl Rest {
    /// What a reply leads to, if to anything.
    pub(crate) fn after(
        reply: Reply,
        account: usize,
        model: Option<&str>,
        run: usize,
        now: WallMs,
    ) -> Option<Self> {
        let (shortest, longest) = match reply {
            Reply::Answer
            | Reply::BadRequest
            | Reply::Reset
            | Reply::Overloaded
            | Reply::Silence => return None,
            Reply::RetryIn(wait) | Reply::QuotaFor(wait) => {
                (wait, LONGEST_REST.max(wait + Duration::from_millis(1)))
            }
            Reply::NoMoney => (SHORTEST_BILLING, LONGEST_BILLING),
            _ => (SHORTEST_REST, LONGEST_REST),
        };
        let is_accounts = matches!(reply, Reply::NoMoney | Reply::Unauthorized);
        let model = model.filter(|_| !is_accounts).map(str::to_owned);
        let (until, latest) = (now + shortest, now + longest);
        let is_stated = matches!(reply, Reply::RetryIn(_) | Reply::QuotaFor(_));
        Some(Self {
            account,
            model,
            failed_at: now,
            until,
            latest,
            run,
            is_stated,
            is_blurred: false,
            is_forgotten: false,
            is_uncertain: false,
        })
    }

    /// How long a probe's verdict is waited for, if it is probed for at all as far as the entry tells.
    pub(super) fn grace(&self) -> Option<Duration> {
        let length = self.until.since(self.failed_at);
        let is_probed = length >= SHORTEST_PROBED && !self.is_forgotten;
        let is_told = !(self.is_stated && self.is_blurred);
        let length = if self.is_blurred { SHORTEST_PROBED } else { length };
        (is_probed && is_told).then(|| grace(length))
    }

    pub(super) fn concerns(&self, account: usize, model: Option<&str>) -> bool {
        self.account == account
            && (self.model.is_none() || model.is_none() || self.model.as_deref() == model)
    }
}
