//! `classify`: what an answer means and which part of it decided. It is how people send us cases.

mod curl_answer;
mod intake;
mod remedy;
mod rendering;
mod rules_file;

use intake::Intake;
use rendering::Verdict;
use rules_file::NoRules;

use crate::cli::profiles::View;
use crate::cli::text::terminal::Look;
use crate::error::Error;
use crate::time::WallMs;

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Case {
    /// `None` and `-` are standard input.
    pub file: Option<String>,
    /// Instead of the one in the answer.
    pub status: Option<u16>,
    /// A file with rules of the caller's own.
    pub rules: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Classified {
        text: String,
        /// A remark that is no part of the answer.
        note: Option<String>,
    },
    /// There is nothing to read.
    Nothing(&'static str),
    WrongRules(String),
    Unreadable(String),
}

const NO_INPUT: &str = "classify reads a file or standard input, and that is a terminal here; \
                        try: curl -i ... | auth-failover classify, or auth-failover classify FILE";
const EMPTY: &str = "there is nothing to classify: the input is empty; give it the answer that \
                     curl -i shows, or at least --status";

/// Reads the answer and says what it means.
pub(crate) async fn classify(
    case: &Case,
    asked: &View,
    is_for_programs: bool,
    look: &Look,
    now: WallMs,
) -> Result<Outcome, Error> {
    let rules = match &case.rules {
        Some(file) => rules_file::read(file).await?,
        None => Ok(Vec::new()),
    };
    let rules = match rules {
        Ok(rules) => rules,
        Err(NoRules::Wrong(why)) => return Ok(Outcome::WrongRules(why)),
        Err(NoRules::Unreadable(why)) => {
            return Ok(Outcome::Unreadable(format!("the rules cannot be read: {why}")));
        }
    };
    let (text, is_cut) = match intake::read(case.file.as_deref()).await? {
        Intake::Text { text, is_cut } => (text, is_cut),
        Intake::Terminal if case.status.is_some() => (String::new(), false),
        Intake::Terminal => return Ok(Outcome::Nothing(NO_INPUT)),
        Intake::Unreadable { why } => {
            return Ok(Outcome::Unreadable(format!("the input cannot be read: {why}")));
        }
    };
    let mut answer = curl_answer::read(&text);
    answer.status = case.status.or(answer.status);
    if answer == curl_answer::Answer::default() {
        return Ok(Outcome::Nothing(EMPTY));
    }
    let verdict = Verdict::of(&answer, asked, &rules, now);
    let text = if is_for_programs { verdict.json() } else { verdict.text(look) };
    let note = is_cut.then(|| "only the first 1 MiB of the input was read".to_owned());
    Ok(Outcome::Classified { text, note })
}
