//! Secrets that are known by value: a server may repeat a key whose form says nothing, and no pattern would find it.

use super::record::Failure;

const MASK: &str = "[redacted]";
/// Shorter ones are no secrets, and would mask ordinary words.
const SHORTEST_SECRET: usize = 8;
/// The redaction by form may have taken a part out of the middle; what is left of it is worth masking from here on.
const SHORTEST_PART: usize = 12;

/// The secrets of one credential.
#[derive(Default, Clone)]
pub(crate) struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets(…)")
    }
}

impl Secrets {
    #[must_use]
    pub(crate) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let is_long = |text: &&str, least: usize| text.len() >= least;
        let mut all = Vec::new();
        for value in values {
            let value = value.trim();
            all.extend(
                Some(value).filter(|text| is_long(text, SHORTEST_SECRET)).map(str::to_owned),
            );
            let parts = value
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-');
            all.extend(parts.filter(|text| is_long(text, SHORTEST_PART)).map(str::to_owned));
        }
        // The whole before its parts.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self(all)
    }

    /// One more.
    pub(crate) fn add(&mut self, value: String) {
        self.0.extend(Self::new([value]).0);
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// The text without them.
    #[must_use]
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for secret in &self.0 {
            if shown.contains(secret) {
                shown = shown.replace(secret, MASK);
            }
            // A text that was cut may end in the beginning of one.
            if let Some(end) = cut_at(&shown, secret) {
                shown.truncate(end);
                shown.push_str(MASK);
            }
        }
        shown
    }

    /// The record without them, whatever the server put where.
    pub(crate) fn hide_in(&self, failure: &mut Failure) {
        failure.text = self.hide(&failure.text);
        let Failure { reason, model, quota_id, trace_id, url, .. } = failure;
        for text in [reason, model, quota_id, trace_id, url].into_iter().flatten() {
            *text = self.hide(text);
        }
    }
}

/// Where the beginning of a secret stands at the end of a text.
fn cut_at(text: &str, secret: &str) -> Option<usize> {
    let lengths = secret.char_indices().map(|(length, _)| length);
    let length = lengths
        .rev()
        .filter(|length| *length >= SHORTEST_SECRET)
        .find(|length| text.ends_with(&secret[..*length]))?;
    Some(text.len() - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hide(secret: &str, text: &str) -> String {
        Secrets::new([secret.to_owned()]).hide(text)
    }

    #[test]
    fn a_key_without_a_form_is_hidden_wherever_it_stands() {
        let key = "0123456789abcdef";
        assert_eq!(hide(key, &format!("bad {key}, {key}!")), "bad [redacted], [redacted]!");
    }

    #[test]
    fn what_a_cut_or_a_pattern_left_of_it_is_hidden_too() {
        assert_eq!(hide("0123456789abcdef", "bad 0123456789"), "bad [redacted]");
        assert_eq!(
            hide("prefix-of-a-key.rest", "bad prefix-of-a-key.[redacted]"),
            "bad [redacted].[redacted]"
        );
    }

    #[test]
    fn short_words_stay() {
        assert_eq!(hide("k", "a key"), "a key");
        assert_eq!(hide("0123456789abcdef", "see line 0123"), "see line 0123");
    }

    #[test]
    fn letters_of_any_width_are_cut_between_each_other() {
        assert_eq!(hide("ключ-от-дома", "нет: ключ-от-д"), "нет: [redacted]");
    }
}
