//! The data of server-sent events, for error bodies only; the stream has a parser of its own that works on bytes.
//!
//! Invariant: borrows where an event has one line of data. A line without a field name continues the data before it,
//! as servers send it that indent their JSON without prefixing each line.

use std::borrow::Cow;

const FIELDS: [&str; 4] = ["event:", "id:", "retry:", ":"];

pub(crate) struct Events<'a> {
    lines: std::str::Lines<'a>,
}

impl<'a> Events<'a> {
    /// Whether a text is such a stream. "retry: in 5 s" is none: there must be data.
    pub(crate) fn begin(text: &str) -> bool {
        let has_data = || memchr::memmem::find(text.as_bytes(), b"\ndata:").is_some();
        text.starts_with("data:")
            || (FIELDS.iter().any(|field| text.starts_with(field)) && has_data())
    }

    pub(crate) fn of(text: &'a str) -> Self {
        Self { lines: text.lines() }
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut data: Option<Cow<'a, str>> = None;
        for line in self.lines.by_ref() {
            if line.trim().is_empty() {
                if data.is_some() {
                    break;
                }
                continue;
            }
            if FIELDS.iter().any(|field| line.starts_with(field)) {
                continue;
            }
            let part = line.strip_prefix("data:").unwrap_or(line).trim_start_matches(' ');
            match &mut data {
                None => data = Some(Cow::Borrowed(part)),
                Some(before) => {
                    let before = before.to_mut();
                    before.push('\n');
                    before.push_str(part);
                }
            }
        }
        data
    }
}
