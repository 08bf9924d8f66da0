//! The answer of `classify`: the record, what decided, what else was seen, and what follows from it.
//!
//! Invariant: people post this. Nothing is in it but the record, whose texts are redacted, and names that
//! [`explain`] found; a link loses its query, which may admit to an account.

use std::time::Duration;

use serde_json::{Value, json};

use super::curl_answer::Answer;
use super::remedy::{remedy, rests};
use crate::cli::profiles::View;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown, wrap};
use crate::cli::text::terminal::Look;
use crate::cli::text::time_words::{left, stamp};
use crate::failure::own_rules::OwnRule;
use crate::failure::redact::redact_to;
use crate::failure::{Evidence, Failure, Finding, Place, Scope, Trust, explain};
use crate::profiles::provider::normalize_provider_id;
use crate::time::{WallMs, duration};

/// What fits into an issue or a chat.
const WIDEST: usize = 80;
const LABEL: usize = 11;
/// So much of the server's words, for people; programs get all that the record has.
const MOST_TEXT: usize = 400;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    failure: Failure,
    findings: Vec<Finding>,
    now: WallMs,
}

impl Verdict {
    #[must_use]
    pub(crate) fn of(answer: &Answer, asked: &View, rules: &[OwnRule], now: WallMs) -> Self {
        let provider = asked.provider.as_deref().map(normalize_provider_id);
        let (mut failure, findings) = explain(&Evidence {
            status: answer.status,
            headers: &answer.headers,
            body: answer.body.as_deref().map(str::as_bytes),
            message: answer.message.as_deref(),
            model: asked.model.as_deref(),
            provider: provider.as_deref(),
            rules,
            now_ms: now.whole_ms(),
            ..Evidence::default()
        });
        failure.url = failure.url.as_deref().map(without_query);
        Self { failure, findings, now }
    }

    #[must_use]
    pub(crate) fn json(&self) -> String {
        let findings = self.findings.iter().map(|it| {
            json!({
                "place": it.place.name(),
                "text": it.text,
                "says": it.says,
                "decisive": it.is_decisive,
            })
        });
        let findings: Vec<Value> = findings.collect();
        for_programs::pretty(&json!({ "failure": self.failure, "findings": findings }))
    }

    #[must_use]
    pub(crate) fn text(&self, look: &Look) -> String {
        let columns = look.columns.min(WIDEST);
        let mut lines = Vec::new();
        for (label, ink, text) in self.facts() {
            lines.extend(entry(label, ink, &shown(&text), columns));
        }
        for (title, is_decisive) in [("decided by", true), ("also seen", false)] {
            let mut listed =
                self.findings.iter().filter(|it| it.is_decisive == is_decisive).peekable();
            if listed.peek().is_some() {
                lines.extend([Line::default(), Line::of(Ink::Bold, title)]);
            }
            for finding in listed {
                let label = format!("  {}", finding.place.name());
                lines.extend(entry(&label, Ink::Plain, &shown(&said(finding)), columns));
            }
        }
        lines.push(Line::default());
        lines.extend(entry("rests", Ink::Plain, &rests(&self.failure), columns));
        lines.extend(entry("to do", Ink::Plain, remedy(self.failure.class), columns));
        render(&lines, look.has_colour)
    }

    fn facts(&self) -> Vec<(&'static str, Ink, String)> {
        let failure = &self.failure;
        let (asked, ink) = if failure.rotate {
            ("yes: another account may answer", Ink::Green)
        } else {
            ("no: another account would not help", Ink::Yellow)
        };
        let status = failure.status.map(|status| status.to_string());
        let mut facts = vec![
            ("class", Ink::Bold, failure.class.name().to_owned()),
            ("scope", Ink::Plain, scope(failure.scope).to_owned()),
            ("ask others", ink, asked.to_owned()),
            ("wait", Ink::Plain, self.wait()),
            ("rule", Ink::Plain, failure.rule.name().to_owned()),
        ];
        let text = Some(redact_to(&failure.text, MOST_TEXT)).filter(|text| !text.is_empty());
        let others = [
            ("status", &status),
            ("reason", &failure.reason),
            ("model", &failure.model),
            ("quota", &failure.quota_id),
            ("trace id", &failure.trace_id),
            ("link", &failure.url),
            ("text", &text),
        ];
        facts.extend(
            others
                .into_iter()
                .filter_map(|(label, text)| text.clone().map(|text| (label, Ink::Plain, text))),
        );
        facts
    }

    fn wait(&self) -> String {
        let failure = &self.failure;
        let Some(ms) = failure.retry_after_ms else { return "not stated".to_owned() };
        let at = failure.reset_at.map_or(self.now, |at| WallMs::new(at as f64));
        let source = failure.source.map_or("given", |source| source.name());
        let capped = match failure.trust {
            Some(Trust::Capped) => ", shortened: nothing else supports so long a wait",
            _ => "",
        };
        format!("{}, until {} ({source}{capped})", left(Duration::from_millis(ms)), stamp(at))
    }
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Model => "model: this account with this model",
        Scope::Pool => "pool: this account with the models that share a quota",
        Scope::Account => "account: this account with every model",
        Scope::Endpoint => "endpoint: this server, whoever asks",
        Scope::Request => "request: this request, whoever sends it",
    }
}

fn said(finding: &Finding) -> String {
    match (finding.place, finding.says.as_str()) {
        (Place::Wait, ms) => match ms.parse() {
            Ok(ms) => format!("{}: {}", finding.text, left(duration(ms))),
            Err(_) => finding.text.clone(),
        },
        (Place::Words, group) => format!("\"{}\": {group}", finding.text),
        (_, "") => finding.text.clone(),
        (_, says) => format!("{}: {says}", finding.text),
    }
}

/// A label and its text, wrapped; a word that no line can hold is broken.
fn entry(label: &str, ink: Ink, text: &str, columns: usize) -> Vec<Line> {
    let room = columns.saturating_sub(LABEL).max(1);
    let pieces = wrap(text, room).into_iter().flat_map(|line| broken(&line, room));
    let lines = pieces.enumerate().map(|(number, piece)| {
        let label = if number == 0 { label } else { "" };
        Line::of(Ink::Dim, format!("{label:LABEL$}")).then(ink, piece)
    });
    lines.collect()
}

fn broken(line: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in line.chars() {
        let wide = crate::cli::text::line::width(letter.encode_utf8(&mut [0; 4]));
        if used + wide > room {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        pieces.last_mut().unwrap_or(&mut String::new()).push(letter);
    }
    pieces
}

fn without_query(url: &str) -> String {
    match url.find(['?', '#']) {
        Some(end) => format!("{}?[redacted]", &url[..end]),
        None => url.to_owned(),
    }
}
