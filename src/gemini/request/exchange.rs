//! One HTTP request: its head, its error body or its stream.
//!
//! Invariant: an error is reported as soon as its head and what comes with it at once are read; a body that
//! stalls delays nobody.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::deadline::{Deadline, within};
use super::delivery::{Answer, Link, Message};
use super::fault::{Fault, network, server_fault};
use super::outcome::{Phase, StopReason};
use super::prepared::{Prepared, Target};
use super::progress::Progress;
use super::{fault, response_body};
use crate::failure::classify;
use crate::failure::{Evidence, is_relevant_header};
use crate::http::client::{WayOut, client};
use crate::trace::trace_step;

/// What is waited for the rest of an error's body once its head is here.
const ERROR_BODY_WAIT: Duration = Duration::from_millis(150);
const ERROR_BODY_BYTES: usize = 256 * 1024;

/// Sends the request to one endpoint and delivers what comes back.
pub(crate) async fn run(
    prepared: &Prepared,
    target: &Target,
    link: &mut Link,
    progress: &Progress,
) -> Result<StopReason, Fault> {
    let way_out = client(&target.way).await.map_err(|error| network(&error, target, None))?;
    let first_event = prepared.options.timers.first_event;
    let deadline = first_event.map(|limit| (Instant::now() + limit, limit));
    let (host, started) = (target.url.host_str(), Instant::now());
    let sent = send(prepared, target, &way_out, deadline, progress).await;
    if let Err(fault) = &sent {
        let (failed, waited) = (fault.failure().rule.name(), started.elapsed());
        trace_step!(
            "request",
            host = host,
            model = prepared.model.id,
            failed = failed,
            waited = waited
        );
    }
    let response = sent?;
    let (status, waited) = (response.status().as_u16(), started.elapsed());
    trace_step!(
        "request",
        host = host,
        model = prepared.model.id,
        status = status,
        waited = waited
    );
    if !response.status().is_success() {
        remember_refusal(prepared, &response, progress);
    }
    if prepared.hooks.response {
        ask_about(&response, link).await?;
    }
    let status = response.status();
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        && let Some(proxy) = &target.way.proxy
    {
        return Err(fault::proxy_refused(proxy));
    }
    if !status.is_success() {
        return Err(refusal(prepared, response, progress).await);
    }
    response_body::run(prepared, response, deadline, link, progress).await
}

async fn send(
    prepared: &Prepared,
    target: &Target,
    way_out: &WayOut,
    deadline: Deadline,
    progress: &Progress,
) -> Result<Response, Fault> {
    let request = way_out
        .client
        .post(target.url.clone())
        .headers(prepared.headers.clone())
        .body(prepared.body.clone());
    progress.count_request();
    let sent = within(deadline, Phase::FirstEvent, request.send()).await?;
    sent.map_err(|error| network(&error, target, way_out.trust_problem.as_deref()))
}

async fn ask_about(response: &Response, link: &mut Link) -> Result<(), Fault> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        match headers.iter_mut().find(|(known, _)| known == name.as_str()) {
            Some((_, all)) => {
                all.push_str(", ");
                all.push_str(&value);
            }
            None => headers.push((name.to_string(), value.into_owned())),
        }
    }
    let question = Message::Response { status: response.status().as_u16(), headers };
    match link.ask(question).await {
        Answer::Continue(_) => Ok(()),
        Answer::Failed(words) => Err(fault::hook_failed("options.onResponse", words)),
    }
}

/// Reads a refusal and says what it means.
async fn refusal(prepared: &Prepared, mut response: Response, progress: &Progress) -> Fault {
    let status = response.status();
    let moved = status.is_redirection().then(|| redirect_host(&response)).flatten();
    let headers = relevant_headers(&response);
    let evidence = Evidence { headers: &headers, ..head_evidence(prepared, &response, progress) };
    let body = error_body(&mut response).await;
    let mut fault = server_fault(prepared, &Evidence { body: Some(&body), ..evidence });
    if let Some(host) = moved {
        fault.failed.message += &[" (a redirect to ", &host, " was not followed)"].concat();
    }
    fault
}

/// What the head alone says, for an abort that comes before the body.
fn remember_refusal(prepared: &Prepared, response: &Response, progress: &Progress) {
    let headers = relevant_headers(response);
    let evidence = Evidence { headers: &headers, ..head_evidence(prepared, response, progress) };
    progress.remember(&classify(&evidence));
}

fn head_evidence<'a>(
    prepared: &'a Prepared,
    response: &Response,
    progress: &Progress,
) -> Evidence<'a> {
    Evidence {
        status: Some(response.status().as_u16()),
        model: Some(&prepared.model.id),
        now_ms: progress.now().whole_ms(),
        ..Evidence::default()
    }
}

fn relevant_headers(response: &Response) -> Vec<(String, String)> {
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let relevant = response.headers().iter().filter(|(name, _)| is_relevant_header(name.as_str()));
    relevant.map(|(name, value)| (name.to_string(), shown(value))).collect()
}

fn redirect_host(response: &Response) -> Option<String> {
    let location = response.headers().get(reqwest::header::LOCATION)?.to_str().ok()?;
    response.url().join(location).ok()?.host_str().map(str::to_owned)
}

/// As much of the body as comes at once. A complete JSON value ends the wait.
async fn error_body(response: &mut Response) -> Vec<u8> {
    let deadline = Instant::now() + ERROR_BODY_WAIT;
    let mut body = Vec::new();
    while let Ok(Ok(Some(bytes))) = timeout_at(deadline, response.chunk()).await {
        let room = ERROR_BODY_BYTES - body.len();
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if body.len() == ERROR_BODY_BYTES || is_complete_json(&body) {
            break;
        }
    }
    body
}

fn is_complete_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_end().last(), Some(b'}' | b']'))
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}
