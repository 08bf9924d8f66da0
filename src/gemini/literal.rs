//! JSON text that is passed on without being decoded.
//!
//! Strings of a context and of a response travel as the literals they came in, quotes and escapes included:
//! nothing is copied into another form on the way, and what one side may say (a lone surrogate in a tool
//! argument, a number with forty digits) reaches the other side unchanged.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One JSON value, as text.
pub(crate) type Raw<'a> = Option<&'a RawValue>;

/// JSON text that is written as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal<'a>(pub Cow<'a, str>);

impl<'a> Literal<'a> {
    pub(crate) fn borrowed(raw: &'a RawValue) -> Self {
        Self(Cow::Borrowed(raw.get()))
    }
}

impl Serialize for Literal<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// The inside of a string literal; `None` for any other value.
pub(crate) fn string_inner(raw: Raw<'_>) -> Option<&str> {
    raw?.get().strip_prefix('"')?.strip_suffix('"')
}

/// Whether the value is this string. `expected` must need no escapes.
pub(crate) fn is_string(raw: Raw<'_>, expected: &str) -> bool {
    string_inner(raw) == Some(expected)
}

/// The decoded string; `None` for another type and for a string with a lone surrogate.
pub(crate) fn decode(raw: Raw<'_>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

/// A string as a literal. Text that needs no escapes, such as base64, is only looked through in long strides: a writer
/// that escapes byte by byte would spend most of a request's time on its images.
pub(crate) fn literal_of(text: &str) -> String {
    let quoted = ["\"", text, "\""].concat();
    let is_plain = memchr::memchr(b'\\', text.as_bytes()).is_none()
        && serde_json::from_str::<&RawValue>(&quoted).is_ok();
    if is_plain { quoted } else { serde_json::Value::from(text).to_string() }
}

/// Writes a number as JavaScript does: a whole one without a fraction, which integer fields insist on.
#[expect(clippy::ref_option, reason = "the signature that serde's serialize_with calls")]
pub(crate) fn js_number<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
    match value {
        Some(number) if number.fract() == 0.0 && number.abs() < LARGEST_WHOLE => {
            serializer.serialize_i64(*number as i64)
        }
        other => other.serialize(serializer),
    }
}

/// Whether JavaScript takes the value for true.
pub(crate) fn truthy(raw: Raw<'_>) -> bool {
    raw.is_some_and(|raw| !matches!(raw.get(), "false" | "0" | "-0" | "\"\"" | "null"))
}

/// Whether `String.prototype.trim` would leave nothing of this literal's inside.
pub(crate) fn is_blank(inner: &str) -> bool {
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        let blank = if char == '\\' {
            match chars.next() {
                Some('n' | 'r' | 't' | 'f') => true,
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    u32::from_str_radix(&code, 16)
                        .ok()
                        .and_then(char::from_u32)
                        .is_some_and(is_js_space)
                }
                _ => false,
            }
        } else {
            is_js_space(char)
        };
        if !blank {
            return false;
        }
    }
    true
}

/// JavaScript counts the byte order mark as white space, and the next-line character not.
fn is_js_space(char: char) -> bool {
    char == '\u{feff}' || (char.is_whitespace() && char != '\u{85}')
}

/// Removes lone surrogates from a string literal (or its inside); the server rejects them.
///
/// In JSON text they can only stand as `\udXXX` escapes, and a pair that is escaped on both halves is whole.
pub(crate) fn without_lone_surrogates(literal: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = memchr::memchr(b'\\', &literal.as_bytes()[at..]) {
        let escape = at + found;
        match surrogate(&literal[escape..]) {
            Some(Surrogate::High)
                if matches!(surrogate(&literal[escape + 6..]), Some(Surrogate::Low)) =>
            {
                at = escape + 12;
            }
            Some(_) => {
                kept.push_str(&literal[start..escape]);
                at = escape + 6;
                start = at;
            }
            // The escaped character is skipped with its backslash: `\\ud800` is a backslash and five letters.
            None => at = escape + 2,
        }
    }
    if start == 0 && kept.is_empty() {
        return Cow::Borrowed(literal);
    }
    kept.push_str(&literal[start..]);
    Cow::Owned(kept)
}

enum Surrogate {
    High,
    Low,
}

fn surrogate(text: &str) -> Option<Surrogate> {
    let bytes = text.as_bytes().get(..6)?;
    if !bytes.starts_with(b"\\u") || !bytes[2].eq_ignore_ascii_case(&b'd') {
        return None;
    }
    match bytes[3].to_ascii_lowercase() {
        b'8'..=b'9' | b'a'..=b'b' => Some(Surrogate::High),
        b'c'..=b'f' => Some(Surrogate::Low),
        _ => None,
    }
}

/// The text without lone surrogates.
pub(crate) fn clean(literal: &str) -> Literal<'_> {
    Literal(without_lone_surrogates(literal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_surrogates_are_removed() {
        assert_eq!(without_lone_surrogates(r#""a\ud83db""#), r#""ab""#);
        assert_eq!(without_lone_surrogates(r#""\ude00\ud83d""#), r#""""#);
        assert_eq!(without_lone_surrogates(r#""\ud83d\ude00""#), r#""\ud83d\ude00""#);
        assert_eq!(without_lone_surrogates(r#""\\ud83d \n \u00e9""#), r#""\\ud83d \n \u00e9""#);
        assert_eq!(without_lone_surrogates(r#""\ud83d\ud83d\ude00""#), r#""\ud83d\ude00""#);
    }

    #[test]
    fn a_literal_reads_as_its_text() {
        for text in ["", "aGk=", "a\"b", "a\\nb", "\\", "a\nb", "\u{1f980}", "\",\"x\":\"", "\u{0}"]
        {
            assert_eq!(serde_json::from_str::<String>(&literal_of(text)).unwrap(), text);
        }
    }

    #[test]
    fn blank_is_what_javascript_trims() {
        for inner in ["", " ", r"\n\t\r\f", "\u{feff}\u{a0}\u{2028}", r"\u000b"] {
            assert!(is_blank(inner), "{inner:?}");
        }
        for inner in ["a", r" \\n", "\u{85}", r"\b", r"\u0000", r"\ud83d"] {
            assert!(!is_blank(inner), "{inner:?}");
        }
    }
}
