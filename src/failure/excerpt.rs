//! The start or the end of a text, cut between characters.
//!
//! Invariant: every scan that is not over data has such a limit, so that a text of megabytes costs no more than a page.

/// At most so many bytes from the start.
pub(crate) fn start_of(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// About so many bytes before the end.
pub(crate) fn end_of(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    &text[start..]
}
