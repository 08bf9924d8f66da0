//! A finding and how it is said.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::gateway::side::About;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, shown, wrap};
use crate::cli::text::terminal::Look;
use crate::cli::text::words::count;

/// How much it matters, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Profiles cannot be used, or secrets lie open.
    Problem,
    /// Works, but not as expected.
    Warning,
    /// Good to know; nothing has to be done.
    Note,
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Problem => Ink::Red,
            Self::Warning => Ink::Yellow,
            Self::Note => Ink::Dim,
        }
    }

    fn mark(self, look: &Look) -> &'static str {
        match self {
            Self::Problem => look.pick("✗", "x"),
            Self::Warning => "!",
            Self::Note => look.pick("·", "-"),
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub severity: Severity,
    /// A stable name for programs.
    pub code: &'static str,
    /// A sentence without its full stop.
    pub what: String,
    /// The remedy; without a full stop too, as a command to copy may stand last.
    pub advice: String,
    /// Ids of the profiles concerned.
    pub profiles: Vec<String>,
}

impl Finding {
    pub(crate) fn new(
        severity: Severity,
        code: &'static str,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (what, advice) = (what.into(), advice.into());
        Self { severity, code, what, advice, profiles: Vec::new() }
    }

    #[must_use]
    pub(crate) fn about<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Self {
        self.profiles.extend(ids.into_iter().map(str::to_owned));
        self
    }
}

/// How many profiles there are, and can be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub all: usize,
    pub ready: usize,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub store: PathBuf,
    /// `None` if the store cannot be read.
    pub profiles: Option<Tally>,
    /// The current gateway, if the accounts are its and can be read.
    pub about: Option<About>,
    /// Worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether more than notes was found.
    #[must_use]
    pub(crate) fn needs_attention(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity < Severity::Note)
    }

    #[must_use]
    pub(crate) fn json(&self) -> String {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "severity": finding.severity.name(),
                    "code": finding.code,
                    "what": finding.what,
                    "advice": finding.advice,
                    "profiles": finding.profiles,
                })
            })
            .collect();
        let mut value = json!({
            "store": self.store.to_string_lossy(),
            "profiles": self.profiles.map(|tally| tally.all),
            "ready": self.profiles.map(|tally| tally.ready),
            "findings": findings,
        });
        if let Some(about) = &self.about {
            value["gateway"] = about.json();
        }
        for_programs::pretty(&value)
    }

    #[must_use]
    pub(crate) fn lines(&self, look: &Look) -> Vec<Line> {
        let mut lines = vec![Line::of(Ink::Bold, shown(&self.store.to_string_lossy()))];
        if let Some(Tally { all, ready }) = self.profiles {
            lines.push(Line::of(Ink::Dim, format!("{}, {ready} ready", count(all, "profile"))));
        }
        lines.extend(self.about.iter().flat_map(About::lines));
        lines.push(Line::default());
        for finding in &self.findings {
            let Finding { severity, code, what, advice, .. } = finding;
            let mark = severity.mark(look);
            lines.push(Line::of(severity.ink(), mark).then(Ink::Dim, format!(" {code}")));
            // Ids and paths were made safe where the sentence was put together.
            lines.extend(paragraph(&format!("{what}."), "  ", "  ", look));
            let arrow = look.pick("  → ", "  > ");
            lines.extend(paragraph(advice, arrow, "    ", look));
        }
        lines.extend((!self.findings.is_empty()).then(Line::default));
        lines.push(self.summary());
        lines
    }

    fn summary(&self) -> Line {
        let of = |severity| self.findings.iter().filter(|it| it.severity == severity).count();
        let counts: Vec<String> = [Severity::Problem, Severity::Warning, Severity::Note]
            .into_iter()
            .filter(|severity| of(*severity) > 0)
            .map(|severity| count(of(severity), severity.name()))
            .collect();
        if self.needs_attention() {
            return Line::plain(counts.join(", "));
        }
        let fine = "nothing needs attention: permissions, locks, clock, credentials, orders";
        let notes = if counts.is_empty() { String::new() } else { format!("; {}", counts[0]) };
        Line::of(Ink::Green, fine).then(Ink::Dim, notes)
    }
}

/// Prose as wide as the screen allows. Paths and commands are not cut: they are there to be copied.
fn paragraph(text: &str, first: &str, rest: &str, look: &Look) -> Vec<Line> {
    let columns = look.columns.min(100).saturating_sub(4);
    let lines = wrap(text, columns).into_iter().enumerate();
    lines
        .map(|(number, line)| Line::plain([if number == 0 { first } else { rest }, &line].concat()))
        .collect()
}
