//! What a thrown error says when no response was read: aborts, timeouts and faults of the way.
//!
//! Invariant: a timeout is never taken for an abort. `AbortError` with a `TimeoutError` among its causes is a timeout.

use super::codes::Meaning;
use crate::failure::names::{Class, Rule};
use crate::failure::record::Thrown;

/// What the chain means, with the code that decided; `None` where only its words are left.
pub(crate) fn meaning<'a>(chain: &'a [Thrown<'a>]) -> Option<(Meaning, Option<&'a str>)> {
    let code = chain.iter().find_map(|link| code_meaning(link.code).map(|found| (found, link)));
    if let Some((found, link)) = code {
        return Some((found, Some(link.code)));
    }
    if chain.iter().any(|link| link.name == "TimeoutError") {
        return Some(((Class::Timeout, Rule::TimeoutError), None));
    }
    if chain.iter().any(is_abort) {
        return Some(((Class::Aborted, Rule::AbortError), None));
    }
    let is_fetch = |link: &Thrown<'_>| {
        let begins = |start: &&str| link.message.starts_with(*start);
        link.name == "TypeError"
            && (matches!(
                link.message,
                "fetch failed" | "terminated" | "Failed to fetch" | "Load failed"
            ) || ["NetworkError when attempting", "error sending request"].iter().any(begins))
    };
    chain.iter().any(is_fetch).then_some(((Class::Network, Rule::NetworkFetch), None))
}

fn is_abort(link: &Thrown<'_>) -> bool {
    link.name == "AbortError" || link.message == "Request was aborted"
}

/// The codes of Node, undici, `OpenSSL` and Bun.
fn code_meaning(code: &str) -> Option<Meaning> {
    Some(match code {
        "ABORT_ERR" | "ERR_CANCELED" | "UND_ERR_ABORTED" => (Class::Aborted, Rule::AbortError),
        "UND_ERR_CONNECT_TIMEOUT" => (Class::Timeout, Rule::TimeoutConnect),
        "UND_ERR_HEADERS_TIMEOUT" => (Class::Timeout, Rule::TimeoutHeaders),
        "UND_ERR_BODY_TIMEOUT" => (Class::Timeout, Rule::TimeoutBody),
        "ETIMEDOUT" | "ESOCKETTIMEDOUT" | "ETIME" | "ERR_SOCKET_CONNECTION_TIMEOUT" => {
            (Class::Timeout, Rule::TimeoutSocket)
        }
        "ENOTFOUND" | "EAI_AGAIN" | "EAI_FAIL" | "EAI_NODATA" | "EAI_NONAME" => {
            (Class::Network, Rule::NetworkDns)
        }
        "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "ENETDOWN" | "EHOSTDOWN"
        | "EADDRNOTAVAIL" | "ConnectionRefused" | "FailedToOpenSocket" => {
            (Class::Network, Rule::NetworkConnect)
        }
        "ECONNRESET"
        | "EPIPE"
        | "ECONNABORTED"
        | "UND_ERR_SOCKET"
        | "UND_ERR_CLOSED"
        | "UND_ERR_DESTROYED"
        | "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"
        | "ERR_STREAM_PREMATURE_CLOSE"
        | "ConnectionClosed" => (Class::Network, Rule::NetworkReset),
        "UND_ERR_PRX_TLS" | "ERR_PROXY_TUNNEL" => (Class::Network, Rule::NetworkProxy),
        "EPROTO"
        | "DEPTH_ZERO_SELF_SIGNED_CERT"
        | "SELF_SIGNED_CERT_IN_CHAIN"
        | "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
        | "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" => (Class::Network, Rule::NetworkTls),
        _ => return family_meaning(code),
    })
}

fn family_meaning(code: &str) -> Option<Meaning> {
    let starts = |list: &[&str]| list.iter().any(|start| code.starts_with(start));
    if starts(&["ERR_TLS_", "ERR_SSL_", "CERT_"]) {
        return Some((Class::Network, Rule::NetworkTls));
    }
    starts(&["HPE_", "ERR_HTTP2_"]).then_some((Class::Network, Rule::NetworkProtocol))
}
