//! A usage entry as text.
//!
//! Invariant: fields that are not set or removed keep their text, order and place.

use std::convert::Infallible;

use serde_json::Value;

use super::object_text::{Layout, ObjectText, number, quote};
use crate::profiles::entry::Entry;

/// The text of one entry, and how what is added to it is laid out.
pub(crate) struct UsageText {
    pub object: ObjectText,
    pub layout: Layout,
}

impl Entry for UsageText {
    type Error = Infallible;

    fn number(&self, key: &str) -> Option<f64> {
        serde_json::from_str(self.object.get(key)?).ok()
    }

    fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.object.get(key)?).ok()
    }

    fn numbers(&self, key: &str) -> Vec<(String, f64)> {
        let object = self.object.get(key).and_then(|text| ObjectText::parse(text).ok());
        let members = object.iter().flat_map(ObjectText::members);
        members
            .filter_map(|(name, text)| Some((name.to_owned(), serde_json::from_str(text).ok()?)))
            .collect()
    }

    fn object(&self, key: &str) -> Option<Value> {
        serde_json::from_str(self.object.get(key)?).ok()
    }

    fn set_number(&mut self, key: &str, value: f64) -> Result<(), Infallible> {
        self.object.set(key, number(value));
        Ok(())
    }

    fn set_text(&mut self, key: &str, value: &str) -> Result<(), Infallible> {
        self.object.set(key, quote(value));
        Ok(())
    }

    fn set_object(&mut self, key: &str, value: &Value) -> Result<(), Infallible> {
        self.object.set(key, self.layout.inner().value(value));
        Ok(())
    }

    fn set_number_in(&mut self, key: &str, name: &str, value: f64) -> Result<(), Infallible> {
        let text = self.object.get(key).unwrap_or("{}");
        let mut object = ObjectText::parse(text).unwrap_or_else(|_| ObjectText::empty());
        object.set(name, number(value));
        self.object.set(key, object.render(self.layout.inner()));
        Ok(())
    }

    fn remove(&mut self, key: &str) -> Result<(), Infallible> {
        self.object.remove(key);
        Ok(())
    }
}
