//! What is sent to a token server.

use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};

/// How a client says who it is (RFC 6749, section 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    /// A public client: its id in the body.
    #[default]
    None,
    /// Id and secret in the body.
    Post,
    /// Id and secret in the `authorization` header.
    Basic,
}

/// How the body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as the standard has it.
    #[default]
    Form,
    Json,
}

/// A client and its token server. Everything in it is the caller's.
#[derive(Clone)]
pub(crate) struct Grant {
    pub url: Url,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub scope: Option<String>,
    pub auth_method: AuthMethod,
    pub format: BodyFormat,
    /// Further fields of the body.
    pub parameters: Vec<(String, String)>,
    pub headers: HeaderMap,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Grant").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// A request that can be sent.
pub(crate) struct Prepared {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// For the `authorization` header.
    pub basic: Option<(String, String)>,
}

impl Grant {
    #[must_use]
    pub(crate) fn prepare(&self, refresh_token: &str) -> Prepared {
        let mut headers = self.headers.clone();
        let content_type = match self.format {
            BodyFormat::Form => "application/x-www-form-urlencoded",
            BodyFormat::Json => "application/json",
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        let fields = self.fields(refresh_token);
        let body = match self.format {
            BodyFormat::Form => form(&fields).into_bytes(),
            BodyFormat::Json => {
                let fields =
                    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
                serde_json::Value::Object(fields.collect()).to_string().into_bytes()
            }
        };
        let secret = self.client_secret.as_deref().unwrap_or_default();
        let is_basic = self.auth_method == AuthMethod::Basic;
        let basic = is_basic.then(|| (encode(&self.client_id), encode(secret)));
        Prepared { headers, body, basic }
    }

    /// The body's fields; one of the caller's goes before ours.
    fn fields<'a>(&'a self, refresh_token: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        if self.auth_method != AuthMethod::Basic {
            fields.push(("client_id", &self.client_id));
        }
        if let (AuthMethod::Post, Some(secret)) = (self.auth_method, &self.client_secret) {
            fields.push(("client_secret", secret));
        }
        if let Some(scope) = &self.scope {
            fields.push(("scope", scope));
        }
        for (name, value) in &self.parameters {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        fields
    }
}

/// A place that takes a refresh token: `https`, or this machine.
pub(crate) fn token_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be an absolute URL")?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let is_here = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        "http" => Err("must be an https URL: a refresh token must not be readable on the way"),
        _ => Err("must be an https URL"),
    }
}

/// Headers as the caller gave them.
pub(crate) fn headers(given: &[(String, String)], field: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let fault = || Error::invalid(format!("{field}.{name}"), "must be an HTTP header");
        let name = HeaderName::try_from(name.as_str()).map_err(|_| fault())?;
        headers.insert(name, HeaderValue::try_from(value.as_str()).map_err(|_| fault())?);
    }
    Ok(headers)
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut url = blank_url();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// One value, as in a form (RFC 6749, section 2.3.1).
fn encode(text: &str) -> String {
    let mut url = blank_url();
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

fn blank_url() -> Url {
    Url::parse("form:/").expect("it is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            url: token_url("https://login.example/token").unwrap(),
            client_id: "my client".into(),
            client_secret: None,
            scope: None,
            auth_method: AuthMethod::None,
            format: BodyFormat::Form,
            parameters: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    fn body(grant: &Grant) -> String {
        String::from_utf8(grant.prepare("r+1").body).unwrap()
    }

    #[test]
    fn a_public_client_sends_its_id_in_the_form() {
        let expected = "grant_type=refresh_token&refresh_token=r%2B1&client_id=my+client";
        assert_eq!(body(&grant()), expected);
    }

    #[test]
    fn a_secret_goes_where_the_method_says() {
        let secret =
            |auth_method| Grant { client_secret: Some("s:1".into()), auth_method, ..grant() };
        assert!(
            body(&secret(AuthMethod::Post)).ends_with("client_id=my+client&client_secret=s%3A1")
        );
        let basic = secret(AuthMethod::Basic).prepare("r");
        assert_eq!(basic.basic, Some(("my+client".into(), "s%3A1".into())));
        assert_eq!(basic.body, b"grant_type=refresh_token&refresh_token=r");
    }

    #[test]
    fn the_body_is_json_where_the_server_wants_it() {
        let json = Grant { format: BodyFormat::Json, scope: Some("a b".into()), ..grant() };
        let expected = r#"{"grant_type":"refresh_token","refresh_token":"r+1","client_id":"my client","scope":"a b"}"#;
        assert_eq!(body(&json), expected);
    }

    #[test]
    fn a_field_of_the_caller_s_takes_the_place_of_ours() {
        let parameters = vec![("client_id".to_owned(), "other".to_owned())];
        assert!(body(&Grant { parameters, ..grant() }).ends_with("&client_id=other"));
    }

    #[test]
    fn a_token_goes_to_https_or_to_this_machine() {
        for url in
            ["https://a.example/t", "http://127.0.0.1:1/t", "http://[::1]/t", "http://localhost/t"]
        {
            assert!(token_url(url).is_ok(), "{url}");
        }
        for url in ["http://a.example/t", "ftp://a.example", "token", "http://10.0.0.1/t"] {
            assert!(token_url(url).is_err(), "{url}");
        }
    }
}
