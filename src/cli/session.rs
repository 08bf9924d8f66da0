//! One run of the command line: which texts come when, and what is asked in between.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::arguments::{self, Command};
use super::gateway::carrier::{Asked, Carrier};
use super::help;
use super::invocation::{Call, Step, exit, said};
use super::watching::live::Watch;
use crate::cli::text::terminal::{Look, Preferences, Terminal};
use crate::store::file::paths::Environment;

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Start {
    pub arguments: Vec<String>,
    pub environment: Environment,
    pub preferences: Preferences,
}

/// One run.
pub(crate) struct Session {
    start: Arc<Start>,
    carrier: Carrier,
    progress: Mutex<Progress>,
}

/// What goes on between two calls.
struct Progress {
    state: State,
    /// Work that waits for an answer.
    work: Option<Work>,
    reply: Option<oneshot::Sender<String>>,
    questions: mpsc::UnboundedReceiver<Asked>,
}

type Work = Pin<Box<dyn Future<Output = (State, Step)> + Send>>;

enum State {
    New,
    Watching(Box<Watch>),
    Ended,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    #[must_use]
    pub(crate) fn new(start: Start) -> Self {
        let (carrier, questions) = Carrier::new();
        let progress = Progress { state: State::New, work: None, reply: None, questions };
        Self { start: Arc::new(start), carrier, progress: Mutex::new(progress) }
    }

    /// The next texts, or a question. After the step with the exit code there are no more. `answer` is that to the question
    /// of the step before.
    pub(crate) async fn next(&self, terminal: Terminal, answer: Option<String>) -> Step {
        let mut progress = self.progress.lock().await;
        let Progress { state, work, reply, questions } = &mut *progress;
        if let (Some(reply), Some(answer)) = (reply.take(), answer) {
            // Who asked may have given up.
            let _ = reply.send(answer);
        }
        let look = Look::of(terminal, &self.start.preferences);
        let mut current =
            work.take().unwrap_or_else(|| self.work(std::mem::replace(state, State::Ended), look));
        let next = poll_fn(|context| {
            if let Poll::Ready(done) = current.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            match questions.poll_recv(context) {
                Poll::Ready(Some(asked)) => Poll::Ready(Err(asked)),
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            }
        });
        match next.await {
            Ok((after, step)) => {
                *state = after;
                step
            }
            Err((question, asker)) => {
                *work = Some(current);
                *reply = Some(asker);
                Step { question: Some(question), ..Step::default() }
            }
        }
    }

    fn work(&self, state: State, look: Look) -> Work {
        match state {
            State::New => Box::pin(begin(Arc::clone(&self.start), self.carrier.clone(), look)),
            State::Watching(watch) => Box::pin(go_on(watch, look)),
            State::Ended => Box::pin(async { (State::Ended, Step::end(exit::DONE, "")) }),
        }
    }
}

async fn go_on(mut watch: Box<Watch>, look: Look) -> (State, Step) {
    match watch.next(&look).await {
        Ok(stdout) => (State::Watching(watch), Step { stdout, ..Step::default() }),
        Err(trouble) => (State::Ended, Step::fault(exit::FAILED, &said(&trouble))),
    }
}

async fn begin(start: Arc<Start>, carrier: Carrier, look: Look) -> (State, Step) {
    let arguments = match arguments::parse(&start.arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let mut step = Step::fault(exit::BAD_USAGE, &error);
            step.stderr.push_str("Try: auth-failover --help\n");
            return (State::Ended, step);
        }
    };
    let step = match arguments.command {
        Command::Help => Step::end(exit::DONE, help::HELP),
        Command::Version => Step::end(exit::DONE, help::VERSION),
        _ => {
            let call = Call::of(&arguments, &start.environment, &carrier, look);
            if let Command::Init { variables } = &arguments.command {
                return (State::Ended, call.init(variables, &start.environment).await);
            }
            if arguments.command == Command::Watch {
                return go_on(
                    Box::new(Watch::new(call.source, call.view, arguments.json)),
                    call.look,
                )
                .await;
            }
            call.run().await
        }
    };
    (State::Ended, step)
}
