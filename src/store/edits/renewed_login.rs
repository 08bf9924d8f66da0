//! A login that was renewed takes the place of the one that was spent.
//!
//! Invariant: compared before it is written: what somebody else has written meanwhile stays, unless it is older.

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
    let Ok(mut object) = ObjectText::parse(entry) else {
        return (Renewing::Gone, Err(Declined::UnknownProfile));
    };
    let before = fingerprint(entry);
    let layout = documents.own.entry_layout();
    for (name, value) in renewal.members() {
        let is_same =
            |text| serde_json::from_str::<serde_json::Value>(text).is_ok_and(|it| it == *value);
        if !object.get(name).is_some_and(is_same) {
            object.set(name, layout.inner().value(value));
        }
    }
    let text = object.render(layout);
    let is_renewed = fingerprint(&text) != before;
    let usage = documents.usage_stats(id).filter(|_| is_renewed);
    documents.own.set_entry("profiles", id, text);
    if let Some(stats) = usage {
        free_of_old(documents, id, &stats);
    }
    (Renewing::Done, Ok(Applied::default()))
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
