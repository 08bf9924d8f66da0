//! What the environment says of the way to a server, as JavaScript sees it at the call.

use std::borrow::Cow;
use std::path::PathBuf;

use napi::ValueType;
use napi::bindgen_prelude::Unknown;

use super::host::ProcessEnv;
use super::params::{FromJs, misfit};
use super::value::of_type;
use crate::error::Result;
use crate::http::{ProxyChoice, ProxyEnvironment, TrustEnvironment};

/// Both spellings are in use; where a program sets both, the lower-case one counts, as in curl.
pub(crate) fn proxies(variables: &ProcessEnv<'_>) -> ProxyEnvironment {
    let either = |lower: &str, upper: &str| variables.get(lower).or_else(|| variables.get(upper));
    ProxyEnvironment {
        https: either("https_proxy", "HTTPS_PROXY"),
        http: either("http_proxy", "HTTP_PROXY"),
        all: either("all_proxy", "ALL_PROXY"),
        no: either("no_proxy", "NO_PROXY"),
    }
}

pub(crate) fn trust(variables: &ProcessEnv<'_>) -> TrustEnvironment {
    TrustEnvironment {
        extra: variables.get("NODE_EXTRA_CA_CERTS").map(PathBuf::from),
        file: variables.get("SSL_CERT_FILE").map(PathBuf::from),
    }
}

impl FromJs<'_> for ProxyChoice {
    fn expected() -> Cow<'static, str> {
        "must be a URL, or false for a direct connection".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        if of_type(value, ValueType::Boolean) == Some(false) {
            return Ok(Self::Direct);
        }
        let url = of_type(value, ValueType::String).filter(|url: &String| !url.is_empty());
        url.map(Self::Url).ok_or_else(|| misfit(Self::expected()))
    }
}
