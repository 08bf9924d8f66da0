//! Server-sent events without I/O: bytes in, frames out.
//!
//! Invariant: how the bytes are cut into pushes never changes the frames that come out, and nothing that was
//! pushed is held beyond `max_frame_bytes`.

use std::mem;

use memchr::memchr2;

/// Bytes outside any event that are kept, so that an error sent as plain JSON can still be read.
const STRAY_LIMIT: usize = 64 * 1024;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The lines of `data`, joined by a line feed.
    pub(crate) data: Vec<u8>,
    /// The event's name; empty if it has none.
    pub(crate) name: Vec<u8>,
}

/// An event grew above the limit. Nothing more can be read from this parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameTooLarge;

/// The parser: one per response.
#[derive(Debug)]
pub(crate) struct Parser {
    max_frame_bytes: usize,
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The event that has not ended yet; `None` before its first `data` field.
    data: Option<Vec<u8>>,
    /// Its name, as far as it has come.
    name: Vec<u8>,
    /// The last push ended in CR: an LF that comes first in the next one belongs to it.
    after_cr: bool,
    first_line: bool,
    stray: Vec<u8>,
}

impl Parser {
    #[must_use]
    pub(crate) fn new(max_frame_bytes: usize) -> Self {
        Self {
            max_frame_bytes,
            line: Vec::new(),
            data: None,
            name: Vec::new(),
            after_cr: false,
            first_line: true,
            stray: Vec::new(),
        }
    }

    /// Reads what has arrived and appends the frames that it completes.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        frames: &mut Vec<Frame>,
    ) -> Result<(), FrameTooLarge> {
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = memchr2(b'\n', b'\r', bytes) {
            if self.line.is_empty() {
                self.end_line(&bytes[..end], frames);
            } else {
                self.line.extend_from_slice(&bytes[..end]);
                let line = mem::take(&mut self.line);
                self.end_line(&line, frames);
            }
            let cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if cr {
                self.after_cr = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            self.check_size()?;
        }
        self.line.extend_from_slice(bytes);
        self.check_size()
    }

    /// The connection has ended: the last event counts even when its blank line never came.
    #[must_use]
    pub(crate) fn finish(&mut self) -> Option<Frame> {
        let mut frames = Vec::new();
        let line = mem::take(&mut self.line);
        if !line.is_empty() {
            self.end_line(&line, &mut frames);
        }
        self.take()
    }

    /// Lines that were no event at all, from the start of the body (at most 64 KiB).
    #[must_use]
    pub(crate) fn stray(&self) -> &[u8] {
        &self.stray
    }

    fn take(&mut self) -> Option<Frame> {
        let name = mem::take(&mut self.name);
        self.data.take().map(|data| Frame { data, name })
    }

    fn check_size(&self) -> Result<(), FrameTooLarge> {
        let held = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if held > self.max_frame_bytes { Err(FrameTooLarge) } else { Ok(()) }
    }

    fn end_line(&mut self, line: &[u8], frames: &mut Vec<Frame>) {
        let line = if mem::take(&mut self.first_line) {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        } else {
            line
        };
        if line.is_empty() {
            frames.extend(self.take());
            return;
        }
        let name_end = memchr::memchr(b':', line).unwrap_or(line.len());
        match &line[..name_end] {
            b"data" => {
                let value = line.get(name_end + 1..).unwrap_or_default();
                let value = value.strip_prefix(b" ").unwrap_or(value);
                match &mut self.data {
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(value);
                    }
                    None => self.data = Some(value.to_vec()),
                }
            }
            b"event" => {
                let name = line.get(name_end + 1..).unwrap_or_default();
                self.name = name.trim_ascii().to_vec();
            }
            // An empty name is a comment.
            b"" | b"id" | b"retry" => {}
            _ if self.stray.len() + line.len() < STRAY_LIMIT => {
                self.stray.extend_from_slice(line);
                self.stray.push(b'\n');
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pieces: &[&[u8]]) -> Vec<String> {
        let mut parser = Parser::new(1 << 20);
        let mut frames = Vec::new();
        for piece in pieces {
            parser.push(piece, &mut frames).unwrap();
        }
        frames.extend(parser.finish());
        frames.into_iter().map(|frame| String::from_utf8(frame.data).unwrap()).collect()
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for end in ["\n", "\r", "\r\n"] {
            let body = format!("data: a{end}{end}data:b{end}data: c{end}{end}");
            assert_eq!(parse(&[body.as_bytes()]), ["a", "b\nc"], "{end:?}");
        }
    }

    #[test]
    fn the_cut_between_pushes_never_matters() {
        let body = [
            "\u{feff}: hello\r\ndata: {\"t\":\"\u{1f980}é\"}\r\n\r\nevent: x\rdata:1\r\r",
            "data: 2\n\ndata\n\nid: 7\ndata: last",
        ]
        .concat();
        let body = body.as_bytes();
        let whole = parse(&[body]);
        assert_eq!(whole, ["{\"t\":\"\u{1f980}é\"}", "1", "2", "", "last"]);
        for cut in 0..=body.len() {
            assert_eq!(parse(&[&body[..cut], &body[cut..]]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(parse(&bytes), whole);
    }

    #[test]
    fn a_frame_above_the_limit_is_refused_whether_it_comes_in_one_line_or_many() {
        let mut frames = Vec::new();
        let mut parser = Parser::new(16);
        assert_eq!(parser.push(b"data: 12345678901234567890", &mut frames), Err(FrameTooLarge));
        let mut parser = Parser::new(16);
        let lines = b"data: 1234567\n".repeat(4);
        assert_eq!(parser.push(&lines, &mut frames), Err(FrameTooLarge));
        assert!(frames.is_empty());
    }

    #[test]
    fn an_event_has_its_own_name_and_not_that_of_the_one_before() {
        let mut parser = Parser::new(1 << 20);
        let mut frames = Vec::new();
        parser.push(b"event: error\n\nevent:a\ndata: 1\n\ndata: 2\n\n", &mut frames).unwrap();
        let names: Vec<_> = frames.iter().map(|frame| frame.name.as_slice()).collect();
        assert_eq!(names, [&b"a"[..], b""]);
    }

    #[test]
    fn lines_that_are_no_event_are_kept_apart() {
        let mut parser = Parser::new(1 << 20);
        let mut frames = Vec::new();
        parser.push(b"{\n  \"error\": {}\n}\n", &mut frames).unwrap();
        assert_eq!(parser.finish(), None);
        assert_eq!(parser.stray(), b"{\n  \"error\": {}\n}\n");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_the_same_frames(
            pieces in proptest::collection::vec(
                proptest::prop_oneof!["(data:? ?|:|\\PC|\r|\n|\u{feff}){0,6}", "[\r\n]{1,3}"],
                0..12,
            ),
            size in 1_usize..9,
        ) {
            let body = pieces.concat();
            let cut: Vec<&[u8]> = body.as_bytes().chunks(size).collect();
            proptest::prop_assert_eq!(parse(&cut), parse(&[body.as_bytes()]));
        }
    }
}
