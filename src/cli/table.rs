//! The table of profiles.
//!
//! Invariant: no line is wider than the screen, and what matters least goes first.

use super::gateway::side::GatewaySide;
use super::profiles::Pool;
use crate::cli::text::line::{Ink, Line, shown, width};
use crate::cli::text::terminal::Look;
use crate::cli::text::time_words::{ago, left};
use crate::cli::text::words;
use crate::profiles::status::{State, Status};
use crate::store::edits::candidates::{Entry, soonest};
use crate::time::WallMs;

/// Blank columns after a cell.
fn gap(column: Column) -> usize {
    if column == Column::Marker { 1 } else { 2 }
}

/// Eighths of a cell are told apart where the terminal knows Unicode.
const BAR_CELLS: usize = 8;

/// The columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Marker,
    Profile,
    State,
    Bar,
    Left,
    Why,
    LastUsed,
    Errors,
    Gateway,
}

const ALL: [Column; 9] = [
    Column::Marker,
    Column::Profile,
    Column::State,
    Column::Bar,
    Column::Left,
    Column::Why,
    Column::LastUsed,
    Column::Errors,
    Column::Gateway,
];
/// What is given up on a narrow screen.
#[derive(Debug, Clone, Copy)]
enum Sacrifice {
    Drop(Column),
    /// The provider stands above its profiles; ids need not repeat it.
    Prefixes,
    /// Ids are cut, but to no less than this.
    Ids(usize),
}

const SACRIFICES: [Sacrifice; 9] = [
    Sacrifice::Prefixes,
    Sacrifice::Drop(Column::LastUsed),
    Sacrifice::Drop(Column::Errors),
    Sacrifice::Drop(Column::Bar),
    Sacrifice::Drop(Column::Gateway),
    Sacrifice::Drop(Column::Why),
    Sacrifice::Ids(12),
    Sacrifice::Drop(Column::Left),
    Sacrifice::Ids(4),
];

impl Column {
    fn title(self) -> &'static str {
        match self {
            Self::Marker | Self::Bar => "",
            Self::Profile => "PROFILE",
            Self::State => "STATE",
            Self::Left => "LEFT",
            Self::Why => "WHY",
            Self::LastUsed => "LAST USED",
            Self::Errors => "ERRORS",
            Self::Gateway => "GATEWAY",
        }
    }

    fn cell(self, entry: &Entry, pool: &Pool, is_next: bool, look: &Look) -> Line {
        let status = &entry.status;
        let remaining = status.until.map(|until| until.since(pool.now));
        match self {
            Self::Marker if is_next => Line::of(Ink::Green, marker(look)),
            Self::Marker => Line::default(),
            Self::Profile => Line::plain(shown(&entry.id)),
            Self::State => Line::of(ink(status.state), status.state.name()),
            Self::Bar => {
                share_left(entry, pool.now).map_or_else(Line::default, |share| bar(share, look))
            }
            Self::Left => Line::plain(remaining.map(left).unwrap_or_default()),
            Self::Why => Line::plain(words::why(status, pool.model.as_deref())),
            Self::LastUsed => match entry.stats.last_used.filter(|at| at.as_ms() > 0.0) {
                Some(at) => Line::plain(ago(at, pool.now)),
                None => Line::of(Ink::Dim, "never"),
            },
            Self::Errors => match entry.stats.error_count.unwrap_or(0.0) {
                0.0 => Line::of(Ink::Dim, "0"),
                errors => Line::plain(errors.to_string()),
            },
            Self::Gateway => pool
                .gateway_status(&entry.id)
                .map_or_else(Line::default, |it| gateway(it, pool.now)),
        }
    }
}

/// The whole table with its summary.
#[must_use]
pub(crate) fn table(pool: &Pool, look: &Look) -> Vec<Line> {
    let mut lines = pool.gateway.as_ref().map(|side| side.about.lines()).unwrap_or_default();
    let above = lines.len();
    if pool.entries.is_empty() {
        lines.push(Line::plain("no profiles"));
        return lines.into_iter().map(|line| line.clipped(look.columns, look.ellipsis())).collect();
    }
    let groups = pool.groups();
    let mut rows: Vec<Vec<Line>> = Vec::with_capacity(pool.entries.len());
    for (_, group) in &groups {
        let next = soonest(group.iter().copied(), pool.now).map(|(entry, _)| &entry.id);
        let cells = |entry: &&Entry| {
            let is_next = next == Some(&entry.id);
            ALL.map(|column| column.cell(entry, pool, is_next, look)).into()
        };
        rows.extend(group.iter().map(cells));
    }
    let columns = fitted(&mut rows, pool, look.columns);
    let mut rows = rows.into_iter();
    for (provider, group) in groups {
        let is_first = lines.len() == above;
        lines.push(heading(&provider, &group, pool.now));
        let unwell = words::endpoints(pool, &provider);
        lines.extend(unwell.map(|text| Line::of(Ink::Yellow, format!("  its server {text}"))));
        if is_first {
            let titles = ALL.map(|column| Line::of(Ink::Dim, column.title()));
            lines.push(row(&titles, &columns, look));
        }
        lines.extend(rows.by_ref().take(group.len()).map(|cells| row(&cells, &columns, look)));
        lines.push(Line::default());
    }
    lines.push(legend(pool, look));
    lines.into_iter().map(|line| line.clipped(look.columns, look.ellipsis())).collect()
}

/// The columns that fit, with their widths. May shorten the ids.
fn fitted(rows: &mut [Vec<Line>], pool: &Pool, screen: usize) -> Vec<(Column, usize)> {
    let mut columns: Vec<(Column, usize)> = ALL
        .into_iter()
        .map(|column| (column, natural(rows, column)))
        // No profile rests, so these columns would be empty.
        .filter(|(column, _)| {
            !matches!(column, Column::Bar | Column::Left | Column::Why | Column::Gateway)
                || rows.iter().any(|row| row[place(*column)].width() > 0)
        })
        .collect();
    for sacrifice in SACRIFICES {
        let total: usize = columns.iter().map(|(column, width)| width + gap(*column)).sum();
        let excess = total.saturating_sub(screen.saturating_add(2));
        if excess == 0 {
            break;
        }
        let is_ids = |(column, _): &&mut (Column, usize)| *column == Column::Profile;
        match sacrifice {
            Sacrifice::Drop(column) => columns.retain(|(kept, _)| *kept != column),
            Sacrifice::Prefixes => {
                for (cells, entry) in rows.iter_mut().zip(&pool.entries) {
                    cells[place(Column::Profile)] = Line::plain(shown(short_id(entry)));
                }
                let width = natural(rows, Column::Profile);
                columns.iter_mut().filter(is_ids).for_each(|ids| ids.1 = width);
            }
            Sacrifice::Ids(least) => {
                let cut = |ids: &mut (Column, usize)| {
                    ids.1 = ids.1.saturating_sub(excess).max(least.min(ids.1));
                };
                columns.iter_mut().filter(is_ids).for_each(cut);
            }
        }
    }
    columns
}

/// The width of a column where there is room.
fn natural(rows: &[Vec<Line>], column: Column) -> usize {
    let cells = rows.iter().map(|row| row[place(column)].width());
    cells.chain([width(column.title())]).max().unwrap_or_default()
}

fn place(column: Column) -> usize {
    ALL.iter().position(|it| *it == column).unwrap_or_default()
}

/// An id without its provider, as `why` and `clear` take it too.
#[must_use]
pub(crate) fn short_id(entry: &Entry) -> &str {
    let rest = entry.id.strip_prefix(&entry.provider).and_then(|rest| rest.strip_prefix(':'));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(&entry.id)
}

fn row(cells: &[Line], columns: &[(Column, usize)], look: &Look) -> Line {
    let mut line = Line::default();
    for (number, (column, width)) in columns.iter().enumerate() {
        let cell = cells[place(*column)].clone().clipped(*width, look.ellipsis());
        // Blanks at the end of a line would have to be cut where the screen ends.
        let is_last = number + 1 == columns.len();
        line = line.join(if is_last { cell } else { cell.padded(width + gap(*column)) });
    }
    line
}

/// A provider and how it stands. A gateway asks one provider at a time, so each has its own next profile.
fn heading(provider: &str, group: &[&Entry], now: WallMs) -> Line {
    let ready = group.iter().filter(|entry| entry.status.state == State::Ready).count();
    let line = Line::of(Ink::Bold, shown(provider)).then(Ink::Plain, "  ");
    match soonest(group.iter().copied(), now) {
        None => line.then(Ink::Red, "no profile can be used, and time will not help: see doctor"),
        Some((_, at)) if at > now => line.then(
            Ink::Yellow,
            format!("none of {} ready, the first in {}", group.len(), left(at.since(now))),
        ),
        Some(_) => line.then(Ink::Dim, format!("{ready} of {} ready", group.len())),
    }
}

fn legend(pool: &Pool, look: &Look) -> Line {
    let two = pool.gateway.as_ref().is_some_and(GatewaySide::has_two_books);
    let books = if two { "; GATEWAY: its own books, which the plugin does not follow" } else { "" };
    Line::of(Ink::Green, marker(look)).then(Ink::Dim, format!(" is asked next{books}"))
}

/// How the gateway itself judges, in a cell.
fn gateway(status: &Status, now: WallMs) -> Line {
    let state = status.state.name();
    match status.until {
        Some(until) => Line::of(ink(status.state), format!("{state} {}", left(until.since(now)))),
        None if status.state == State::Ready => Line::of(Ink::Dim, state),
        None => Line::of(ink(status.state), state),
    }
}

fn marker(look: &Look) -> &'static str {
    look.pick("▸", ">")
}

/// A state's colour.
#[must_use]
pub(crate) fn ink(state: State) -> Ink {
    match state {
        State::Ready => Ink::Green,
        State::Cooling => Ink::Yellow,
        State::Disabled | State::Unusable(_) => Ink::Red,
    }
}

/// How much of the wait is left; unknown without a time of failure.
fn share_left(entry: &Entry, now: WallMs) -> Option<f64> {
    let until = entry.status.until?;
    let began =
        entry.stats.last_failure_at.filter(|at| at.as_ms() > 0.0 && *at <= now && *at < until)?;
    Some(((until - now) / (until - began)).clamp(0.0, 1.0))
}

/// A bar that empties.
fn bar(share: f64, look: &Look) -> Line {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if !look.has_unicode {
        let full = ((share * BAR_CELLS as f64).ceil() as usize).min(BAR_CELLS);
        let rest = ".".repeat(BAR_CELLS - full);
        return Line::of(Ink::Yellow, "#".repeat(full)).then(Ink::Dim, rest);
    }
    let eighths = (share * (8 * BAR_CELLS) as f64).ceil() as usize;
    let (full, part) = (eighths / 8, eighths % 8);
    let empty = BAR_CELLS - full - usize::from(part > 0);
    Line::of(Ink::Yellow, ["█".repeat(full).as_str(), EIGHTHS[part]].concat())
        .then(Ink::Dim, "·".repeat(empty))
}

#[cfg(test)]
mod tests;
