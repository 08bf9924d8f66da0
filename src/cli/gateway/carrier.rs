//! Carries questions for rows out of the core, and the rows back in. See `store::openclaw::question` for the protocol.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
use crate::store::openclaw::places::Places;
use crate::store::openclaw::question::{self, Answer};

/// A question, and where its answer goes.
pub(crate) type Asked = (String, oneshot::Sender<String>);

/// Who is asked.
#[derive(Debug, Clone)]
pub(crate) struct Carrier(Arc<mpsc::UnboundedSender<Asked>>);

impl Carrier {
    #[must_use]
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Asked>) {
        let (ask, asked) = mpsc::unbounded_channel();
        (Self(Arc::new(ask)), asked)
    }

    /// The rows of an agent's databases.
    pub(crate) async fn rows(&self, places: &Places) -> Result<Answer> {
        const NOBODY: Error = Error::Internal("rows");
        let (reply, answer) = oneshot::channel();
        self.0.send((question::question(places), reply)).map_err(|_| NOBODY)?;
        Answer::parse(&answer.await.map_err(|_| NOBODY)?).ok_or(NOBODY)
    }
}
