//! A login that was renewed takes the place of the one that was spent.
//!
//! Invariant: compared before it is written: what somebody else has written meanwhile stays, unless it is older.

use serde_json::Value;

use super::by_hand::free_of_old;
use super::fingerprint::fingerprint;
use super::marks::{Applied, Declined, Documents, MarkedStore};
use crate::rotation::login::oauth_login::{Login, Renewal};
use crate::store::document::object_text::ObjectText;

/// What an edit found, and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewing {
    Done,
    /// Somebody else's login is newer.
    Theirs,
    /// There is no such profile any more.
    Gone,
}

/// Writes what `began` was renewed to into the agent's own file.
pub(crate) fn renew_login(
    documents: &mut Documents,
    id: &str,
    began: &Login,
    renewal: &Renewal,
) -> (Renewing, Result<Applied, Declined>) {
    let Some(entry) = documents.own.entry("profiles", id) else {
        return (Renewing::Gone, Err(Declined::UnknownProfile));
    };
    let (current, renewed) = (Login::parse(entry), Login::parse(&renewal.apply(entry)));
    if let (Some(current), Some(renewed)) = (current, renewed)
        && current.stays(began, &renewed)
    {
        return (Renewing::Theirs, Err(Declined::NothingToChange));
    }
    let siblings = siblings_of(documents, id, began);
    let Some(changed) = set_members(documents, id, renewal.members()) else {
        return (Renewing::Gone, Err(Declined::UnknownProfile));
    };
    for sibling in siblings {
        let is_new = |(name, _): &(&str, &Value)| changed.iter().any(|it| it == name);
        let _ = set_members(documents, &sibling, renewal.members().filter(is_new));
    }
    (Renewing::Done, Ok(Applied::default()))
}

/// Other profiles that have the same login: their refresh token is spent too.
fn siblings_of(documents: &Documents, id: &str, began: &Login) -> Vec<String> {
    if began.refresh.trim().is_empty() {
        return Vec::new();
    }
    let is_same = |text: &str| {
        Login::parse(text)
            .is_some_and(|it| it.refresh == began.refresh && it.provider == began.provider)
    };
    let others = documents.own.entries("profiles").filter(|(other, _)| *other != id);
    others.filter(|(_, text)| is_same(text)).map(|(other, _)| other.to_owned()).collect()
}

/// Sets what is not so already; tells which members those were. `None`: there is no such entry.
fn set_members<'a>(
    documents: &mut Documents,
    id: &str,
    members: impl Iterator<Item = (&'a str, &'a Value)>,
) -> Option<Vec<&'a str>> {
    let entry = documents.own.entry("profiles", id)?;
    let mut object = ObjectText::parse(entry).ok()?;
    let before = fingerprint(entry);
    let layout = documents.own.entry_layout();
    let mut changed = Vec::new();
    for (name, value) in members {
        let is_same = |text| serde_json::from_str::<Value>(text).is_ok_and(|it| it == *value);
        if !object.get(name).is_some_and(is_same) {
            object.set(name, layout.inner().value(value));
            changed.push(name);
        }
    }
    let text = object.render(layout);
    let is_renewed = fingerprint(&text) != before;
    let usage = documents.usage_stats(id).filter(|_| is_renewed);
    documents.own.set_entry("profiles", id, text);
    if let Some(stats) = usage {
        free_of_old(documents, id, &stats);
    }
    Some(changed)
}

/// The same for a copy of the login in another store: only if it is still the one that was spent.
pub(crate) fn renew_copy(
    documents: &mut Documents,
    id: &str,
    began: &Login,
    renewal: &Renewal,
) -> Result<Applied, Declined> {
    let current = documents.own.entry("profiles", id).and_then(Login::parse);
    if current.is_none_or(|current| current.refresh != began.refresh) {
        return Err(Declined::NothingToChange);
    }
    renew_login(documents, id, began, renewal).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::document::text::Document;
    use crate::time::WallMs;

    const NOW: WallMs = WallMs::new(1_000.0);

    fn store(login: &str, usage: &str) -> Documents {
        let text = format!(
            "{{\n  \"version\": 1,\n  \"profiles\": {{\n    \"a\": {{\n      {login}\n    }}\n  }},\n  \"usageStats\": {{\n    \"a\": {usage}\n  }}\n}}\n"
        );
        Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
    }

    const LOGIN: &str = "\"type\": \"oauth\",\n      \"provider\": \"p\",\n      \"access\": \"a1\",\n      \"refresh\": \"r1\",\n      \"expires\": 900,\n      \"note\": [1,2]";

    fn began() -> Login {
        Login::parse(
            r#"{"type":"oauth","provider":"p","access":"a1","refresh":"r1","expires":900}"#,
        )
        .unwrap()
    }

    fn renewal() -> Renewal {
        Renewal::read(r#"{"access":"a2","refresh":"r2","expires":9000}"#, &began(), NOW).unwrap()
    }

    #[test]
    fn what_is_new_is_changed_and_everything_else_stays_byte_for_byte() {
        let mut store = store(LOGIN, "{}");
        let (what, _) = renew_login(&mut store, "a", &began(), &renewal());
        assert_eq!(what, Renewing::Done);
        let expected = LOGIN.replace("a1", "a2").replace("r1", "r2").replace("900", "9000");
        assert!(store.own.render().contains(&expected), "{}", store.own.render());
    }

    #[test]
    fn a_login_that_came_meanwhile_stays() {
        let other = LOGIN.replace("a1", "x").replace("r1", "y").replace("900", "950");
        let mut store = store(&other, "{}");
        let (what, _) = renew_login(&mut store, "a", &began(), &renewal());
        assert_eq!(what, Renewing::Theirs);
        assert!(!store.own.is_changed());
    }

    #[test]
    fn a_profile_that_was_removed_is_not_made_again() {
        let mut store = store(LOGIN, "{}");
        assert_eq!(renew_login(&mut store, "b", &began(), &renewal()).0, Renewing::Gone);
        assert!(!store.own.is_changed());
    }

    #[test]
    fn another_profile_of_the_same_login_gets_its_tokens_and_keeps_the_rest() {
        let of = |provider: &str, note: &str| {
            format!(
                r#"{{"type":"oauth","provider":"{provider}","access":"a0","refresh":"r1","expires":800,"note":"{note}"}}"#
            )
        };
        let text = format!(
            r#"{{"version":1,"profiles":{{"a":{},"b":{},"c":{}}}}}"#,
            of("p", "one"),
            of("p", "two"),
            of("q", "three")
        );
        let mut store = Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None };
        let whole = r#"{"access":"a2","refresh":"r2","expires":9000,"note":"one"}"#;
        let renewal = Renewal::read(whole, &began(), NOW).unwrap();
        assert_eq!(renew_login(&mut store, "a", &began(), &renewal).0, Renewing::Done);
        let entry = |id: &str| -> Value {
            serde_json::from_str(store.own.entry("profiles", id).unwrap()).unwrap()
        };
        let sibling = entry("b");
        assert_eq!((&sibling["access"], &sibling["refresh"]), (&"a2".into(), &"r2".into()));
        assert_eq!((&sibling["expires"], &sibling["note"]), (&9000.into(), &"two".into()));
        assert_eq!(entry("c")["refresh"], "r1", "a token of another provider");
    }

    #[test]
    fn it_frees_the_account_of_what_rested_for_the_old_token() {
        let usage = r#"{"cooldownUntil":9000,"cooldownReason":"auth","errorCount":1}"#;
        let mut store = store(LOGIN, usage);
        assert_eq!(renew_login(&mut store, "a", &began(), &renewal()).0, Renewing::Done);
        assert_eq!(store.stats("a").cooldown_until, None);
    }

    #[test]
    fn a_copy_is_renewed_only_while_it_is_one() {
        let mut copy = store(LOGIN, "{}");
        assert!(renew_copy(&mut copy, "a", &began(), &renewal()).is_ok());
        let mut own = store(&LOGIN.replace("r1", "mine"), "{}");
        assert!(renew_copy(&mut own, "a", &began(), &renewal()).is_err());
    }
}
