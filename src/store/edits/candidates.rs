//! The profiles of a store as the order and the status need them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::marks::Documents;
use crate::profiles::credential::{Credential, Unusable, filled_fields};
use crate::profiles::order::{self, Candidate, Kind};
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::stats::UsageStats;
use crate::profiles::status::{self, State, Status};
use crate::rotation::accounts::{Account, Accounts};
use crate::store::document::object_text::ObjectText;
use crate::store::document::text::Document;
use crate::time::WallMs;

/// One profile with everything that is known of it but its secrets.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub id: String,
    pub kind: String,
    /// As written in the file.
    pub provider: String,
    /// The profile comes from the main agent.
    pub is_inherited: bool,
    pub is_last_good: bool,
    pub unusable: Option<Unusable>,
    pub stats: UsageStats,
    pub status: Status,
}

/// Every profile in the order in which it would be tried, provider by provider.
#[must_use]
pub(crate) fn describe(
    documents: &Documents,
    provider: Option<&str>,
    model: Option<&str>,
    now: WallMs,
) -> Vec<Entry> {
    let wanted = provider.map(normalize_provider_id);
    let mut groups: Vec<(String, Vec<Entry>)> = Vec::new();
    for entry in entries(documents, model, now) {
        let key = normalize_provider_id(&entry.provider);
        if wanted.as_ref().is_some_and(|wanted| *wanted != key) {
            continue;
        }
        match groups.iter_mut().find(|(name, _)| *name == key) {
            Some((_, group)) => group.push(entry),
            None => groups.push((key, vec![entry])),
        }
    }
    groups
        .into_iter()
        .flat_map(|(key, group)| in_order(documents, &key, group, model, now))
        .collect()
}

/// Each entry's place in its provider's order, from 0.
#[must_use]
pub(crate) fn positions(entries: &[Entry]) -> Vec<u32> {
    let mut next: HashMap<String, u32> = HashMap::new();
    let mut take = |entry: &Entry| {
        let place = next.entry(normalize_provider_id(&entry.provider)).or_default();
        *place += 1;
        *place - 1
    };
    entries.iter().map(&mut take).collect()
}

/// Who can be asked next and when: the first ready profile, else the one that is free first; `None` if time will not
/// help.
#[must_use]
pub(crate) fn soonest<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    now: WallMs,
) -> Option<(&'a Entry, WallMs)> {
    let free_at = |entry: &Entry| match entry.status.state {
        State::Ready => Some(now),
        State::Cooling | State::Disabled => entry.status.until,
        State::Unusable(_) => None,
    };
    entries
        .into_iter()
        .filter_map(|entry| Some((entry, free_at(entry)?)))
        .reduce(|first, other| if other.1 < first.1 { other } else { first })
}

/// What the host's configuration says of a provider's profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct OrderConfig {
    /// `cfg.auth.order`; the store's own order goes before it.
    pub order: Option<Vec<String>>,
    /// `cfg.auth.profiles` of this provider with the type that each must have (`mode`).
    pub profiles: Vec<(String, Option<Kind>)>,
    /// Profiles that the configuration gives to another provider.
    pub foreign: BTreeSet<String>,
}

impl OrderConfig {
    /// Whether the configuration lets a profile be used as what it is.
    fn admits(&self, id: &str, kind: Kind) -> bool {
        let Some((_, mode)) = self.profiles.iter().find(|(name, _)| name == id) else {
            return !self.foreign.contains(id);
        };
        *mode == Some(kind) || (*mode == Some(Kind::Oauth) && kind == Kind::Token)
    }
}

/// A provider's profiles for the choice of the next one: those of the explicit order, else those that the configuration
/// lists, else all. `provider` is normalized.
#[must_use]
pub(crate) fn accounts(
    documents: &Documents,
    provider: &str,
    config: &OrderConfig,
    now: WallMs,
) -> Accounts {
    let is_ours = |entry: &Entry| normalize_provider_id(&entry.provider) == provider;
    let mut entries: Vec<Entry> =
        entries(documents, None, now).into_iter().filter(is_ours).collect();
    let explicit = explicit_order(documents, provider).or_else(|| config.order.clone());
    let is_explicit = explicit.as_ref().is_some_and(|order| !order.is_empty());
    let listed = explicit
        .unwrap_or_else(|| config.profiles.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
    if !listed.is_empty() {
        let places = places(&listed);
        entries.retain(|entry| places.contains_key(entry.id.as_str()));
        entries.sort_by_key(|entry| places.get(entry.id.as_str()).copied());
    }
    let account = |entry: Entry| {
        let kind = Kind::parse(&entry.kind)?;
        config.admits(&entry.id, kind).then_some(Account {
            id: entry.id,
            kind,
            stats: entry.stats,
            unusable: entry.unusable,
        })
    };
    Accounts { list: entries.into_iter().filter_map(account).map(Arc::new).collect(), is_explicit }
}

/// When the next credential expires, which may end its use.
#[must_use]
pub(crate) fn next_expiry(documents: &Documents, now: WallMs) -> Option<WallMs> {
    let profiles = std::iter::once(&documents.own).chain(&documents.main);
    let expires = profiles.flat_map(Document::profiles).filter_map(|(_, text)| {
        // Most have none, and to read them all takes long.
        text.contains("\"expires\"").then(|| read_credential(text).1.expires)?
    });
    expires.filter(|at| *at > now).reduce(WallMs::earlier)
}

/// Usable profiles in their order, then those that cannot be used. A profile that an explicit order leaves out is
/// never asked, whatever its state.
fn in_order(
    documents: &Documents,
    provider: &str,
    mut group: Vec<Entry>,
    model: Option<&str>,
    now: WallMs,
) -> Vec<Entry> {
    let explicit = explicit_order(documents, provider);
    if let Some(order) = &explicit {
        let places = places(order);
        for entry in group.iter_mut().filter(|entry| !places.contains_key(entry.id.as_str())) {
            let why = *entry.unusable.get_or_insert(Unusable::NotInOrder);
            entry.status = status::status(&entry.stats, Some(why), model, now);
        }
        group.sort_by_key(|entry| places.get(entry.id.as_str()).copied().unwrap_or(usize::MAX));
    }
    let candidate = |entry: &Entry| {
        let kind = Kind::parse(&entry.kind).filter(|_| entry.unusable.is_none())?;
        Some(Candidate { id: entry.id.clone(), kind, stats: entry.stats.clone() })
    };
    let candidates = group.iter().filter_map(candidate).collect();
    let order = order::resolve(candidates, explicit.is_some(), None, model, now);
    let places = places(&order);
    group.sort_by_key(|entry| places.get(entry.id.as_str()).copied().unwrap_or(usize::MAX));
    group
}

/// Where each name stands; of repeated names the first counts.
fn places(order: &[String]) -> HashMap<&str, usize> {
    order.iter().enumerate().rev().map(|(place, id)| (id.as_str(), place)).collect()
}

/// The explicit order of a provider (normalized name), if there is one.
#[must_use]
pub(crate) fn explicit_order(documents: &Documents, provider: &str) -> Option<Vec<String>> {
    let orders = documents.orders().into_iter();
    let mut matching = orders.filter(|(key, _)| normalize_provider_id(key) == provider);
    matching.next().map(|(_, order)| order)
}

fn entries(documents: &Documents, model: Option<&str>, now: WallMs) -> Vec<Entry> {
    let own_ids: HashSet<&str> = documents.own.profiles().map(|(id, _)| id).collect();
    let own = documents.own.profiles().map(|(id, text)| (id, text, false));
    let inherited = documents
        .main
        .iter()
        .flat_map(Document::profiles)
        .filter(|(id, _)| !own_ids.contains(id))
        .map(|(id, text)| (id, text, true));
    own.chain(inherited)
        .map(|(id, text, is_inherited)| entry(documents, id, text, is_inherited, model, now))
        .collect()
}

fn entry(
    documents: &Documents,
    id: &str,
    text: &str,
    is_inherited: bool,
    model: Option<&str>,
    now: WallMs,
) -> Entry {
    let (kind, credential) = read_credential(text);
    let stats = documents.account_stats(id);
    let last_good = |document: &Document| {
        document
            .entry("lastGood", &credential.provider)
            .and_then(|text| serde_json::from_str::<String>(text).ok())
    };
    let good = last_good(&documents.own).or_else(|| documents.main.as_ref().and_then(last_good));
    // Foremost: it was said by a person, and holds whatever becomes of the credential.
    let paused = stats.failover.paused.map(|_| Unusable::Paused);
    let unusable = paused.or_else(|| credential.usable(now).err());
    Entry {
        id: id.to_owned(),
        kind,
        is_inherited,
        is_last_good: good.as_deref() == Some(id),
        status: status::status(&stats, unusable, model, now),
        provider: credential.provider,
        unusable,
        stats,
    }
}

fn read_credential(text: &str) -> (String, Credential) {
    let object = ObjectText::parse(text).unwrap_or_else(|_| ObjectText::empty());
    let string = |key: &str| serde_json::from_str::<String>(object.get(key)?).ok();
    let is_object = |key: &str| object.get(key).is_some_and(|text| text.starts_with('{'));
    let kind = string("type").unwrap_or_default();
    let credential = Credential {
        kind: Kind::parse(&kind),
        provider: string("provider").unwrap_or_default(),
        filled: filled_fields(string, is_object),
        expires: object.get("expires").and_then(|text| serde_json::from_str(text).ok()),
    };
    (kind, credential)
}
