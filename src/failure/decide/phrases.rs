//! Finds the words that servers use, in one pass over a text.
//!
//! Invariant: words are the last evidence. Only [`super::rules`] says what they mean, beside which status.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

pub(crate) use super::phrase_list::Word;
use super::phrase_list::{GROUPS, PHRASES};
use crate::failure::window::start_of;

/// Longer texts are not messages; a page of 64 kB says nothing more than its start.
const WINDOW: usize = 64 * 1024;
/// No group was found here.
const NOWHERE: u32 = u32::MAX;

static FINDER: LazyLock<(AhoCorasick, Vec<Word>)> = LazyLock::new(|| {
    let flat =
        PHRASES.iter().flat_map(|(word, list)| list.split('|').map(|text| (*word, text.trim())));
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        // Overlapping search needs it: "quota exceeded" belongs to two groups.
        .match_kind(MatchKind::Standard)
        .build(flat.clone().map(|(_, text)| text))
        .expect("a constant list of short phrases compiles");
    (finder, flat.map(|(word, _)| word).collect())
});

/// Which groups occur in the texts of a failure, and where each began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    first: [u32; GROUPS],
    read: u32,
}

impl Default for Words {
    fn default() -> Self {
        Self { first: [NOWHERE; GROUPS], read: 0 }
    }
}

impl Words {
    /// Adds what occurs in one more text.
    pub(crate) fn read(&mut self, text: &str) {
        let text = start_of(text, WINDOW);
        let (finder, words) = &*FINDER;
        for found in finder.find_overlapping_iter(text) {
            let word = words[found.pattern().as_usize()];
            let rest = &text[found.end()..];
            // "(not your usage limit)": the server says whose limit it is not.
            let is_denied = text[..found.start()].trim_end().ends_with("not your");
            let counts = match word {
                _ if is_denied => false,
                Word::LimitZero => is_zero(rest),
                Word::ModelWindow => is_name(rest),
                _ => true,
            };
            if counts {
                let first = &mut self.first[word as usize];
                *first = (*first).min(self.read.saturating_add(found.start() as u32));
            }
        }
        self.read = self.read.saturating_add(text.len() as u32 + 1);
    }

    pub(crate) fn has(&self, word: Word) -> bool {
        self.first[word as usize] != NOWHERE
    }

    pub(crate) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.has(*word))
    }

    /// Whether the one occurs, and the other not before it: what is named first is the cause.
    pub(crate) fn leads(&self, word: Word, others: &[Word]) -> bool {
        let at = self.first[word as usize];
        at != NOWHERE && others.iter().all(|other| at <= self.first[*other as usize])
    }
}

/// The phrases of one text with their groups, in their order: what `explain` shows.
pub(crate) fn found_in(text: &str) -> Vec<(Word, &str)> {
    let text = start_of(text, WINDOW);
    let (finder, words) = &*FINDER;
    let found = finder.find_overlapping_iter(text);
    found.map(|it| (words[it.pattern().as_usize()], &text[it.start()..it.end()])).collect()
}

/// Whether a model's name may follow: "limit reached for gemini-…", not "for 5 hours" or "for your plan".
fn is_name(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '`', '\'', '"']);
    let others = ["your", "the ", "this ", "today", "account", "plan", "user", "org"];
    // "for Token Plan", "for Coding Plan Pro", "for weekly usage": whose limit or which, and no model.
    let whole = ["plan", "tier", "subscription", "workspace", "team", "weekly", "monthly", "usage"];
    let mut first = start_of(rest, 48).split([' ', '.', ',', ';', '(']).take(3);
    !rest.starts_with(|letter: char| letter.is_ascii_digit())
        && !others.iter().any(|other| rest.starts_with(other))
        && !first.any(|word| whole.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// Whether the digit just read is the whole number: "limit: 0", not "limit: 0.5" or "limit: 05".
fn is_zero(rest: &str) -> bool {
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    !fraction.starts_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Word, Words};

    #[test]
    fn a_limit_that_is_said_not_to_be_yours_counts_for_nothing() {
        let mut words = Words::default();
        words.read("too many requests (not your usage limit)");
        let limits = [Word::Quota, Word::Window];
        assert!(!words.has_any(&limits));
        words.read("you have hit your usage limit");
        assert!(words.has_any(&limits));
    }

    #[test]
    fn a_limit_reached_for_a_plan_is_no_limit_of_a_model() {
        for (text, is_model) in [
            ("usage limit reached for gemini-9-pro", true),
            ("limit reached for Opus, see your plan", true),
            ("5-hour usage limit reached for Token Plan (9/9 used)", false),
            ("limit reached for Coding Plan.", false),
            ("limit reached for weekly usage", false),
            ("limit reached for your plan", false),
        ] {
            let mut words = Words::default();
            words.read(text);
            assert_eq!(words.has(Word::ModelWindow), is_model, "{text}");
        }
    }
}
