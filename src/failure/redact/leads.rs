//! What stands before a secret, and how far the secret goes.
//!
//! Invariant: what follows is hidden only where it can be a secret: a sentence that speaks of tokens stays whole.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::key_shapes::{is_base64, is_no_name, looks_random};

/// What stands in its place.
pub(super) const MASK: &str = "[redacted]";

/// What stands before a secret, and how the secret goes on.
#[derive(Clone, Copy)]
enum Lead {
    /// The lead is part of the secret (`ya29.…`): at least so many characters must follow.
    Prefix(usize),
    /// A scheme word, a blank, the secret: what follows it in a sentence is none.
    Scheme,
    /// As [`Lead::Scheme`], with base64 behind it.
    Base64,
    /// Words that announce a secret, whatever it looks like.
    Announced,
    /// A field name, a separator, the secret, possibly quoted.
    Field,
    /// As [`Lead::Field`], where the name is an ordinary word too.
    Word,
    /// `name=secret; name=secret`, behind a field name and a separator.
    Cookies,
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
    ("basic ", Lead::Base64),
    ("key provided: ", Lead::Announced),
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
    ("secret_key", Lead::Field),
    ("secretkey", Lead::Field),
    ("secret_access_key", Lead::Field),
    ("secretaccesskey", Lead::Field),
    ("token", Lead::Word),
    ("secret", Lead::Word),
    ("cookie", Lead::Cookies),
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

/// The secrets that leads announce: where each begins and ends, in their order and apart from each other.
pub(super) fn secrets(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut done = 0;
    FINDER.find_iter(text).filter_map(move |found| {
        if found.start() < done {
            return None;
        }
        let (_, lead) = LEADS[found.pattern().as_usize()];
        let secret = secret_at(text, found.start(), found.end(), lead)?;
        done = secret.1;
        Some(secret)
    })
}

/// Start and end of the secret that a lead announces.
fn secret_at(text: &str, start: usize, end: usize, lead: Lead) -> Option<(usize, usize)> {
    let before = text[..start].chars().next_back();
    match lead {
        Lead::Prefix(least) => {
            let length = token_length(&text[end..]);
            // `ya29.` is no part of any word; the others are (`disk-…`, `task-…`), and begin some (`sk-learn-…`).
            let is_in_word = before.is_some_and(|it| it.is_alphanumeric() || "_-".contains(it));
            let counts = least == 1 || (!is_in_word && is_no_name(&text[end..end + length]));
            (counts && length >= least).then_some((start, end + length))
        }
        Lead::Scheme | Lead::Announced => {
            let rest = &text[end..];
            let is_many = rest.starts_with("tid=");
            let length = if is_many { fields_length(rest) } else { token_length(rest) };
            let counts = matches!(lead, Lead::Announced) || looks_random(&rest[..length]);
            (counts && length >= 6).then_some((end, end + length))
        }
        Lead::Base64 => {
            let length = token_length(&text[end..]);
            is_base64(&text[end..end + length]).then_some((end, end + length))
        }
        Lead::Field | Lead::Word | Lead::Cookies => {
            let (value, has_scheme) = value_offset(&text[end..])?;
            let value = end + value;
            let rest = &text[value..];
            let is_cookie = matches!(lead, Lead::Cookies);
            let length = if is_cookie { cookies_length(rest) } else { value_length(rest) };
            let found = &rest[..length];
            let counts = match lead {
                Lead::Field if !has_scheme => true,
                Lead::Cookies => found.contains('=') || looks_random(found),
                Lead::Word => length >= 8 && looks_random(found),
                _ => looks_random(found) || is_base64(found),
            };
            (counts && length >= 4).then_some((value, value + length))
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
fn value_offset(text: &str) -> Option<(usize, bool)> {
    let rest = text.trim_start_matches(['"', '\'', '\\', ' ']);
    let rest = rest.strip_prefix([':', '='])?;
    let rest = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let scheme = ["Bearer ", "bearer ", "Basic ", "basic "];
    let secret = scheme.iter().find_map(|word| rest.strip_prefix(word));
    let value = secret.unwrap_or(rest);
    (!value.starts_with('[')).then_some((text.len() - value.len(), secret.is_some()))
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

/// Cookies with semicolons and blanks between them.
fn cookies_length(text: &str) -> usize {
    let mut length = value_length(text);
    while let Some(rest) = text[length..].strip_prefix(';') {
        let next = rest.trim_start_matches(' ');
        if !next[..value_length(next)].contains('=') {
            break;
        }
        length = text.len() - next.len() + value_length(next);
    }
    length
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-~+/=*".contains(&byte)
}

fn token_length(text: &str) -> usize {
    let end = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    // A full stop ends the sentence, not the token.
    text[..end].trim_end_matches('.').len()
}
