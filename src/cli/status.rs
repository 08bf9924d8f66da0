//! The table of profiles.
//!
//! Invariant: no line is wider than the screen. What matters least goes first: last use, errors, the bar, the reason;
//! then ids are cut.

use super::line::{Ink, Line, shown, width};
use super::pool::Pool;
use super::terminal::Look;
use super::time::{ago, left};
use super::words;
use crate::profiles::status::State;
use crate::store::candidates::{Entry, soonest};

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
}

const ALL: [Column; 8] = [
    Column::Marker,
    Column::Profile,
    Column::State,
    Column::Bar,
    Column::Left,
    Column::Why,
    Column::LastUsed,
    Column::Errors,
];
/// In this order columns go when the screen is narrow.
const DISPENSABLE: [Column; 5] =
    [Column::LastUsed, Column::Errors, Column::Bar, Column::Why, Column::Left];

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
        }
    }

    fn cell(self, entry: &Entry, pool: &Pool, is_next: bool, look: &Look) -> Line {
        let status = &entry.status;
        let remaining = status.until.map(|until| until - pool.now);
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
            Self::LastUsed => match entry.stats.last_used.filter(|at| *at > 0.0) {
                Some(at) => Line::plain(ago(at, pool.now)),
                None => Line::of(Ink::Dim, "never"),
            },
            Self::Errors => match entry.stats.error_count.unwrap_or(0.0) {
                0.0 => Line::of(Ink::Dim, "0"),
                errors => Line::plain(errors.to_string()),
            },
        }
    }
}

/// The whole table with its summary.
#[must_use]
pub fn table(pool: &Pool, look: &Look) -> Vec<Line> {
    if pool.entries.is_empty() {
        return vec![Line::plain("no profiles").clipped(look.columns, look.ellipsis())];
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
    let columns = chosen(&rows, look.columns);
    let mut lines = Vec::new();
    let mut rows = rows.into_iter();
    for (provider, group) in groups {
        lines.push(heading(&provider, &group, pool.now));
        if lines.len() == 1 {
            let titles = ALL.map(|column| Line::of(Ink::Dim, column.title())).into();
            lines.push(row(titles, &columns, look));
        }
        lines.extend(rows.by_ref().take(group.len()).map(|cells| row(cells, &columns, look)));
        lines.push(Line::default());
    }
    lines.push(legend(look));
    lines.into_iter().map(|line| line.clipped(look.columns, look.ellipsis())).collect()
}

/// The columns that fit, with their widths; the ids get what is left if they must be cut.
fn chosen(rows: &[Vec<Line>], screen: usize) -> Vec<(Column, usize)> {
    let natural = |column: Column| {
        let place = ALL.iter().position(|it| *it == column).unwrap_or_default();
        let cells = rows.iter().map(|row| row[place].width());
        cells.chain([width(column.title())]).max().unwrap_or_default()
    };
    let mut columns: Vec<(Column, usize)> = ALL
        .into_iter()
        .map(|column| (column, natural(column)))
        // Nobody rests: no time is left, and nothing is to be said.
        .filter(|(column, width)| {
            !matches!(column, Column::Bar | Column::Left | Column::Why)
                || *width > super::line::width(column.title())
        })
        .collect();
    let total = |columns: &[(Column, usize)]| {
        columns.iter().map(|(column, width)| width + gap(*column)).sum::<usize>().saturating_sub(2)
    };
    for dispensable in DISPENSABLE {
        if total(&columns) <= screen {
            return columns;
        }
        columns.retain(|(column, _)| *column != dispensable);
    }
    let excess = total(&columns).saturating_sub(screen);
    for (column, width) in &mut columns {
        if *column == Column::Profile {
            *width = width.saturating_sub(excess).max(4);
        }
    }
    columns
}

fn row(cells: Vec<Line>, columns: &[(Column, usize)], look: &Look) -> Line {
    let mut line = Line::default();
    for (column, cell) in ALL.into_iter().zip(cells) {
        if let Some((_, width)) = columns.iter().find(|(chosen, _)| *chosen == column) {
            line = line.join(cell.clipped(*width, look.ellipsis()).padded(width + gap(column)));
        }
    }
    line
}

/// A provider and how it stands. A gateway asks one provider at a time, so each has its own next profile.
fn heading(provider: &str, group: &[&Entry], now: f64) -> Line {
    let ready = group.iter().filter(|entry| entry.status.state == State::Ready).count();
    let line = Line::of(Ink::Bold, shown(provider)).then(Ink::Plain, "  ");
    match soonest(group.iter().copied(), now) {
        None => line.then(Ink::Red, "no profile can be used, and time will not help: see doctor"),
        Some((_, at)) if at > now => line.then(
            Ink::Yellow,
            format!("none of {} ready, the first in {}", group.len(), left(at - now)),
        ),
        Some(_) => line.then(Ink::Dim, format!("{ready} of {} ready", group.len())),
    }
}

fn legend(look: &Look) -> Line {
    Line::of(Ink::Green, marker(look)).then(Ink::Dim, " is asked next")
}

fn marker(look: &Look) -> &'static str {
    look.pick("▸", ">")
}

/// A state's colour.
#[must_use]
pub fn ink(state: State) -> Ink {
    match state {
        State::Ready => Ink::Green,
        State::Cooling => Ink::Yellow,
        State::Disabled | State::Unusable(_) => Ink::Red,
    }
}

/// How much of the wait is left. Without a failure to count from nobody knows.
fn share_left(entry: &Entry, now: f64) -> Option<f64> {
    let until = entry.status.until?;
    let began = entry.stats.last_failure_at.filter(|at| *at > 0.0 && *at <= now && *at < until)?;
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
