//! Durations as servers write them, to whole milliseconds.
//!
//! Invariant: exact integer arithmetic, rounded up, so that nobody comes back a fraction too early; never negative,
//! linear in the input, and `None` for whatever is not wholly understood or longer than [`MAX_MS`].
//! Grammar: numbers with units from weeks to nanoseconds in falling order, `1h50m21s`, `900.2ms`, `2hr 15min`,
//! `5 minutes`, `1 hour and 3 seconds`.

/// Ten years. More is a fault in the text, and less than what could overflow later sums.
pub(crate) const MAX_MS: u64 = 10 * 366 * 24 * 60 * 60 * 1000;

const NANOS_PER_MS: u64 = 1_000_000;
/// Digits of a fraction that count; a server has never sent more than 9.
const FRACTION_DIGITS: usize = 12;

/// The whole text as a duration, in milliseconds.
#[must_use]
pub(crate) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    prefix(text).filter(|(_, used)| *used == text.len()).map(|(ms, _)| ms)
}

/// A duration at the start of `text`, with the bytes that it took.
pub(crate) fn prefix(text: &str) -> Option<(u64, usize)> {
    let mut total = 0u64;
    let mut used = 0;
    let mut last_unit = u64::MAX;
    loop {
        let start = used + separator(&text[used..], used > 0);
        let Some((number, digits)) = number(&text[start..]) else { break };
        let unit_at = start + digits + blanks(&text[start + digits..]);
        let word = letters(&text[unit_at..]);
        let Some(unit) = unit_nanos(word).filter(|unit| *unit < last_unit) else { break };
        total = total.saturating_add(number.times(unit));
        last_unit = unit;
        used = unit_at + word.len();
    }
    (used > 0).then(|| to_ms(total)).flatten().map(|ms| (ms, used))
}

/// A bare number of seconds, for example a header's `120` or `0.4`.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    bare(text, 1_000_000_000)
}

/// A bare number of milliseconds.
pub(crate) fn millis(text: &str) -> Option<u64> {
    bare(text, NANOS_PER_MS)
}

/// A number of seconds at the start of `text`, with the bytes that it took.
pub(crate) fn seconds_prefix(text: &str) -> Option<(u64, usize)> {
    let (number, used) = number(text)?;
    Some((to_ms(number.times(1_000_000_000))?, used))
}

/// The protobuf form: whole seconds and nanoseconds.
pub(crate) fn seconds_and_nanos(seconds: f64, nanos: f64) -> Option<u64> {
    let whole = |value: f64, limit: f64| (0.0..=limit).contains(&value).then_some(value as u64);
    let nanos = whole(nanos, 999_999_999.0)?;
    to_ms(whole(seconds, MAX_MS as f64 / 1000.0)? * 1_000_000_000 + nanos)
}

fn bare(text: &str, unit: u64) -> Option<u64> {
    let text = text.trim();
    let (number, used) = number(text)?;
    (used == text.len()).then(|| to_ms(number.times(unit))).flatten()
}

fn to_ms(nanos: u64) -> Option<u64> {
    let ms = nanos.div_ceil(NANOS_PER_MS);
    (ms <= MAX_MS).then_some(ms)
}

/// A decimal number without a sign, kept exact.
struct Decimal {
    whole: u64,
    fraction: u64,
    scale: u64,
    /// Non-zero digits after the last one that counts: enough to round up, whatever they are.
    more: bool,
}

impl Decimal {
    /// In nanoseconds. What is too large for them is longer than [`MAX_MS`], and stays so.
    fn times(&self, unit: u64) -> u64 {
        let part = match u128::from(self.fraction) {
            0 => 0,
            fraction => (fraction * u128::from(unit)).div_ceil(u128::from(self.scale)) as u64,
        };
        self.whole.saturating_mul(unit).saturating_add(part).saturating_add(u64::from(self.more))
    }
}

fn number(text: &str) -> Option<(Decimal, usize)> {
    let whole = digits(text);
    let mut decimal = Decimal { whole: 0, fraction: 0, scale: 1, more: false };
    for digit in whole.bytes() {
        decimal.whole = decimal.whole.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    }
    let fraction = text[whole.len()..].strip_prefix('.').map_or("", digits);
    for (index, digit) in fraction.bytes().enumerate() {
        if index < FRACTION_DIGITS {
            decimal.fraction = decimal.fraction * 10 + u64::from(digit - b'0');
            decimal.scale *= 10;
        } else {
            decimal.more |= digit != b'0';
        }
    }
    let dot = usize::from(!fraction.is_empty());
    let used = whole.len() + dot + fraction.len();
    (used > 0).then_some((decimal, used))
}

fn digits(text: &str) -> &str {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn letters(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// What may stand between two parts: blanks, commas, one `and`.
fn separator(text: &str, between: bool) -> usize {
    if !between {
        return blanks(text);
    }
    let is_fence = |letter: char| letter.is_whitespace() || letter == ',';
    let rest = text.trim_start_matches(is_fence);
    let word = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("and "));
    let rest = if word.is_some() { &rest[4..] } else { rest };
    text.len() - rest.trim_start().len()
}

fn unit_nanos(word: &str) -> Option<u64> {
    const SECOND: u64 = 1_000_000_000;
    // The longest names of a unit have twelve letters.
    let mut lower = [0; 12];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match std::str::from_utf8(lower).ok()? {
        "w" | "wk" | "wks" | "week" | "weeks" | "周" => 7 * 86_400 * SECOND,
        "d" | "day" | "days" | "天" | "日" => 86_400 * SECOND,
        "h" | "hr" | "hrs" | "hour" | "hours" | "小时" => 3600 * SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" | "分钟" | "分" => 60 * SECOND,
        "s" | "sec" | "secs" | "second" | "seconds" | "秒" | "秒钟" => SECOND,
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => NANOS_PER_MS,
        "us" | "µs" | "μs" | "microsecond" | "microseconds" => 1000,
        "ns" | "nanosecond" | "nanoseconds" => 1,
        _ => return None,
    })
}
