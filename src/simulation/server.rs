//! The scripted service: accounts with limits of their own, which it enforces and remembers, whatever the clients know.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use fastrand::Rng;

use crate::failure::classify;
use crate::failure::{Evidence, Failure, Thrown};
use crate::time::{WallMs, duration, milliseconds};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// What the service says, or fails to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reply {
    Answer,
    /// 429 without a word on when to come back.
    Bare,
    /// 429 with a `RetryInfo`.
    RetryIn(Duration),
    /// 429: the model's quota is used up and comes back then.
    QuotaFor(Duration),
    Overloaded,
    Unauthorized,
    NoMoney,
    BadRequest,
    /// The connection breaks.
    Reset,
    /// Nothing at all: the client's timeout ends it.
    Silence,
}

impl Reply {
    fn is_accounts(self) -> bool {
        matches!(self, Self::Unauthorized | Self::NoMoney)
    }

    /// As the client's own code classifies it.
    pub(crate) fn failure(self, model: Option<&str>, now: WallMs) -> Failure {
        let thrown = match self {
            Self::Reset => {
                [Thrown { name: "Error", message: "socket hang up", code: "ECONNRESET" }]
            }
            _ => [Thrown { name: "TimeoutError", message: "the attempt timed out", code: "" }],
        };
        let (status, body) = self.response(model);
        classify(&Evidence {
            status,
            body: body.as_deref().map(str::as_bytes),
            thrown: if status.is_some() { &[] } else { &thrown },
            model,
            now_ms: now.whole_ms(),
            ..Evidence::default()
        })
    }

    fn response(self, model: Option<&str>) -> (Option<u16>, Option<String>) {
        let model = model.unwrap_or("m0");
        let limited = |message: &str, details: &str| {
            let mut body = String::new();
            let _ = write!(
                body,
                r#"{{"error":{{"code":429,"message":"{message}","status":"RESOURCE_EXHAUSTED","details":[{details}]}}}}"#
            );
            (Some(429), Some(body))
        };
        let plain = |status, text: &str| (Some(status), Some(text.to_owned()));
        match self {
            Self::Bare => limited("Too many requests", ""),
            Self::RetryIn(wait) => limited(
                "Too many requests",
                &format!(
                    r#"{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{}s"}}"#,
                    wait.as_secs_f64()
                ),
            ),
            Self::QuotaFor(wait) => limited(
                "You have exhausted your capacity on this model.",
                &format!(
                    r#"{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"QUOTA_EXHAUSTED","domain":"cloudcode-pa.googleapis.com","metadata":{{"model":"{model}","quotaResetDelay":"{}s"}}}}"#,
                    wait.as_secs_f64()
                ),
            ),
            Self::Overloaded => plain(503, "The service is overloaded"),
            Self::Unauthorized => plain(401, "Invalid credentials"),
            Self::NoMoney => plain(402, "payment required"),
            Self::BadRequest => plain(400, "invalid request format"),
            Self::Answer | Self::Reset | Self::Silence => (None, None),
        }
    }
}

/// What a request is like, for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    Plain,
    /// Every account answers 400.
    Broken,
    /// Every account answers with a bare 429.
    Hated,
}

/// One account as the service sees it.
#[derive(Debug)]
struct Account {
    latency: Duration,
    /// The share of requests that fail.
    moody: f64,
    /// What it is out of, by model (`None`: everything), and until when.
    limits: HashMap<Option<String>, (Reply, WallMs)>,
}

/// A time in which nobody is answered.
#[derive(Debug)]
struct Outage {
    reply: Reply,
    from: WallMs,
    until: WallMs,
}

#[derive(Debug)]
pub(crate) struct Server {
    accounts: Vec<Account>,
    outages: Vec<Outage>,
    /// From now on everybody is answered.
    pub(crate) is_healed: bool,
}

impl Server {
    pub(crate) fn new(accounts: usize, rng: &mut Rng) -> Self {
        let account = |rng: &mut Rng| Account {
            latency: Duration::from_millis([40, 300, 2_500, 20_000][rng.usize(..4)]),
            moody: [0.0, 0.05, 0.3, 0.8][rng.usize(..4)],
            limits: HashMap::new(),
        };
        let accounts = (0..accounts).map(|_| account(rng)).collect();
        Self { accounts, outages: Vec::new(), is_healed: false }
    }

    /// For a while nobody is answered.
    pub(crate) fn breaks(&mut self, from: WallMs, rng: &mut Rng) {
        let longest = [SECOND, 3 * SECOND, 20 * SECOND, 2 * MINUTE][rng.usize(..4)];
        let reply = [Reply::Overloaded, Reply::Reset, Reply::Silence][rng.usize(..3)];
        self.outages.push(Outage { reply, from, until: from + part(longest, rng) });
    }

    /// Answers one request and says how long that takes.
    pub(crate) fn ask(
        &mut self,
        account: usize,
        model: Option<&str>,
        nature: Nature,
        now: WallMs,
        rng: &mut Rng,
    ) -> (Reply, Duration) {
        let is_healed = self.is_healed;
        let account = &mut self.accounts[account];
        let quick = Duration::from_millis(5) + part(Duration::from_millis(100), rng);
        if let Some(outage) = self.outages.iter().find(|it| it.from <= now && now < it.until) {
            return (outage.reply, quick);
        }
        match nature {
            Nature::Broken => return (Reply::BadRequest, quick),
            Nature::Hated => return (Reply::Bare, quick),
            Nature::Plain => {}
        }
        if is_healed {
            return (Reply::Answer, quick);
        }
        account.limits.retain(|_, (_, until)| now < *until);
        let concerning = account.limits.iter().filter(|(limited, _)| {
            limited.is_none() || model.is_none() || limited.as_deref() == model
        });
        let limit = concerning.map(|(_, limit)| *limit).max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((reply, until)) = limit {
            let left = until.since(now);
            let reply = match reply {
                Reply::RetryIn(_) => Reply::RetryIn(left),
                Reply::QuotaFor(_) => Reply::QuotaFor(left),
                other => other,
            };
            return (reply, quick);
        }
        if rng.f64() >= account.moody {
            return (Reply::Answer, account.latency + quick);
        }
        let (reply, lasts) = trouble(rng);
        if !lasts.is_zero() {
            let key = model.filter(|_| !reply.is_accounts()).map(str::to_owned);
            account.limits.insert(key, (reply, now + lasts));
        }
        (reply, quick)
    }
}

/// A random part of it, in whole milliseconds.
pub(crate) fn part(whole: Duration, rng: &mut Rng) -> Duration {
    duration((rng.f64() * milliseconds(whole)).floor())
}

/// What goes wrong, and for how long.
fn trouble(rng: &mut Rng) -> (Reply, Duration) {
    let seconds = |rng: &mut Rng, from: u32, to: u32| rng.u32(from..to) * SECOND;
    match rng.u32(..12) {
        0 | 1 => (Reply::Bare, seconds(rng, 1, 300)),
        2 | 3 => {
            let wait = seconds(rng, 1, 90);
            (Reply::RetryIn(wait), wait)
        }
        4 | 5 => {
            let wait = seconds(rng, 60, 4 * 3_600);
            (Reply::QuotaFor(wait), wait)
        }
        6 | 7 => (Reply::Overloaded, Duration::ZERO),
        8 => (Reply::Unauthorized, seconds(rng, 1, 7_200)),
        9 => (Reply::NoMoney, seconds(rng, 60, 36_000)),
        10 => (Reply::Reset, Duration::ZERO),
        _ => (Reply::Silence, seconds(rng, 0, 30)),
    }
}
