//! What may be shown of somebody else's text.
//!
//! Invariant: the result holds no credential of a known shape, no control character, at most [`MAX_CHARS`] UTF-16
//! units, and is its own redaction. Only the first [`WINDOW`] bytes are looked at, whatever the length.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::failure::window::start_of;

/// The longest text that leaves this package, in JavaScript's characters.
pub(crate) const MAX_CHARS: usize = 2000;
/// Wide enough to fill the limit with text that shrinks; a secret cut here lies beyond what is shown.
const WINDOW: usize = 16 * 1024;

const MASK: &str = "[redacted]";

/// What stands before a secret, and how the secret goes on.
#[derive(Clone, Copy)]
enum Lead {
    /// The lead is part of the secret (`ya29.…`): at least so many characters must follow.
    Prefix(usize),
    /// A scheme word, a blank, the secret.
    Scheme,
    /// A field name, a separator, the secret, possibly quoted.
    Field,
    /// The lead and all fields behind it are the secret: `tid=…;exp=…;sku=…:signature`.
    Fields,
    /// `://user:password@host`.
    UserInfo,
}

const LEADS: &[(&str, Lead)] = &[
    ("ya29.", Lead::Prefix(1)),
    // Copilot: fields with semicolons between them, the last one a signature.
    ("tid=", Lead::Fields),
    ("1//", Lead::Prefix(20)),
    // Google: API keys, client secrets, codes.
    ("AIza", Lead::Prefix(16)),
    ("AQ.", Lead::Prefix(24)),
    ("GOCSPX-", Lead::Prefix(8)),
    ("4/0A", Lead::Prefix(20)),
    // Anthropic, OpenAI, OpenRouter, DeepSeek, Moonshot, DashScope, MiniMax and most relays.
    ("sk-", Lead::Prefix(8)),
    ("sk_", Lead::Prefix(12)),
    ("sess-", Lead::Prefix(20)),
    ("rt_", Lead::Prefix(24)),
    ("rt.1.", Lead::Prefix(20)),
    ("rk-", Lead::Prefix(16)),
    ("rk_", Lead::Prefix(16)),
    ("pk-", Lead::Prefix(16)),
    // Groq, xAI, Cerebras, Fireworks, Together, NVIDIA, Replicate, Hugging Face, Perplexity, Cohere, Voyage.
    ("gsk_", Lead::Prefix(8)),
    ("xai-", Lead::Prefix(16)),
    ("csk-", Lead::Prefix(16)),
    ("fw_", Lead::Prefix(16)),
    ("fpk_", Lead::Prefix(16)),
    ("tgp_v1_", Lead::Prefix(16)),
    ("nvapi-", Lead::Prefix(16)),
    ("r8_", Lead::Prefix(20)),
    ("hf_", Lead::Prefix(16)),
    ("api_org_", Lead::Prefix(16)),
    ("pplx-", Lead::Prefix(16)),
    ("co_", Lead::Prefix(24)),
    ("pa-", Lead::Prefix(32)),
    ("tvly-", Lead::Prefix(16)),
    // Vercel, Cloudflare, npm, GitHub, GitLab, Slack, Notion, Volcengine.
    ("vck_", Lead::Prefix(16)),
    ("vcp_", Lead::Prefix(16)),
    ("cfut_", Lead::Prefix(16)),
    ("cfat_", Lead::Prefix(16)),
    ("cfk_", Lead::Prefix(16)),
    ("npm_", Lead::Prefix(20)),
    ("ghr_", Lead::Prefix(8)),
    ("xoxa-", Lead::Prefix(8)),
    ("xoxr-", Lead::Prefix(8)),
    ("xoxs-", Lead::Prefix(8)),
    ("xapp-", Lead::Prefix(16)),
    ("ntn_", Lead::Prefix(20)),
    ("AKLT", Lead::Prefix(20)),
    // AWS.
    ("ABSK", Lead::Prefix(20)),
    ("ABIA", Lead::Prefix(12)),
    ("ACCA", Lead::Prefix(12)),
    ("bedrock-api-key-", Lead::Prefix(16)),
    ("IQoJb3JpZ2lu", Lead::Prefix(20)),
    ("FwoGZXIv", Lead::Prefix(20)),
    ("ghp_", Lead::Prefix(8)),
    ("gho_", Lead::Prefix(8)),
    ("ghu_", Lead::Prefix(8)),
    ("ghs_", Lead::Prefix(8)),
    ("github_pat_", Lead::Prefix(8)),
    ("glpat-", Lead::Prefix(8)),
    ("xoxb-", Lead::Prefix(8)),
    ("xoxp-", Lead::Prefix(8)),
    ("AKIA", Lead::Prefix(12)),
    ("ASIA", Lead::Prefix(12)),
    ("eyJ", Lead::Prefix(16)),
    ("bearer ", Lead::Scheme),
    ("basic ", Lead::Scheme),
    ("key provided: ", Lead::Scheme),
    ("authorization", Lead::Field),
    ("api_key", Lead::Field),
    ("api-key", Lead::Field),
    ("apikey", Lead::Field),
    ("?key", Lead::Field),
    ("&key", Lead::Field),
    ("access_token", Lead::Field),
    ("accesstoken", Lead::Field),
    ("refresh_token", Lead::Field),
    ("refreshtoken", Lead::Field),
    ("id_token", Lead::Field),
    ("auth_token", Lead::Field),
    ("session_token", Lead::Field),
    ("client_secret", Lead::Field),
    ("clientsecret", Lead::Field),
    ("private_key", Lead::Field),
    ("password", Lead::Field),
    ("passwd", Lead::Field),
    ("cookie", Lead::Field),
    ("x-amz-security-token", Lead::Field),
    ("?sig", Lead::Field),
    ("&sig", Lead::Field),
    ("://", Lead::UserInfo),
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(LEADS.iter().map(|(lead, _)| lead))
        .expect("a constant list of short patterns compiles")
});

/// Removes credentials and control characters, folds blanks, and cuts to [`MAX_CHARS`].
#[must_use]
pub(crate) fn redact(text: &str) -> String {
    redact_to(text, MAX_CHARS)
}

/// As [`redact`], with a limit of its own.
#[must_use]
pub(crate) fn redact_to(text: &str, max_chars: usize) -> String {
    let text = start_of(text, WINDOW);
    let clean = if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(printable(text)) };
    let masked = mask(&clean);
    if masked.len() <= max_chars {
        return masked;
    }
    // The cut may leave "Authorization: Bearer", whose last word now stands where a secret would.
    cut(mask(&cut(masked, max_chars)), max_chars)
}

/// An identifier from the server (a reason, a model, a trace id): one short printable word, or nothing.
pub(crate) fn identifier(text: &str) -> Option<String> {
    let short = redact_to(text, 256);
    (!short.is_empty()).then_some(short)
}

/// Whether [`printable`] would change nothing, as far as that can be told quickly.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_edge = |byte: Option<&u8>| byte == Some(&b' ');
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && !is_edge(bytes.first())
        && !is_edge(bytes.last())
        && !bytes.windows(2).any(|pair| pair == b"  ")
}

/// Every run of blanks and control characters becomes one blank; terminal sequences go as a whole.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        if next == '\u{1b}' && chars.peek() == Some(&'[') {
            // ESC [ parameters final: the final byte is the first one from `@` to `~`.
            chars.next();
            while chars.next().is_some_and(|part| !('@'..='~').contains(&part)) {}
        } else if next.is_control() || next.is_whitespace() || is_invisible(next) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(next);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters that reorder or hide text on a terminal or in a log.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for found in FINDER.find_iter(text) {
        if found.start() < done {
            continue;
        }
        let (_, lead) = LEADS[found.pattern().as_usize()];
        let Some(secret) = secret_at(text, found.start(), found.end(), lead) else { continue };
        push_plain(&mut out, &text[done..secret.0]);
        out.push_str(MASK);
        done = secret.1;
    }
    push_plain(&mut out, &text[done..]);
    out
}

/// Whether it is no word or name: keys have digits, and masked ones stars.
fn looks_random(text: &str) -> bool {
    let has = |is_it: fn(&u8) -> bool| text.as_bytes().iter().any(is_it);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    text.len() >= 48
        || has(|byte| byte.is_ascii_digit() || *byte == b'*')
        || (is_mixed && text.len() >= 16 && !text.contains(['-', '_', '.']))
}

/// Start and end of the secret that a lead announces.
fn secret_at(text: &str, start: usize, end: usize, lead: Lead) -> Option<(usize, usize)> {
    let before = text[..start].chars().next_back();
    match lead {
        Lead::Prefix(least) => {
            let length = token_length(&text[end..]);
            // `ya29.` is no part of any word; the others are (`disk-…`, `task-…`), and begin some (`sk-learn-…`).
            let is_in_word = before.is_some_and(|it| it.is_alphanumeric() || "_-".contains(it));
            let counts = least == 1 || (!is_in_word && looks_random(&text[end..end + length]));
            (counts && length >= least).then_some((start, end + length))
        }
        Lead::Scheme => {
            let rest = &text[end..];
            let is_many = rest.starts_with("tid=");
            let length = if is_many { fields_length(rest) } else { token_length(rest) };
            (length >= 6).then_some((end, end + length))
        }
        Lead::Field => {
            let value = end + value_offset(&text[end..])?;
            let length = value_length(&text[value..]);
            (length >= 4).then_some((value, value + length))
        }
        Lead::Fields => {
            let length = fields_length(&text[start..]);
            let is_in_word = before.is_some_and(char::is_alphanumeric);
            (!is_in_word && text[start..start + length].contains(';'))
                .then_some((start, start + length))
        }
        Lead::UserInfo => {
            let authority = text[end..].split(['/', ' ', '?', '#', '"']).next()?;
            let user = authority.rfind('@')?;
            (&authority[..user] != MASK).then_some((end, end + user))
        }
    }
}

/// From the end of a field's name to its value: quotes, a separator, possibly a scheme word.
fn value_offset(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches(['"', '\'', '\\', ' ']);
    let rest = rest.strip_prefix([':', '='])?;
    let rest = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let scheme = ["Bearer ", "bearer ", "Basic ", "basic "];
    let rest = scheme.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    (!rest.starts_with('[')).then_some(text.len() - rest.len())
}

/// Fields with semicolons between them.
fn fields_length(text: &str) -> usize {
    text.find([' ', '"', '\'', '\\', '&', ',', ')', '}', ']', '<', '>']).unwrap_or(text.len())
}

fn value_length(text: &str) -> usize {
    if text.starts_with("tid=") {
        return fields_length(text);
    }
    text.find([' ', '"', '\'', '\\', '&', ',', ';', ')', '}', ']', '<', '>']).unwrap_or(text.len())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-~+/=*".contains(&byte)
}

fn token_length(text: &str) -> usize {
    let end = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    // A full stop ends the sentence, not the token.
    text[..end].trim_end_matches('.').len()
}

/// Copies text, masking words that look like keys: 32 characters or more with lower case, upper case and some digits.
fn push_plain(out: &mut String, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let word = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        out.push_str(if looks_like_key(&rest[..word]) { MASK } else { &rest[..word] });
        rest = &rest[word..];
        let gap = rest.bytes().position(is_word).unwrap_or(rest.len());
        out.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
}

fn looks_like_key(word: &str) -> bool {
    word.len() >= 32
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().filter(u8::is_ascii_digit).count() > 2
}

fn cut(mut text: String, max_chars: usize) -> String {
    if text.len() <= max_chars {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > max_chars
    });
    if let Some((end, _)) = end {
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
    text
}

#[cfg(test)]
mod tests;
