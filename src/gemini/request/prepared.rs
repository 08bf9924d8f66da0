//! A call, checked and turned into a request that can be sent.

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::HeaderMap;

use super::endpoint;
use super::outcome::Failed;
use crate::error::{Error, Result};
use crate::gemini::call::api_key::Credentials;
use crate::gemini::call::model::Model;
use crate::gemini::call::request_options::{Options, Reasoning};
use crate::gemini::convert::context::ContextText;
use crate::gemini::convert::request_body;
use crate::http::client::{TrustEnvironment, Way};
use crate::http::proxy::{self, ProxyEnvironment};
use crate::time::WallMs;

/// A call as it crossed the boundary. Its debug form shows none of it.
pub(crate) struct Input {
    pub model: Model,
    pub context: ContextText,
    pub options: Options,
    pub api_key: Option<String>,
    /// The simple form: this instead of `thinking`.
    pub reasoning: Option<Reasoning>,
    pub hooks: Hooks,
    pub proxies: ProxyEnvironment,
    pub trust: TrustEnvironment,
    /// At the call.
    pub now: WallMs,
    /// Ends the request's id; any text that no other request has.
    pub nonce: String,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Input").finish_non_exhaustive()
    }
}

/// Which of the caller's functions want to be asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hooks {
    pub payload: bool,
    pub response: bool,
}

/// A request that is ready to be sent, as often as it takes.
pub(crate) struct Prepared {
    pub(crate) model: Model,
    pub(crate) options: Options,
    pub(crate) credentials: Credentials,
    pub(crate) hooks: Hooks,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) targets: Vec<Target>,
}

/// One endpoint, and the way to it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) way: Way,
}

/// The parts of a request, for a caller who sends it by other means.
#[derive(Debug)]
pub(crate) struct Parts {
    pub url: String,
    /// Without the credential.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

impl Prepared {
    pub(crate) fn new(input: &Input) -> Result<Self, Box<Failed>> {
        let bad = |error: Error| Box::new(Failed::bad_input(&error));
        let credentials = Credentials::parse(input.api_key.as_deref())
            .map_err(|error| Box::new(Failed::bad_credentials(error)))?;
        Self::with(input, credentials).map_err(bad)
    }

    fn with(input: &Input, credentials: Credentials) -> Result<Self> {
        let (model, mut options) = (input.model.clone(), input.options.clone());
        if let Some(reasoning) = input.reasoning {
            options.apply(reasoning, &model);
        }
        let target = |url: Url| -> Result<Target> {
            let proxy = proxy::choose(&options.proxy, &input.proxies, &url)?;
            let way = Way {
                proxy,
                trust: input.trust.clone(),
                connect_timeout: options.timers.connect,
                follows_redirects: true,
            };
            Ok(Target { url, way })
        };
        let targets = endpoint::urls(&model)?.into_iter().map(target).collect::<Result<_>>()?;
        let headers = endpoint::headers(&model, &options, &credentials)?;
        let request_id = format!("{}-{}", input.now.whole_ms(), input.nonce);
        let body = request_body::build(
            &model,
            &input.context,
            &options,
            &credentials.project_id,
            &request_id,
        )?
        .into();
        Ok(Self { model, options, credentials, hooks: input.hooks, headers, body, targets })
    }
}

/// Builds what would be sent, without sending it.
pub(crate) fn build(input: &Input) -> Result<Parts, Box<Failed>> {
    let prepared = Prepared::new(input)?;
    let text =
        |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    Ok(Parts {
        url: prepared.targets.first().map(|target| target.url.to_string()).unwrap_or_default(),
        headers: prepared
            .headers
            .iter()
            .filter(|(_, value)| !value.is_sensitive())
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: prepared.body.into(),
    })
}
