//! Coloured text that knows its width on a screen.
//!
//! Invariant: widths are counted before colours are added, and nothing but [`Line::render`] writes an escape sequence.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// A text's colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ink {
    #[default]
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Ink {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Red => Some("31"),
            Self::Green => Some("32"),
            Self::Yellow => Some("33"),
        }
    }
}

/// One line in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(Vec<(Ink, String)>);

impl Line {
    #[must_use]
    pub(crate) fn of(ink: Ink, text: impl Into<String>) -> Self {
        Self::default().then(ink, text)
    }

    #[must_use]
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::of(Ink::Plain, text)
    }

    #[must_use]
    pub(crate) fn then(mut self, ink: Ink, text: impl Into<String>) -> Self {
        self.0.push((ink, text.into()));
        self
    }

    #[must_use]
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Columns on a screen.
    #[must_use]
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width(text)).sum()
    }

    /// With blanks up to a width.
    #[must_use]
    pub(crate) fn padded(self, to: usize) -> Self {
        let missing = to.saturating_sub(self.width());
        self.then(Ink::Plain, " ".repeat(missing))
    }

    /// Cut to a width; `mark` stands where something is missing.
    #[must_use]
    pub(crate) fn clipped(self, columns: usize, mark: &str) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut room = columns.saturating_sub(width(mark));
        let mut clipped = Self::default();
        for (ink, text) in self.0 {
            let kept = start_within(&text, room);
            room -= width(kept);
            let is_cut = kept.len() < text.len();
            clipped = clipped.then(ink, kept);
            if is_cut {
                break;
            }
        }
        clipped.then(Ink::Dim, start_within(mark, columns))
    }

    #[must_use]
    pub(crate) fn render(&self, with_colour: bool) -> String {
        let mut out = String::new();
        for (ink, text) in &self.0 {
            match ink.code().filter(|_| with_colour && !text.trim().is_empty()) {
                Some(code) => {
                    let _ = write!(out, "\u{1b}[{code}m{text}\u{1b}[0m");
                }
                None => out.push_str(text),
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// Lines as one text.
#[must_use]
pub(crate) fn render(lines: &[Line], with_colour: bool) -> String {
    lines.iter().map(|line| line.render(with_colour) + "\n").collect()
}

/// Columns on a screen.
#[must_use]
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|char| char.width().unwrap_or(0)).sum()
}

fn start_within(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, char)| {
        used += char.width().unwrap_or(0);
        used > columns
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Words on lines of at most `columns`; a longer word stands alone.
#[must_use]
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text from a file, safe on a terminal: what steers it, hides or turns text around is spelled out.
#[must_use]
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if is_treacherous(char) {
            let _ = write!(out, "{}", char.escape_unicode());
        } else {
            out.push(char);
        }
    }
    out
}

/// The same for a JSON text, where such characters can only stand in strings. A control character below blank between
/// values is layout.
#[must_use]
pub(crate) fn shown_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        if char >= ' ' && is_treacherous(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(char);
        }
    }
    out
}

/// Control characters (C1 too: 0x9b alone begins a terminal sequence), marks of direction, and what has no width.
fn is_treacherous(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(shown("a\u{1b}[2Jb\u{9b}31m\n"), "a\\u{1b}[2Jb\\u{9b}31m\\u{a}");
        assert_eq!(shown("txt.\u{202e}exe\u{200b}"), "txt.\\u{202e}exe\\u{200b}");
        assert_eq!(shown("anna@example.com äöü 漢字"), "anna@example.com äöü 漢字");
    }

    #[test]
    fn json_stays_json() {
        let value = serde_json::json!({ "id": "a\u{9b}\u{202e}\u{e0041}\u{1b}\u{7f}ä" });
        let text = shown_json(&format!("{value:#}"));
        assert!(text.chars().all(|char| char == '\n' || !is_treacherous(char)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_line_is_cut_to_the_columns_of_the_screen() {
        let line = || Line::of(Ink::Red, "漢字漢字").then(Ink::Plain, "abc");
        assert_eq!(line().width(), 11);
        assert_eq!(line().clipped(11, "…").render(false), "漢字漢字abc");
        assert_eq!(line().clipped(10, "…").render(false), "漢字漢字a…");
        assert_eq!(line().clipped(6, "…").render(false), "漢字…");
        assert_eq!(line().clipped(0, "…").render(false), "");
    }

    #[test]
    fn colours_are_only_there_if_asked_for() {
        let line = Line::of(Ink::Red, "no").then(Ink::Plain, " way").then(Ink::Dim, "  ");
        assert_eq!(line.render(true), "\u{1b}[31mno\u{1b}[0m way");
        assert_eq!(line.render(false), "no way");
    }

    #[test]
    fn words_wrap_and_long_ones_stand_alone() {
        assert_eq!(wrap("aa bb cccccccc d", 5), ["aa bb", "cccccccc", "d"]);
    }
}
