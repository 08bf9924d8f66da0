//! Where the text goes: colours, characters and columns.

/// What the terminal says of itself; asked for each step, as it may have been resized.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the name that Node's streams and every program use")]
pub(crate) struct Terminal {
    pub is_terminal: bool,
    /// `None` where nothing is known or nothing limits the width: a pipe, a file.
    pub columns: Option<usize>,
    pub rows: Option<usize>,
}

/// The variables that decide how to write. An empty one counts as unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub no_color: Option<String>,
    pub force_color: Option<String>,
    pub term: Option<String>,
    /// The first that is set of `LC_ALL`, `LC_CTYPE`, `LANG`.
    pub locale: Option<String>,
    /// Set by terminals on Windows that know Unicode, where there is no locale to tell.
    pub windows_terminal: Option<String>,
}

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub has_colour: bool,
    pub has_unicode: bool,
    /// Lines that were written can be written over.
    pub can_redraw: bool,
    /// `usize::MAX` where nothing limits the width.
    pub columns: usize,
    pub rows: usize,
}

/// A narrower terminal does not know its size.
const FEWEST_COLUMNS: usize = 16;

impl Look {
    #[must_use]
    pub(crate) fn of(terminal: Terminal, preferences: &Preferences) -> Self {
        let limit = |size: Option<usize>, least| {
            size.filter(|size| terminal.is_terminal && *size >= least).unwrap_or(usize::MAX)
        };
        Self {
            has_colour: has_colour(terminal, preferences),
            has_unicode: has_unicode(preferences),
            can_redraw: terminal.is_terminal && !is_dumb(preferences),
            columns: limit(terminal.columns, FEWEST_COLUMNS),
            rows: limit(terminal.rows, 4),
        }
    }

    /// Stands where a text was cut.
    #[must_use]
    pub(crate) fn ellipsis(&self) -> &'static str {
        self.pick("…", "~")
    }

    /// The first where the terminal knows Unicode.
    #[must_use]
    pub(crate) fn pick<T>(&self, unicode: T, ascii: T) -> T {
        if self.has_unicode { unicode } else { ascii }
    }
}

/// `FORCE_COLOR` beats `NO_COLOR`, as in Node.
fn has_colour(terminal: Terminal, preferences: &Preferences) -> bool {
    if let Some(forced) = preferences.force_color.as_deref() {
        return !matches!(forced.trim(), "0" | "false");
    }
    preferences.no_color.is_none() && terminal.is_terminal && !is_dumb(preferences)
}

fn is_dumb(preferences: &Preferences) -> bool {
    preferences.term.as_deref() == Some("dumb")
}

fn has_unicode(preferences: &Preferences) -> bool {
    let locale = preferences.locale.as_deref().unwrap_or_default().to_ascii_lowercase();
    preferences.windows_terminal.is_some() || locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(is_terminal: bool) -> Terminal {
        Terminal { is_terminal, columns: Some(80), rows: Some(24) }
    }

    fn colour(is_terminal: bool, no_color: &str, force_color: &str, term: &str) -> bool {
        let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (no_color, force_color, term) = (set(no_color), set(force_color), set(term));
        let preferences = Preferences { no_color, force_color, term, ..Preferences::default() };
        Look::of(on(is_terminal), &preferences).has_colour
    }

    #[test]
    fn colours_are_for_terminals_unless_a_variable_says_otherwise() {
        assert!(colour(true, "", "", "xterm"));
        assert!(!colour(false, "", "", "xterm"));
        assert!(!colour(true, "", "", "dumb"));
        assert!(!colour(true, "1", "", "xterm"));
        assert!(colour(false, "1", "1", ""));
        assert!(colour(false, "", "3", "dumb"));
        assert!(!colour(true, "", "0", "xterm"));
    }

    #[test]
    fn unicode_needs_a_locale_that_knows_it() {
        let unicode = |locale: &str| {
            let preferences =
                Preferences { locale: Some(locale.to_owned()), ..Preferences::default() };
            Look::of(on(true), &preferences).has_unicode
        };
        assert!(unicode("de_DE.UTF-8") && unicode("C.utf8"));
        assert!(!unicode("C") && !unicode("POSIX") && !unicode("de_DE.ISO-8859-1"));
        assert!(!Look::of(on(true), &Preferences::default()).has_unicode);
    }

    #[test]
    fn only_a_terminal_limits_the_width() {
        assert_eq!(Look::of(on(true), &Preferences::default()).columns, 80);
        assert_eq!(Look::of(on(false), &Preferences::default()).columns, usize::MAX);
        let unknown = Terminal { is_terminal: true, columns: Some(0), rows: None };
        assert_eq!(Look::of(unknown, &Preferences::default()).columns, usize::MAX);
    }
}
