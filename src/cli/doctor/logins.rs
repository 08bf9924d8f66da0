//! Profiles that cannot be used, are the same twice, or are named but not there.
//!
//! Invariant: secrets are compared in memory and go into no finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::finding::{Finding, Severity};
use crate::cli::profiles::Pool;
use crate::cli::text::line::shown;
use crate::profiles::credential::{REFERENCE_FIELDS, SECRET_FIELDS, Unusable};
use crate::profiles::provider::normalize_provider_id;
use crate::store::document::object_text::ObjectText;
use crate::store::document::text::Document;
use crate::store::edits::candidates::Entry;
use crate::store::edits::marks::Documents;

pub(crate) fn findings(documents: &Documents, pool: &Pool) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        pool.entries.iter().filter_map(|entry| unusable(entry, documents)).collect();
    findings.extend(dropped(&documents.own));
    findings.extend(duplicates(documents));
    findings.extend(orders(documents, &pool.entries));
    if pool.entries.is_empty() {
        let advice = "sign in with the host, or add a profile (upsertAuthProfile)";
        findings.push(Finding::new(
            Severity::Warning,
            "empty",
            "the store has no profiles",
            advice,
        ));
    }
    findings
}

fn unusable(entry: &Entry, documents: &Documents) -> Option<Finding> {
    let Some(unusable) = entry.unusable else { return referenced(entry, documents) };
    let (severity, problem, advice) = match unusable {
        Unusable::UnknownType => {
            (Severity::Problem, "has an unknown type", "make it oauth, token or api_key")
        }
        Unusable::NoSecret => {
            (Severity::Problem, "holds no credential", "sign in again, or remove the profile")
        }
        Unusable::Expired => {
            (Severity::Problem, "holds an expired token", "create a new token and store it")
        }
        Unusable::NotInOrder => (
            Severity::Note,
            "is left out by the order set for its provider, and never asked",
            "if that is not meant, add it to the order (setAuthProfileOrder)",
        ),
        Unusable::Paused => {
            (Severity::Note, "is paused, and never asked", "to ask it again: auth-failover resume")
        }
    };
    let what = format!("{} {problem}", shown(&entry.id));
    Some(Finding::new(severity, "unusable-credential", what, advice).about([entry.id.as_str()]))
}

/// A profile that can be used once the caller has looked up its secret.
fn referenced(entry: &Entry, documents: &Documents) -> Option<Finding> {
    let profile = fields_of(documents, &entry.id)?;
    let field = REFERENCE_FIELDS.into_iter().find(|field| profile.get(field).is_some())?;
    let has_secret = SECRET_FIELDS.into_iter().any(|field| profile.get(field).is_some());
    let what = format!("{} has its credential elsewhere ({field})", shown(&entry.id));
    let advice = "its `run` gets no key: let it look the reference up in `credential`";
    (!has_secret).then(|| {
        Finding::new(Severity::Note, "credential-elsewhere", what, advice)
            .about([entry.id.as_str()])
    })
}

fn fields_of(documents: &Documents, id: &str) -> Option<ObjectText> {
    let inherited = || documents.main.as_ref()?.entry("profiles", id);
    ObjectText::parse(documents.own.entry("profiles", id).or_else(inherited)?).ok()
}

/// Profiles that hosts do not load: their next save loses them.
fn dropped(own: &Document) -> Option<Finding> {
    let ids: Vec<&str> =
        own.entries("profiles").map(|(id, _)| id).filter(|id| own.profile(id).is_none()).collect();
    let what = format!("hosts do not load {}: type or provider is missing or unknown", list(&ids));
    let advice = "an old host drops them at its next save: correct them before";
    (!ids.is_empty())
        .then(|| Finding::new(Severity::Warning, "not-loaded", what, advice).about(ids))
}

/// Ids by what they share.
type Shared = BTreeMap<(String, String), Vec<String>>;

/// Rotation happens inside a provider, so only there does the same credential twice gain nothing.
fn duplicates(documents: &Documents) -> Vec<Finding> {
    let (mut secrets, mut accounts) = (Shared::new(), Shared::new());
    for (id, profile) in loaded(documents) {
        let text = |field: &str| {
            let text = serde_json::from_str::<String>(profile.get(field)?).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let provider = normalize_provider_id(&text("provider").unwrap_or_default());
        let found: BTreeSet<String> = SECRET_FIELDS.into_iter().filter_map(text).collect();
        for secret in found {
            secrets.entry((provider.clone(), secret)).or_default().push(id.clone());
        }
        // A key and a login of one account have limits of their own.
        let kind = text("type").unwrap_or_default();
        for account in ["accountId", "email"] {
            if let Some(name) = text(account) {
                let what = [kind.as_str(), account, &name.to_lowercase()].join(" ");
                accounts.entry((provider.clone(), what)).or_default().push(id.clone());
            }
        }
    }
    let same = |shared: Shared| -> BTreeSet<Vec<String>> {
        shared.into_values().filter(|ids| ids.len() > 1).collect()
    };
    let (secrets, mut accounts) = (same(secrets), same(accounts));
    accounts.retain(|ids| !secrets.contains(ids));
    let finding = |code, ids: Vec<String>, shared: &str, advice: &str| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let what = format!("{} {shared}", list(&ids));
        Finding::new(Severity::Warning, code, what, advice).about(ids)
    };
    let secrets = secrets.into_iter().map(|ids| {
        let shared = "hold the same credential: when one is limited, so is the other";
        finding(
            "duplicate-credential",
            ids,
            shared,
            "keep one of them and remove the rest (removeAuthProfile)",
        )
    });
    let accounts = accounts.into_iter().map(|ids| {
        let shared = "belong to the same account and most likely share its limits";
        finding("duplicate-account", ids, shared, "sign in with another account in all but one")
    });
    secrets.chain(accounts).collect()
}

/// Every profile that a host would load, as it would see it.
fn loaded(documents: &Documents) -> impl Iterator<Item = (String, ObjectText)> {
    let own = documents.own.profiles();
    let inherited = documents.main.iter().flat_map(Document::profiles);
    let inherited = inherited.filter(|(id, _)| documents.own.profile(id).is_none());
    own.chain(inherited)
        .filter_map(|(id, text)| Some((id.to_owned(), ObjectText::parse(text).ok()?)))
}

/// Orders that name what is not there, or belongs elsewhere.
fn orders(documents: &Documents, entries: &[Entry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known: HashMap<&str, &Entry> =
        entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    for (provider, names) in documents.orders() {
        let key = normalize_provider_id(provider);
        let find = |name: &str| known.get(name);
        let unknown: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| find(name).is_none()).collect();
        let foreign: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| {
                find(name).is_some_and(|entry| normalize_provider_id(&entry.provider) != key)
            })
            .collect();
        let order = format!("the order of {}", shown(provider));
        if !unknown.is_empty() {
            let what = format!("{order} names {}, which no profile is called", list(&unknown));
            let advice = "correct the name or take it out (setAuthProfileOrder)";
            findings.push(
                Finding::new(Severity::Warning, "unknown-in-order", what, advice).about(unknown),
            );
        }
        if !foreign.is_empty() {
            let what = format!("{order} names {} of another provider", list(&foreign));
            let advice = "it is never asked for this provider: take it out (setAuthProfileOrder)";
            findings.push(
                Finding::new(Severity::Warning, "foreign-in-order", what, advice).about(foreign),
            );
        }
    }
    findings
}

fn list(ids: &[&str]) -> String {
    let shown: Vec<String> = ids.iter().map(|id| shown(id)).collect();
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}
