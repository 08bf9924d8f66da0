//! Why no response came, in the words that a person reads.

use std::error::Error as _;
use std::fmt::Write as _;

use reqwest::Url;

use super::proxy::Proxy;

/// The innermost causes: the outer ones only say that a request was sent.
#[must_use]
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut chain = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if chain.last().is_none_or(|outer: &String| !outer.contains(&words)) {
            chain.push(words);
        }
        source = cause.source();
    }
    // hyper's own words for its layers ("client error (Connect)") say nothing to a user.
    let told: Vec<_> =
        chain.iter().filter(|words| !words.starts_with("client error")).cloned().collect();
    match (told.is_empty(), chain.is_empty()) {
        (false, _) => told.join(": "),
        (true, false) => chain.join(": "),
        (true, true) => "the request could not be sent".to_owned(),
    }
}

/// Adds the server, and the proxy on the way to it.
pub(crate) fn name_the_way(message: &mut String, url: &Url, proxy: Option<&Proxy>) {
    let host = url.host_str().unwrap_or_default();
    let _ = match (proxy, url.port_or_known_default()) {
        (Some(proxy), _) => write!(message, " ({host} through the proxy {proxy})"),
        (None, Some(port)) => write!(message, " ({host}:{port})"),
        (None, None) => write!(message, " ({host})"),
    };
}
