//! Which store a login belongs to.
//!
//! Hosts of January copied the main agent's profiles into the files of sub-agents, so one refresh token may stand in two
//! files. Invariant: such a login is the main agent's: it is renewed there, and the copies follow.

use crate::rotation::login::oauth_login::Login;
use crate::store::edits::inherited::is_same_account;
use crate::store::edits::marks::Documents;
use crate::store::file::paths::StorePaths;
use crate::time::WallMs;

/// Where a login lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoginOwner {
    pub home: StorePaths,
    /// Stores that have the same refresh token.
    pub copies: Vec<StorePaths>,
}

/// `None`: there is no such profile.
#[must_use]
pub(crate) fn owner_of(documents: &Documents, paths: &StorePaths, id: &str) -> Option<LoginOwner> {
    documents.profile_text(id)?;
    let own = || LoginOwner { home: paths.clone(), copies: Vec::new() };
    let Some(main) = paths.of_main() else { return Some(own()) };
    if documents.is_inherited(id) {
        return Some(LoginOwner { home: main, copies: Vec::new() });
    }
    let login = |text: Option<&str>| text.and_then(Login::parse);
    let of_main = login(documents.main.as_ref().and_then(|main| main.entry("profiles", id)));
    let of_own = login(documents.own.entry("profiles", id));
    Some(match (of_own, of_main) {
        (Some(copy), Some(original)) if is_copy(&copy, &original) => {
            LoginOwner { home: main, copies: vec![paths.clone()] }
        }
        _ => own(),
    })
}

fn is_copy(copy: &Login, original: &Login) -> bool {
    !copy.refresh.trim().is_empty() && copy.refresh == original.refresh
}

/// The main agent's login of the same account, if that is newer than the sub-agent's own and still good: the own one is a
/// copy that was left behind, and its token was spent when the main agent's was renewed.
#[must_use]
pub(crate) fn newer_of_main<'a>(
    documents: &'a Documents,
    id: &str,
    now: WallMs,
) -> Option<&'a str> {
    let own = documents.own.entry("profiles", id)?;
    let main = documents.main.as_ref()?.entry("profiles", id)?;
    let (copy, original) = (Login::parse(own)?, Login::parse(main)?);
    let is_newer = original.refresh != copy.refresh && original.expires? > copy.expires?;
    (is_newer && original.is_valid(now) && is_same_account(own, main)).then_some(main)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::document::text::Document;

    const NOW: WallMs = WallMs::new(1_000_000.0);

    fn document(profiles: &str) -> Document {
        Document::parse(format!(r#"{{"version":1,"profiles":{{{profiles}}}}}"#).as_bytes()).unwrap()
    }

    fn login(refresh: &str, expires: f64) -> String {
        format!(
            r#""a":{{"type":"oauth","provider":"p","access":"x{refresh}","refresh":"{refresh}","expires":{expires}}}"#
        )
    }

    fn paths() -> StorePaths {
        StorePaths {
            store: "/sub/s.json".into(),
            main: Some("/main/s.json".into()),
            with_state: true,
        }
    }

    fn home(own: &str, main: &str) -> (String, usize) {
        let documents = Documents { own: document(own), main: Some(document(main)) };
        let owner = owner_of(&documents, &paths(), "a").unwrap();
        (owner.home.store.display().to_string(), owner.copies.len())
    }

    #[test]
    fn an_inherited_login_and_a_copy_are_the_main_agent_s_and_another_login_is_not() {
        let main = login("r", 1.0);
        assert_eq!(home("", &main), ("/main/s.json".to_owned(), 0));
        assert_eq!(home(&main, &main), ("/main/s.json".to_owned(), 1));
        assert_eq!(home(&login("s", 1.0), &main), ("/sub/s.json".to_owned(), 0));
    }

    #[test]
    fn a_copy_that_was_left_behind_follows_the_main_agent_s_login() {
        let good = NOW.as_ms() + 60_000.0;
        let newer = |own: &str, main: &str| {
            let documents = Documents { own: document(own), main: Some(document(main)) };
            newer_of_main(&documents, "a", NOW).is_some()
        };
        assert!(newer(&login("r", 1.0), &login("s", good)));
        assert!(!newer(&login("r", good), &login("s", 1.0)));
        assert!(!newer(&login("r", 1.0), &login("s", 2.0)), "as useless as the copy");
        assert!(!newer(&login("r", 1.0), &login("s", good).replace(r#""p""#, r#""q""#)));
    }
}
