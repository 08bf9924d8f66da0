//! A profile gets another id.
//!
//! Invariant: whatever named the profile names it afterwards: its usage, `lastGood`, orders. The credential's text stays.

use serde_json::Value;

use super::marks::{Applied, Declined, Documents};
use crate::store::document::object_text::quote;
use crate::store::document::text::Document;

/// Declined where the new id is taken, or nothing has the old one.
pub(crate) fn rename_profile(
    documents: &mut Documents,
    from: &str,
    to: &str,
) -> Result<Applied, Declined> {
    let own = &mut documents.own;
    if from == to || own.entry("profiles", to).is_some() {
        return Err(Declined::NothingToChange);
    }
    let Some(text) = own.entry("profiles", from).map(str::to_owned) else {
        return Err(Declined::UnknownProfile);
    };
    own.set_entry("profiles", to, text);
    own.remove_entry("profiles", from, false);
    if let Some(usage) = own.entry("usageStats", from).map(str::to_owned) {
        own.set_entry("usageStats", to, usage);
        own.remove_entry("usageStats", from, false);
    }
    for (provider, _) in entries(own, "lastGood", |it| it.as_str() == Some(from)) {
        own.set_entry("lastGood", &provider, quote(to));
    }
    let names = |it: &Value| it.as_array().is_some_and(|list| list.iter().any(|id| id == from));
    for (provider, order) in entries(own, "order", names) {
        let renamed = |id: Value| if id == from { Value::from(to) } else { id };
        let order: Vec<Value> =
            order.as_array().into_iter().flatten().cloned().map(renamed).collect();
        let text = own.entry_layout().value(&order.into());
        own.set_entry("order", &provider, text);
    }
    Ok(Applied::default())
}

fn entries(
    document: &Document,
    section: &str,
    is_wanted: impl Fn(&Value) -> bool,
) -> Vec<(String, Value)> {
    let parsed = document
        .entries(section)
        .filter_map(|(key, text)| Some((key.to_owned(), serde_json::from_str(text).ok()?)));
    parsed.filter(|(_, value)| is_wanted(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Documents {
        let text = r#"{"version":1,"profiles":{"a":{"type":"api_key","provider":"p","key":"k"},"b":{}},"order":{"p":["b","a"]},"lastGood":{"p":"a"},"usageStats":{"a":{"errorCount":2}}}"#;
        Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
    }

    #[test]
    fn whatever_named_it_names_it_afterwards() {
        let mut store = documents();
        rename_profile(&mut store, "a", "c").unwrap();
        let text = store.own.render();
        assert!(!text.contains("\"a\""), "{text}");
        assert!(text.contains(r#""order":{"p":["b","c"]}"#), "{text}");
        assert!(text.contains(r#""lastGood":{"p":"c"}"#), "{text}");
        assert!(store.own.entry("usageStats", "c").unwrap().contains("errorCount"));
        assert_eq!(store.own.profile("c").unwrap().provider, "p");
    }

    #[test]
    fn a_taken_id_stays_whose_it_is() {
        let mut store = documents();
        assert_eq!(rename_profile(&mut store, "a", "b"), Err(Declined::NothingToChange));
        assert_eq!(rename_profile(&mut store, "z", "y"), Err(Declined::UnknownProfile));
        assert!(!store.own.is_changed());
    }
}
