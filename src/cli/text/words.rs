//! The host's words in plain ones.

use super::line::shown;
use super::time_words::left;
use crate::cli::profiles::Pool;
use crate::profiles::credential::Unusable;
use crate::profiles::status::{State, Status, Window};

/// A reason for a window, as the host stores it.
#[must_use]
pub(crate) fn reason(reason: Option<&str>) -> String {
    match reason {
        Some("rate_limit") => "rate limit".to_owned(),
        Some("billing") => "billing".to_owned(),
        Some("auth" | "session_expired") => "login refused".to_owned(),
        Some("auth_permanent") => "account refused".to_owned(),
        Some("timeout") => "timeout".to_owned(),
        Some("overloaded") => "server overloaded".to_owned(),
        Some("model_not_found") => "model not found".to_owned(),
        Some("format") => "request refused".to_owned(),
        None | Some("unknown" | "unclassified") => "failure of unknown kind".to_owned(),
        Some(other) => shown(other),
    }
}

/// Why a profile cannot be used, in a table.
#[must_use]
pub(crate) fn unusable(why: Unusable) -> &'static str {
    match why {
        Unusable::UnknownType => "unknown type",
        Unusable::NoSecret => "no credential",
        Unusable::Expired => "token expired",
        Unusable::NotInOrder => "not in the order",
        Unusable::Paused => "by hand",
    }
}

/// A profile's standing, in a table.
#[must_use]
pub(crate) fn why(status: &Status, model: Option<&str>) -> String {
    if let State::Unusable(why) = status.state {
        return unusable(why).to_owned();
    }
    let Some(window) = last(status, model) else {
        return match status.windows.len() {
            0 => String::new(),
            1 => "1 other model rests".to_owned(),
            more => format!("{more} other models rest"),
        };
    };
    let mut text = reason(window.reason.as_deref());
    if let Some(model) = &window.model {
        text = format!("{text} on {}", shown(model));
    }
    match &window.source {
        Some(source) => format!("{text} ({})", shown(source)),
        None => text,
    }
}

/// The window that keeps a profile from being asked longest.
#[must_use]
pub(crate) fn last<'a>(status: &'a Status, model: Option<&str>) -> Option<&'a Window> {
    let until = status.until?;
    let concerns = |window: &&Window| {
        window.until == until
            && (model.is_none() || window.model.is_none() || window.model.as_deref() == model)
    };
    status.windows.iter().find(concerns)
}

/// What its provider's server does meanwhile, for each model that it fails for.
pub(crate) fn endpoints<'a>(
    pool: &'a Pool,
    provider: &'a str,
) -> impl Iterator<Item = String> + use<'a> {
    let unwell = pool.endpoints.iter().filter(move |it| it.endpoint.provider == provider);
    unwell.map(|it| {
        let model = it.endpoint.model.as_deref().map(|model| format!(" for {}", shown(model)));
        let again = match it.until() {
            Some(until) => format!("asked again in {}", left(until.since(pool.now))),
            None => "the next request tries it out".to_owned(),
        };
        format!("does not answer{}, whoever asks: {again}", model.unwrap_or_default())
    })
}

/// "1 profile", "2 profiles".
#[must_use]
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// An id or a path as an argument of a shell.
#[must_use]
pub(crate) fn argument(word: &str) -> String {
    let shown = shown(word);
    let word = if cfg!(windows) { for_windows(&shown) } else { for_unix(&shown) };
    if word.starts_with('-') { format!("-- {word}") } else { word }
}

fn for_unix(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "@%+=:,./-_".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// For `cmd` and PowerShell alike: single quotes are none to the one, and commas and percent signs mean something.
fn for_windows(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ":./\\-_@".contains(char);
    if !word.is_empty() && !word.starts_with('@') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_argument_whatever_is_in_it() {
        assert_eq!(
            for_unix("google-gemini-cli:anna@example.com"),
            "google-gemini-cli:anna@example.com"
        );
        assert_eq!(for_unix("it's me; rm"), r"'it'\''s me; rm'");
        assert_eq!(argument("-x"), "-- -x");
        assert_eq!(for_unix(""), "''");
        assert!(argument("a\u{1b}b").contains("a\\u{1b}b"));
    }

    #[test]
    fn a_path_of_windows_is_one_argument_of_its_shells() {
        assert_eq!(for_windows(r"C:\Users\anna\.openclaw"), r"C:\Users\anna\.openclaw");
        assert_eq!(for_windows(r"C:\My Files\a,b"), r#""C:\My Files\a,b""#);
        assert_eq!(for_windows(""), "\"\"");
    }

    #[test]
    fn reasons_are_plain_words_and_unknown_ones_stay() {
        assert_eq!(reason(Some("rate_limit")), "rate limit");
        assert_eq!(reason(None), "failure of unknown kind");
        assert_eq!(reason(Some("odd\u{7}")), "odd\\u{7}");
    }
}
