//! Where a request goes and which headers it carries.
//!
//! Invariant: nothing here speaks for another client. Without the caller's `identity` or `headers` the package
//! names itself.

use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};

use crate::error::{Error, Result};
use crate::gemini::call::api_key::Credentials;
use crate::gemini::call::model::Model;
use crate::gemini::call::request_options::Options;
use crate::gemini::convert::request_body;

const PRODUCTION: &str = "https://cloudcode-pa.googleapis.com";
/// In the order in which they are tried.
const ANTIGRAVITY: [&str; 3] = [
    "https://daily-cloudcode-pa.sandbox.googleapis.com",
    "https://autopush-cloudcode-pa.sandbox.googleapis.com",
    PRODUCTION,
];
const METHOD: &str = "/v1internal:streamGenerateContent?alt=sse";

/// The addresses to try, best first.
pub(crate) fn urls(model: &Model) -> Result<Vec<Url>> {
    let base = model.base_url.as_deref().map(str::trim).filter(|base| !base.is_empty());
    let bases: &[&str] = match &base {
        Some(base) => &[*base],
        None if model.is_antigravity() => &ANTIGRAVITY,
        None => &[PRODUCTION],
    };
    bases.iter().map(|base| url(base)).collect()
}

fn url(base: &str) -> Result<Url> {
    let wrong = |problem: &str| Error::invalid("model.baseUrl", problem);
    let url = Url::parse(&format!("{}{METHOD}", base.trim_end_matches('/')))
        .map_err(|_| wrong("must be an http or https URL"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("must be an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user name or a password"));
    }
    Ok(url)
}

/// The host to warn about: the token would go there unencrypted.
#[must_use]
pub(crate) fn plain_text_host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback());
    (url.scheme() == "http" && !local).then_some(host)
}

/// The headers of the request. The caller's own come last and win.
pub(crate) fn headers(
    model: &Model,
    options: &Options,
    credentials: &Credentials,
) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", credentials.token))
        .map_err(|_| Error::invalid("options.apiKey", "token: must not hold control characters"))?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    headers.insert(USER_AGENT, HeaderValue::from_static(request_body::USER_AGENT));
    insert_all(&mut headers, "options.identity.headers", &options.identity.headers)?;
    // A capability, not an identity: without it these models do not think between tool calls.
    if model.is_antigravity() && model.is_claude() && model.reasoning {
        headers
            .insert("anthropic-beta", HeaderValue::from_static("interleaved-thinking-2025-05-14"));
    }
    insert_all(&mut headers, "options.headers", &options.headers)?;
    Ok(headers)
}

fn insert_all(headers: &mut HeaderMap, field: &str, all: &[(String, String)]) -> Result<()> {
    for (name, value) in all {
        let shown: String = name.chars().filter(|char| !char.is_control()).take(80).collect();
        let wrong = |problem| Error::invalid(format!("{field}[{shown:?}]"), problem);
        let name = HeaderName::try_from(name).map_err(|_| wrong("is not a header name"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| wrong("must not hold control characters"))?;
        headers.insert(name, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_beyond_this_machine_is_worth_a_warning() {
        let host = |text: &str| plain_text_host(&Url::parse(text).unwrap()).map(str::to_owned);
        assert_eq!(host("http://api.example/x"), Some("api.example".to_owned()));
        assert_eq!(host("http://10.0.0.7/x"), Some("10.0.0.7".to_owned()));
        for quiet in
            ["https://api.example", "http://localhost:1", "http://127.3.4.5", "http://[::1]:9"]
        {
            assert_eq!(host(quiet), None, "{quiet}");
        }
    }
}
