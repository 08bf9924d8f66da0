//! How a body is cut into pieces that mean something: server-sent events, JSON, or bytes of which nothing is read.
//!
//! Invariant: decided by the content type and the first bytes that say something, so never by how they arrive. Gateways
//! mislabel both ways: JSON as an event stream, and events as plain text.

use super::json_values::JsonValues;
use super::sse::{Frame, Parser};

/// A longer event or value is not read; answers with images in them are.
const MOST_BYTES: usize = 1024 * 1024;
/// The beginnings of lines of an event stream.
const FIELDS: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b":"];

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Event(Frame),
    Json(Vec<u8>),
}

#[derive(Debug)]
pub(crate) enum Framing {
    /// What has come says nothing yet.
    Open {
        head: Vec<u8>,
        is_declared: bool,
    },
    Events(Parser),
    Json(JsonValues),
    /// Neither; or an event that is too long to be read, and with it all that follows.
    Opaque,
}

impl Framing {
    /// `content_type` as the header has it; empty if there is none.
    pub(crate) fn new(content_type: &str) -> Self {
        let lower = content_type.to_ascii_lowercase();
        let is_text = lower.is_empty() || lower.starts_with("text/") || lower.contains("json");
        if is_text {
            let is_declared = lower.starts_with("text/event-stream");
            Self::Open { head: Vec::new(), is_declared }
        } else {
            Self::Opaque
        }
    }

    pub(crate) fn is_opaque(&self) -> bool {
        matches!(self, Self::Opaque)
    }

    pub(crate) fn push(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        match self {
            Self::Open { head, is_declared } => {
                head.extend_from_slice(bytes);
                let Some(found) = known(head, *is_declared) else { return };
                let head = std::mem::take(head);
                *self = found;
                self.push(&head, pieces);
            }
            Self::Events(parser) => {
                let mut frames = Vec::new();
                let pushed = parser.push(bytes, &mut frames);
                pieces.extend(frames.into_iter().map(Piece::Event));
                if pushed.is_err() {
                    *self = Self::Opaque;
                }
            }
            Self::Json(reader) => {
                let mut values = Vec::new();
                reader.push(bytes, &mut values);
                pieces.extend(values.into_iter().map(Piece::Json));
            }
            Self::Opaque => {}
        }
    }

    /// The body has ended: the last event counts without its blank line.
    pub(crate) fn end(&mut self, pieces: &mut Vec<Piece>) {
        if let Self::Events(parser) = self {
            pieces.extend(parser.finish().map(Piece::Event));
        }
    }
}

/// What the first bytes show; `None`: they may still become anything.
fn known(head: &[u8], is_declared: bool) -> Option<Framing> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let events = || Some(Framing::Events(Parser::new(MOST_BYTES)));
    match text.first()? {
        b'{' | b'[' | 0x1E => return Some(Framing::Json(JsonValues::new(MOST_BYTES))),
        // The beginning of a byte order mark.
        0xEF if text.len() < 3 => return None,
        _ if is_declared => return events(),
        _ => {}
    }
    if FIELDS.iter().any(|field| text.starts_with(field)) {
        return events();
    }
    let may_become = FIELDS.iter().any(|field| field.starts_with(text));
    if may_become { None } else { Some(Framing::Opaque) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(content_type: &str, body: &str) -> &'static str {
        let mut framing = Framing::new(content_type);
        for byte in body.as_bytes() {
            framing.push(&[*byte], &mut Vec::new());
        }
        match framing {
            Framing::Open { .. } => "open",
            Framing::Events(_) => "events",
            Framing::Json(_) => "json",
            Framing::Opaque => "opaque",
        }
    }

    #[test]
    fn the_first_bytes_win_over_the_label() {
        for (content_type, body, expected) in [
            ("text/event-stream; charset=utf-8", ": ping\n\n", "events"),
            ("text/event-stream", "{\"error\":{}}", "json"),
            ("text/plain", "event: a\n", "events"),
            ("", "\u{feff}data:1\n", "events"),
            ("application/json", " \n[{}", "json"),
            ("application/x-ndjson", "{}\n", "json"),
            ("application/json", "da", "open"),
            ("text/html", "<html>", "opaque"),
            ("audio/mpeg", "data: 1\n", "opaque"),
            ("application/vnd.amazon.eventstream", "{}", "opaque"),
        ] {
            assert_eq!(framed(content_type, body), expected, "{content_type}: {body}");
        }
    }
}
