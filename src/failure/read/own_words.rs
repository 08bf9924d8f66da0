//! The part of a message that is the provider's own: its beginning, without what it quotes.
//!
//! Invariant: a refused request may be quoted in the refusal (a prompt, a tool's result), so nothing behind a quote, a
//! colon or another sentence's start counts, and a message that begins by naming a part of the request says nothing
//! about an account.

use std::ops::Range;

use crate::failure::excerpt::start_of;

/// So much of a message is looked at.
const EXCERPT: usize = 1024;
/// A cause stands at the start of a message.
const LONGEST: usize = 140;
/// What a text speaks of is told by its first letters.
const BEGINNING: usize = 32;
const LONGEST_LEAD_IN: usize = 24;

const VALIDATION: &[u8] = b"validation error";

/// Beginnings that speak of who asks, and not of a part of the request.
const OF_WHO_ASKS: &[&str] =
    &["user location", "user quota", "user id", "user balance", "input token quota"];

/// How messages begin that speak of the request: what follows is its text.
const OF_THE_REQUEST: &[&str] = &[
    "invalid value",
    "invalid type",
    "invalid input",
    "invalid json",
    "invalid param",
    "invalid prompt",
    "invalid message",
    "invalid content",
    "invalid '",
    "invalid \"",
    "invalid `",
    "invalid schema",
    "messages",
    "message ",
    "input",
    "prompt",
    "tool",
    "content",
    "param",
    "unexpected",
    "expected",
    "could not",
    "cannot",
    "can't",
    "failed to",
    "unable to parse",
    "unknown param",
    "unrecognized",
    "unsupported value",
    "unsupported param",
    "missing",
    "validation",
    "value ",
    "field",
    "schema",
    "json",
    "string ",
    "extra inputs",
    "body",
    "request body",
    "malformed",
    "the prompt",
    "the input",
    "the message",
    "the tool",
    "the content",
    "the text",
    "the string",
    "the value",
    "the field",
    "the schema",
    "the param",
    "the argument",
    "the body",
    "your prompt",
    "your input",
    "your message",
    "function",
    "system",
    "user ",
    "assistant",
    "required",
    "the request",
    "this request",
    "your request",
    "request ",
    "argument",
    "property",
];

/// Short words before a colon that say nothing.
const LEAD_INS: &[&str] = &[
    "error",
    "sorry",
    "api error",
    "bad request",
    "forbidden",
    "request failed",
    "failed",
    "oops",
    "warning",
    "sdkerror",
    "apierror",
    "badrequesterror",
    "provider error",
    "upstream error",
];

/// Where the provider's own words stand in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Own {
    words: Range<usize>,
    /// Names in back quotes between them, which are not the provider's own.
    names: Vec<Range<usize>>,
}

impl Own {
    /// The words at the start of a message, or nothing.
    pub(crate) fn of(message: &str) -> Self {
        let text = start_of(message, EXCERPT);
        let start = lead_ins(text);
        if names_the_request(&text[start..]) { Self::default() } else { unquoted(text, start) }
    }

    /// Whether a place in the message is within them.
    pub(crate) fn holds(&self, place: &Range<usize>) -> bool {
        let is_apart = |name: &Range<usize>| place.end <= name.start || place.start >= name.end;
        self.words.start <= place.start
            && place.end <= self.words.end
            && self.names.iter().all(is_apart)
    }
}

/// The first words of a text, in lower case.
pub(crate) fn beginning(text: &str) -> String {
    text.trim_start().chars().take(96).collect::<String>().to_lowercase()
}

/// Whether a text begins with a quotation, or by naming a part of the request.
pub(crate) fn speaks_of_the_request(text: &str) -> bool {
    let text = start_of(text, EXCERPT);
    names_the_request(&text[lead_ins(text)..])
}

/// As [`speaks_of_the_request`], for a text without lead-ins.
fn names_the_request(text: &str) -> bool {
    if text.starts_with(['\'', '"', '`', '“', '«', '「']) {
        return true;
    }
    let mut lower = [0; BEGINNING];
    let start = &text.as_bytes()[..text.len().min(BEGINNING)];
    lower[..start.len()].copy_from_slice(start);
    lower.make_ascii_lowercase();
    let begins = |list: &[&str]| {
        let mut list = list.iter().map(|words| words.as_bytes());
        list.any(|words| words[0] == lower[0] && lower.starts_with(words))
    };
    let has_failed = || lower.windows(VALIDATION.len()).any(|part| part == VALIDATION);
    has_failed() || (begins(OF_THE_REQUEST) && !begins(OF_WHO_ASKS))
}

/// The bytes of blanks and lead-ins before a text: "Error: ", "Sorry, ".
fn lead_ins(text: &str) -> usize {
    let blanks = |at: usize| text[at..].len() - text[at..].trim_start().len();
    let mut at = blanks(0);
    while let Some(length) = lead_in(&text[at..]) {
        at += length;
        at += blanks(at);
    }
    at
}

fn lead_in(text: &str) -> Option<usize> {
    if let Some(length) = subject(text) {
        return Some(length);
    }
    let start = &text.as_bytes()[..text.len().min(LONGEST_LEAD_IN)];
    let end = start.iter().position(|byte| b":,-".contains(byte))?;
    let word = start[..end].trim_ascii();
    LEAD_INS.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(word)).then_some(end + 1)
}

/// "Function id 'f-1': ", before what is wrong with it.
fn subject(text: &str) -> Option<usize> {
    const START: &str = "function id '";
    let start = text.get(..START.len()).filter(|start| start.eq_ignore_ascii_case(START))?;
    let rest = &text[start.len()..];
    let length = rest.find('\'').filter(|length| is_name(&rest[..*length]))?;
    rest[length..].starts_with("': ").then_some(start.len() + length + 2)
}

/// The words from `start` up to the first quote or colon; a short name in back quotes is passed over.
fn unquoted(text: &str, start: usize) -> Own {
    let mut names = Vec::new();
    let mut place = start;
    let mut most = start + LONGEST;
    loop {
        let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b' ';
        place += text.as_bytes()[place..].iter().position(is_mark).unwrap_or(text.len() - place);
        let Some(letter) = text[place..].chars().next().filter(|_| place < most) else { break };
        let rest = &text[place + letter.len_utf8()..];
        if letter == '`' {
            let length = rest.find('`').filter(|end| is_name(&rest[..*end]));
            let Some(length) = length.map(|end| end + 2) else { break };
            names.push(place..place + length);
            most += length;
            place += length;
            continue;
        }
        let is_end = match letter {
            '"' | '“' | '”' | '«' | '「' | '{' | '\n' => true,
            '[' => place > start,
            '\'' | '‘' => !is_apostrophe(text, place),
            ':' | '：' => rest.starts_with([' ', '\n', '\'', '"', '{', '[']),
            _ => false,
        };
        if is_end {
            break;
        }
        place += letter.len_utf8();
    }
    Own { words: start..place.min(most), names }
}

fn is_name(text: &str) -> bool {
    text.len() <= 160 && !text.contains([' ', '\n'])
}

/// "don't" and "account's", not the start of a quotation.
fn is_apostrophe(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::Own;

    fn own(message: &str, phrase: &str) -> bool {
        let own = Own::of(message);
        message.match_indices(phrase).any(|(at, _)| own.holds(&(at..at + phrase.len())))
    }

    #[test]
    fn what_is_quoted_is_not_the_providers_own() {
        for message in [
            "Invalid value: 'you exceeded your quota'",
            "messages.2.content: insufficient balance",
            "Could not parse insufficient balance",
            "\"insufficient balance\" is not a valid effort",
            "'insufficient balance' is not a valid effort",
            "The value `insufficient balance` is not valid",
        ] {
            assert!(!own(message, "balance"), "{message}");
        }
    }

    #[test]
    fn what_comes_first_is_the_providers_own() {
        for message in [
            "Your credit balance is too low",
            "Error: Your credit balance is too low",
            "Sorry, your team's credit balance is too low: see 'billing'",
            "Project `project-1` has no credit balance",
        ] {
            assert!(own(message, "credit balance"), "{message}");
        }
    }
}
