//! The retry delay exactly as pi-ai 0.70 computes it, for callers and tests that were written against it.
//!
//! Invariant: the same number as the original for every text and header, quirks included: one second of margin,
//! rounded up, 0 counts as none, the first announcement of each kind alone. One deviation: a delay that is not
//! finite is none. [`crate::failure::parse_hint`] reads more and is what new code should call.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// The three headers that count, as the response gives them, and JavaScript's own conversions: no copy of its number
/// and date grammars would be the same.
pub(crate) struct LegacyInputs<'a> {
    pub retry_after: Option<&'a str>,
    pub rate_limit_reset: Option<&'a str>,
    pub rate_limit_reset_after: Option<&'a str>,
    /// JavaScript's `Number(text)`.
    pub to_number: &'a dyn Fn(&str) -> f64,
    /// JavaScript's `Date.parse(text)`.
    pub to_date: &'a dyn Fn(&str) -> f64,
    pub now_ms: f64,
}

impl std::fmt::Debug for LegacyInputs<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LegacyInputs").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}

/// The delay in milliseconds, if the headers or the text state one.
#[must_use]
pub(crate) fn extract_legacy_delay(text: &str, inputs: &LegacyInputs<'_>) -> Option<f64> {
    from_headers(inputs).or_else(|| from_text(text))
}

/// What stands before a delay, in the order in which they count.
const LEADS: [&str; 3] = ["reset after ", "please retry in ", "\"retrydelay\":"];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(LEADS)
        .expect("a constant list of short phrases compiles")
});

/// One pass for all leads: of each the first place counts where the rest of its pattern stands too.
fn from_text(text: &str) -> Option<f64> {
    let mut delays = [None; LEADS.len()];
    for found in FINDER.find_iter(text) {
        let delay = &mut delays[found.pattern().as_usize()];
        if delay.is_none() {
            let rest = &text[found.end()..];
            *delay = match found.pattern().as_usize() {
                0 => reset_after(rest),
                1 => number_with_unit(rest, false),
                _ => quoted(rest).and_then(|rest| number_with_unit(rest, true)),
            };
            // Nothing goes before the first pattern.
            if let Some(delay) = delays[0].and_then(with_margin) {
                return Some(delay);
            }
        }
    }
    delays.into_iter().find_map(|delay| with_margin(delay?))
}

fn with_margin(ms: f64) -> Option<f64> {
    (ms > 0.0 && ms.is_finite()).then(|| (ms + 1000.0).ceil())
}

fn from_headers(inputs: &LegacyInputs<'_>) -> Option<f64> {
    let present =
        |value: Option<&'_ str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
    let finite = |value: f64| value.is_finite().then_some(value);
    let retry_after = present(inputs.retry_after).and_then(|value| {
        let seconds = finite((inputs.to_number)(&value)).map(|seconds| seconds * 1000.0);
        seconds
            .and_then(with_margin)
            .or_else(|| with_margin(finite((inputs.to_date)(&value))? - inputs.now_ms))
    });
    retry_after
        .or_else(|| {
            let epoch = leading_integer(&present(inputs.rate_limit_reset)?)?;
            with_margin(epoch * 1000.0 - inputs.now_ms)
        })
        .or_else(|| {
            let value = present(inputs.rate_limit_reset_after)?;
            with_margin(finite((inputs.to_number)(&value))? * 1000.0)
        })
}

/// JavaScript's `parseInt(text, 10)`.
fn leading_integer(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let digits_at = usize::from(text.starts_with(['+', '-']));
    let end = digits_at + digits(&text.as_bytes()[digits_at..]);
    (end > digits_at).then(|| text[..end].parse().ok())?
}

/// `18h31m10s`: hours and minutes may be missing, seconds may not.
fn reset_after(text: &str) -> Option<f64> {
    let rest = text.as_bytes();
    let (hours, rest) = part(rest, b'h').unwrap_or((0.0, rest));
    let (minutes, rest) = part(rest, b'm').unwrap_or((0.0, rest));
    let whole = digits(rest);
    let fraction = match rest.get(whole) {
        Some(b'.') => digits(&rest[whole + 1..]),
        _ => 0,
    };
    let length = if fraction > 0 { whole + 1 + fraction } else { whole };
    let has_unit = rest.get(length).is_some_and(|unit| unit.eq_ignore_ascii_case(&b's'));
    let seconds = (whole > 0 && has_unit).then(|| parse(&rest[..length]))?;
    Some(((hours * 60.0 + minutes) * 60.0 + seconds) * 1000.0)
}

/// A whole number with its unit, and what follows.
fn part(text: &[u8], unit: u8) -> Option<(f64, &[u8])> {
    let length = digits(text);
    let has_unit = text.get(length).is_some_and(|found| found.eq_ignore_ascii_case(&unit));
    (length > 0 && has_unit).then(|| (parse(&text[..length]), &text[length + 1..]))
}

/// What follows an opening quote.
fn quoted(text: &str) -> Option<&str> {
    text.trim_start_matches(is_js_space).strip_prefix('"')
}

/// Digits and points with `s` or `ms`, and a closing quote where there was an opening one.
fn number_with_unit(text: &str, closed: bool) -> Option<f64> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let length = text.bytes().position(|byte| !is_part(&byte)).unwrap_or(text.len());
    let unit = &text.as_bytes()[length..];
    let ends_with = |name: &[u8]| {
        unit.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
            && (!closed || unit.get(name.len()) == Some(&b'"'))
    };
    let factor = match () {
        () if length == 0 => return None,
        () if ends_with(b"ms") => 1.0,
        () if ends_with(b"s") => 1000.0,
        () => return None,
    };
    Some(leading_float(&text[..length]) * factor)
}

/// JavaScript's `parseFloat` on digits and points: what follows a second point is left out.
fn leading_float(text: &str) -> f64 {
    let first = text.find('.').unwrap_or(text.len());
    let end = text[first..].match_indices('.').nth(1).map_or(text.len(), |(at, _)| first + at);
    text[..end].parse().unwrap_or(f64::NAN)
}

fn digits(text: &[u8]) -> usize {
    text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len())
}

fn parse(digits: &[u8]) -> f64 {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(f64::NAN)
}

fn is_js_space(letter: char) -> bool {
    (letter.is_whitespace() && letter != '\u{85}') || letter == '\u{feff}'
}
