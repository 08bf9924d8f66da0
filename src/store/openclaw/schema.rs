//! Which databases are known, and why one cannot be read.
//!
//! Invariant: a schema that was never looked at is refused by its name, not guessed at.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::question::Rows;

/// Versions of an agent's database and the gateway that wrote it.
pub(crate) const AGENT: &[(i64, &str)] = &[(1, "2026.7.1"), (23, "2026.9.6")];
/// Of the state database.
pub(crate) const STATE: &[(i64, &str)] = &[(1, "2026.7.1"), (18, "2026.9.6")];

/// Why a gateway's accounts cannot be read. No text of a row is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This Node cannot read SQLite.
    NoSqlite {
        node: String,
        database: PathBuf,
    },
    /// A newer or older gateway's database.
    Schema {
        database: PathBuf,
        found: i64,
        known: &'static [(i64, &'static str)],
    },
    Unreadable {
        database: PathBuf,
        problem: String,
    },
}

impl Fault {
    /// A stable name for programs.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoSqlite { .. } => "no-sqlite",
            Self::Schema { .. } => "unknown-schema",
            Self::Unreadable { .. } => "unreadable-database",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSqlite { node, database } => write!(
                formatter,
                "this gateway keeps its accounts in SQLite databases ({}), which Node reads since 22.13, and this is \
                 Node {}; run it with a newer one, for example the gateway's own, or see: openclaw models status",
                database.display(),
                node.trim_start_matches('v')
            ),
            Self::Schema { database, found, known } => {
                let known: Vec<String> = known
                    .iter()
                    .map(|(version, gateway)| format!("{version} (openclaw {gateway})"))
                    .collect();
                write!(
                    formatter,
                    "{} has schema {found}, and only {} are known; it was left untouched: update auth-failover, or see: \
                     openclaw models status",
                    database.display(),
                    known.join(" and ")
                )
            }
            Self::Unreadable { database, problem } => {
                write!(
                    formatter,
                    "{} cannot be read ({problem}); it was left untouched",
                    database.display()
                )
            }
        }
    }
}

/// Refuses what is not known. The version, or `None` for a database that is not there.
pub(crate) fn check(
    rows: &Rows,
    database: &Path,
    known: &'static [(i64, &'static str)],
) -> Result<Option<i64>, Fault> {
    if rows.missing {
        return Ok(None);
    }
    let unreadable = |problem: &str| Fault::Unreadable {
        database: database.to_path_buf(),
        problem: problem.to_owned(),
    };
    if let Some(problem) = &rows.error {
        return Err(unreadable(problem));
    }
    let version = rows.of("version").map_err(unreadable)?;
    let found = version
        .first()
        .and_then(|row| row.values().next())
        .and_then(Value::as_i64)
        .unwrap_or_default();
    if known.iter().any(|(version, _)| *version == found) {
        return Ok(Some(found));
    }
    Err(Fault::Schema { database: database.to_path_buf(), found, known })
}
