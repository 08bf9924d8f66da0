//! The credential of the account that is asked, read once an attempt.

use serde_json::Value;

use crate::failure::Secrets;
use crate::profiles::credential::SECRET_FIELDS;
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;

/// An entry of the store, secrets included.
#[derive(Clone)]
pub(crate) struct AttemptCredential {
    /// As it stands in the store.
    pub text: String,
    /// As providers take it: the key, the token or the OAuth access token. Google's two command-line providers take the
    /// token together with the project, as pi-ai's OAuth code hands it to them. Empty where the entry has a reference only.
    pub api_key: String,
    /// What no report of the attempt may show.
    pub secrets: Secrets,
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
        let secret = match kind {
            Kind::ApiKey => field("key"),
            Kind::Token => field("token"),
            Kind::Oauth => field("access"),
        };
        let secret = secret.unwrap_or_default();
        let provider = normalize_provider_id(field("provider").unwrap_or_default());
        let takes_project = matches!(provider.as_str(), "google-gemini-cli" | "google-antigravity");
        let api_key = if kind == Kind::Oauth && takes_project && !secret.is_empty() {
            let project = entry.get("projectId").filter(|project| project.is_string());
            serde_json::json!({ "token": secret, "projectId": project }).to_string()
        } else {
            secret.to_owned()
        };
        Self { text: text.to_owned(), api_key, secrets }
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

    #[test]
    fn its_debug_form_shows_nothing() {
        let credential = AttemptCredential::parse(r#"{"key":"0123456789"}"#, Kind::ApiKey);
        assert_eq!(format!("{credential:?}"), "AttemptCredential(…)");
    }
}
