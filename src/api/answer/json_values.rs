//! A body of JSON cut into its values: one document, the elements of one outer array as they come (Google streams so),
//! or a value a line.
//!
//! Invariant: how the bytes are cut into pushes never changes the values that come out, and no value is held beyond
//! `max_value_bytes`: a longer one is skipped, and only its end is looked for.

use memchr::memchr2;

#[derive(Debug)]
pub(crate) struct JsonValues {
    max_value_bytes: usize,
    /// The value that has not ended yet; empty between values.
    value: Vec<u8>,
    is_too_long: bool,
    depth: usize,
    /// How deep values begin: 1 inside of an outer array.
    base: usize,
    within: Within,
    has_begun: bool,
    has_ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Structure,
    String,
    /// Behind a backslash of a string.
    Escape,
}

impl JsonValues {
    pub(crate) fn new(max_value_bytes: usize) -> Self {
        Self {
            max_value_bytes,
            value: Vec::new(),
            is_too_long: false,
            depth: 0,
            base: 0,
            within: Within::Structure,
            has_begun: false,
            has_ended: false,
        }
    }

    /// Reads what has arrived and appends the objects and arrays that it completes.
    pub(crate) fn push(&mut self, bytes: &[u8], values: &mut Vec<Vec<u8>>) {
        // Where the part of the value that is in `bytes` begins.
        let mut start = 0;
        let mut at = 0;
        while at < bytes.len() {
            if self.within != Within::Structure {
                at = self.skip_string(bytes, at);
                continue;
            }
            match bytes[at] {
                b'"' => self.within = Within::String,
                b'[' if !self.has_begun => (self.base, self.depth) = (1, 1),
                b'{' | b'[' => {
                    if self.depth == self.base {
                        start = at;
                    }
                    self.depth += 1;
                }
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth < self.base {
                        // The outer array has ended; what follows it is another document.
                        self.base = 0;
                    } else if self.depth == self.base {
                        self.keep(&bytes[start..=at]);
                        values.extend(self.take());
                        start = at + 1;
                    }
                }
                _ => {}
            }
            self.has_ended |= self.depth == 0 && matches!(bytes[at], b'}' | b']');
            self.has_begun |= !bytes[at].is_ascii_whitespace() && !is_mark(bytes[at]);
            at += 1;
        }
        if self.depth > self.base {
            self.keep(&bytes[start..]);
        }
    }

    /// The first document was closed.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Every container and string was closed, and there was something.
    pub(crate) fn is_closed(&self) -> bool {
        self.has_begun && self.depth == 0 && self.within == Within::Structure
    }

    fn skip_string(&mut self, bytes: &[u8], mut at: usize) -> usize {
        if self.within == Within::Escape {
            self.within = Within::String;
            at += 1;
        }
        let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) else {
            return bytes.len();
        };
        let is_end = bytes[at + found] == b'"';
        self.within = if is_end { Within::Structure } else { Within::Escape };
        at + found + 1
    }

    fn keep(&mut self, part: &[u8]) {
        if self.is_too_long {
            return;
        }
        if self.value.len() + part.len() > self.max_value_bytes {
            self.is_too_long = true;
            self.value = Vec::new();
        } else {
            self.value.extend_from_slice(part);
        }
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        let is_whole = !std::mem::take(&mut self.is_too_long);
        let value = std::mem::take(&mut self.value);
        is_whole.then_some(value)
    }
}

/// A byte order mark, or the separator of JSON text sequences.
fn is_mark(byte: u8) -> bool {
    matches!(byte, 0xEF | 0xBB | 0xBF | 0x1E)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pieces: &[&[u8]]) -> (Vec<String>, bool) {
        let mut reader = JsonValues::new(64);
        let mut values = Vec::new();
        for piece in pieces {
            reader.push(piece, &mut values);
        }
        (values.into_iter().map(|it| String::from_utf8(it).unwrap()).collect(), reader.is_closed())
    }

    fn of(body: &str) -> (Vec<String>, bool) {
        let whole = values(&[body.as_bytes()]);
        for cut in 0..=body.len() {
            let (before, after) = body.as_bytes().split_at(cut);
            assert_eq!(values(&[before, after]), whole, "cut at {cut}");
        }
        whole
    }

    #[test]
    fn a_document_is_one_value() {
        assert_eq!(
            of(" \u{feff}{\"a\":[{\"b\":\"}]\\\"\"}]}\n"),
            (vec!["{\"a\":[{\"b\":\"}]\\\"\"}]}".into()], true)
        );
    }

    #[test]
    fn an_outer_array_gives_its_elements_as_they_end() {
        assert_eq!(
            of("[{\"a\":1},\r\n[2]\n,{\"b"),
            (vec!["{\"a\":1}".into(), "[2]".into()], false)
        );
        assert_eq!(of("[{\"a\":1}]"), (vec!["{\"a\":1}".into()], true));
    }

    #[test]
    fn lines_are_values() {
        assert_eq!(
            of("{\"a\":1}\n{\"b\":2}\n"),
            (vec!["{\"a\":1}".into(), "{\"b\":2}".into()], true)
        );
    }

    #[test]
    fn a_value_above_the_limit_is_skipped_and_the_next_one_read() {
        let long = format!("{{\"a\":\"{}\"}}\n{{}}", "x".repeat(64));
        assert_eq!(of(&long), (vec!["{}".into()], true));
    }

    #[test]
    fn nothing_is_not_closed() {
        assert_eq!(of("  "), (vec![], false));
    }

    #[test]
    fn brackets_that_nobody_opened_do_no_harm() {
        assert_eq!(of("]}{}"), (vec!["{}".into()], true));
    }
}
