//! Rules of the caller's own: providers change their words weekly, and an operator must not wait for a release.
//!
//! Invariant: plain texts and prefixes only, so that no rule can run away; the first rule that fits decides, and what it
//! does not say stays as we read it. A caller's own abort is never given another meaning.

use crate::failure::excerpt::start_of;
use crate::failure::names::{Class, Scope};

/// Longer texts are not messages.
const EXCERPT: usize = 64 * 1024;

/// One rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OwnRule {
    pub(crate) when: When,
    pub(crate) then: Then,
}

/// What must hold; whatever is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct When {
    pub(crate) status: Vec<u16>,
    /// Normalized.
    pub(crate) provider: Option<String>,
    pub(crate) code: Option<Pattern>,
    pub(crate) text: Option<Pattern>,
    pub(crate) header: Option<HeaderPattern>,
}

/// What the failure then is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Then {
    pub(crate) class: Option<Class>,
    pub(crate) scope: Option<Scope>,
    pub(crate) rotate: Option<bool>,
    pub(crate) retry_after_ms: Option<u64>,
}

/// A plain text, compared without case; with a `*` at its end, a beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    is_prefix: bool,
}

impl Pattern {
    /// `None` for an empty text, which would fit everything.
    #[must_use]
    pub(crate) fn new(text: &str) -> Option<Self> {
        let (text, is_prefix) = match text.strip_suffix('*') {
            Some(start) => (start, true),
            None => (text, false),
        };
        let text = text.trim().to_lowercase();
        (!text.is_empty()).then_some(Self { text, is_prefix })
    }

    /// Whether a name is this one, or begins so.
    fn is(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        if self.is_prefix { name.starts_with(&self.text) } else { name == self.text }
    }

    /// Whether a text in lower case contains this one, or begins so.
    fn is_in(&self, text: &str) -> bool {
        if self.is_prefix { text.starts_with(&self.text) } else { text.contains(&self.text) }
    }
}

/// A header by its name, and its value if that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderPattern {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) value: Option<Pattern>,
}

impl HeaderPattern {
    /// `name`, or `name: value`.
    #[must_use]
    pub(crate) fn new(text: &str) -> Option<Self> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(Pattern::new(value)?)),
            None => (text, None),
        };
        let name = name.trim().to_ascii_lowercase();
        (!name.is_empty()).then_some(Self { name, value })
    }
}

/// The headers that matter to the rules.
#[must_use]
pub(crate) fn header_names(rules: &[OwnRule]) -> Vec<String> {
    rules.iter().filter_map(|rule| Some(rule.when.header.as_ref()?.name.clone())).collect()
}

/// What the rules are compared with.
pub(crate) struct Seen<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) provider: Option<&'a str>,
    pub(crate) codes: Vec<&'a str>,
    /// As [`comparable`] makes them.
    pub(crate) texts: Vec<String>,
    pub(crate) headers: &'a [(String, String)],
}

/// A text as rules are compared with it: a thousand rules do not each make their own copy.
#[must_use]
pub(crate) fn comparable(text: &str) -> String {
    start_of(text, EXCERPT).trim().to_lowercase()
}

/// The first rule that fits: its place in the list, and what it says.
#[must_use]
pub(crate) fn find<'r>(rules: &'r [OwnRule], seen: &Seen<'_>) -> Option<(usize, &'r Then)> {
    let fits = |(_, rule): &(usize, &OwnRule)| rule.when.fits(seen);
    rules.iter().enumerate().find(fits).map(|(index, rule)| (index, &rule.then))
}

impl When {
    fn fits(&self, seen: &Seen<'_>) -> bool {
        let has_status = self.status.is_empty()
            || seen.status.is_some_and(|status| self.status.contains(&status));
        let has_header = |wanted: &HeaderPattern| {
            seen.headers.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case(&wanted.name)
                    && wanted.value.as_ref().is_none_or(|pattern| pattern.is(value))
            })
        };
        has_status
            && self.provider.as_deref().is_none_or(|provider| seen.provider == Some(provider))
            && self.code.as_ref().is_none_or(|code| seen.codes.iter().any(|text| code.is(text)))
            && self
                .text
                .as_ref()
                .is_none_or(|words| seen.texts.iter().any(|text| words.is_in(text)))
            && self.header.as_ref().is_none_or(has_header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::names::Rule;
    use crate::failure::{Evidence, Failure, classify};

    fn rule(when: When, then: Then) -> OwnRule {
        OwnRule { when, then }
    }

    fn text(text: &str) -> When {
        When { text: Pattern::new(text), ..When::default() }
    }

    const BILLING: Then =
        Then { class: Some(Class::Billing), scope: None, rotate: None, retry_after_ms: None };

    fn judge(rules: &[OwnRule], status: u16, body: &str) -> Failure {
        let evidence = Evidence {
            status: Some(status),
            body: Some(body.as_bytes()),
            provider: Some("acme"),
            rules,
            ..Evidence::default()
        };
        classify(&evidence)
    }

    const STRANGE: &str = r#"{"error":{"code":"E77","message":"The piggy bank has gone quiet"}}"#;

    #[test]
    fn the_first_rule_that_fits_decides_and_its_class_brings_scope_and_rotation() {
        let rules = [rule(text("nowhere"), Then::default()), rule(text("PIGGY bank"), BILLING)];
        let failure = judge(&rules, 500, STRANGE);
        assert_eq!((failure.class, failure.scope), (Class::Billing, Scope::Account));
        assert_eq!((failure.rotate, failure.rule), (true, Rule::Own));
    }

    #[test]
    fn what_a_rule_does_not_say_stays_as_it_was_read() {
        let then = Then { retry_after_ms: Some(9_000), ..Then::default() };
        let plain = judge(&[], 429, STRANGE);
        let ruled = judge(&[rule(text("piggy"), then)], 429, STRANGE);
        assert_eq!(
            (ruled.class, ruled.scope, ruled.rotate),
            (plain.class, plain.scope, plain.rotate)
        );
        assert_eq!((ruled.retry_after_ms, ruled.reset_at), (Some(9_000), Some(9_000)));
    }

    #[test]
    fn every_condition_must_hold() {
        let when = When {
            status: vec![402, 500],
            provider: Some("acme".into()),
            code: Pattern::new("e7*"),
            ..text("the piggy*")
        };
        let class = |when: When| judge(&[rule(when, BILLING)], 500, STRANGE).class;
        assert_eq!(class(when.clone()), Class::Billing);
        for broken in [
            When { status: vec![402], ..when.clone() },
            When { provider: Some("other".into()), ..when.clone() },
            When { code: Pattern::new("e7"), ..when.clone() },
            When { text: Pattern::new("piggy*"), ..when.clone() },
            When { header: HeaderPattern::new("x-plan: free"), ..when },
        ] {
            assert_ne!(class(broken), Class::Billing);
        }
    }

    #[test]
    fn a_header_is_found_by_name_and_value() {
        let headers = [("X-Plan".to_owned(), "Free tier".to_owned())];
        let seen = Seen {
            status: None,
            provider: None,
            codes: Vec::new(),
            texts: Vec::new(),
            headers: &headers,
        };
        let fits = |header: &str| {
            When { header: HeaderPattern::new(header), ..When::default() }.fits(&seen)
        };
        assert!(fits("x-plan") && fits("x-plan: free*") && fits("X-PLAN: free tier"));
        assert!(!fits("x-plan: free") && !fits("x-tier"));
    }

    #[test]
    fn a_record_of_ours_gets_the_scope_and_rotation_of_the_class_too() {
        let known = judge(&[], 503, STRANGE);
        assert_eq!(known.scope, Scope::Endpoint);
        let rules = [rule(text("piggy"), BILLING)];
        let failure =
            classify(&Evidence { known: Some(&known), rules: &rules, ..Evidence::default() });
        assert_eq!((failure.scope, failure.rotate), (Scope::Account, true));
    }

    #[test]
    fn an_abort_of_the_caller_is_never_anything_else() {
        let thrown = [crate::failure::Thrown { name: "AbortError", message: "aborted", code: "" }];
        let rules = [rule(text("aborted"), BILLING)];
        let evidence = Evidence { thrown: &thrown, rules: &rules, ..Evidence::default() };
        assert_eq!(classify(&evidence).class, Class::Aborted);
    }
}
