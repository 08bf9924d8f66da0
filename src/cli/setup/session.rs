//! One run of `auth-failover openclaw …`, step by step.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::plan::{self, Task};
use super::release::{self, Release};
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
    /// What that command says is for us, and is told with the next call.
    pub is_captured: bool,
    pub exit_code: Option<i32>,
}

#[derive(Debug)]
pub(crate) struct Session {
    /// The gateway's command: a path, or `openclaw` on the PATH.
    pub openclaw: String,
    /// What `OPENCLAW_STATE_DIR` is for the gateway's commands; `None` leaves it.
    pub state_dir: Option<PathBuf>,
    work: Work,
}

/// What comes next.
#[derive(Debug)]
enum Work {
    /// This, and then nothing.
    Say(Step),
    /// The gateway is asked which one it is.
    Ask(Asker),
    /// It has been asked.
    Hear(Asker),
    Do {
        tasks: VecDeque<Task>,
        closing: String,
    },
}

/// What a plan is made of.
#[derive(Debug, Clone)]
struct Asker {
    wish: Wish,
    package: PathBuf,
    environment: Environment,
}

impl Session {
    #[must_use]
    pub(crate) fn new(arguments: &[String], package: PathBuf, environment: &Environment) -> Self {
        match wish::parse(arguments) {
            Ok(wish) => {
                let openclaw = wish.openclaw.clone().unwrap_or_else(|| "openclaw".to_owned());
                let state_dir = wish.state_dir.as_ref().map(|dir| environment.resolve(dir));
                let asker = Asker { wish, package, environment: environment.clone() };
                let work = match asker.wish.action {
                    Action::Help => Work::Say(done(wish::HELP.to_owned())),
                    Action::Setup { .. } => Work::Ask(asker),
                    Action::Undo | Action::Plugin { .. } => asker.planned(None),
                };
                Self { openclaw, state_dir, work }
            }
            Err(error) => {
                let hint = "Try: auth-failover openclaw --help";
                let stderr = format!("auth-failover: {}\n{hint}\n", shown(&error));
                let exit_code = Some(exit::BAD_USAGE);
                let work = Work::Say(Step { stderr, exit_code, ..Step::default() });
                Self { openclaw: String::new(), state_dir: None, work }
            }
        }
    }

    /// `fault`: why the command of the last step did not do its work. `said`: what it said, if it was captured.
    pub(crate) fn next(&mut self, fault: Option<&str>, said: Option<&str>) -> Step {
        match std::mem::replace(&mut self.work, Work::nothing()) {
            Work::Say(step) => step,
            Work::Ask(asker) => {
                self.work = Work::Hear(asker);
                let run = Some(vec!["--version".to_owned()]);
                Step { run, is_captured: true, ..Step::default() }
            }
            Work::Hear(asker) => {
                // Nothing hangs on it where nothing is done.
                if let Some(fault) = fault.filter(|_| !asker.wish.is_dry) {
                    return self.failed(fault);
                }
                let release = said.and_then(Release::read);
                if let Some(old) = release.filter(|release| *release < release::OLDEST) {
                    let oldest = release::OLDEST;
                    return self.failed(&format!(
                        "openclaw {old} lets no plugin take part in its requests; it needs {oldest} or later"
                    ));
                }
                self.work = asker.planned(release);
                self.next(None, None)
            }
            Work::Do { tasks, closing } => {
                self.work = Work::Do { tasks, closing };
                if let Some(fault) = fault { self.failed(fault) } else { self.carry_on() }
            }
        }
    }

    fn carry_on(&mut self) -> Step {
        let Work::Do { tasks, closing } = &mut self.work else { return Step::default() };
        let Some(task) = tasks.pop_front() else { return done(std::mem::take(closing)) };
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
        let work = std::mem::replace(&mut self.work, Work::nothing());
        let tasks = if let Work::Do { tasks, .. } = work { tasks } else { VecDeque::new() };
        let left: Vec<String> = tasks.iter().map(|task| format!("  {}", task.told())).collect();
        let not_done =
            if left.is_empty() { String::new() } else { format!("Not done:\n{}", left.concat()) };
        let stderr = format!("auth-failover: {}\n{not_done}", shown(fault));
        Step { stderr, exit_code: Some(exit::FAILED), ..Step::default() }
    }
}

impl Work {
    const fn nothing() -> Self {
        Self::Do { tasks: VecDeque::new(), closing: String::new() }
    }
}

impl Asker {
    fn planned(self, release: Option<Release>) -> Work {
        let plan = plan::plan(&self.wish, self.package, &self.environment, release);
        if !self.wish.is_dry {
            return Work::Do { tasks: plan.tasks.into(), closing: plan.closing };
        }
        let told: String = plan.tasks.iter().map(Task::told).collect();
        Work::Say(done(format!("{told}Nothing was done (--dry-run).\n")))
    }
}

fn done(stdout: String) -> Step {
    Step { stdout, exit_code: Some(exit::DONE), ..Step::default() }
}
