//! An HTTP status in free text: "API error (429): …", "HTTP 503", "429 Too Many Requests".
//!
//! Invariant: three digits count only where words or brackets make them a status; "limit 500" is none.

use crate::failure::excerpt::{end_of, start_of};

/// Statuses stand at the start of a message.
const EXCERPT: usize = 2048;

const MARKS: [&str; 6] = ["status", "code", "error", "http", "http/1.1", "http/2"];

/// The first status from 400 to 599.
pub(crate) fn spoken_status(text: &str) -> Option<u16> {
    let text = start_of(text, EXCERPT);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + step;
        let rest = &bytes[start..];
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let end = start + length;
        if length == 3 && is_announced(&text[..start], &text[end..]) {
            let status = text[start..end].parse().ok().filter(|s| (400..600).contains(s));
            if status.is_some() {
                return status;
            }
        }
        at = end;
    }
    None
}

fn is_announced(before: &str, after: &str) -> bool {
    if after.starts_with(|next: char| next.is_alphanumeric() || "_-%".contains(next)) {
        return false;
    }
    if before.trim().is_empty() {
        return after.is_empty() || after.starts_with([' ', ':', ',', '\n']);
    }
    if before.ends_with('(') {
        return after.starts_with(')');
    }
    if before.ends_with('[') {
        return true;
    }
    let words = before.trim_end_matches([' ', ':', '=', '"', '\'', '#']);
    if words.len() == before.len() {
        return false;
    }
    let tail = end_of(words, 8).to_ascii_lowercase();
    MARKS.iter().any(|mark| tail.ends_with(mark))
}
