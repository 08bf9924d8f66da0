//! The part of a message that is the provider's own: its beginning, without what it quotes.
//!
//! Invariant: a refused request may be quoted in the refusal (a prompt, a tool's result), so nothing behind a quote, a
//! colon or another sentence's start counts, and a message that begins by naming a part of the request says nothing
//! about an account.

use crate::failure::window::start_of;

/// So much of a message is looked at.
const WINDOW: usize = 1024;
/// A cause stands at the start of a message.
const LONGEST: usize = 140;

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

/// The provider's own words at the start of a message, or nothing.
pub(crate) fn own_words(message: &str) -> String {
    let rest = without_lead_in(message);
    if speaks_of_the_request(rest) { String::new() } else { unquoted(rest) }
}

/// The first words of a text, in lower case.
pub(crate) fn beginning(text: &str) -> String {
    text.trim_start().chars().take(96).collect::<String>().to_lowercase()
}

/// Whether a text begins with a quotation, or by naming a part of the request.
pub(crate) fn speaks_of_the_request(text: &str) -> bool {
    let lower: String = without_lead_in(text).chars().take(32).collect::<String>().to_lowercase();
    if lower.starts_with(['\'', '"', '`', '“', '«', '「']) || lower.contains("validation error")
    {
        return true;
    }
    // "User location is not supported" and "user quota" are about who asks.
    let is_who = ["user location", "user quota", "user id", "user balance", "input token quota"];
    OF_THE_REQUEST.iter().any(|start| lower.starts_with(start))
        && !is_who.iter().any(|start| lower.starts_with(start))
}

fn without_lead_in(text: &str) -> &str {
    let mut rest = start_of(text, WINDOW).trim_start();
    while let Some(cut) = lead_in(rest) {
        rest = rest[cut..].trim_start();
    }
    rest
}

/// The bytes of a lead-in at the start: "Error: ", "Sorry, ".
fn lead_in(text: &str) -> Option<usize> {
    let end = text.find([':', ',', '-'])?;
    let word = text.get(..end)?.trim();
    let is_one = word.len() <= 24 && LEAD_INS.iter().any(|it| it.eq_ignore_ascii_case(word));
    is_one.then_some(end + 1)
}

/// The text up to the first quote or colon; a short name in back quotes is passed over.
fn unquoted(text: &str) -> String {
    let mut own = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if own.len() >= LONGEST {
            break;
        }
        match letter {
            '`' => {
                let rest = &text[at + 1..];
                let Some(end) = rest.find('`').filter(|end| is_name(&rest[..*end])) else { break };
                own.push('_');
                letters = text.char_indices();
                letters.by_ref().take_while(|(inner, _)| *inner < at + 1 + end).for_each(drop);
            }
            '"' | '“' | '”' | '«' | '「' | '{' | '\n' => break,
            '[' if !own.is_empty() => break,
            '\'' | '‘' if !is_apostrophe(text, at) => break,
            ':' | '：'
                if text[at + letter.len_utf8()..].starts_with([' ', '\n', '\'', '"', '{', '[']) =>
            {
                break;
            }
            _ => own.push(letter),
        }
    }
    own
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
    use super::own_words;

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
            assert!(!own_words(message).contains("balance"), "{message}");
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
            assert!(own_words(message).contains("credit balance"), "{message}");
        }
    }
}
