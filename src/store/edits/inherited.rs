//! Which store a sub-agent's credential lives in: its own, or the main agent's, which all sub-agents share.
//!
//! Invariant: another account's login never replaces the main agent's.

use super::marks::Documents;
use crate::background;
use crate::store::document::object_text::ObjectText;
use crate::store::file::paths::StorePaths;
use crate::store::file::seen;

/// What tells two accounts of one provider apart, where hosts write it.
const IDENTITY_FIELDS: [&str; 4] = ["email", "accountId", "projectId", "enterpriseUrl"];

/// The store that a profile's credential lives in; the agent's own if there is no such profile. Off the event loop.
pub(crate) async fn owner(paths: StorePaths, id: String) -> StorePaths {
    owner_of_known(paths.clone(), id).await.unwrap_or(paths)
}

/// The same; `None` if there is no such profile.
pub(crate) async fn owner_of_known(paths: StorePaths, id: String) -> Option<StorePaths> {
    let own = paths.clone();
    let look = move || {
        let Ok(seen) = seen::documents(&own) else { return Some(own) };
        let documents = &seen.documents;
        documents.profile_text(&id)?;
        Some(own.of_main().filter(|_| documents.is_inherited(&id)).unwrap_or(own))
    };
    // A store that cannot be read is told by whoever works on it next.
    background::run("owner", look).await.unwrap_or(Some(paths))
}

/// The same for a credential that is to be stored: where it lives if it is a new one of the same account, else the agent's
/// own store.
pub(crate) async fn owner_of_renewed(
    paths: StorePaths,
    id: String,
    credential: String,
) -> StorePaths {
    let is_renewed = move |documents: &Documents| {
        documents.is_inherited(&id)
            && documents.profile_text(&id).is_some_and(|(now, _)| is_same_account(now, &credential))
    };
    let Some(main) = paths.of_main() else { return paths };
    let own = paths.clone();
    let look = move || seen::documents(&own).is_ok_and(|seen| is_renewed(&seen.documents));
    if background::run("owner", look).await.unwrap_or(false) { main } else { paths }
}

/// Whether one may be a refreshed credential of the other's account. A key says nothing of its account, so another key is
/// another account.
pub(crate) fn is_same_account(now: &str, new: &str) -> bool {
    let (Ok(now), Ok(new)) = (ObjectText::parse(now), ObjectText::parse(new)) else { return false };
    let value = |object: &ObjectText, field: &str| {
        object.get(field).and_then(|text| serde_json::from_str::<String>(text).ok())
    };
    let is_equal = |field: &&str| value(&now, field) == value(&new, field);
    let is_contradicted = |field: &&str| {
        value(&now, field).zip(value(&new, field)).is_some_and(|(now, new)| now != new)
    };
    ["type", "provider"].iter().all(is_equal)
        && value(&now, "type").as_deref() != Some("api_key")
        && !IDENTITY_FIELDS.iter().any(is_contradicted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = r#"{"type":"oauth","provider":"p","access":"a","email":"me@example.com"}"#;

    #[test]
    fn a_new_token_of_the_same_login_is_the_same_account() {
        let with = |fields: &str| is_same_account(MAIN, &format!("{{{fields}}}"));
        assert!(with(r#""type":"oauth","provider":"p","access":"b","email":"me@example.com""#));
        assert!(with(r#""type":"oauth","provider":"p","access":"b""#));
        assert!(!with(r#""type":"oauth","provider":"p","access":"b","email":"you@example.com""#));
        assert!(!with(r#""type":"oauth","provider":"q","access":"b""#));
        assert!(!with(r#""type":"token","provider":"p","token":"b""#));
    }

    #[test]
    fn another_key_is_another_account() {
        let key = |key: &str| format!(r#"{{"type":"api_key","provider":"p","key":"{key}"}}"#);
        assert!(!is_same_account(&key("a"), &key("b")));
    }
}
