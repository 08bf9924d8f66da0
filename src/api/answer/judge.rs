//! The judge of one answer with a good status: whether it is one, said as early as the bytes allow, and what it came to.
//!
//! Invariants: how the bytes are cut into pushes never changes the verdict or the ending; before the verdict at most
//! [`UNDECIDED_BYTES`] are waited for; what was let through is never taken back.

use super::framing::{Framing, Piece};
use super::meaning::{Kind, Meaning, of_document, of_event};
use super::token_counts::TokenCounts;
use crate::failure::read::json;
use crate::failure::{Class, Failure, Rule, Scope};

/// An error comes within the first kilobytes, or after an answer has begun.
pub(crate) const UNDECIDED_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Undecided,
    /// The answer has begun: it goes to the reader.
    Content,
    /// An error instead of an answer.
    Failed,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) kind: EndKind,
    /// Why it ended, in the API's own word.
    pub(crate) finish: Option<String>,
    pub(crate) tokens: TokenCounts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndKind {
    Complete,
    /// It stopped before its end.
    Cut,
    /// There was nothing.
    Empty,
    /// An error event; [`Judge::error`] has it.
    Failed,
}

impl EndKind {
    /// What that means for the account, where no error says so.
    pub(crate) fn failure(self) -> Option<Failure> {
        let (rule, class, scope, text) = match self {
            Self::Complete | Self::Failed => return None,
            Self::Cut => (
                Rule::NoFinishReason,
                Class::Truncated,
                Scope::Endpoint,
                "the answer ended before it was complete",
            ),
            Self::Empty => {
                (Rule::EmptyResponse, Class::Empty, Scope::Model, "the server sent an empty answer")
            }
        };
        Some(Failure::without_response(rule, class, scope, true, text.to_owned()))
    }
}

/// What the content type says, as far as it matters at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    Events,
    /// One document: with its last bracket the answer is over.
    Document,
    Other,
}

impl Declared {
    fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "text/event-stream" => Self::Events,
            "application/json" => Self::Document,
            _ => Self::Other,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Judge {
    framing: Framing,
    /// Bytes so far, up to what is waited for.
    seen: usize,
    declared: Declared,
    verdict: Verdict,
    finish: Option<String>,
    tokens: TokenCounts,
    /// A stream of this API says when it is over.
    has_end: bool,
    is_over: bool,
    /// The text of the error event.
    error: Option<Vec<u8>>,
}

impl Judge {
    /// `content_type` as the header has it; empty if there is none.
    pub(crate) fn new(content_type: &str) -> Self {
        let framing = Framing::new(content_type);
        // Of audio and the like nothing is read.
        let verdict = if framing.is_opaque() { Verdict::Content } else { Verdict::Undecided };
        Self {
            framing,
            seen: 0,
            declared: Declared::of(content_type),
            verdict,
            finish: None,
            tokens: TokenCounts::default(),
            has_end: false,
            is_over: false,
            error: None,
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The answer said that nothing follows: its connection may end or stay.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The error event or document.
    pub(crate) fn error(&self) -> Option<&[u8]> {
        self.error.as_deref()
    }

    /// Reads what has arrived.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Verdict {
        if self.verdict != Verdict::Undecided {
            self.seen = self.seen.saturating_add(bytes.len());
            self.read(bytes);
            return self.verdict;
        }
        // The bound falls on the same byte however the bytes come.
        let (first, rest) = bytes.split_at(bytes.len().min(UNDECIDED_BYTES - self.seen));
        self.seen += first.len();
        self.read(first);
        if self.verdict == Verdict::Undecided
            && (self.seen == UNDECIDED_BYTES || self.framing.is_opaque())
        {
            self.verdict = Verdict::Content;
        }
        if rest.is_empty() { self.verdict } else { self.push(rest) }
    }

    /// The reader does not wait any longer: what has come goes to it.
    pub(crate) fn let_through(&mut self) {
        if self.verdict == Verdict::Undecided {
            self.verdict = Verdict::Content;
        }
    }

    /// The body has ended, in order or not. An answer that has not begun by then never will.
    pub(crate) fn end(&mut self, is_in_order: bool) -> Ending {
        let mut pieces = Vec::new();
        if is_in_order {
            self.framing.end(&mut pieces);
        }
        self.weigh(&pieces);
        let kind = self.ended(is_in_order);
        if self.verdict == Verdict::Undecided {
            let is_good = kind == EndKind::Complete;
            self.verdict = if is_good { Verdict::Content } else { Verdict::Failed };
        }
        Ending { kind, finish: self.finish.clone(), tokens: self.tokens }
    }

    fn ended(&self, is_in_order: bool) -> EndKind {
        if self.error.is_some() {
            return EndKind::Failed;
        }
        let has_ended = self.is_over || self.finish.is_some();
        if has_ended {
            return EndKind::Complete;
        }
        if !is_in_order || self.has_end {
            return EndKind::Cut;
        }
        match &self.framing {
            Framing::Json(reader) if !reader.is_closed() => EndKind::Cut,
            Framing::Events(_) | Framing::Open { .. }
                if self.declared == Declared::Events && self.verdict == Verdict::Undecided =>
            {
                EndKind::Empty
            }
            _ => EndKind::Complete,
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        let mut pieces = Vec::new();
        self.framing.push(bytes, &mut pieces);
        self.weigh(&pieces);
        if let (Framing::Json(reader), Declared::Document) = (&self.framing, self.declared) {
            self.is_over |= reader.has_ended();
        }
    }

    fn weigh(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            // Nothing that follows an error is part of the answer.
            if self.error.is_some() {
                return;
            }
            match piece {
                Piece::Event(frame) if frame.data.trim_ascii() == b"[DONE]" => {
                    self.is_over = true;
                    self.begin();
                }
                Piece::Event(frame) => {
                    let name = String::from_utf8_lossy(&frame.name);
                    self.weigh_text(&frame.data, |value| of_event(value, &name));
                }
                Piece::Json(text) => self.weigh_text(text, of_document),
            }
        }
    }

    fn weigh_text(&mut self, bytes: &[u8], meaning: impl FnOnce(&json::Json<'_>) -> Meaning) {
        let text = String::from_utf8_lossy(bytes);
        if text.trim().is_empty() {
            return;
        }
        let value = json::read(&text).value;
        if let Some(tokens) = TokenCounts::of(&value) {
            self.tokens.add(tokens);
        }
        let meaning = meaning(&value);
        self.has_end |= meaning.has_end;
        self.is_over |= meaning.is_last;
        self.finish = meaning.finish.or(self.finish.take());
        match meaning.kind {
            Kind::Nothing => {}
            Kind::Content => self.begin(),
            Kind::Error => {
                self.error = Some(bytes.to_vec());
                if self.verdict == Verdict::Undecided {
                    self.verdict = Verdict::Failed;
                }
            }
        }
    }

    fn begin(&mut self) {
        if self.verdict == Verdict::Undecided {
            self.verdict = Verdict::Content;
        }
    }
}
