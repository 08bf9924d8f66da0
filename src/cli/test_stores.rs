//! Stores for the tests of this folder.

use std::time::Duration;

use super::profiles::{Pool, View};
use crate::cli::text::line::render;
use crate::cli::text::terminal::Look;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;
use crate::time::WallMs;

pub(crate) const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
/// What no output may contain.
pub(crate) const SECRET: &str = "s3cr3t";

/// Without colours, with Unicode.
pub(crate) const fn look(columns: usize) -> Look {
    Look { has_colour: false, has_unicode: true, can_redraw: true, columns, rows: usize::MAX }
}

pub(crate) fn documents(text: &str) -> Documents {
    Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
}

/// A store with logins of one provider, named `names`, and whatever `rest` adds to its top level.
pub(crate) fn store(names: &[&str], rest: &str) -> String {
    let profiles: Vec<String> = names
        .iter()
        .map(|name| {
            format!(r#""{name}":{{"type":"oauth","provider":"gem","refresh":"{SECRET}-{name}"}}"#)
        })
        .collect();
    format!(r#"{{"version":1,"profiles":{{{}}}{rest}}}"#, profiles.join(","))
}

pub(crate) fn pool(text: &str, model: Option<&str>) -> Pool {
    let view = View { provider: None, model: model.map(str::to_owned) };
    Pool::of(&documents(text), &view, NOW)
}

pub(crate) fn text(lines: &[crate::cli::text::line::Line]) -> String {
    let text = render(lines, false);
    assert!(!text.contains(SECRET), "{text}");
    text
}
