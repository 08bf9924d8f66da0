//! One request to a token server.
//!
//! Invariant: sent once. A connection that breaks may have spent the token, so the failure says whether anything was sent.

use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::time::{Instant, timeout_at};

use super::grant::Grant;
use super::login_over::{self, Meaning};
use super::tokens::{self, Answer, Tokens};
use crate::failure::redact::redact;
use crate::failure::{Class, Failure, Rule, Scope, Secrets, is_relevant_header};
use crate::http::client::{Way, client};
use crate::http::no_response::{causes, name_the_way};
use crate::time::WallMs;

/// A token server's answer is a few kilobytes.
const MOST_BYTES: usize = 256 * 1024;

/// Why there are no new tokens.
#[derive(Debug)]
pub(crate) struct Refused {
    pub meaning: Meaning,
    pub failure: Failure,
}

/// Asks for new tokens; `limit` is for everything.
pub(crate) async fn refresh(
    grant: &Grant,
    way: &Way,
    refresh_token: &str,
    limit: Duration,
) -> Result<Tokens, Box<Refused>> {
    let secrets = [Some(refresh_token), grant.client_secret.as_deref()];
    let secrets = Secrets::new(secrets.into_iter().flatten().map(str::to_owned));
    let asked = ask(grant, way, refresh_token, Instant::now() + limit, limit).await;
    asked.map_err(|mut refused| {
        secrets.hide_in(&mut refused.failure);
        refused
    })
}

async fn ask(
    grant: &Grant,
    way: &Way,
    refresh_token: &str,
    deadline: Instant,
    limit: Duration,
) -> Result<Tokens, Box<Refused>> {
    let way_out = client(way).await.map_err(|error| network(&error, grant, way, None))?;
    let trust = way_out.trust_problem.as_deref();
    let prepared = grant.prepare(refresh_token);
    let mut request =
        way_out.client.post(grant.url.clone()).headers(prepared.headers).body(prepared.body);
    if let Some((id, secret)) = prepared.basic {
        request = request.basic_auth(id, Some(secret));
    }
    let sent_at = WallMs::now();
    let sent = timeout_at(deadline, request.send()).await;
    let sent = sent.map_err(|_| too_late(grant, limit))?;
    let mut response = sent.map_err(|error| network(&error, grant, way, trust))?;
    let status = response.status().as_u16();
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let relevant = response.headers().iter().filter(|(name, _)| is_relevant_header(name.as_str()));
    let headers: Vec<_> = relevant.map(|(name, value)| (name.to_string(), shown(value))).collect();
    let mut body = Vec::new();
    loop {
        let chunk = timeout_at(deadline, response.chunk()).await;
        let chunk = chunk.map_err(|_| too_late(grant, limit))?;
        let Some(bytes) = chunk.map_err(|error| network(&error, grant, way, trust))? else { break };
        body.extend_from_slice(&bytes);
        if body.len() > MOST_BYTES {
            break;
        }
    }
    let answer = Answer { status, headers: &headers, body: &body, sent_at, now: WallMs::now() };
    tokens::read(&answer).map_err(|refused| {
        let (meaning, failure) = *refused;
        Box::new(Refused { meaning, failure })
    })
}

fn network(error: &reqwest::Error, grant: &Grant, way: &Way, trust: Option<&str>) -> Box<Refused> {
    let mut text = format!("the token server could not be asked: {}", redact(&causes(error)));
    name_the_way(&mut text, &grant.url, way.proxy.as_ref());
    if let Some(problem) = trust.filter(|_| text.contains("certificate")) {
        text.push_str("; ");
        text.push_str(problem);
    }
    failed(Class::Network, text)
}

fn too_late(grant: &Grant, limit: Duration) -> Box<Refused> {
    let mut text = format!("the token server did not answer within {} ms", limit.as_millis());
    name_the_way(&mut text, &grant.url, None);
    failed(Class::Timeout, text)
}

fn failed(class: Class, text: String) -> Box<Refused> {
    let seen = Failure::without_response(Rule::RefreshFailed, class, Scope::Endpoint, true, text);
    Box::new(Refused {
        meaning: Meaning::Server,
        failure: login_over::failure(Meaning::Server, seen),
    })
}
