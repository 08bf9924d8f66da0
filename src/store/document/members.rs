//! Finding the members of an object whose text is known to be valid JSON.
//!
//! A document is checked once, as a whole. To look into its sections it need not be checked again, only split:
//! what is inside of a member is jumped over from quote to quote and from bracket to bracket.
//!
//! Invariant: for valid text the answer is the one that a full parse gives; for other text it is `None` or wrong,
//! but never a panic.

use std::ops::Range;

use memchr::{memchr2, memchr3};

/// The members of the object as (quoted key, value), each a range of `text`.
pub(crate) fn split(text: &str) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let bytes = text.as_bytes();
    let mut at = expect(bytes, 0, b'{')?;
    let mut members = Vec::new();
    if expect(bytes, at, b'}').is_some() {
        return Some(members);
    }
    loop {
        let key_start = expect(bytes, at, b'"')? - 1;
        let key_end = string_end(bytes, key_start)?;
        let (_, value_start) = skip_blanks(bytes, expect(bytes, key_end, b':')?)?;
        let value_end = value_end(bytes, value_start)?;
        members.push((key_start..key_end, value_start..value_end));
        let (next, place) = skip_blanks(bytes, value_end)?;
        at = place + 1;
        match next {
            b',' => {}
            b'}' => return Some(members),
            _ => return None,
        }
    }
}

/// The place after `wanted`, which must be the next byte that is not blank.
fn expect(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let (found, place) = skip_blanks(bytes, from)?;
    (found == wanted).then_some(place + 1)
}

/// The next byte that is not blank, and its place.
fn skip_blanks(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let place = from + blanks(bytes, from);
    Some((*bytes.get(place)?, place))
}

fn blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// The end of the string that begins at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn value_end(bytes: &[u8], from: usize) -> Option<usize> {
    match bytes[from] {
        b'"' => string_end(bytes, from),
        b'{' => nested_end(bytes, from, b'{', b'}'),
        b'[' => nested_end(bytes, from, b'[', b']'),
        _ => {
            let rest = &bytes[from..];
            let ends =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            Some(from + rest.iter().position(ends)?)
        }
    }
}

/// The end of an object or array. Brackets of the other kind are balanced within it.
fn nested_end(bytes: &[u8], from: usize, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    loop {
        at += memchr3(b'"', open, close, bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            byte if byte == open => depth += 1,
            _ => depth = depth.checked_sub(1)?,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\]:, \n\u{e9}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z\"\\\\{}:,]{0,4}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_members_are_those_of_a_full_parse(
            members in prop::collection::vec(("[a-z\"\\\\{}:,\u{e9}]{0,6}", json()), 0..5),
            pretty in any::<bool>(),
        ) {
            let object: serde_json::Map<_, _> = members.into_iter().collect();
            let value = Value::Object(object.clone());
            let text = if pretty { format!(" {value:#}\n") } else { value.to_string() };
            let split = split(&text).unwrap();
            prop_assert_eq!(split.len(), object.len());
            for ((key, value), (name, expected)) in split.into_iter().zip(&object) {
                prop_assert_eq!(&serde_json::from_str::<String>(&text[key]).unwrap(), name);
                prop_assert_eq!(&text[value], render(expected, pretty));
            }
        }

        #[test]
        fn text_that_is_not_json_is_no_reason_to_panic(text in "[{}\\[\\]\":,\\\\a1 ]{0,20}") {
            let _ = split(&text);
        }
    }

    /// A value as it stands in an object one level in.
    fn render(value: &Value, pretty: bool) -> String {
        if pretty { format!("{value:#}").replace('\n', "\n  ") } else { value.to_string() }
    }
}
