//! `watch`: the table kept current on a terminal, or a line for each change where there is none.
//!
//! Invariant: only what has changed is written. A store that cannot be read for a while does not end the watch: that is
//! said once, and the store is read again.

use std::time::Duration;

use serde_json::json;

use super::changes::{Change, changes};
use super::trigger::Trigger;
use crate::cli::profiles::{Pool, View};
use crate::cli::source::{Source, Trouble};
use crate::cli::table;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, shown};
use crate::cli::text::terminal::Look;
use crate::cli::text::time_words::iso;
use crate::time::WallMs;

/// The smallest unit of a time left.
const TICK: Duration = Duration::from_secs(1);
/// Without a screen there is no tick; if the clock is set, the end of a wait is noticed after this time at the latest.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A running watch.
#[derive(Debug)]
pub(crate) struct Watch {
    source: Source,
    view: View,
    is_json: bool,
    trigger: Trigger,
    seen: Option<Pool>,
    fault: Option<String>,
    screen: Screen,
}

impl Watch {
    #[must_use]
    pub(crate) fn new(source: Source, view: View, is_json: bool) -> Self {
        let trigger = Trigger::new(&source);
        Self { source, view, is_json, trigger, seen: None, fault: None, screen: Screen::default() }
    }

    /// Waits for the next text. Fails only if the store cannot be read at the start.
    pub(crate) async fn next(&mut self, look: &Look) -> Result<String, Trouble> {
        loop {
            if self.seen.is_some() {
                self.trigger.wait(self.pause(look)).await;
            }
            self.trigger.arm().await;
            let at = WallMs::now();
            let text = match self.source.pool(&self.view, at).await {
                Ok(pool) => self.show(pool, look),
                Err(trouble) if self.seen.is_none() => return Err(trouble),
                Err(trouble) => self.complain(&trouble, at, look),
            };
            if !text.is_empty() {
                return Ok(text);
            }
        }
    }

    /// Until something may have changed by itself.
    fn pause(&self, look: &Look) -> Duration {
        if self.has_screen(look) {
            return TICK;
        }
        let at = WallMs::now();
        let entries = self.seen.iter().flat_map(|pool| &pool.entries);
        let ends = entries.flat_map(|entry| &entry.status.windows).map(|it| it.until.since(at));
        ends.min().unwrap_or(LONGEST_PAUSE).clamp(Duration::from_millis(1), LONGEST_PAUSE)
    }

    fn has_screen(&self, look: &Look) -> bool {
        look.can_redraw && !self.is_json
    }

    fn show(&mut self, pool: Pool, look: &Look) -> String {
        self.fault = None;
        let text = if self.has_screen(look) {
            self.screen.draw(table::table(&pool, look), look)
        } else {
            let before = self.seen.as_ref();
            let said = if self.is_json { Change::json } else { Change::line };
            changes(before, &pool).iter().map(|change| said(change, before, &pool)).collect()
        };
        self.seen = Some(pool);
        text
    }

    /// Says once why there is nothing new to see.
    fn complain(&mut self, error: &Trouble, at: WallMs, look: &Look) -> String {
        let message = shown(&error.to_string());
        if self.has_screen(look) {
            let line = Line::of(Ink::Red, message).clipped(look.columns, look.ellipsis());
            return self.screen.draw(vec![line], look);
        }
        if self.fault.as_deref() == Some(error.code()) {
            return String::new();
        }
        self.fault = Some(error.code().to_owned());
        if self.is_json {
            let (at, code) = (for_programs::moment(Some(at)), error.code());
            let event = json!({ "at": at, "event": "error", "code": code, "message": message });
            return for_programs::compact(&event);
        }
        format!("{} error: {message}\n", iso(at))
    }
}

/// What stands on the terminal.
#[derive(Debug, Default)]
struct Screen {
    lines: Vec<String>,
    columns: usize,
}

impl Screen {
    /// Writes over what it wrote before; nothing if it is the same.
    fn draw(&mut self, lines: Vec<Line>, look: &Look) -> String {
        let lines = fit(lines, look);
        let lines: Vec<String> = lines.iter().map(|line| line.render(look.has_colour)).collect();
        if lines == self.lines && look.columns == self.columns {
            return String::new();
        }
        let mut text = match self.lines.len() {
            0 => String::new(),
            // The terminal has wrapped the old lines at another width, so their number is unknown.
            _ if look.columns != self.columns => "\u{1b}[2J\u{1b}[H".to_owned(),
            above => format!("\u{1b}[{above}A\r"),
        };
        for line in &lines {
            text.extend([line, "\u{1b}[K\n"]);
        }
        text.push_str("\u{1b}[J");
        *self = Self { lines, columns: look.columns };
        text
    }
}

/// What has no room on the screen would scroll away, and could not be written over.
fn fit(mut lines: Vec<Line>, look: &Look) -> Vec<Line> {
    let room = look.rows.saturating_sub(1);
    if lines.len() > room {
        let hidden = lines.len() - room + 1;
        lines.truncate(room - 1);
        lines.push(Line::of(Ink::Dim, format!("{} {hidden} more lines", look.ellipsis())));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_stores::look;

    fn lines(texts: &[&str]) -> Vec<Line> {
        texts.iter().map(|text| Line::plain(*text)).collect()
    }

    #[test]
    fn a_screen_is_written_over_in_place() {
        let mut screen = Screen::default();
        let first = screen.draw(lines(&["a", "b"]), &look(80));
        assert_eq!(first, "a\u{1b}[K\nb\u{1b}[K\n\u{1b}[J");
        assert_eq!(screen.draw(lines(&["a", "b"]), &look(80)), "");
        assert_eq!(screen.draw(lines(&["c"]), &look(80)), "\u{1b}[2A\rc\u{1b}[K\n\u{1b}[J");
    }

    #[test]
    fn another_width_clears_the_screen() {
        let mut screen = Screen::default();
        screen.draw(lines(&["a"]), &look(80));
        assert!(screen.draw(lines(&["a"]), &look(70)).starts_with("\u{1b}[2J\u{1b}[H"));
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let low = Look { rows: 4, ..look(80) };
        let shown: Vec<String> =
            fit(lines(&["a", "b", "c", "d"]), &low).iter().map(|line| line.render(false)).collect();
        assert_eq!(shown, ["a", "b", "… 2 more lines"]);
        assert_eq!(fit(lines(&["a", "b", "c"]), &low).len(), 3);
    }
}
