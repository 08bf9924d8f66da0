//! The store's JSON document: sections opened on demand, edited in place, everything else kept as text.
//!
//! Invariant: what does not parse is an error and never an empty store. An error's text says where, not what:
//! the file holds credentials.

use super::object_text::{Layout, ObjectText};
use super::overlay;
use crate::profiles::order::Kind;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One store file.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    has_bom: bool,
    pretty: bool,
    root: ObjectText,
    sections: Vec<(&'static str, ObjectText)>,
    /// The entries that were set or removed.
    touched: Vec<(&'static str, String)>,
    /// `auth-state.json`, where the host keeps usage and orders apart: its entries win over those left in the store.
    state: Option<Box<Self>>,
}

/// The sections that a host with `auth-state.json` keeps there.
const STATE_SECTIONS: [&str; 3] = ["usageStats", "lastGood", "order"];

/// What a mark must know of a profile. A profile without these fields counts as absent, as for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub kind: Kind,
    pub provider: String,
}

impl Document {
    /// Reads a store. The error says what is wrong without quoting the content.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut document = Self::parse_state(bytes)?;
        if document.root.get("profiles").is_none() {
            return Err("no \"profiles\"".to_owned());
        }
        document.open("profiles")?;
        Ok(document)
    }

    /// Reads an `auth-state.json`, which has no profiles.
    pub(crate) fn parse_state(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let has_bom = text.starts_with(BYTE_ORDER_MARK);
        let text = text.trim_start_matches(BYTE_ORDER_MARK);
        if text.trim().is_empty() {
            return Err("empty".to_owned());
        }
        let root = parse_object(text)?;
        let pretty = text.contains('\n');
        let mut document = Self {
            has_bom,
            pretty,
            root,
            sections: Vec::with_capacity(4),
            touched: Vec::new(),
            state: None,
        };
        for section in STATE_SECTIONS {
            document.open(section)?;
        }
        Ok(document)
    }

    /// From now on usage and orders are read from `state` first and written there.
    pub(crate) fn attach_state(&mut self, state: Self) {
        self.state = Some(Box::new(state));
    }

    /// The attached `auth-state.json`.
    #[must_use]
    pub(crate) fn state(&self) -> Option<&Self> {
        self.state.as_deref()
    }

    fn state_for(&self, section: &str) -> Option<&Self> {
        self.state().filter(|_| STATE_SECTIONS.contains(&section))
    }

    /// The profile, if the host would load it: an object of a known type with a provider.
    #[must_use]
    pub(crate) fn profile(&self, id: &str) -> Option<Profile> {
        read_profile(self.section("profiles")?.get(id)?)
    }

    /// The profiles that the host would load, as (id, text).
    pub(crate) fn profiles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.section("profiles")
            .into_iter()
            .flat_map(ObjectText::members)
            .filter(|(_, text)| read_profile(text).is_some())
    }

    /// The text of one entry of a section.
    #[must_use]
    pub(crate) fn entry(&self, section: &str, key: &str) -> Option<&str> {
        let in_state = self.state_for(section).and_then(|state| state.entry(section, key));
        in_state.or_else(|| self.section(section)?.get(key))
    }

    /// The entries of a section; those of the state go last.
    pub(crate) fn entries(&self, section: &str) -> impl Iterator<Item = (&str, &str)> {
        let state = self.state_for(section).and_then(|state| state.section(section));
        let own = self.section(section).into_iter().flat_map(ObjectText::members);
        own.filter(move |(key, _)| state.is_none_or(|state| state.get(key).is_none()))
            .chain(state.into_iter().flat_map(ObjectText::members))
    }

    /// The orders as the host loads them: names are trimmed, and a list without any is none.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.entries("order").filter_map(|(provider, text)| {
            let list: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
            let names = list.iter().filter_map(|name| name.as_str()).map(str::trim);
            let names: Vec<String> =
                names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
            (!names.is_empty()).then_some((provider, names))
        })
    }

    /// The text of a top-level value.
    #[must_use]
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.root.get(key)
    }

    /// Sets one entry; the section appears if it was not there.
    pub(crate) fn set_entry(&mut self, section: &'static str, key: &str, text: String) {
        if let Some(state) = self.state.as_mut().filter(|_| STATE_SECTIONS.contains(&section)) {
            return state.set_entry(section, key, text);
        }
        self.touched.push((section, key.to_owned()));
        let index = self.sections.iter().position(|(name, _)| *name == section);
        let index = index.unwrap_or_else(|| {
            self.sections.push((section, ObjectText::empty()));
            self.sections.len() - 1
        });
        self.sections[index].1.set(key, text);
    }

    /// Removes one entry; a section that becomes empty goes too where the host removes it.
    pub(crate) fn remove_entry(
        &mut self,
        section: &'static str,
        key: &str,
        drop_empty: bool,
    ) -> bool {
        let state = self.state.as_mut().filter(|_| STATE_SECTIONS.contains(&section));
        let from_state = state.is_some_and(|state| state.remove_entry(section, key, drop_empty));
        self.remove_own_entry(section, key, drop_empty) || from_state
    }

    fn remove_own_entry(&mut self, section: &'static str, key: &str, drop_empty: bool) -> bool {
        let Some(index) = self.sections.iter().position(|(name, _)| *name == section) else {
            return false;
        };
        self.touched.push((section, key.to_owned()));
        let removed = self.sections[index].1.remove(key);
        if removed && drop_empty && self.sections[index].1.is_empty() {
            self.sections.remove(index);
            self.root.remove(section);
        }
        removed
    }

    /// Layout of the entries of a section.
    #[must_use]
    pub(crate) fn entry_layout(&self) -> Layout {
        Layout { pretty: self.pretty, depth: 2 }
    }

    /// Whether an entry of the section was set or removed.
    #[must_use]
    pub(crate) fn is_section_changed(&self, section: &str) -> bool {
        self.section(section).is_some_and(ObjectText::is_changed)
    }

    /// Whose usage was changed; `None` if a profile or an order was, or anything else.
    #[must_use]
    pub(crate) fn changed_usage(&self) -> Option<Vec<String>> {
        let in_state = self.state().map_or_else(|| Some(Vec::new()), Self::changed_usage)?;
        let own = self.touched.iter().map(|(section, key)| match *section {
            "usageStats" => Some(Some(key.clone())),
            "lastGood" => Some(None),
            _ => None,
        });
        let own: Option<Vec<_>> = own.collect();
        Some(own?.into_iter().flatten().chain(in_state).collect())
    }

    #[must_use]
    pub(crate) fn is_changed(&self) -> bool {
        self.root.is_changed() || self.sections.iter().any(|(_, section)| section.is_changed())
    }

    /// The whole file again.
    #[must_use]
    pub(crate) fn render(&self) -> String {
        let layout = Layout { pretty: self.pretty, depth: 0 };
        let mut root = self.root.clone();
        for (name, section) in &self.sections {
            if section.is_changed() {
                root.set(name, section.render(layout.inner()));
            }
        }
        let text = root.render(layout);
        if self.has_bom { format!("{BYTE_ORDER_MARK}{text}") } else { text }
    }

    /// The text of a section as it now is, state and store together.
    #[must_use]
    pub(crate) fn section_text(&self, section: &str) -> Option<String> {
        let layout = Layout { pretty: false, depth: 0 };
        let state = self.state_for(section).and_then(|state| state.section(section));
        match (self.section(section), state) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one.render(layout)),
            (Some(_), Some(_)) => Some(overlay::merge_text(self.entries(section))),
        }
    }

    fn section(&self, section: &str) -> Option<&ObjectText> {
        self.sections.iter().find(|(name, _)| *name == section).map(|(_, object)| object)
    }

    /// Only `profiles` must be an object. Of the others the host ignores, and drops at its next save, what is
    /// none; here it stays until an entry is set in it.
    fn open(&mut self, section: &'static str) -> Result<(), String> {
        if self.root.get(section).is_none() {
            return Ok(());
        }
        match self.root.object(section) {
            Some(object) => self.sections.push((section, object)),
            None if section == "profiles" => return Err("\"profiles\": not an object".to_owned()),
            None => {}
        }
        Ok(())
    }
}

/// Reads an object; the problem names the place only.
fn parse_object(text: &str) -> Result<ObjectText, String> {
    if !text.trim_start().starts_with('{') {
        return Err("not an object".to_owned());
    }
    ObjectText::parse(text)
        .map_err(|error| format!("not JSON at line {} column {}", error.line(), error.column()))
}

fn read_profile(text: &str) -> Option<Profile> {
    let object = ObjectText::parse(text).ok()?;
    let string = |key| serde_json::from_str::<String>(object.get(key)?).ok();
    let provider = string("provider").filter(|provider| !provider.is_empty())?;
    Some(Profile { kind: Kind::parse(&string("type")?)?, provider })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: &str = r#"{
  "version": 1,
  "profiles": {
    "g:a": {"type":"oauth","provider":"google-gemini-cli","refresh":"s3cret"},
    "local": {"type":"local"},
    "bare": {"type":"api_key","provider":""}
  },
  "futureKey": [1e21, "\u00e9"]
}
"#;

    #[test]
    fn a_store_comes_out_as_it_went_in() {
        for text in [STORE.to_owned(), format!("\u{feff}{STORE}")] {
            let document = Document::parse(text.as_bytes()).unwrap();
            assert_eq!(document.render(), text);
            assert!(!document.is_changed());
        }
    }

    #[test]
    fn a_new_section_goes_last_and_the_rest_keeps_its_spelling() {
        let mut document = Document::parse(STORE.as_bytes()).unwrap();
        document.set_entry("usageStats", "g:a", "{}".into());
        let expected = STORE.replace(
            "\"\\u00e9\"]\n}",
            "\"\\u00e9\"],\n  \"usageStats\": {\n    \"g:a\": {}\n  }\n}",
        );
        assert_eq!(document.render(), expected);
    }

    #[test]
    fn only_profiles_that_the_host_loads_exist() {
        let document = Document::parse(STORE.as_bytes()).unwrap();
        assert_eq!(document.profile("g:a").unwrap().provider, "google-gemini-cli");
        assert_eq!(document.profile("local"), None);
        assert_eq!(document.profile("bare"), None);
        assert_eq!(document.profiles().map(|(id, _)| id).collect::<Vec<_>>(), ["g:a"]);
    }

    #[test]
    fn what_is_not_a_store_is_refused_without_quoting_it() {
        let secret = r#"{"profiles":{"a":{"key":"s3cret"}}"#;
        for text in [
            "",
            "  \n",
            "[]",
            "\"s3cret\"",
            "{}",
            secret,
            "{\"profiles\":{",
            "{\"profiles\":\"s3cret\"}",
            "{\"profiles\":null}",
            "{\"profiles\":{}} {}",
        ] {
            let problem = Document::parse(text.as_bytes()).unwrap_err();
            assert!(!problem.contains("s3cret"), "{problem}");
        }
        assert!(Document::parse(b"{\"profiles\":{\"\xff\":1}}").is_err());
    }

    #[test]
    fn a_split_state_is_read_first_and_written_to() {
        let store = r#"{"profiles":{},"usageStats":{"a":1,"b":2},"order":{"p":["a"]}}"#;
        let mut document = Document::parse(store.as_bytes()).unwrap();
        let state = r#"{"version":1,"usageStats":{"b":3}}"#;
        document.attach_state(Document::parse_state(state.as_bytes()).unwrap());
        assert_eq!(document.entry("usageStats", "a"), Some("1"));
        assert_eq!(document.entry("usageStats", "b"), Some("3"));
        assert_eq!(document.section_text("usageStats").unwrap(), r#"{"a":1,"b":3}"#);
        document.set_entry("usageStats", "a", "4".into());
        assert!(!document.is_changed());
        let written = document.state().unwrap().render();
        assert_eq!(written, r#"{"version":1,"usageStats":{"b":3,"a":4}}"#);
        assert!(document.remove_entry("usageStats", "a", false));
        assert_eq!(document.entry("usageStats", "a"), None);
        assert!(document.is_changed());
    }

    #[test]
    fn a_section_that_is_no_object_counts_as_absent() {
        for odd in ["null", "7", "[]", "\"x\""] {
            let text = format!("{{\"profiles\":{{}},\"usageStats\":{odd}}}");
            let mut document = Document::parse(text.as_bytes()).unwrap();
            assert_eq!(document.render(), text);
            document.set_entry("usageStats", "a", "1".into());
            assert_eq!(document.render(), r#"{"profiles":{},"usageStats":{"a":1}}"#);
        }
    }

    #[test]
    fn an_order_without_a_name_in_it_is_none() {
        let text = r#"{"profiles":{},"order":{"p":[" a ",7,""],"q":[" "],"r":"a"}}"#;
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.orders().collect::<Vec<_>>(), [("p", vec!["a".to_owned()])]);
    }
}
