//! One account that a program gives in line.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::key_id::key_id;
use crate::background::lock;
use crate::profiles::order::Kind;
use crate::rotation::attempt_credential::AttemptCredential;

/// What `keyRef.source` is in the state of in-line accounts: whoever gave the key has it.
pub(crate) const SOURCE: &str = "program";

pub(crate) struct InlineProfile {
    pub id: String,
    pub kind: Kind,
    held: Mutex<Held>,
    pub carried: Carried,
}

/// What goes with a key.
#[derive(Default, PartialEq)]
pub(crate) struct Carried {
    /// A hash of the address of its own.
    pub base_url: Option<u64>,
    pub headers: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
struct Held {
    /// What is written of it: no secret.
    entry: String,
    /// What is asked with; `None`: a function has the key.
    credential: Option<String>,
}

impl std::fmt::Debug for InlineProfile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("InlineProfile").field("id", &self.id).finish_non_exhaustive()
    }
}

impl InlineProfile {
    /// A key. Without an id it is called by its hash.
    #[must_use]
    pub(crate) fn of_key(provider: &str, id: Option<String>, key: &str) -> Self {
        let hash = key_id(provider, key);
        let credential = json!({ "type": "api_key", "provider": provider, "key": key });
        let id = id.unwrap_or_else(|| format!("{provider}:{hash}"));
        let entry = referring(provider, Kind::ApiKey, &hash, None);
        Self::new(id, Kind::ApiKey, entry, Some(credential.to_string()))
    }

    /// A key that a function gives.
    #[must_use]
    pub(crate) fn of_function(provider: &str, id: String) -> Self {
        let entry = referring(provider, Kind::ApiKey, "", None);
        Self::new(id, Kind::ApiKey, entry, None)
    }

    /// A whole credential, as hosts store them: the text of one JSON object.
    #[must_use]
    pub(crate) fn of_credential(provider: &str, id: String, kind: Kind, text: &str) -> Self {
        let (entry, credential) = of_text(provider, kind, text);
        Self::new(id, kind, entry, Some(credential))
    }

    fn new(id: String, kind: Kind, entry: String, credential: Option<String>) -> Self {
        let held = Mutex::new(Held { entry, credential });
        Self { id, kind, held, carried: Carried::default() }
    }

    /// With what goes with its key.
    #[must_use]
    pub(crate) fn with(self, carried: Carried) -> Self {
        Self { carried, ..self }
    }

    /// What is written of it: no secret.
    #[must_use]
    pub(crate) fn entry(&self) -> String {
        lock(&self.held).entry.clone()
    }

    /// The whole credential, if the program gave one.
    #[must_use]
    pub(crate) fn credential(&self) -> Option<String> {
        lock(&self.held).credential.clone()
    }

    /// A new credential takes the place of the old one.
    pub(crate) fn replace(&self, provider: &str, text: &str) {
        let (entry, credential) = of_text(provider, self.kind, text);
        *lock(&self.held) = Held { entry, credential: Some(credential) };
    }

    /// A function tells nothing of the key that it gives.
    #[must_use]
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.entry() == other.entry() && self.credential().is_some()
    }

    /// As the loop takes it.
    #[must_use]
    pub(crate) fn to_ask(&self) -> AttemptCredential {
        let Held { entry, credential } = lock(&self.held).clone();
        AttemptCredential::parse(&credential.unwrap_or(entry), self.kind)
    }
}

/// What is written of a credential, and itself.
fn of_text(provider: &str, kind: Kind, text: &str) -> (String, String) {
    let given = AttemptCredential::parse(text, kind);
    let mut value: Value = serde_json::from_str(text).unwrap_or_default();
    let hash = key_id(provider, &given.api_key);
    let entry = referring(provider, kind, &hash, value.get("expires"));
    if let Some(fields) = value.as_object_mut() {
        fields.entry("provider").or_insert_with(|| provider.into());
    }
    (entry, value.to_string())
}

/// An entry that refers to its secret. The hash tells a new secret from the one that was refused.
fn referring(provider: &str, kind: Kind, hash: &str, expires: Option<&Value>) -> String {
    let (name, field) = match kind {
        Kind::ApiKey => ("api_key", "keyRef"),
        Kind::Token => ("token", "tokenRef"),
        Kind::Oauth => ("oauth", "oauthRef"),
    };
    let mut entry = json!({ "type": name, "provider": provider, field: { "source": SOURCE } });
    if !hash.is_empty() {
        entry[field]["id"] = hash.into();
    }
    if let Some(expires) = expires.filter(|expires| expires.is_number()) {
        entry["expires"] = expires.clone();
    }
    entry.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_of_a_key_holds_nothing_of_it() {
        let profile = InlineProfile::of_key("openai", None, "sk-secret-1");
        assert!(profile.id.starts_with("openai:") && profile.id.len() == 15);
        assert!(!format!("{profile:?}{}", profile.entry()).contains("secret"));
        assert_eq!(profile.to_ask().api_key, "sk-secret-1");
        assert_eq!(profile.to_ask().reference, None);
    }

    #[test]
    fn what_is_written_of_a_login_holds_its_end_and_no_token() {
        let login = r#"{"type":"oauth","provider":"p","access":"aaa","refresh":"bbb","expires":7}"#;
        let profile = InlineProfile::of_credential("p", "x".into(), Kind::Oauth, login);
        assert!(profile.entry().contains(r#""expires":7"#));
        assert!(!profile.entry().contains("aaa") && !profile.entry().contains("bbb"));
    }

    #[test]
    fn a_function_s_key_is_a_reference() {
        let profile = InlineProfile::of_function("p", "x".into());
        let reference = profile.to_ask().reference.unwrap();
        assert_eq!((reference.field, reference.to_string().as_str()), ("keyRef", "keyRef program"));
    }
}
