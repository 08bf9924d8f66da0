//! `refreshOAuth`: a function that asks a token server for new tokens.
//!
//! Invariant: what was sent is waited for, whatever the caller's signal says: the answer may hold the only refresh token
//! that is still good.

use std::sync::Arc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{
    FunctionCallContext, JsObjectValue, JsValue, Object, PromiseRaw, Unknown,
};
use napi_derive::napi;

use crate::binding::failure::failure_object;
use crate::binding::stream::option_values::TextMap;
use crate::binding::values::checked::{NotBlank, Timeout};
use crate::binding::values::host::{self, ProcessEnv};
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::params::{Params, choices, params};
use crate::binding::values::value::{Fields, as_object, string_field};
use crate::binding::values::way;
use crate::error::{Error, Result};
use crate::http::client::Way;
use crate::http::{ProxyChoice, proxy};
use crate::oauth::grant::{AuthMethod, BodyFormat, Grant, headers, token_url};
use crate::oauth::login_over::Meaning;
use crate::oauth::token_request::{self, Refused};
use crate::oauth::tokens::Tokens;

/// How long a token server may take.
const USUAL_LIMIT: Duration = Duration::from_secs(25);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

choices! {
    AuthMethod:
    "none" => AuthMethod::None,
    "client_secret_post" => AuthMethod::Post,
    "client_secret_basic" => AuthMethod::Basic,
}
choices! { BodyFormat: "form" => BodyFormat::Form, "json" => BodyFormat::Json }

/// A client of a token server. All of it is yours: none is built in.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct RefreshOAuthOptions {
    /// Where refresh tokens are taken; `https`, or a server on this machine.
    #[napi(ts_type = "string")]
    pub token_url: NotBlank,
    /// The id that your client is registered under.
    #[napi(ts_type = "string")]
    pub client_id: NotBlank,
    /// Of a confidential client.
    #[napi(ts_type = "string | null")]
    pub client_secret: Option<NotBlank>,
    /// Default: what the login has.
    #[napi(ts_type = "string | null")]
    pub scope: Option<NotBlank>,
    /// Where id and secret go. Default: `client_secret_basic` with a secret, as the standard has it, and `none`, the id
    /// in the body, without.
    #[napi(ts_type = "'none' | 'client_secret_post' | 'client_secret_basic' | null")]
    pub auth_method: Option<AuthMethod>,
    /// How the body is written. Default: `form`, as the standard has it.
    #[napi(ts_type = "'form' | 'json' | null")]
    pub format: Option<BodyFormat>,
    /// Further fields of the body; one of the same name takes the place of ours.
    #[napi(ts_type = "Record<string, string> | null")]
    pub parameters: Option<TextMap>,
    /// Further headers.
    #[napi(ts_type = "Record<string, string> | null")]
    pub headers: Option<TextMap>,
    /// As of requests: a proxy's URL, or `false` for none. Default: what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY` say.
    #[napi(ts_type = "string | false | null")]
    pub proxy: Option<ProxyChoice>,
    /// Longest time for the whole exchange, in milliseconds. Default: 25,000.
    #[napi(ts_type = "number | null")]
    pub timeout_ms: Option<Timeout>,
}
params!(RefreshOAuthOptions {
    token_url,
    client_id,
    client_secret,
    scope,
    auth_method,
    format,
    parameters,
    headers,
    proxy,
    timeout_ms,
});

/// A client, checked.
struct Client {
    grant: Grant,
    proxy: ProxyChoice,
    limit: Duration,
}

/// Makes the function that `refresh` of the loop and of `createFailover` takes, for a token server that speaks OAuth 2: it
/// sends the credential's refresh token once, over this package's own HTTP client (`HTTPS_PROXY`, `NODE_EXTRA_CA_CERTS`),
/// and resolves with the credential as it is from now on. A refresh token that the server has replaced is replaced; else
/// the old one stays. `expires` counts from when the request was sent. Client ids are yours: none is built in.
///
/// ```js
/// const accounts = createFailover({
///   provider: 'acme',
///   agentDir,
///   refresh: refreshOAuth({ tokenUrl: 'https://login.acme.example/oauth/token', clientId: process.env.ACME_CLIENT_ID }),
/// })
/// ```
///
/// Called by itself, it stores nothing: `refresh` of the loop does, and sees to it that one refresh token is spent once. A
/// `signal` counts until the request is sent, never after: the answer may hold the only token that is still good.
///
/// Throws `ERR_INVALID_ARGUMENT`, which names the field. The function rejects with `ERR_REFRESH_FAILED`: `needsLogin` says
/// whether the login is over (`invalid_grant`, `refresh_token_reused` and what other providers call it) or only this try
/// failed; `failure` says more. No error shows a token or the client's secret.
#[napi(
    catch_unwind,
    js_name = "refreshOAuth",
    ts_args_type = "options: RefreshOAuthOptions",
    ts_return_type = "RefreshCredential"
)]
pub fn refresh_oauth<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Unknown<'env>> {
    let client = read(env, options).map_err(|error| to_js_error(env, &error))?;
    let client = Arc::new(client);
    let function = env.create_function_from_closure::<(), _, _>("refresh", move |call| {
        Ok(refresh(&call, &client)?.raw())
    })?;
    Ok(function.to_unknown())
}

fn read(env: &Env, options: Unknown<'_>) -> Result<Client> {
    let fields = Fields::required(options, "options")?;
    let given = RefreshOAuthOptions::read(&fields)?;
    let url = token_url(&given.token_url.0);
    let url = url.map_err(|problem| fields.invalid("tokenUrl", problem))?;
    let secret = given.client_secret.map(|secret| secret.0);
    let usual = if secret.is_some() { AuthMethod::Basic } else { AuthMethod::None };
    let auth_method = given.auth_method.unwrap_or(usual);
    if secret.is_none() && auth_method != AuthMethod::None {
        return Err(fields.invalid("clientSecret", "must be given with that authMethod"));
    }
    if secret.is_some() && auth_method == AuthMethod::None {
        return Err(fields.invalid("authMethod", "must say where the clientSecret goes"));
    }
    let texts = |map: Option<TextMap>| map.map(|map| map.0).unwrap_or_default();
    let proxy = given.proxy.unwrap_or(ProxyChoice::Environment);
    let client = Client {
        grant: Grant {
            url,
            client_id: given.client_id.0,
            client_secret: secret,
            scope: given.scope.map(|scope| scope.0),
            auth_method,
            format: given.format.unwrap_or_default(),
            parameters: texts(given.parameters),
            headers: headers(&texts(given.headers), "options.headers")?,
        },
        proxy,
        limit: given.timeout_ms.map_or(USUAL_LIMIT, |limit| limit.0),
    };
    // A proxy that is none is told now.
    way_to(env, &client).map(|_| client)
}

fn way_to(env: &Env, client: &Client) -> Result<Way> {
    let variables = ProcessEnv::read(env).map_err(|_| Error::Internal("process.env"))?;
    Ok(Way {
        proxy: proxy::choose(&client.proxy, &way::proxies(&variables), &client.grant.url)?,
        trust: way::trust(&variables),
        connect_timeout: Some(CONNECT_LIMIT.min(client.limit)),
        follows_redirects: false,
    })
}

/// `(credential, { signal, profileId })`.
fn refresh<'call>(
    call: &'call FunctionCallContext<'_>,
    client: &Arc<Client>,
) -> napi::Result<PromiseRaw<'call, Unknown<'call>>> {
    let env: &Env = call.env;
    let about = (call.length() > 1).then(|| call.get(1)).transpose()?.and_then(as_object);
    if let Some(reason) = about.as_ref().and_then(abort_reason) {
        return PromiseRaw::reject(env, reason);
    }
    let profile = about.as_ref().and_then(|about| string_field(about, "profileId"));
    let begun = begin(call, client);
    let (text, refresh_token, way) = match begun {
        Ok(begun) => begun,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?.to_unknown()),
    };
    let client = Arc::clone(client);
    let work = async move {
        let Client { grant, limit, .. } = client.as_ref();
        Ok(token_request::refresh(grant, &way, &refresh_token, *limit).await)
    };
    env.spawn_future_with_callback(work, move |env, asked| match asked {
        Ok(tokens) => host::json_parse(env, &renewed(&text, &tokens)),
        Err(refused) => Err(napi::Error::from(error_of(env, profile, *refused)?.to_unknown())),
    })
}

fn begin(call: &FunctionCallContext<'_>, client: &Client) -> Result<(String, String, Way)> {
    let credential = (call.length() > 0).then(|| call.get::<Unknown<'_>>(0).ok()).flatten();
    let credential = credential.and_then(as_object);
    let credential = credential.ok_or_else(|| Error::invalid("credential", "must be an object"))?;
    let token = string_field(&credential, "refresh").filter(|token| !token.trim().is_empty());
    let problem = "must be a refresh token: sign in again";
    let token = token.ok_or_else(|| Error::invalid("credential.refresh", problem))?;
    let text = host::json_stringify(call.env, &credential);
    let text = text.map_err(|_| Error::invalid("credential", "must be plain JSON"))?;
    Ok((text, token, way_to(call.env, client)?))
}

fn abort_reason<'env>(about: &Object<'env>) -> Option<Unknown<'env>> {
    let signal = as_object(about.get_named_property("signal").ok()?)?;
    let is_aborted: bool = signal.get_named_property("aborted").ok()?;
    is_aborted.then(|| signal.get_named_property("reason").ok())?
}

/// The credential with what is new; everything else stays, in its order.
fn renewed(text: &str, tokens: &Tokens) -> String {
    let mut credential: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    credential["access"] = tokens.access.as_str().into();
    if let Some(refresh) = &tokens.refresh {
        credential["refresh"] = refresh.as_str().into();
    }
    credential["expires"] = tokens.expires.whole_ms().into();
    if let (Some(id_token), true) = (&tokens.id_token, credential.get("idToken").is_some()) {
        credential["idToken"] = id_token.as_str().into();
    }
    credential.to_string()
}

fn error_of(env: &Env, profile: Option<String>, refused: Refused) -> napi::Result<Object<'_>> {
    let Refused { meaning, failure } = refused;
    let needs_login = meaning == Meaning::LoginIsOver;
    let text = failure.text.clone();
    let mut error = js_error_object(env, &Error::RefreshFailed { profile, text, needs_login })?;
    error.set("failure", failure_object::to_js(env, failure)?)?;
    Ok(error)
}
