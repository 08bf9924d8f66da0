//! What keys look like.
//!
//! Invariant: words, names and numbers of sentences look like none.

/// Shorter words without a known beginning are taken for names.
pub(super) const SHORTEST_KEY: usize = 32;

/// Whether what follows a known beginning is no word or name: keys have digits, and masked ones stars.
pub(super) fn is_no_name(text: &str) -> bool {
    let has = |is_it: fn(&u8) -> bool| text.as_bytes().iter().any(is_it);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    text.len() >= 48
        || has(|byte| byte.is_ascii_digit() || *byte == b'*')
        || (is_mixed && text.len() >= 16 && !text.contains(['-', '_', '.']))
}

/// Whether a word behind a scheme or a field is a secret, and not the next word of a sentence or a number.
pub(super) fn looks_random(text: &str) -> bool {
    let has = |is_it: fn(&u8) -> bool| text.as_bytes().iter().any(is_it);
    let has_digits = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    has_digits || has(|byte| b"*=".contains(byte)) || text.len() >= 48 || changes_case(text)
}

/// `dXNlcjpwYXNz`, not `Authentication` or `AccessToken`.
fn changes_case(text: &str) -> bool {
    let pairs = text.as_bytes().windows(2);
    pairs.filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count() > 1
}

pub(super) fn is_base64(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    text.len() >= 8
        && text.len().is_multiple_of(4)
        && text.bytes().all(is_letter)
        && looks_random(text)
}

/// Whether a long word has lower case, upper case and some digits.
pub(super) fn is_mixed(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().filter(u8::is_ascii_digit).count() > 2
}

/// Whether a long word is a number in hexadecimal that the words before it do not call an id or a digest.
pub(super) fn is_hex_key(before: &str, word: &str) -> bool {
    const OTHERS: [&str; 12] = [
        "id", "ids", "trace", "request", "span", "uuid", "hash", "digest", "commit", "sha1",
        "sha256", "md5",
    ];
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_end = |it: char| !it.is_ascii_alphanumeric();
    let label = before.trim_end_matches(is_end).rsplit(is_end).next().unwrap_or_default();
    is_hex && !OTHERS.iter().any(|other| other.eq_ignore_ascii_case(label))
}

/// The secret half of a key of two halves with a full stop between them.
pub(super) fn tail_length(text: &str) -> usize {
    let length = |tail: &str| tail.bytes().take_while(u8::is_ascii_alphanumeric).count();
    text.strip_prefix('.').map(length).filter(|length| *length >= 8).map_or(0, |length| length + 1)
}
