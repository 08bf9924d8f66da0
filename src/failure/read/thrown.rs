//! What a thrown error says when no response was read: aborts, timeouts and faults of the way.
//!
//! Invariant: a timeout is never taken for an abort. `AbortError` with a `TimeoutError` among its causes is a timeout.

use crate::failure::decide::reasons::Meaning;
use crate::failure::record::{Class, Thrown};

/// What the chain means, with the code that decided; `None` where only its words are left.
pub(crate) fn meaning<'a>(chain: &'a [Thrown<'a>]) -> Option<(Meaning, Option<&'a str>)> {
    let code = chain.iter().find_map(|link| code_meaning(link.code).map(|found| (found, link)));
    if let Some((found, link)) = code {
        return Some((found, Some(link.code)));
    }
    if chain.iter().any(|link| link.name == "TimeoutError") {
        return Some(((Class::Timeout, "timeout-error"), None));
    }
    if chain.iter().any(is_abort) {
        return Some(((Class::Aborted, "abort-error"), None));
    }
    let is_fetch = |link: &Thrown<'_>| {
        link.name == "TypeError" && matches!(link.message, "fetch failed" | "terminated")
    };
    chain.iter().any(is_fetch).then_some(((Class::Network, "network-fetch"), None))
}

fn is_abort(link: &Thrown<'_>) -> bool {
    link.name == "AbortError" || link.message == "Request was aborted"
}

/// Node's, undici's and OpenSSL's codes.
fn code_meaning(code: &str) -> Option<Meaning> {
    Some(match code {
        "ABORT_ERR" | "ERR_CANCELED" | "UND_ERR_ABORTED" => (Class::Aborted, "abort-error"),
        "UND_ERR_CONNECT_TIMEOUT" => (Class::Timeout, "timeout-connect"),
        "UND_ERR_HEADERS_TIMEOUT" => (Class::Timeout, "timeout-headers"),
        "UND_ERR_BODY_TIMEOUT" => (Class::Timeout, "timeout-body"),
        "ETIMEDOUT" | "ESOCKETTIMEDOUT" | "ETIME" | "ERR_SOCKET_CONNECTION_TIMEOUT" => {
            (Class::Timeout, "timeout-socket")
        }
        "ENOTFOUND" | "EAI_AGAIN" | "EAI_FAIL" | "EAI_NODATA" | "EAI_NONAME" => {
            (Class::Network, "network-dns")
        }
        "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "ENETDOWN" | "EHOSTDOWN"
        | "EADDRNOTAVAIL" => (Class::Network, "network-connect"),
        "ECONNRESET"
        | "EPIPE"
        | "ECONNABORTED"
        | "UND_ERR_SOCKET"
        | "UND_ERR_CLOSED"
        | "UND_ERR_DESTROYED"
        | "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"
        | "ERR_STREAM_PREMATURE_CLOSE" => (Class::Network, "network-reset"),
        "UND_ERR_PRX_TLS" | "ERR_PROXY_TUNNEL" => (Class::Network, "network-proxy"),
        "EPROTO"
        | "DEPTH_ZERO_SELF_SIGNED_CERT"
        | "SELF_SIGNED_CERT_IN_CHAIN"
        | "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
        | "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" => (Class::Network, "network-tls"),
        _ => return family_meaning(code),
    })
}

fn family_meaning(code: &str) -> Option<Meaning> {
    let starts = |list: &[&str]| list.iter().any(|start| code.starts_with(start));
    if starts(&["ERR_TLS_", "ERR_SSL_", "CERT_"]) {
        return Some((Class::Network, "network-tls"));
    }
    starts(&["HPE_", "ERR_HTTP2_"]).then_some((Class::Network, "network-protocol"))
}
