//! Logins whose last refresh came to nothing.

use super::finding::{Finding, Severity};
use crate::cli::profiles::Pool;
use crate::cli::text::line::shown;
use crate::cli::text::login_words;
use crate::rotation::login::login_record::LoginState;

pub(crate) fn findings(pool: &Pool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, record) in &pool.logins {
        let (severity, code, advice) = match record.state {
            LoginState::Unknown { .. } => (
                Severity::Warning,
                "refresh-unknown",
                "nothing has to be done: if the next refresh is refused, sign in again",
            ),
            LoginState::Refused { .. } => {
                (Severity::Problem, "login-over", "sign in again with the host")
            }
            _ => continue,
        };
        let what = format!("{}: {}", shown(id), login_words::login(record, pool.now));
        findings.push(Finding::new(severity, code, what, advice).about([id.as_str()]));
    }
    findings
}
