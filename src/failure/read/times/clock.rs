//! Points in time as people write them: "3pm (`America/New_York`)", "Feb 4, 11:30am (Asia/Calcutta)",
//! "2026-03-01 at 00:00 UTC", "2 月 3 日 00:00".
//!
//! Invariant: what the words leave open is the next such moment after now; a time without a zone is read as UTC and says
//! so. Only the first [`EXCERPT`] bytes are looked at.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::timestamp::{Stamp, ceil_ms};
use crate::failure::excerpt::start_of;

/// No spelling of a moment is longer.
const EXCERPT: usize = 96;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The moment that a text begins with; `local` is the zone where it names none.
pub(crate) fn prefix(text: &str, now_ms: i64, local: Option<&TimeZone>) -> Option<Stamp> {
    let mut words = Words { rest: start_of(text, EXCERPT) };
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    let day = words.day();
    words.skip("at");
    let time = words.time();
    // A day or a clock time: a lone number is neither.
    if day.is_none() && time.is_none() {
        return None;
    }
    let zone = words.zone().or_else(|| local.cloned());
    let is_zoned = zone.is_some();
    let zone = zone.unwrap_or(TimeZone::UTC);
    let time = time.unwrap_or(Time::midnight());
    let moment = resolve(day, time, &zone, now)?;
    Some(Stamp { ms: ceil_ms(moment), zoned: is_zoned })
}

/// The day as far as the words name it.
#[derive(Clone, Copy)]
enum Day {
    Full(Date),
    /// Month and day of the month.
    OfYear(i8, i8),
    OfWeek(Weekday),
    Tomorrow,
}

fn resolve(day: Option<Day>, time: Time, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    let at = |date: Date| {
        let moment = DateTime::from_parts(date, time).to_zoned(zone.clone());
        moment.ok().map(|moment| moment.timestamp())
    };
    let next = |date: Date, step: Span| {
        let first = at(date)?;
        if first > now { Some(first) } else { at(date.checked_add(step).ok()?) }
    };
    match day {
        Some(Day::Full(date)) => at(date),
        Some(Day::OfYear(month, day)) => {
            let date = Date::new(today.year(), month, day).ok()?;
            // A day that has just passed is a late answer, not one of next year.
            let is_recent = at(date)? > now.checked_sub(Span::new().hours(48)).ok()?;
            if is_recent { at(date) } else { next(date, Span::new().years(1)) }
        }
        Some(Day::OfWeek(weekday)) => {
            let ahead = i64::from(today.weekday().until(weekday));
            next(today.checked_add(Span::new().days(ahead)).ok()?, Span::new().days(7))
        }
        Some(Day::Tomorrow) => at(today.tomorrow().ok()?),
        None => next(today, Span::new().days(1)),
    }
}

/// What is left of the text.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', ',', '\u{a0}', '\u{202f}', '·', '∙', '\t']);
    }

    fn skip(&mut self, word: &str) -> bool {
        self.blanks();
        let found = self.rest.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
        let ends =
            !self.rest.get(word.len()..).is_some_and(|it| it.starts_with(char::is_alphanumeric));
        if found && ends {
            self.rest = &self.rest[word.len()..];
        }
        found && ends
    }

    fn letters(&self) -> &'a str {
        let end = self.rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        &self.rest[..end]
    }

    fn number(&mut self, most: usize) -> Option<i64> {
        let end = self.rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(self.rest.len());
        let number =
            self.rest.get(..end).filter(|it| !it.is_empty() && it.len() <= most)?.parse().ok()?;
        self.rest = &self.rest[end..];
        Some(number)
    }

    fn sign(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Tries to read something, and gives the words back where that fails.
    fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let found = read(self);
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    fn day(&mut self) -> Option<Day> {
        self.blanks();
        if ["次日", "明日", "明天"].iter().any(|word| self.sign_word(word)) || self.skip("tomorrow")
        {
            return Some(Day::Tomorrow);
        }
        self.attempt(Self::iso_day)
            .or_else(|| self.attempt(Self::chinese_day))
            .or_else(|| self.attempt(Self::named_day))
    }

    fn sign_word(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `2026-03-01`, `2026/03/01`.
    fn iso_day(&mut self) -> Option<Day> {
        let year = self.number(4).filter(|year| *year > 1000)?;
        let fence = if self.sign('-') { '-' } else { self.sign('/').then_some('/')? };
        let month = self.number(2)?;
        self.sign(fence).then_some(())?;
        let day = self.number(2)?;
        self.sign('T');
        date(year, month, day)
    }

    /// `2026年2月3日`, `2 月 3 日`.
    fn chinese_day(&mut self) -> Option<Day> {
        let first = self.number(4)?;
        self.blanks();
        let (year, month) = if self.sign('年') {
            self.blanks();
            let month = self.number(2)?;
            self.blanks();
            (Some(first), month)
        } else {
            (None, first)
        };
        self.sign('月').then_some(())?;
        self.blanks();
        let day = self.number(2)?;
        self.blanks();
        (self.sign('日') || self.sign('号')).then_some(())?;
        match year {
            Some(year) => date(year, month, day),
            None => Some(Day::OfYear(month as i8, day as i8)),
        }
    }

    /// `Feb 4`, `Feb 7th, 2026`, `July 1 2026`, `4 Feb`, `Thursday`.
    fn named_day(&mut self) -> Option<Day> {
        if let Some(month) = self.name(&MONTHS) {
            self.blanks();
            let day = self.number(2)?;
            self.ordinal();
            self.blanks();
            let year = self.attempt(Self::year);
            return month_day(year, month, day);
        }
        if let Some(weekday) = self.name(&DAYS) {
            self.blanks();
            // "Wed, Feb 4": the date says more.
            let date = self.attempt(Self::named_day);
            let weekday = Weekday::from_monday_zero_offset(weekday as i8).ok()?;
            return date.or(Some(Day::OfWeek(weekday)));
        }
        let day = self.number(2)?;
        self.ordinal();
        self.blanks();
        let month = self.name(&MONTHS)?;
        self.blanks();
        let year = self.attempt(Self::year);
        month_day(year, month, day)
    }

    fn year(&mut self) -> Option<i64> {
        let year = self.number(4).filter(|year| *year > 1000)?;
        (!self.rest.starts_with(':')).then_some(year)
    }

    fn ordinal(&mut self) {
        for end in ["st", "nd", "rd", "th"] {
            if self.letters().eq_ignore_ascii_case(end) {
                self.rest = &self.rest[end.len()..];
                return;
            }
        }
    }

    /// The place of a name in a list of beginnings: "February" is "feb".
    fn name(&mut self, names: &[&str]) -> Option<usize> {
        let word = self.letters();
        if !(3..=9).contains(&word.len()) {
            return None;
        }
        let index = names.iter().position(|name| word[..3].eq_ignore_ascii_case(name))?;
        self.rest = self.rest[word.len()..].trim_start_matches('.');
        Some(index)
    }

    fn time(&mut self) -> Option<Time> {
        self.blanks();
        self.attempt(Self::clock)
    }

    /// `3pm`, `11:30am`, `10:53 AM`, `18:00`, `13:38:28`, `0 点`.
    fn clock(&mut self) -> Option<Time> {
        let hour = self.number(2)?;
        let minute = if self.sign(':') { Some(self.number(2)?) } else { None };
        let second = if minute.is_some() && self.sign(':') { self.number(2)? } else { 0 };
        if self.sign('.') {
            self.number(9);
        }
        let before = self.rest;
        self.blanks();
        let half = self.letters().to_ascii_lowercase();
        let hour = match half.as_str() {
            "am" | "pm" if (1..=12).contains(&hour) => {
                self.rest = &self.rest[2..];
                hour % 12 + if half == "pm" { 12 } else { 0 }
            }
            _ if self.sign('点') || self.sign('时') => hour,
            _ => {
                self.rest = before;
                minute?;
                hour
            }
        };
        Time::new(hour as i8, minute.unwrap_or(0) as i8, second as i8, 0).ok()
    }

    /// `(America/New_York)`, `UTC`, `GMT-3`, `+0800 CST`, `Z`, `(UTC+8)`, `北京时间`.
    fn zone(&mut self) -> Option<TimeZone> {
        self.blanks();
        let is_bracketed = self.sign('(') || self.sign('（');
        if self.sign_word("北京时间") {
            return fixed(8 * 3600);
        }
        let end =
            self.rest.find([')', ' ', '.', ';', '）', '·', '"', '\'']).unwrap_or(self.rest.len());
        let word = self.rest[..end].trim_end_matches([',', '\\', '\n']);
        if word.is_empty() {
            return None;
        }
        let letters = word.trim_start_matches(|it: char| it.is_ascii_alphabetic());
        let name = &word[..word.len() - letters.len()];
        match name.to_ascii_uppercase().as_str() {
            "Z" | "UTC" | "GMT" if letters.is_empty() => return Some(TimeZone::UTC),
            "" | "UTC" | "GMT" => return offset(letters).and_then(fixed),
            _ => {}
        }
        if letters.is_empty()
            && let Some((_, hours)) = ABBREVIATIONS.iter().find(|(known, _)| name == *known)
        {
            return fixed(hours * 3600);
        }
        let is_place = word.contains('/') || is_bracketed;
        is_place.then(|| TimeZone::get(word).ok()).flatten()
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<Day> {
    Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok().map(Day::Full)
}

fn month_day(year: Option<i64>, month: usize, day: i64) -> Option<Day> {
    let month = i64::try_from(month).ok()? + 1;
    match year {
        Some(year) => date(year, month, day),
        None => Some(Day::OfYear(month as i8, day as i8)),
    }
}

/// Abbreviations with one meaning, in hours from UTC. CST and IST have several.
const ABBREVIATIONS: [(&str, i32); 11] = [
    ("PST", -8),
    ("PDT", -7),
    ("MST", -7),
    ("MDT", -6),
    ("EST", -5),
    ("EDT", -4),
    ("CET", 1),
    ("CEST", 2),
    ("JST", 9),
    ("KST", 9),
    ("SGT", 8),
];

fn fixed(seconds: i32) -> Option<TimeZone> {
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// `+0800`, `-03:00`, `+8`, in seconds.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|it| *it != ':').collect();
    let number: i32 = digits.parse().ok().filter(|_| digits.len() <= 4)?;
    let (hours, minutes) =
        if digits.len() > 2 { (number / 100, number % 100) } else { (number, 0) };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests;
