//! What may be shown of somebody else's text.
//!
//! Invariant: the result holds no credential of a known shape, no control character, at most [`MAX_CHARS`] UTF-16
//! units, and is its own redaction. Only the first [`EXCERPT`] bytes are looked at, whatever the length.

mod key_shapes;
mod leads;

use std::borrow::Cow;

use key_shapes::{SHORTEST_KEY, is_hex_key, is_mixed, tail_length};
use leads::MASK;

use crate::failure::excerpt::start_of;

/// The longest text that leaves this package, in JavaScript's characters.
pub(crate) const MAX_CHARS: usize = 2000;
/// Wide enough to fill the limit with text that shrinks; a secret cut here lies beyond what is shown.
const EXCERPT: usize = 16 * 1024;

/// Removes credentials and control characters, folds blanks, and cuts to [`MAX_CHARS`].
#[must_use]
pub(crate) fn redact(text: &str) -> String {
    redact_to(text, MAX_CHARS)
}

/// As [`redact`], with a limit of its own.
#[must_use]
pub(crate) fn redact_to(text: &str, max_chars: usize) -> String {
    redacted(text, max_chars, true)
}

/// An identifier from the server (a reason, a model, a trace id): one short printable word, or nothing. A number in
/// hexadecimal is what it looks like here.
pub(crate) fn identifier(text: &str) -> Option<String> {
    let short = redacted(text, 256, false);
    (!short.is_empty()).then_some(short)
}

fn redacted(text: &str, max_chars: usize, is_prose: bool) -> String {
    let text = start_of(text, EXCERPT);
    let clean = if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(printable(text)) };
    let masked = mask(&clean, is_prose);
    if masked.len() <= max_chars {
        return masked;
    }
    // The cut may leave "Authorization: Bearer", whose last word now stands where a secret would.
    cut(mask(&cut(masked, max_chars), is_prose), max_chars)
}

/// Whether [`printable`] would change nothing, as far as that can be told quickly.
fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    let is_kept = |byte: u8| {
        let is_kept = (b' '..=b'~').contains(&byte) && (byte != b' ' || before != b' ');
        before = byte;
        is_kept
    };
    text.bytes().all(is_kept) && !text.ends_with(' ')
}

/// Every run of blanks and control characters becomes one blank; terminal sequences go as a whole.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        if next == '\u{1b}' && chars.peek() == Some(&'[') {
            // ESC [ parameters final: the final byte is the first one from `@` to `~`.
            chars.next();
            while chars.next().is_some_and(|part| !('@'..='~').contains(&part)) {}
        } else if next.is_control() || next.is_whitespace() || is_invisible(next) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(next);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters that reorder or hide text on a terminal or in a log.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn mask(text: &str, is_prose: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in leads::secrets(text) {
        push_plain(&mut out, &text[done..start], is_prose);
        out.push_str(MASK);
        done = end;
    }
    push_plain(&mut out, &text[done..], is_prose);
    out
}

/// Copies text, masking words that look like keys.
fn push_plain(out: &mut String, text: &str, is_prose: bool) {
    let bytes = text.as_bytes();
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'-';
    let (mut done, mut at) = (0, 0);
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(is_word).count();
        let end = at + length;
        if length >= SHORTEST_KEY
            && (is_mixed(&text[at..end]) || (is_prose && is_hex_key(&text[..at], &text[at..end])))
        {
            out.push_str(&text[done..at]);
            out.push_str(MASK);
            done = end + tail_length(&text[end..]);
        }
        at = end.max(done) + 1;
    }
    out.push_str(text.get(done..).unwrap_or_default());
}

fn cut(mut text: String, max_chars: usize) -> String {
    if text.len() <= max_chars {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > max_chars
    });
    if let Some((end, _)) = end {
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
    text
}

#[cfg(test)]
mod tests;
