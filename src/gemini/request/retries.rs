//! The whole request: attempts, pauses between them, the total timer and the caller's abort.
//!
//! Invariant: exactly one outcome, and it is decided here.

use std::hash::{BuildHasher, Hasher, RandomState};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::delivery::{Answer, Link, Message};
use super::fault::{Fault, hook_failed};
use super::outcome::{Failed, Outcome, Phase, StopReason};
use super::policy::{Next, Situation, next};
use super::prepared::{Input, Prepared};
use super::progress::Progress;
use super::{endpoint, exchange as attempt};
use crate::gemini::recent_refusals;

type Ended = Result<StopReason, Box<Failed>>;

/// Makes the request. Ends as soon as `cancel` is set, and closes its connection then.
pub(crate) async fn run(input: Input, mut link: Link, cancel: CancellationToken) -> Outcome {
    let progress = Progress::new(input.now);
    // An abort counts even when the response came in the same moment.
    let ended = tokio::select! {
      biased;
      () = cancel.cancelled() => Err(interrupted(Failed::aborted(), &progress)),
      ended = run_in_time(input, &mut link, &progress) => ended,
    };
    match ended {
        Ok(reason) => Outcome::Done(reason),
        Err(mut failed) => {
            failed.facts = progress.facts();
            Outcome::Failed(failed)
        }
    }
}

async fn run_in_time(input: Input, link: &mut Link, progress: &Progress) -> Ended {
    let prepared = Prepared::new(&input)?;
    drop(input);
    match prepared.options.timers.total {
        None => run_all(prepared, link, progress).await,
        Some(limit) => timeout(limit, run_all(prepared, link, progress))
            .await
            .unwrap_or_else(|_| Err(interrupted(Failed::timed_out(Phase::Total, limit), progress))),
    }
}

async fn run_all(mut prepared: Prepared, link: &mut Link, progress: &Progress) -> Ended {
    show_payload(&mut prepared, link).await.map_err(|fault| fault.failed)?;
    warn_about_plain_text(&prepared, link).await;
    let mut retries = 0;
    let mut endpoint = 0;
    loop {
        let target = &prepared.targets[endpoint];
        let fault = match attempt::run(&prepared, target, link, progress).await {
            Ok(reason) => {
                recent_refusals::forget(&prepared.credentials.token);
                return Ok(reason);
            }
            Err(fault) => fault,
        };
        let has_next_endpoint = endpoint + 1 < prepared.targets.len();
        let situation = Situation {
            mode: prepared.options.retry,
            retries,
            failure: fault.failure(),
            is_connection: fault.is_connection,
            has_next_endpoint,
            delivered: progress.events() > 0,
            retry_delay: prepared.options.retry_delay,
            longest_wait: prepared.options.longest_wait,
            random: random(),
        };
        match next(&situation) {
            Next::GiveUp => {
                recent_refusals::note(&prepared.credentials.token, fault.failure());
                return Err(fault.failed);
            }
            Next::Again(pause) => {
                progress.remember(fault.failure());
                sleep(pause).await;
            }
        }
        retries += 1;
        endpoint += usize::from(has_next_endpoint);
    }
}

/// Something of ours or the caller's ended the wait; what the server had said before is kept.
fn interrupted(mut failed: Failed, progress: &Progress) -> Box<Failed> {
    failed.previous = progress.last_failure().map(Box::new);
    Box::new(failed)
}

async fn show_payload(prepared: &mut Prepared, link: &mut Link) -> Result<(), Fault> {
    if !prepared.hooks.payload {
        return Ok(());
    }
    match link.ask(Message::Payload(prepared.body.to_vec())).await {
        Answer::Continue(None) => Ok(()),
        Answer::Continue(Some(body)) => {
            prepared.body = body.into();
            Ok(())
        }
        Answer::Failed(words) => Err(hook_failed("options.onPayload", words)),
    }
}

async fn warn_about_plain_text(prepared: &Prepared, link: &Link) {
    let host = prepared.targets.iter().find_map(|target| endpoint::plain_text_host(&target.url));
    if let Some(host) = host {
        link.send(Message::PlainTextHost(host.to_owned())).await;
    }
}

/// Between 0 and 1; spreads repetitions and decides nothing else.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
