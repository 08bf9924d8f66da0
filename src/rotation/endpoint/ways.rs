//! Which accounts can be asked as far as their servers go: each has an address, and most share one.

use super::rest::{EndpointState, SHORTEST_REST};
use crate::rotation::accounts::Account;
use crate::rotation::pool_document::Pool;
use crate::rotation::request::Request;
use crate::time::WallMs;

/// How the servers stand for one request.
pub(crate) struct Ways<'a> {
    pool: &'a Pool,
    request: &'a Request,
    now: WallMs,
    known: Vec<Way>,
}

/// How one server stands.
#[derive(Clone, Copy)]
struct Way {
    address: Option<u64>,
    obstacle: Option<InTheWay>,
    is_given_up: bool,
    /// It left an attempt of this request without an answer.
    has_failed: bool,
}

/// The server rests or is tried out.
#[derive(Clone, Copy)]
pub(crate) struct InTheWay {
    pub(crate) until: WallMs,
    pub(crate) is_tried_out: bool,
}

impl<'a> Ways<'a> {
    pub(crate) fn new(pool: &'a Pool, request: &'a Request, now: WallMs) -> Self {
        Self { pool, request, now, known: Vec::new() }
    }

    /// Whether the account may be asked. One fault is not a server's last word: after it another account, which `is_fresh`,
    /// is asked at once.
    pub(crate) fn is_open(&mut self, account: &Account, is_fresh: bool) -> bool {
        let way = self.to(account);
        !way.is_given_up && (way.obstacle.is_none() || (is_fresh && way.has_failed))
    }

    /// What is in the way of the account that can be asked first.
    pub(crate) fn first_open(&mut self, accounts: &[&Account]) -> Option<InTheWay> {
        let in_the_way = accounts.iter().filter_map(|account| {
            let way = self.to(account);
            let given_up = InTheWay { until: self.now + SHORTEST_REST, is_tried_out: false };
            way.obstacle.or_else(|| way.is_given_up.then_some(given_up))
        });
        in_the_way.reduce(|one, other| if other.until < one.until { other } else { one })
    }

    fn to(&mut self, account: &Account) -> Way {
        let address = self.request.address_of(&account.id);
        if let Some(known) = self.known.iter().find(|way| way.address == address) {
            return *known;
        }
        let endpoint = self.request.endpoint_at(address);
        let obstacle = match self.pool.endpoint_state(&endpoint, self.request.patience, self.now) {
            EndpointState::Rests { until } => Some(InTheWay { until, is_tried_out: false }),
            EndpointState::TriedOut { until } => Some(InTheWay { until, is_tried_out: true }),
            EndpointState::Well | EndpointState::Untried => None,
        };
        let unanswered = &self.request.unanswered;
        let way = Way {
            address,
            obstacle,
            is_given_up: self.request.given_up.contains(&address),
            has_failed: unanswered.iter().any(|it| self.request.address_of(it) == address),
        };
        self.known.push(way);
        way
    }
}
