//! Stores for the tests of this folder.

use super::line::render;
use super::pool::{Pool, View};
use super::terminal::Look;
use crate::store::document::Document;
use crate::store::marks::Documents;

pub(super) const NOW: f64 = 1_770_000_000_000.0;
pub(super) const MINUTE: f64 = 60_000.0;
pub(super) const HOUR: f64 = 60.0 * MINUTE;
/// What no output may contain.
pub(super) const SECRET: &str = "s3cr3t";

/// Without colours, with Unicode.
pub(super) const fn look(columns: usize) -> Look {
    Look { has_colour: false, has_unicode: true, can_redraw: true, columns, rows: usize::MAX }
}

pub(super) fn documents(text: &str) -> Documents {
    Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
}

/// A store with logins of one provider, named `names`, and whatever `rest` adds to its top level.
pub(super) fn store(names: &[&str], rest: &str) -> String {
    let profiles: Vec<String> = names
        .iter()
        .map(|name| {
            format!(r#""{name}":{{"type":"oauth","provider":"gem","refresh":"{SECRET}-{name}"}}"#)
        })
        .collect();
    format!(r#"{{"version":1,"profiles":{{{}}}{rest}}}"#, profiles.join(","))
}

pub(super) fn pool(text: &str, model: Option<&str>) -> Pool {
    let view = View { provider: None, model: model.map(str::to_owned) };
    Pool::of(&documents(text), &view, NOW)
}

pub(super) fn text(lines: &[super::line::Line]) -> String {
    let text = render(lines, false);
    assert!(!text.contains(SECRET), "{text}");
    text
}
