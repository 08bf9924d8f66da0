//! One run of the command line, step by step.

use tokio::sync::Mutex;

use super::arguments::{self, Arguments, Command, Target};
use super::live::Watch;
use super::profiles::{self as pool, Pool, View};
use super::{case, clear, doctor, help, table, why};
use crate::cli::text::for_programs;
use crate::cli::text::line::{render, shown};
use crate::cli::text::terminal::{Look, Preferences, Terminal};
use crate::error::Error;
use crate::store::edits::candidates::Entry;
use crate::store::file::paths::{Environment, StorePaths};
use crate::time::WallMs;

/// What the exit code says; `--help` documents them.
pub(crate) mod exit {
    pub(crate) const DONE: i32 = 0;
    pub(crate) const NEEDS_ATTENTION: i32 = 1;
    pub(crate) const BAD_USAGE: i32 = 2;
    pub(crate) const FAILED: i32 = 3;
}

/// Texts to write, and the exit code after the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub stdout: String,
    pub stderr: String,
    pub exit_code: Option<i32>,
}

impl Step {
    fn end(exit_code: i32, stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), exit_code: Some(exit_code), ..Self::default() }
    }

    fn fault(exit_code: i32, message: &str) -> Self {
        let stderr = format!("auth-failover: {}\n", shown(message));
        Self { stderr, exit_code: Some(exit_code), ..Self::default() }
    }
}

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Start {
    pub arguments: Vec<String>,
    pub environment: Environment,
    pub preferences: Preferences,
}

#[derive(Debug)]
pub(crate) struct Session {
    start: Start,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    New,
    Watching(Box<Watch>),
    Ended,
}

/// What the first step comes to.
enum Begun {
    Done(Step),
    Watch(Box<Watch>),
}

impl Session {
    #[must_use]
    pub(crate) fn new(start: Start) -> Self {
        Self { start, state: Mutex::new(State::New) }
    }

    /// The next texts. After the step with the exit code there are no more.
    pub(crate) async fn next(&self, terminal: Terminal) -> Step {
        let mut state = self.state.lock().await;
        let look = Look::of(terminal, &self.start.preferences);
        if matches!(*state, State::New) {
            match self.begin(look).await {
                Begun::Done(step) => {
                    *state = State::Ended;
                    return step;
                }
                Begun::Watch(watch) => *state = State::Watching(watch),
            }
        }
        let State::Watching(watch) = &mut *state else { return Step::end(exit::DONE, "") };
        match watch.next(&look).await {
            Ok(stdout) => Step { stdout, ..Step::default() },
            Err(error) => {
                *state = State::Ended;
                Step::fault(exit::FAILED, &said(&error))
            }
        }
    }

    async fn begin(&self, look: Look) -> Begun {
        let arguments = match arguments::parse(&self.start.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                let mut step = Step::fault(exit::BAD_USAGE, &error);
                step.stderr.push_str("Try: auth-failover --help\n");
                return Begun::Done(step);
            }
        };
        Begun::Done(match arguments.command {
            Command::Help => Step::end(exit::DONE, help::HELP),
            Command::Version => Step::end(exit::DONE, help::VERSION),
            _ => {
                let call = Call::of(&arguments, &self.start.environment, look);
                if arguments.command == Command::Watch {
                    let watch = Watch::new(call.paths, call.view, arguments.json);
                    return Begun::Watch(Box::new(watch));
                }
                call.run().await
            }
        })
    }
}

/// A command with all that it needs.
struct Call<'a> {
    arguments: &'a Arguments,
    paths: StorePaths,
    view: View,
    look: Look,
    now: WallMs,
}

impl<'a> Call<'a> {
    fn of(arguments: &'a Arguments, environment: &Environment, look: Look) -> Self {
        Self {
            paths: StorePaths::resolve(arguments.agent_dir.as_deref(), environment),
            view: View { provider: arguments.provider.clone(), model: arguments.model.clone() },
            arguments,
            look,
            now: WallMs::now(),
        }
    }

    async fn run(&self) -> Step {
        let done = match &self.arguments.command {
            Command::Doctor => return self.doctor().await,
            Command::Why { profile } => self.why(profile).await,
            Command::Clear(target) => self.clear(target).await,
            Command::Classify(case) => self.classify(case).await,
            _ => self.status().await,
        };
        done.unwrap_or_else(|error| Step::fault(exit::FAILED, &said(&error)))
    }

    async fn pool(&self) -> Result<Pool, Error> {
        let documents = pool::load(&self.paths).await?;
        Ok(Pool::of(&documents, &self.view, self.now))
    }

    async fn status(&self) -> Result<Step, Error> {
        let pool = self.pool().await?;
        let text = if self.arguments.json {
            for_programs::pretty(&for_programs::description(&pool))
        } else {
            render(&table::table(&pool, &self.look), self.look.has_colour)
        };
        Ok(Step::end(exit::DONE, text))
    }

    async fn why(&self, profile: &str) -> Result<Step, Error> {
        let pool = self.pool().await?;
        let Some(index) = find(&pool, profile) else { return Ok(unknown_profile(&pool)) };
        let text = if self.arguments.json {
            for_programs::pretty(&why::json(&pool, index))
        } else {
            render(&why::explain(&pool, index, &self.look), self.look.has_colour)
        };
        Ok(Step::end(exit::DONE, text))
    }

    async fn clear(&self, target: &Target) -> Result<Step, Error> {
        let pool = self.pool().await?;
        let ids = match target {
            Target::All => pool.entries.iter().map(|entry| entry.id.clone()).collect(),
            Target::One(profile) => match find(&pool, profile) {
                Some(index) => vec![pool.entries[index].id.clone()],
                None => return Ok(unknown_profile(&pool)),
            },
        };
        let cleared = clear::clear(&self.paths, self.arguments.lock_form, &pool, ids).await;
        Ok(match cleared {
            Err(error) => Step::fault(exit::FAILED, &said(&error)),
            Ok(cleared) if self.arguments.json => Step::end(exit::DONE, cleared.json()),
            Ok(cleared) => Step::end(exit::DONE, cleared.text(&self.look)),
        })
    }

    async fn classify(&self, case: &case::Case) -> Result<Step, Error> {
        let is_for_programs = self.arguments.json;
        let outcome = case::classify(case, &self.view, is_for_programs, &self.look, self.now);
        Ok(match outcome.await? {
            case::Outcome::Nothing(why) => Step::fault(exit::BAD_USAGE, why),
            case::Outcome::WrongRules(why) => Step::fault(exit::BAD_USAGE, &why),
            case::Outcome::Unreadable(why) => Step::fault(exit::FAILED, &why),
            case::Outcome::Classified { text, note } => {
                let stderr = note.map(|note| format!("auth-failover: {note}\n"));
                Step { stderr: stderr.unwrap_or_default(), ..Step::end(exit::DONE, text) }
            }
        })
    }

    async fn doctor(&self) -> Step {
        let (paths, now) = (self.paths.clone(), self.now);
        match pool::blocking(move || Ok(doctor::examine(&paths, now))).await {
            Err(error) => Step::fault(exit::FAILED, &said(&error)),
            Ok(report) => {
                let needs = report.needs_attention();
                let code = if needs { exit::NEEDS_ATTENTION } else { exit::DONE };
                let text = if self.arguments.json {
                    report.json()
                } else {
                    render(&report.lines(&self.look), self.look.has_colour)
                };
                Step::end(code, text)
            }
        }
    }
}

/// By its id, by its shown form, or without its provider if that is unique.
fn find(pool: &Pool, profile: &str) -> Option<usize> {
    let place = |is: &dyn Fn(&Entry) -> bool| {
        let mut found = pool.entries.iter().enumerate().filter(|(_, entry)| is(entry));
        found.next().filter(|_| found.next().is_none()).map(|(index, _)| index)
    };
    place(&|entry| entry.id == profile)
        .or_else(|| place(&|entry| shown(&entry.id) == profile))
        .or_else(|| place(&|entry| shown(table::short_id(entry)) == profile))
}

/// The argument is not repeated: it may be anything.
fn unknown_profile(pool: &Pool) -> Step {
    let mut step = Step::fault(exit::FAILED, "no such profile; status lists them");
    if pool.entries.len() <= 20 {
        for entry in &pool.entries {
            step.stderr.extend(["  ", &shown(&entry.id), "\n"]);
        }
    }
    step
}

/// An error with what to do about it here, where options have other names.
fn said(error: &Error) -> String {
    match error {
        Error::StoreMissing { path } => {
            let path = path.display();
            format!("{path} does not exist; is --agent-dir right? has anybody signed in?")
        }
        _ => error.to_string(),
    }
}
