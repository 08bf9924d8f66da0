//! Everything about one profile: whether it is used, why, what frees it, and what can be done.

use serde_json::{Value, json};

use super::profiles::Pool;
use super::table::ink;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, shown, wrap};
use crate::cli::text::login_words;
use crate::cli::text::terminal::Look;
use crate::cli::text::time_words::{ago, left, stamp};
use crate::cli::text::words::{self, argument, reason};
use crate::profiles::credential::Unusable;
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::status::{State, Window};
use crate::store::edits::candidates::{Entry, soonest};
use crate::time::WallMs;

/// Longer lines are hard to read.
const WIDEST_PROSE: usize = 100;
const LABEL: usize = 13;

/// A profile and its neighbours in the order.
struct Subject<'a> {
    pool: &'a Pool,
    entry: &'a Entry,
    position: usize,
    group: Vec<&'a Entry>,
    provider: String,
}

impl<'a> Subject<'a> {
    /// `index` is the profile's place among all entries.
    fn of(pool: &'a Pool, index: usize) -> Self {
        let entry = &pool.entries[index];
        let provider = normalize_provider_id(&entry.provider);
        let groups = pool.groups().into_iter();
        let group = groups.filter(|(name, _)| *name == provider).flat_map(|(_, group)| group);
        Self {
            pool,
            entry,
            position: pool.positions[index] as usize,
            group: group.collect(),
            provider,
        }
    }

    fn has_order(&self) -> bool {
        self.pool.with_order.contains(&self.provider)
    }
}

/// The answer for people. `index` is the profile's place among all entries.
#[must_use]
pub(crate) fn explain(pool: &Pool, index: usize, look: &Look) -> Vec<Line> {
    let subject = Subject::of(pool, index);
    let entry = subject.entry;
    let mut lines = vec![
        Line::of(Ink::Bold, shown(&entry.id))
            .then(Ink::Plain, "  ")
            .then(ink(entry.status.state), entry.status.state.name()),
    ];
    let mut prose = |text: &str, first: &str, rest: &str| {
        let columns = look.columns.min(WIDEST_PROSE).saturating_sub(rest.len());
        for (number, line) in wrap(text, columns).into_iter().enumerate() {
            lines.push(Line::plain([if number == 0 { first } else { rest }, &line].concat()));
        }
    };
    prose(&verdict(&subject), "", "");
    prose("", "", "");
    for (label, text) in facts(&subject) {
        prose(&text, &format!("{label:LABEL$}"), &" ".repeat(LABEL));
    }
    prose("", "", "");
    prose("What you can do:", "", "");
    for text in advice(&subject) {
        prose(&text, "- ", "  ");
    }
    lines.into_iter().map(|line| line.clipped(look.columns, look.ellipsis())).collect()
}

/// The answer for programs: as in `status --json`, and the same sentences.
#[must_use]
pub(crate) fn json(pool: &Pool, index: usize) -> Value {
    let subject = Subject::of(pool, index);
    let mut value = for_programs::profile(pool, index);
    let login = pool.login(&subject.entry.id).map(login_words::for_programs);
    value["login"] = login.into();
    value["explanation"] = verdict(&subject).into();
    value["advice"] = json!(advice(&subject));
    value
}

fn verdict(subject: &Subject<'_>) -> String {
    let Subject { pool, entry, .. } = subject;
    let status = &entry.status;
    let model = pool.model.as_deref();
    let whom = model.map(|model| format!(" for {}", shown(model))).unwrap_or_default();
    match (status.state, words::last(status, model)) {
        (State::Unusable(why), _) => unusable(why, entry, pool.now),
        (State::Ready, _) => format!("It can be asked{whom} now. {}", place(subject)),
        (_, None) => "It rests, but its window is unreadable.".to_owned(),
        (state, Some(window)) => {
            let verb = if state == State::Disabled { "is switched off" } else { "rests" };
            let scope = match (&window.model, model) {
                (Some(cooled), None) => format!("It {verb} for {}", shown(cooled)),
                _ => format!("It {verb}{whom}"),
            };
            format!(
                "{scope} for another {}, until {}, because of: {}. {}",
                left(window.until.since(pool.now)),
                stamp(window.until),
                reason(window.reason.as_deref()),
                stated(window)
            )
        }
    }
}

/// Where the end of a window was stated.
fn stated(window: &Window) -> String {
    match window.source.as_deref() {
        None => {
            "Nobody stated that time: it is a back-off that grows with each failure.".to_owned()
        }
        Some("caller") => "The gateway stated that time.".to_owned(),
        Some(source) => format!("The server stated that time ({}).", shown(source)),
    }
}

fn unusable(why: Unusable, entry: &Entry, now: WallMs) -> String {
    let problem = match why {
        Unusable::UnknownType => "its type is unknown",
        Unusable::NoSecret => "it holds no credential",
        Unusable::Expired => "its token has expired, and a token cannot be refreshed",
        Unusable::NotInOrder => "the order set for its provider leaves it out",
        Unusable::Paused => return paused(entry, now),
    };
    let resting = entry.status.windows.iter().map(|window| window.until).reduce(WallMs::later);
    let also = resting.map_or_else(String::new, |until| {
        format!(" It would rest for another {} besides.", left(until.since(now)))
    });
    format!("It is never asked: {problem}. Time will not help.{also}")
}

fn paused(entry: &Entry, now: WallMs) -> String {
    let since = entry.stats.failover.paused.filter(|at| at.as_ms() > 0.0);
    let since = since.map(|at| format!(", {} ({})", ago(at, now), stamp(at))).unwrap_or_default();
    format!("It is paused: somebody has said so{since}. It is not asked until it is resumed.")
}

/// Why a ready profile stands where it stands.
fn place(subject: &Subject<'_>) -> String {
    let Subject { entry, position, group, .. } = subject;
    let Some(before) = position.checked_sub(1).map(|last| group[last]) else {
        return match group.len() {
            1 => "It is the only one of its provider.".to_owned(),
            _ => "It is the first that is asked.".to_owned(),
        };
    };
    let names: Vec<String> = group[..*position].iter().take(3).map(|it| shown(&it.id)).collect();
    let more = match position - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let because = if subject.has_order() {
        "the order set for the provider names them first"
    } else if Kind::parse(&before.kind) == Kind::parse(&entry.kind) {
        "who was used longest ago goes first"
    } else {
        "logins go before tokens, and tokens before API keys"
    };
    format!("Before it comes {}{more}: {because}.", names.join(", "))
}

fn facts(subject: &Subject<'_>) -> Vec<(&'static str, String)> {
    let Subject { pool, entry, position, group, .. } = subject;
    let now = pool.now;
    let by = if subject.has_order() { "an order that is set" } else { "type, then last use" };
    let mut facts = vec![
        ("Provider", shown(&entry.provider)),
        ("Place", format!("{} of {}, by {by}", position + 1, group.len())),
        ("Credential", credential(entry)),
    ];
    // A single window is told by the verdict.
    let is_told = entry.status.windows.len() == 1 && entry.status.until.is_some();
    for window in entry.status.windows.iter().filter(|_| !is_told) {
        let whom = window.model.as_deref().map_or("every model".to_owned(), shown);
        let (why, stated) = (reason(window.reason.as_deref()), stated(window));
        let left = left(window.until.since(now));
        facts.push(("Rests", format!("{whom}: {left} left, {why}. {stated}")));
    }
    let login = pool.login(&entry.id).map(|record| login_words::login(record, now));
    facts.extend(login.map(|text| ("Login", text)));
    facts.push(("Errors", errors(entry)));
    let when = |at: Option<WallMs>| match at.filter(|at| at.as_ms() > 0.0) {
        Some(at) => format!("{} ({})", ago(at, now), stamp(at)),
        None => "never".to_owned(),
    };
    facts.push(("Last used", when(entry.stats.last_used)));
    facts.push(("Last failure", when(entry.stats.last_failure_at)));
    if entry.is_last_good {
        facts.push(("Last good", "it is the one that last answered for its provider".to_owned()));
    }
    if entry.status.has_impossible_end {
        let text = "a stored end lies further away than any wait can last, and is not believed";
        facts.push(("Clock", text.to_owned()));
    }
    if entry.status.state != State::Ready {
        facts.push(("Meanwhile", meanwhile(subject)));
    }
    facts.extend(words::endpoints(pool, &subject.provider).map(|text| ("Server", text)));
    facts.extend(gateway(pool, entry).map(|text| ("Gateway", text)));
    facts
}

/// Two books of one account.
fn gateway(pool: &Pool, entry: &Entry) -> Option<String> {
    pool.gateway.as_ref()?;
    let Some(status) = pool.gateway_status(&entry.id) else {
        return Some(
            "this is what the gateway itself has booked; the plugin does not serve it".to_owned(),
        );
    };
    let why = words::why(status, pool.model.as_deref());
    let state = status.state.name();
    let left = status.until.map(|until| format!(", {} left", left(until.since(pool.now))));
    let why = if why.is_empty() { String::new() } else { format!(", {why}") };
    Some(format!(
        "its own books say {state}{why}{}; the plugin's, above, decide whom it asks",
        left.unwrap_or_default()
    ))
}

fn credential(entry: &Entry) -> String {
    let kind = match Kind::parse(&entry.kind) {
        Some(Kind::Oauth) => "login (oauth)",
        Some(Kind::Token) => "token",
        Some(Kind::ApiKey) => "API key",
        None => "of unknown type",
    };
    let from = if entry.is_inherited { ", from the main agent" } else { "" };
    format!("{kind}{from}")
}

fn errors(entry: &Entry) -> String {
    let total = entry.stats.error_count.unwrap_or(0.0);
    let counts: Vec<String> = entry
        .stats
        .failure_counts
        .iter()
        .map(|(name, count)| format!("{count} {}", reason(Some(name))))
        .collect();
    match counts.is_empty() {
        true if total == 0.0 => "none since the last success".to_owned(),
        true => format!("{total} since the last success"),
        false => format!("{total} since the last success; counted: {}", counts.join(", ")),
    }
}

fn meanwhile(subject: &Subject<'_>) -> String {
    let now = subject.pool.now;
    match soonest(subject.group.iter().copied(), now) {
        None => "no profile of this provider can be asked".to_owned(),
        Some((next, _)) if next.id == subject.entry.id => {
            "no other profile of this provider is free sooner".to_owned()
        }
        Some((next, at)) if at <= now => format!("{} is asked", shown(&next.id)),
        Some((next, at)) => {
            format!("{} is free first, in {}", shown(&next.id), left(at.since(now)))
        }
    }
}

fn advice(subject: &Subject<'_>) -> Vec<String> {
    let (pool, entry) = (subject.pool, subject.entry);
    let advice = general_advice(subject);
    if pool.gateway.is_none() {
        return advice;
    }
    // Only the gateway orders its accounts, and only it ends what is in its own books.
    let is_ours = pool.gateway_status(&entry.id).is_some();
    let clears = |text: &String| text.contains("auth-failover clear");
    let rests = entry.status.until.is_some() && !is_ours;
    let waits =
        "The gateway asks it again when that is over; it has no command to clear it.".to_owned();
    let advice =
        advice.into_iter().filter(|text| is_ours || !clears(text)).chain(rests.then_some(waits));
    advice
        .map(|text| text.replace("setAuthProfileOrder", "openclaw models auth order set"))
        .collect()
}

fn general_advice(subject: &Subject<'_>) -> Vec<String> {
    let Subject { pool, entry, .. } = subject;
    let status = &entry.status;
    let clear = format!("auth-failover clear {}", argument(&entry.id));
    if let State::Unusable(why) = status.state {
        return vec![remedy(why, entry)];
    }
    let Some(window) = words::last(status, pool.model.as_deref()) else {
        let mut advice = vec!["Nothing: it is fine.".to_owned()];
        if !status.windows.is_empty() {
            advice.push(format!("Other models rest; `{clear}` frees them."));
        }
        if subject.position > 0 {
            advice.push("To have it asked first, set an order (setAuthProfileOrder).".to_owned());
        }
        return advice;
    };
    let rest = left(window.until.since(pool.now));
    let again =
        format!("`{clear}` lets it be asked at once; if the cause remains, it rests again.");
    let first = match window.reason.as_deref() {
        Some("billing") => "Add credit or mend the payment at the provider; time alone does not.",
        Some("auth" | "session_expired") => "Sign in again or replace the key.",
        Some("auth_permanent") => {
            "Open the account in a browser: the provider refused it (blocked, to be verified, or without a licence)."
        }
        Some("model_not_found") => {
            "Ask for a model that this account has, or take the model out of the configuration."
        }
        Some("format") => "Look at the request: the server refused its form, not the account.",
        Some("rate_limit" | "overloaded" | "timeout") => {
            return vec![format!("Wait: time alone frees it, in {rest}."), again];
        }
        _ => "Look at the gateway's log for the failure itself.",
    };
    vec![first.to_owned(), format!("Then `{clear}`, or it stays away for another {rest}.")]
}

fn remedy(why: Unusable, entry: &Entry) -> String {
    match why {
        Unusable::Paused => {
            return format!(
                "`auth-failover resume {}` lets it be asked again.",
                argument(&entry.id)
            );
        }
        Unusable::UnknownType => "Correct its type: oauth, token or api_key.",
        Unusable::NoSecret => "Sign in again, or store its key.",
        Unusable::Expired => "Create a new token and store it.",
        Unusable::NotInOrder => {
            "Add it to its provider's order (setAuthProfileOrder), or remove the order."
        }
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
