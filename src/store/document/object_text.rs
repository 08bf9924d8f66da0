//! One JSON object as text that can be edited member by member.
//!
//! Invariant: what is not set or removed is rendered byte for byte as it was read: white space, number
//! spelling, escapes, order and repeated keys included. The text is kept, and only spans of it are replaced.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::members;

/// White space for what is added: how many levels deep the object lies, and whether lines are used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub pretty: bool,
    pub depth: usize,
}

impl Layout {
    /// The layout of an object one level further in.
    #[must_use]
    pub(crate) fn inner(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    /// A JSON value as text whose lines fit under a key of an object with this layout's depth.
    #[must_use]
    pub(crate) fn value(self, value: &serde_json::Value) -> String {
        if self.pretty { self.fit(&format!("{value:#}")) } else { value.to_string() }
    }

    /// Text with line breaks, moved in to its place. No JSON string holds a raw line break, so each one is layout.
    #[must_use]
    pub(crate) fn fit(self, text: &str) -> String {
        let indent = if self.pretty { "  ".repeat(self.depth) } else { String::new() };
        text.replace('\n', &format!("\n{indent}"))
    }

    fn before_member(self) -> String {
        if self.pretty { format!("\n{}", "  ".repeat(self.depth + 1)) } else { String::new() }
    }

    fn before_end(self) -> String {
        if self.pretty { format!("\n{}", "  ".repeat(self.depth)) } else { String::new() }
    }
}

#[derive(Debug, Clone)]
struct Member {
    key: String,
    /// From the end of the member before (or the opening brace) to the value: comma, white space, key, colon.
    lead: Lead,
    value: Value,
}

#[derive(Debug, Clone)]
enum Lead {
    Kept(Range<usize>),
    New,
}

#[derive(Debug, Clone)]
enum Value {
    Kept(Range<usize>),
    New(String),
}

/// A JSON object as it is spelled.
#[derive(Debug, Clone)]
pub(crate) struct ObjectText {
    /// May hold more than this object: the objects inside of one share its text, which may be large.
    text: Arc<str>,
    /// Where in `text` this object lies, with the white space around it.
    span: Range<usize>,
    members: Vec<Member>,
    /// From the end of the last value to the end of the text.
    tail: Range<usize>,
    changed: bool,
}

impl ObjectText {
    /// Reads the text of exactly one JSON object; white space around it is kept.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        Self::parse_span(Arc::from(text), 0..text.len())
    }

    /// A member's value as an object, without copying its text or checking it again. `None` if there is none or
    /// it is no object.
    #[must_use]
    pub(crate) fn object(&self, key: &str) -> Option<Self> {
        match &self.members[self.position(key)?].value {
            Value::Kept(range) => Self::split_span(Arc::clone(&self.text), range.clone()),
            Value::New(text) => Self::parse(text).ok(),
        }
    }

    /// The object at `span` of a text that has been checked.
    fn split_span(text: Arc<str>, span: Range<usize>) -> Option<Self> {
        let split = members::split(&text[span.clone()])?;
        let mut end = span.start + 1;
        let mut members = Vec::with_capacity(split.len());
        for (key, value) in split {
            let value = span.start + value.start..span.start + value.end;
            let key = read_key(&text[span.start + key.start..span.start + key.end])?;
            let next = value.end;
            members.push(Member {
                key,
                lead: Lead::Kept(end..value.start),
                value: Value::Kept(value),
            });
            end = next;
        }
        Some(Self { tail: end..span.end, text, span, members, changed: false })
    }

    fn parse_span(text: Arc<str>, span: Range<usize>) -> serde_json::Result<Self> {
        let raw: Members<'_> = serde_json::from_str(&text[span.clone()])?;
        let start = text.as_ptr() as usize;
        let mut end =
            text[span.clone()].find('{').map_or(span.start, |brace| span.start + brace + 1);
        let mut members = Vec::with_capacity(raw.0.len());
        for (key, value) in raw.0 {
            let from = value.get().as_ptr() as usize - start;
            let to = from + value.get().len();
            members.push(Member { key, lead: Lead::Kept(end..from), value: Value::Kept(from..to) });
            end = to;
        }
        Ok(Self { tail: end..span.end, text, span, members, changed: false })
    }

    /// `{}`
    #[must_use]
    pub(crate) fn empty() -> Self {
        Self { text: Arc::from("{}"), span: 0..2, members: Vec::new(), tail: 1..2, changed: false }
    }

    /// Whether a member was set or removed since it was read.
    #[must_use]
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members as (key, text of the value), in order.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().map(|member| (member.key.as_str(), self.value_text(member)))
    }

    /// The text of a member's value. Of repeated keys the last counts, as in `JSON.parse`.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.position(key).map(|index| self.value_text(&self.members[index]))
    }

    /// Replaces a member's value, or appends the member.
    pub(crate) fn set(&mut self, key: &str, value: String) {
        self.changed = true;
        match self.position(key) {
            Some(index) => self.members[index].value = Value::New(value),
            None => self.members.push(Member {
                key: key.to_owned(),
                lead: Lead::New,
                value: Value::New(value),
            }),
        }
    }

    /// Removes every member of that name. Returns whether there was one.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|member| member.key != key);
        let removed = self.members.len() != before;
        self.changed |= removed;
        removed
    }

    /// The object as text; added members follow `layout`.
    #[must_use]
    pub(crate) fn render(&self, layout: Layout) -> String {
        let text = &self.text[self.span.clone()];
        if !self.changed {
            return text.to_owned();
        }
        let brace = text.find('{').unwrap_or(0);
        let mut out = String::with_capacity(text.len() + 256);
        out.push_str(&text[..=brace]);
        for (index, member) in self.members.iter().enumerate() {
            self.render_lead(&mut out, index, member, layout);
            out.push_str(self.value_text(member));
        }
        self.render_tail(&mut out, layout);
        out
    }

    fn render_lead(&self, out: &mut String, index: usize, member: &Member, layout: Layout) {
        match &member.lead {
            Lead::Kept(range) => {
                let lead = &self.text[range.clone()];
                // Only white space stands between a value's end and the comma after it.
                let own = match lead.trim_start().strip_prefix(',') {
                    Some(after_comma) if index == 0 => after_comma,
                    _ => lead,
                };
                out.push_str(own);
            }
            Lead::New => {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&layout.before_member());
                out.push_str(&quote(&member.key));
                out.push_str(if layout.pretty { ": " } else { ":" });
            }
        }
    }

    fn render_tail(&self, out: &mut String, layout: Layout) {
        let tail = &self.text[self.tail.clone()];
        let after_brace = tail.find('}').map_or("", |brace| &tail[brace + 1..]);
        if self.members.is_empty() {
            out.push('}');
        } else if self.members.iter().all(|member| matches!(member.lead, Lead::New)) {
            out.push_str(&layout.before_end());
            out.push('}');
        } else {
            let before = tail.find('}').map_or("", |brace| &tail[..brace]);
            // A removed last member leaves no comma behind: the tail begins after the value.
            out.push_str(before);
            out.push('}');
        }
        out.push_str(after_brace);
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.members.iter().rposition(|member| member.key == key)
    }

    fn value_text<'a>(&'a self, member: &'a Member) -> &'a str {
        match &member.value {
            Value::Kept(range) => &self.text[range.clone()],
            Value::New(text) => text,
        }
    }
}

/// A string as JSON text.
#[must_use]
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number as JavaScript would write it where it is an integer; others as the shortest that reads back.
#[must_use]
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        format!("{}", value as i64)
    } else {
        serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |n| n.to_string())
    }
}

/// A key by its text.
fn read_key(quoted: &str) -> Option<String> {
    let plain = &quoted[1..quoted.len() - 1];
    if !plain.contains('\\') {
        return Some(plain.to_owned());
    }
    KeySeed.deserialize(&mut serde_json::Deserializer::from_str(quoted)).ok()
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            members.push((key, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// Keys are read as bytes, because a key with a lone surrogate is legal for JavaScript and must not make the
/// whole file unreadable; such a key is shown with replacement characters and still written as it was.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests;
