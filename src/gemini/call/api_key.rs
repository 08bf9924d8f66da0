//! The caller's `apiKey`: JSON with `token` and `projectId`.

use std::fmt;

use serde_json::Value;

/// Who asks. Its debug form shows no secret.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) token: String,
    pub(crate) project_id: String,
}

/// Why an `apiKey` cannot be used. The texts are part of the contract: hosts match them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialsError {
    #[error("Google Cloud Code Assist requires OAuth authentication. Use /login to authenticate.")]
    Absent,
    #[error("Invalid Google Cloud Code Assist credentials. Use /login to re-authenticate.")]
    NotJson,
    #[error(
        "Missing token or projectId in Google Cloud credentials. Use /login to re-authenticate."
    )]
    Incomplete,
}

impl Credentials {
    pub(crate) fn parse(api_key: Option<&str>) -> Result<Self, CredentialsError> {
        let api_key = api_key.filter(|key| !key.is_empty()).ok_or(CredentialsError::Absent)?;
        let parsed: Value = serde_json::from_str(api_key).map_err(|_| CredentialsError::NotJson)?;
        if parsed.is_null() {
            return Err(CredentialsError::NotJson);
        }
        let text = |key: &str| {
            parsed.get(key).and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
        };
        match (text("token"), text("projectId")) {
            (Some(token), Some(project_id)) => Ok(Self { token, project_id }),
            _ => Err(CredentialsError::Incomplete),
        }
    }

    /// Removes this caller's token from somebody else's text: a server may echo it in any form.
    pub(crate) fn hide_token(&self, text: String) -> String {
        // A shorter one is no secret, and would take parts out of words.
        if self.token.len() >= 8 && text.contains(&self.token) {
            text.replace(&self.token, "[redacted]")
        } else {
            text
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(…)")
    }
}
