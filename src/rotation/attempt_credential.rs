//! The credential of the account that is asked, read once an attempt.

use serde_json::Value;

use crate::failure::Secrets;
use crate::failure::redact::redact_to;
use crate::profiles::credential::SECRET_FIELDS;
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;

/// A reference is a short path or name.
const LONGEST_TEXT: usize = 120;

/// An entry of the store, secrets included.
#[derive(Clone)]
pub(crate) struct AttemptCredential {
    /// As it stands in the store.
    pub text: String,
    /// As providers take it: the key, the token or the OAuth access token. Google's two command-line providers take the
    /// token together with the project, as pi-ai's OAuth code hands it to them. Empty where the entry has a reference only.
    pub api_key: String,
    /// Where the secret lies, if the entry does not hold it itself.
    pub reference: Option<SecretReference>,
    /// What no report of the attempt may show.
    pub secrets: Secrets,
}

/// A field that names a secret instead of holding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretReference {
    pub field: &'static str,
    /// For people.
    text: String,
}

impl SecretReference {
    fn read(entry: &Value, field: &'static str) -> Option<Self> {
        let value = entry.get(field)?;
        let part = |name: &str| value.get(name).and_then(Value::as_str);
        let text = match value {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.clone(),
            Value::Object(_) => {
                let parts = ["source", "provider", "id"].into_iter().filter_map(part);
                parts.collect::<Vec<_>>().join(":")
            }
            _ => return None,
        };
        // The secret itself may have been put here by mistake.
        Some(Self { field, text: redact_to(&text, LONGEST_TEXT) })
    }
}

impl std::fmt::Display for SecretReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.field, self.text)
    }
}

impl std::fmt::Debug for AttemptCredential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AttemptCredential(…)")
    }
}

impl AttemptCredential {
    #[must_use]
    pub(crate) fn parse(text: &str, kind: Kind) -> Self {
        let entry: Value = serde_json::from_str(text).unwrap_or_default();
        let field = |name: &str| entry.get(name).and_then(Value::as_str);
        let secrets = Secrets::new(SECRET_FIELDS.into_iter().filter_map(field).map(str::to_owned));
        let (secret, reference) = match kind {
            Kind::ApiKey => ("key", "keyRef"),
            Kind::Token => ("token", "tokenRef"),
            Kind::Oauth => ("access", "oauthRef"),
        };
        let secret = field(secret).unwrap_or_default();
        let reference = SecretReference::read(&entry, reference);
        let provider = normalize_provider_id(field("provider").unwrap_or_default());
        let takes_project = matches!(provider.as_str(), "google-gemini-cli" | "google-antigravity");
        let api_key = if kind == Kind::Oauth && takes_project && !secret.is_empty() {
            let project = entry.get("projectId").filter(|project| project.is_string());
            serde_json::json!({ "token": secret, "projectId": project }).to_string()
        } else {
            secret.to_owned()
        };
        let reference = reference.filter(|_| api_key.trim().is_empty());
        Self { text: text.to_owned(), api_key, reference, secrets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_own_secret_and_all_of_them_are_hidden() {
        let text = r#"{"key":"0123456789","access":"abcdefghij","provider":"p"}"#;
        let credential = AttemptCredential::parse(text, Kind::ApiKey);
        assert_eq!(credential.api_key, "0123456789");
        let shown = credential.secrets.hide("0123456789, abcdefghij");
        assert_eq!(shown, "[redacted], [redacted]");
        assert_eq!(AttemptCredential::parse(text, Kind::Oauth).api_key, "abcdefghij");
    }

    #[test]
    fn google_s_command_line_providers_take_the_project_too() {
        let text = r#"{"access":"abc","provider":"Google-Gemini-CLI","projectId":"x"}"#;
        let credential = AttemptCredential::parse(text, Kind::Oauth);
        assert_eq!(credential.api_key, r#"{"token":"abc","projectId":"x"}"#);
        let without = r#"{"access":"abc","provider":"google-antigravity"}"#;
        let credential = AttemptCredential::parse(without, Kind::Oauth);
        assert_eq!(credential.api_key, r#"{"token":"abc","projectId":null}"#);
        let referenced = r#"{"oauthRef":{},"provider":"google-antigravity"}"#;
        assert_eq!(AttemptCredential::parse(referenced, Kind::Oauth).api_key, "");
    }

    fn reference(text: &str, kind: Kind) -> Option<String> {
        AttemptCredential::parse(text, kind).reference.map(|reference| reference.to_string())
    }

    #[test]
    fn a_reference_is_known_by_its_type_and_shown_in_words() {
        let all = r#"{"keyRef":{"source":"env","provider":"default","id":"A_KEY"},"tokenRef":"vault/a","oauthRef":{"source":"keychain"}}"#;
        assert_eq!(reference(all, Kind::ApiKey).as_deref(), Some("keyRef env:default:A_KEY"));
        assert_eq!(reference(all, Kind::Token).as_deref(), Some("tokenRef vault/a"));
        assert_eq!(reference(all, Kind::Oauth).as_deref(), Some("oauthRef keychain"));
        assert_eq!(reference(r#"{"keyRef":" ","tokenRef":7}"#, Kind::ApiKey), None);
        assert_eq!(reference(r#"{"keyRef":" ","tokenRef":7}"#, Kind::Token), None);
    }

    #[test]
    fn a_secret_that_is_there_needs_no_reference() {
        assert_eq!(reference(r#"{"key":"0123456789","keyRef":"vault/a"}"#, Kind::ApiKey), None);
        assert!(reference(r#"{"key":" ","keyRef":"vault/a"}"#, Kind::ApiKey).is_some());
    }

    #[test]
    fn a_secret_in_the_place_of_a_reference_is_not_shown() {
        let text = r#"{"keyRef":"sk-ant-api03-0123456789abcdefghijklmnop"}"#;
        assert!(!reference(text, Kind::ApiKey).unwrap().contains("0123456789"));
    }

    #[test]
    fn its_debug_form_shows_nothing() {
        let credential = AttemptCredential::parse(r#"{"key":"0123456789"}"#, Kind::ApiKey);
        assert_eq!(format!("{credential:?}"), "AttemptCredential(…)");
    }
}
