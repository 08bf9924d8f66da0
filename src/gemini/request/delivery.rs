//! The two ends of a running request: the task that makes it, and its reader.
//!
//! Invariant: the channel is bounded, so a reader who stops reading stops the socket; a reader who is gone
//! cancels the task; and the outcome comes after everything that was sent before it, exactly once.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::outcome::{Failed, Outcome};
use crate::gemini::wire::assemble::Update;

/// Batches that may wait. Each is what one read of the socket gave.
const WAITING_BATCHES: usize = 4;
/// A reader gets at most so many updates at once, so that it never works long on one batch.
const UPDATES_AT_ONCE: usize = 256;

/// What the task tells its reader.
#[derive(Debug)]
pub(crate) enum Message {
    Updates(Vec<Update>),
    /// The body as it would be sent; the task waits for an [`Answer`].
    Payload(Vec<u8>),
    /// A response's head; the task waits for an [`Answer`].
    Response {
        status: u16,
        headers: Vec<(String, String)>,
    },
    /// The token goes to this host over an unencrypted connection.
    PlainTextHost(String),
}

/// The reader's answer to a question.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Go on; a body replaces the one that was asked about.
    Continue(Option<String>),
    /// The caller's own function failed, with these words.
    Failed(String),
}

/// The task's end.
#[derive(Debug)]
pub(crate) struct Link {
    messages: mpsc::Sender<Message>,
    answers: mpsc::UnboundedReceiver<Answer>,
}

/// The reader's end. Dropping it cancels the request.
#[derive(Debug)]
pub(crate) struct Session {
    messages: tokio::sync::Mutex<mpsc::Receiver<Message>>,
    outcome: Mutex<Option<oneshot::Receiver<Outcome>>>,
    answers: mpsc::UnboundedSender<Answer>,
    cancel: CancellationToken,
}

/// What a reader gets at once. With an outcome it is the last.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub messages: Vec<Message>,
    pub outcome: Option<Outcome>,
}

/// Makes both ends. The task sends its outcome through the last part.
#[must_use]
pub(crate) fn session(cancel: CancellationToken) -> (Session, Link, oneshot::Sender<Outcome>) {
    let (messages, incoming) = mpsc::channel(WAITING_BATCHES);
    // One answer per question, so this never holds more than one.
    let (answers, answered) = mpsc::unbounded_channel();
    let (report, outcome) = oneshot::channel();
    let session = Session {
        messages: tokio::sync::Mutex::new(incoming),
        outcome: Mutex::new(Some(outcome)),
        answers,
        cancel,
    };
    (session, Link { messages, answers: answered }, report)
}

impl Session {
    /// Waits for something and takes what is there. After the outcome, batches are empty.
    pub(crate) async fn next(&self) -> Batch {
        let mut incoming = self.messages.lock().await;
        let mut batch = Batch::default();
        let Some(first) = incoming.recv().await else {
            batch.outcome = self.take_outcome().await;
            return batch;
        };
        batch.messages.push(first);
        let mut held = 0;
        while held < UPDATES_AT_ONCE {
            if let Some(Message::Updates(updates)) = batch.messages.last() {
                held += updates.len();
            }
            let Ok(message) = incoming.try_recv() else { break };
            batch.messages.push(message);
        }
        batch
    }

    pub(crate) fn answer(&self, answer: Answer) {
        // A task that has ended needs no answer.
        let _ = self.answers.send(answer);
    }

    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    async fn take_outcome(&self) -> Option<Outcome> {
        let waiting = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        // The sender goes without a word only when the task panicked.
        Some(waiting.await.unwrap_or_else(|_| Outcome::Failed(Box::new(Failed::internal()))))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Link {
    /// Sends, waiting while the reader is behind. A reader who is gone has cancelled the task already.
    pub(crate) async fn send(&self, message: Message) {
        let _ = self.messages.send(message).await;
    }

    /// Sends a question and waits for its answer.
    pub(crate) async fn ask(&mut self, question: Message) -> Answer {
        self.send(question).await;
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_dies_still_gives_one_outcome() {
        let (session, link, report) = session(CancellationToken::new());
        link.send(Message::PlainTextHost("last words".into())).await;
        drop((link, report));
        assert_eq!(session.next().await.messages.len(), 1);
        assert!(matches!(session.next().await.outcome, Some(Outcome::Failed(_))));
        assert!(session.next().await.outcome.is_none());
    }

    #[tokio::test]
    async fn a_reader_who_is_gone_cancels_the_task() {
        let cancel = CancellationToken::new();
        let (session, _link, _report) = session(cancel.clone());
        drop(session);
        assert!(cancel.is_cancelled());
    }
}
