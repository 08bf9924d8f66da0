//! The body of a 200: bytes -> frames -> updates, and how it ended.
//!
//! Invariant: nothing that carries no event is sent before the first event, so that a response which turns out
//! to be empty leaves no trace when it is asked for again.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Response;
use tokio::time::Instant;

use super::deadline::{Deadline, within};
use super::delivery::{Link, Message};
use super::fault::{Fault, cut_off, server_fault};
use super::outcome::{Failed, Phase, StopReason};
use super::prepared::Prepared;
use super::progress::Progress;
use crate::api::answer::sse::{Frame, Parser};
use crate::failure::{Class, Evidence, Rule};
use crate::gemini::wire::assemble::{Assembler, Ending, IdSource, StreamFault, Update};
use crate::time::WallMs;

/// How long to wait for more after the model has finished: servers may leave the connection open.
const GRACE: Duration = Duration::from_millis(200);
/// The same while the token counts are still missing.
const GRACE_FOR_USAGE: Duration = Duration::from_secs(1);

/// Delivers the response. `deadline` is the one for its first event.
pub(crate) async fn run(
    prepared: &Prepared,
    mut response: Response,
    deadline: Deadline,
    link: &Link,
    progress: &Progress,
) -> Result<StopReason, Fault> {
    let mut reading = Reading {
        prepared,
        link,
        progress,
        parser: Parser::new(prepared.options.max_frame_bytes),
        assembler: Assembler::new(call_ids(progress.now()), prepared.model.cost),
        frames: Vec::new(),
        updates: Vec::new(),
        delivered: false,
    };
    let mut finished_at = None;
    loop {
        let next = if let Some(moment) = finished_at {
            let Ok(next) = tokio::time::timeout_at(moment, response.chunk()).await else { break };
            next
        } else {
            let (deadline, phase) = reading.timer(deadline);
            within(deadline, phase, response.chunk()).await?
        };
        let has_news = match next {
            Ok(Some(bytes)) => reading.take(&bytes).await?,
            Ok(None) => break,
            // What was missing came before the connection broke.
            Err(_) if reading.assembler.is_finished() => break,
            Err(error) => return Err(cut_off(&error, progress.events()).into()),
        };
        // Comments that keep the connection alive do not keep the stream alive.
        if reading.assembler.is_finished() && (has_news || finished_at.is_none()) {
            let grace = if reading.assembler.has_usage() { GRACE } else { GRACE_FOR_USAGE };
            finished_at = Some(Instant::now() + grace);
        }
    }
    reading.end().await
}

/// Ids for calls that came without: unique in this process, as the contract spells them.
fn call_ids(now: WallMs) -> IdSource {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let now = now.whole_ms();
    Box::new(move |name| format!("{name}_{now}_{}", COUNTER.fetch_add(1, Ordering::Relaxed) + 1))
}

struct Reading<'a> {
    prepared: &'a Prepared,
    link: &'a Link,
    progress: &'a Progress,
    parser: Parser,
    assembler: Assembler,
    frames: Vec<Frame>,
    updates: Vec<Update>,
    delivered: bool,
}

impl Reading<'_> {
    fn timer(&self, first: Deadline) -> (Deadline, Phase) {
        if !self.delivered {
            return (first, Phase::FirstEvent);
        }
        let idle = self.prepared.options.timers.idle;
        (idle.map(|limit| (Instant::now() + limit, limit)), Phase::Idle)
    }

    /// Reads what has arrived; whether it changed anything.
    async fn take(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let whole = self.parser.push(bytes, &mut self.frames);
        let held = self.updates.len();
        let read = self.assemble();
        let has_news = self.updates.len() > held;
        self.deliver().await;
        read?;
        whole.map(|()| has_news).map_err(|_| {
            let limit = self.prepared.options.max_frame_bytes;
            let message = format!("Cloud Code Assist sent an event above {limit} bytes");
            Failed::local(Class::Truncated, Rule::FrameTooLarge, message).into()
        })
    }

    fn assemble(&mut self) -> Result<(), Fault> {
        for frame in mem::take(&mut self.frames) {
            self.assembler
                .push(&frame, &mut self.updates)
                .map_err(|fault| self.stream_fault(&fault))?;
        }
        Ok(())
    }

    async fn deliver(&mut self) {
        let events: u64 = self.updates.iter().map(Update::events).sum();
        self.delivered |= events > 0;
        if self.delivered && !self.updates.is_empty() {
            self.progress.count_events(events);
            self.link.send(Message::Updates(mem::take(&mut self.updates))).await;
        }
    }

    fn stream_fault(&self, fault: &StreamFault) -> Fault {
        match fault {
            StreamFault::Error(text) => self.error_in_stream(text.as_bytes()),
            StreamFault::Malformed => {
                let message = "Cloud Code Assist sent a chunk that cannot be read, so a part of \
                               the answer is lost";
                Failed::local(Class::Truncated, Rule::MalformedChunk, message).into()
            }
        }
    }

    fn error_in_stream(&self, body: &[u8]) -> Fault {
        let evidence = Evidence {
            body: Some(body),
            model: Some(&self.prepared.model.id),
            now_ms: self.progress.now().whole_ms(),
            ..Evidence::default()
        };
        server_fault(self.prepared, &evidence)
    }

    async fn end(mut self) -> Result<StopReason, Fault> {
        self.frames.extend(self.parser.finish());
        let read = self.assemble();
        if read.is_err() {
            self.deliver().await;
        }
        read?;
        let ending = self.assembler.finish(&mut self.updates);
        self.deliver().await;
        match ending {
            Ending::Stop => Ok(StopReason::Stop),
            Ending::Length => Ok(StopReason::Length),
            Ending::ToolUse => Ok(StopReason::ToolUse),
            Ending::Refused { reason, words } => {
                Err(Failed::refused(&reason, words.as_deref()).into())
            }
            Ending::Empty => Err(self.empty()),
            Ending::Truncated => {
                let events = self.progress.events();
                let message = format!(
                    "Cloud Code Assist stream ended before it was complete, after {events} events"
                );
                Err(Failed::local(Class::Truncated, Rule::NoFinishReason, message).into())
            }
        }
    }

    /// A 200 without an answer may still say why, in plain JSON.
    fn empty(&self) -> Fault {
        let stray = self.parser.stray().trim_ascii();
        if !self.assembler.saw_frame() && stray.starts_with(b"{") || stray.starts_with(b"[{") {
            return self.error_in_stream(stray);
        }
        let message = "Cloud Code Assist API returned an empty response";
        Failed::local(Class::Empty, Rule::EmptyResponse, message).into()
    }
}
