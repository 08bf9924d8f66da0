//! Sections of several documents as one JSON object, as a JavaScript spread merges them.
//!
//! Invariant: the last layer wins, a key keeps the place where it first stood, and the time is linear.

use std::collections::HashMap;

use super::object_text::quote;
use super::text::Document;

/// Entries as (key, text of the value), in the order of their layers.
#[must_use]
pub(crate) fn merge<'a>(
    entries: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(&'a str, &'a str)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut merged: Vec<(&str, &str)> = Vec::new();
    for (key, text) in entries {
        let place = *places.entry(key).or_insert(merged.len());
        if place == merged.len() {
            merged.push((key, text));
        } else {
            merged[place].1 = text;
        }
    }
    merged
}

/// The same as the text of an object.
#[must_use]
pub(crate) fn merge_text<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let members = merge(entries).into_iter().map(|(key, text)| [&quote(key), ":", text].concat());
    ["{", &members.collect::<Vec<_>>().join(","), "}"].concat()
}

/// The orders of one document as the host loads them: names are trimmed, and a list without any is none.
pub(crate) fn orders(document: &Document) -> impl Iterator<Item = (&str, Vec<String>)> {
    document.entries("order").filter_map(|(provider, text)| {
        let list: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
        let names = list.iter().filter_map(|name| name.as_str()).map(str::trim);
        let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (!names.is_empty()).then_some((provider, names))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_layer_wins_and_places_stay() {
        let entries = [("a", "1"), ("b", "2"), ("a", "3"), ("\"", "4")];
        assert_eq!(merge_text(entries), r#"{"a":3,"b":2,"\"":4}"#);
        assert_eq!(merge_text([]), "{}");
    }

    #[test]
    fn an_order_without_a_name_in_it_is_none() {
        let text = r#"{"profiles":{},"order":{"p":[" a ",7,""],"q":[" "],"r":"a"}}"#;
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(orders(&document).collect::<Vec<_>>(), [("p", vec!["a".to_owned()])]);
    }
}
