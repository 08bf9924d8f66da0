//! Finds the words that servers use, in one pass over a text.
//!
//! Invariant: words are the last evidence. Only [`super::rules`] says what they mean, beside which status.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

pub(crate) use super::phrase_list::Word;
use super::phrase_list::{GROUPS, PHRASES};
use crate::failure::excerpt::start_of;
use crate::failure::read::own_words::Own;

/// Longer texts are not messages; a page of 64 kB says nothing more than its start.
const EXCERPT: usize = 64 * 1024;
/// No group was found here.
const NOWHERE: u32 = u32::MAX;

static FINDER: LazyLock<(AhoCorasick, Vec<Word>)> = LazyLock::new(|| {
    let flat =
        PHRASES.iter().flat_map(|(word, _, list)| list.split('|').map(|text| (*word, text.trim())));
    let finder = AhoCorasick::builder()
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
    /// The words of a message, and of them those that are the provider's own.
    pub(crate) fn of_message(message: &str, own: &Own) -> (Self, Self) {
        let (mut all, mut owned) = (Self::default(), Self::default());
        each_hit(message, |hit| {
            all.add(&hit);
            if own.holds(&hit.place) {
                owned.add(&hit);
            }
        });
        all.read = message.len() as u32 + 1;
        (all, owned)
    }

    /// Adds what occurs in one more text.
    pub(crate) fn read(&mut self, text: &str) {
        each_hit(text, |hit| self.add(&hit));
        self.read = self.read.saturating_add(text.len() as u32 + 1);
    }

    fn add(&mut self, hit: &Hit) {
        let first = &mut self.first[hit.word as usize];
        *first = (*first).min(self.read.saturating_add(hit.place.start as u32));
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

impl Word {
    /// The public name of the group.
    pub(crate) fn name(self) -> &'static str {
        PHRASES.iter().find(|(word, ..)| *word == self).map_or("", |(_, name, _)| name)
    }
}

/// A phrase that counts, and where it stands in its text.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) word: Word,
    pub(crate) place: Range<usize>,
}

/// Finds the phrases of one text, in their order.
pub(crate) fn each_hit(text: &str, mut found: impl FnMut(Hit)) {
    let text = start_of(text, EXCERPT);
    let (finder, words) = &*FINDER;
    // A search that minds no case takes twice the memory and half as long again.
    let lower = text.to_ascii_lowercase();
    for hit in finder.find_overlapping_iter(&lower) {
        let word = words[hit.pattern().as_usize()];
        let (before, rest) = (&lower[..hit.start()], &text[hit.end()..]);
        // "(not your usage limit)": the server says whose limit it is not.
        let is_denied = before.trim_end().ends_with("not your");
        let counts = match word {
            Word::LimitZero => is_zero(rest),
            Word::ModelWindow => is_name(rest),
            _ => true,
        };
        if counts && !is_denied {
            found(Hit { word, place: hit.range() });
        }
    }
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
