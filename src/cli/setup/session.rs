//! One run of `auth-failover openclaw …`, step by step.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::plan::{self, Task};
use super::wish::{self, Action, Wish};
use crate::cli::invocation::exit;
use crate::cli::text::line::shown;
use crate::store::file::paths::Environment;

/// Texts to write, then a command to run with its end told by the next call, or the exit code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub stdout: String,
    pub stderr: String,
    /// Arguments of the gateway's command.
    pub run: Option<Vec<String>>,
    pub exit_code: Option<i32>,
}

#[derive(Debug)]
pub(crate) struct Session {
    /// The gateway's command: a path, or `openclaw` on the PATH.
    pub openclaw: String,
    /// What `OPENCLAW_STATE_DIR` is for the gateway's commands; `None` leaves it.
    pub state_dir: Option<PathBuf>,
    tasks: VecDeque<Task>,
    closing: String,
    first: Option<Step>,
}

impl Session {
    #[must_use]
    pub(crate) fn new(arguments: &[String], package: PathBuf, environment: &Environment) -> Self {
        match wish::parse(arguments) {
            Ok(wish) => Self::of(&wish, package, environment),
            Err(error) => {
                let hint = "Try: auth-failover openclaw --help";
                let stderr = format!("auth-failover: {}\n{hint}\n", shown(&error));
                let exit_code = Some(exit::BAD_USAGE);
                Self::that_says(Step { stderr, exit_code, ..Step::default() })
            }
        }
    }

    fn of(wish: &Wish, package: PathBuf, environment: &Environment) -> Self {
        let done = |stdout| Self::that_says(Step { stdout, exit_code: Some(0), ..Step::default() });
        if wish.action == Action::Help {
            return done(wish::HELP.to_owned());
        }
        let plan = plan::plan(wish, package, environment);
        if wish.is_dry {
            let told: String = plan.tasks.iter().map(Task::told).collect();
            return done(format!("{told}Nothing was done (--dry-run).\n"));
        }
        Self {
            openclaw: wish.openclaw.clone().unwrap_or_else(|| "openclaw".to_owned()),
            state_dir: wish.state_dir.as_ref().map(|dir| environment.resolve(dir)),
            tasks: plan.tasks.into(),
            closing: plan.closing,
            first: None,
        }
    }

    fn that_says(step: Step) -> Self {
        Self {
            openclaw: String::new(),
            state_dir: None,
            tasks: VecDeque::new(),
            closing: String::new(),
            first: Some(step),
        }
    }

    /// `fault`: why the command of the last step did not do its work.
    pub(crate) fn next(&mut self, fault: Option<&str>) -> Step {
        if let Some(step) = self.first.take() {
            return step;
        }
        if let Some(fault) = fault {
            return self.failed(fault);
        }
        let Some(task) = self.tasks.pop_front() else {
            let stdout = std::mem::take(&mut self.closing);
            return Step { stdout, exit_code: Some(exit::DONE), ..Step::default() };
        };
        let stdout = task.told();
        if let Err(error) = task.carry_out() {
            return self.failed(&error.to_string());
        }
        let run = match task {
            Task::Run(arguments) => Some(arguments),
            Task::Write(_) | Task::Remove(_) => None,
        };
        Step { stdout, run, ..Step::default() }
    }

    fn failed(&mut self, fault: &str) -> Step {
        let left: Vec<String> =
            self.tasks.drain(..).map(|task| format!("  {}", task.told())).collect();
        let not_done =
            if left.is_empty() { String::new() } else { format!("Not done:\n{}", left.concat()) };
        let stderr = format!("auth-failover: {}\n{not_done}", shown(fault));
        Step { stderr, exit_code: Some(exit::FAILED), ..Step::default() }
    }
}
