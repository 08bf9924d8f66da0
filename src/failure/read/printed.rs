//! Codes that stand in words, and whose numbers they are.
//!
//! Invariant: what a refused request may have been quoted for is no code: only the beginning of a message counts, and a
//! number in brackets behind one that does not speak of the request.

use super::json::Json;
use super::own_words;
use crate::failure::excerpt::start_of;

/// A provider's number in brackets: "… (2056)", "[1313][…]", "`AiError`: 3040".
pub(crate) fn number(message: &str) -> Option<(&'static str, &str)> {
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let behind = message.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let before = message.strip_prefix('[').and_then(|text| text.split_once(']'));
    let ai_error = message.split("AiError: ").nth(1).and_then(|text| text.get(..4));
    let found = match (behind, before, ai_error) {
        (Some((_, number)), ..) if digits(number) => Some(("minimax", number)),
        (_, Some((number, _)), _) if digits(number) => Some(("zai", number)),
        (.., Some(number)) if digits(number) => Some(("cloudflare", number)),
        _ => None,
    };
    found.filter(|_| !own_words::speaks_of_the_request(message))
}

/// Whose numbers an error's codes are, by the members that only one provider sends.
pub(crate) fn family(error: &Json<'_>) -> Option<&'static str> {
    if error.any(&["status_msg"]).is_some() {
        return Some("minimax");
    }
    if error.get("object").is_some() || error.get("raw_status_code").is_some() {
        return Some("mistral");
    }
    let code = error.any(&["code", "error_code"])?.number().filter(|it| it.fract() == 0.0)?;
    // Flat bodies of two providers share these numbers: one limits, the other refuses the content.
    let says_limit = |name| {
        let text = error.get(name).and_then(Json::text).unwrap_or_default();
        start_of(text, 256).to_ascii_lowercase().replace('_', " ").contains("rate limit")
    };
    Some(match code as i64 {
        1300 | 1301 if says_limit("message") || says_limit("type") => "mistral",
        1000..=1999 => "zai",
        20_000..=59_999 => "siliconflow",
        1..=399 | 336_000..=336_999 => "baidu",
        _ => return None,
    })
}

/// The name that a text begins with, or that it names in brackets, where it may be a code.
pub(crate) fn code(text: &str) -> Option<&str> {
    let text = start_of(text, 256);
    let is_name = |name: &&str| {
        (6..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
            && name.bytes().any(|byte| byte == b'_' || byte.is_ascii_uppercase())
    };
    let in_brackets = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let occurred = text.strip_prefix("An error occurred (").and_then(|rest| rest.split(')').next());
    let begins = text.split([':', ' ']).next().filter(|name| text[name.len()..].starts_with(':'));
    in_brackets.or(occurred).or(begins).filter(is_name)
}

/// Whether a text holds Chinese letters.
pub(crate) fn has_chinese(text: &str) -> bool {
    let text = start_of(text, 4096);
    !text.is_ascii() && text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}
