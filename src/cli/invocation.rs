//! One command of the command line, with its answer.

use std::path::PathBuf;
use std::sync::Arc;

use super::accounts::list;
use super::accounts::roster::{Done, Target as Roster};
use super::arguments::{Arguments, Command, Target};
use super::gateway::carrier::Carrier;
use super::profiles::{self as pool, Pool, View};
use super::source::{Source, Trouble};
use super::{case, clear, doctor, own_stores, pause, table, why};
use crate::cli::text::for_programs;
use crate::cli::text::line::{render, shown};
use crate::cli::text::terminal::Look;
use crate::cli::text::words;
use crate::error::Error;
use crate::store::edits::candidates::Entry;
use crate::store::file::files::Disk;
use crate::store::file::paths::{Environment, STORE_FILE, StorePaths};
use crate::store::file::read;
use crate::store::openclaw::settings;
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
    /// Rows that the caller is to bring with the next call.
    pub question: Option<String>,
}

impl Step {
    pub(super) fn end(exit_code: i32, stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), exit_code: Some(exit_code), ..Self::default() }
    }

    pub(super) fn fault(exit_code: i32, message: &str) -> Self {
        let stderr = format!("auth-failover: {}\n", shown(message));
        Self { stderr, exit_code: Some(exit_code), ..Self::default() }
    }
}

/// A command with all that it needs.
pub(super) struct Call<'a> {
    arguments: &'a Arguments,
    paths: StorePaths,
    pub(super) source: Source,
    pub(super) view: View,
    pub(super) look: Look,
    now: WallMs,
}

impl<'a> Call<'a> {
    pub(super) fn of(
        arguments: &'a Arguments,
        environment: &Environment,
        carrier: &Carrier,
        look: Look,
    ) -> Self {
        let paths = StorePaths::resolve(arguments.agent_dir.as_deref(), environment);
        let is_given = arguments.agent_dir.is_some() || arguments.command.edits_accounts();
        let paths = if is_given { paths } else { own_stores::the_only_one(paths, environment) };
        Self {
            source: Source::of(paths.clone(), environment, carrier),
            paths,
            view: View { provider: arguments.provider.clone(), model: arguments.model.clone() },
            arguments,
            look,
            now: WallMs::now(),
        }
    }

    pub(super) async fn run(&self) -> Step {
        let done = match &self.arguments.command {
            Command::Doctor(doctor::Wish::Look) => return self.doctor().await,
            Command::Doctor(wish) => self.settings(*wish).await,
            Command::Pause { profile } => self.pause(profile, Some(self.now)).await,
            Command::Resume { profile } => self.pause(profile, None).await,
            Command::Why { profile } => self.why(profile).await,
            Command::Clear(target) => self.clear(target).await,
            Command::Classify(case) => self.classify(case).await,
            Command::List => self.list().await,
            Command::Add { provider, id, key } => {
                let key = key.clone();
                // A person may take his time, and so may whoever writes to standard input.
                match pool::blocking(move || Ok(key.read())).await {
                    Err(error) => Err(error.into()),
                    Ok(Err(why)) => Ok(Step::fault(exit::BAD_USAGE, &why)),
                    Ok(Ok(key)) => {
                        let added = self.roster().add(provider, id.clone(), key).await;
                        Ok(self.done(added))
                    }
                }
            }
            Command::Remove { profile } => {
                self.changed(profile, |roster, id| async move { roster.remove(id).await }).await
            }
            Command::Rename { profile, to } => {
                let to = to.clone();
                self.changed(profile, |roster, id| async move { roster.rename(id, to).await }).await
            }
            _ => self.status().await,
        };
        done.unwrap_or_else(|error| Step::fault(exit::FAILED, &said(&error)))
    }

    fn roster(&self) -> Roster {
        Roster { paths: self.paths.clone(), lock_form: self.arguments.lock_form }
    }

    /// A store of one's own; with `--agent-dir`, there.
    pub(super) async fn init(&self, variables: &[String], environment: &Environment) -> Step {
        let mut roster = self.roster();
        if self.arguments.agent_dir.is_none() {
            roster.paths.store = environment.own_root().join(STORE_FILE);
            roster.paths.main = None;
        }
        let elsewhere = roster.paths.store != self.paths.store;
        let done = roster.init(variables).await.map(|mut done| {
            // By now it may be the one that is found.
            let found = StorePaths::resolve(self.arguments.agent_dir.as_deref(), environment).store;
            if elsewhere && found != roster.paths.store {
                let directory = roster.paths.store.parent().unwrap_or(&roster.paths.store);
                let directory = shown(&directory.to_string_lossy());
                let hint = "a gateway's store is found first; for this one say --agent-dir";
                done.hints.push(format!("{hint} {directory}"));
            }
            done
        });
        self.done(done)
    }

    /// Changes a profile that is named as people name it.
    async fn changed<Change: Future<Output = Result<Done, Arc<Error>>>>(
        &self,
        profile: &str,
        change: impl FnOnce(Roster, String) -> Change,
    ) -> Result<Step, Trouble> {
        let pool = self.pool().await?;
        let Some(index) = find(&pool, profile) else { return Ok(unknown_profile(&pool)) };
        Ok(self.done(change(self.roster(), pool.entries[index].id.clone()).await))
    }

    fn done(&self, done: Result<Done, Arc<Error>>) -> Step {
        match done {
            Err(error) => Step::fault(exit::FAILED, &told(&error)),
            Ok(Done { refused: Some(why), .. }) => Step::fault(exit::FAILED, &why),
            Ok(done) if self.arguments.json => Step::end(exit::DONE, done.json()),
            Ok(done) => Step::end(exit::DONE, done.text(&self.look)),
        }
    }

    async fn list(&self) -> Result<Step, Trouble> {
        let paths = self.paths.clone();
        let documents = pool::blocking(move || read::load_documents(&Disk, &paths)).await?;
        let pool = Pool::of(&documents, &self.view, self.now);
        let text = if self.arguments.json {
            list::as_json(&documents, &pool)
        } else {
            list::as_text(&documents, &pool, &self.look)
        };
        Ok(Step::end(exit::DONE, text))
    }

    async fn pool(&self) -> Result<Pool, Trouble> {
        self.source.pool(&self.view, self.now).await
    }

    async fn status(&self) -> Result<Step, Trouble> {
        let pool = self.pool().await?;
        let text = if self.arguments.json {
            for_programs::pretty(&for_programs::description(&pool))
        } else {
            render(&table::table(&pool, &self.look), self.look.has_colour)
        };
        Ok(Step::end(exit::DONE, text))
    }

    async fn why(&self, profile: &str) -> Result<Step, Trouble> {
        let pool = self.pool().await?;
        let Some(index) = find(&pool, profile) else { return Ok(unknown_profile(&pool)) };
        let text = if self.arguments.json {
            for_programs::pretty(&why::json(&pool, index))
        } else {
            render(&why::explain(&pool, index, &self.look), self.look.has_colour)
        };
        Ok(Step::end(exit::DONE, text))
    }

    async fn clear(&self, target: &Target) -> Result<Step, Trouble> {
        let pool = self.pool().await?;
        let ids = match target {
            Target::All => pool.entries.iter().map(|entry| entry.id.clone()).collect(),
            Target::One(profile) => match find(&pool, profile) {
                Some(index) => vec![pool.entries[index].id.clone()],
                None => return Ok(unknown_profile(&pool)),
            },
        };
        let cleared = clear::clear(self.source.ours(), self.arguments.lock_form, &pool, ids).await;
        Ok(match cleared {
            Err(error) => Step::fault(exit::FAILED, &told(&error)),
            Ok(cleared) if self.arguments.json => Step::end(exit::DONE, cleared.json()),
            Ok(cleared) => Step::end(exit::DONE, cleared.text(&self.look)),
        })
    }

    async fn classify(&self, case: &case::Case) -> Result<Step, Trouble> {
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

    async fn pause(&self, profile: &str, since: Option<WallMs>) -> Result<Step, Trouble> {
        let pool = self.pool().await?;
        let Some(index) = find(&pool, profile) else { return Ok(unknown_profile(&pool)) };
        let id = pool.entries[index].id.clone();
        if pool.gateway.is_some() && pool.gateway_status(&id).is_none() {
            return Ok(Step::fault(exit::FAILED, &not_ours(&pool, index)));
        }
        let set = pause::set(self.source.ours(), self.arguments.lock_form, id, since).await;
        Ok(match set {
            Err(error) => Step::fault(exit::FAILED, &told(&error)),
            Ok(paused) if self.arguments.json => Step::end(exit::DONE, paused.json()),
            Ok(paused) => Step::end(exit::DONE, paused.text(&self.look)),
        })
    }

    /// The one line that makes the current gateway ask each account once, and back.
    async fn settings(&self, wish: doctor::Wish) -> Result<Step, Trouble> {
        let Source::Gateway(places, _) = &self.source else {
            let why =
                "there is nothing to fix here: this is not an agent of openclaw 2026.6.5 or later";
            return Ok(Step::fault(exit::FAILED, why));
        };
        let file = places.settings.clone();
        let edit = move || match wish {
            doctor::Wish::Undo => settings::undo(&file),
            doctor::Wish::Fix | doctor::Wish::Look => settings::fix(&file),
        };
        let edited = pool::blocking(edit).await?;
        let text = doctor::said_of_settings(wish, edited, &places.settings, self.arguments.json);
        Ok(Step::end(exit::DONE, text))
    }

    async fn examined(&self) -> Result<doctor::Report, Error> {
        let (paths, now) = (self.paths.clone(), self.now);
        let Source::Gateway(places, carrier) = &self.source else {
            return pool::blocking(move || Ok(doctor::examine(&paths, now))).await;
        };
        let answer = carrier.rows(places).await?;
        let places = places.clone();
        pool::blocking(move || Ok(doctor::examine_gateway(&places, &answer, now))).await
    }

    async fn doctor(&self) -> Step {
        match self.examined().await {
            Err(error) => Step::fault(exit::FAILED, &told(&error)),
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

/// A profile that only the gateway asks is not ours to pause.
fn not_ours(pool: &Pool, index: usize) -> String {
    let entry = &pool.entries[index];
    let group = pool
        .entries
        .iter()
        .filter(|other| other.provider == entry.provider && other.id != entry.id);
    let others: Vec<String> = group.map(|other| words::argument(&other.id)).collect();
    let provider = words::argument(&entry.provider);
    let without = if others.is_empty() {
        String::new()
    } else {
        format!(
            ", or leave it out of the order: openclaw models auth order set --provider {provider} {}",
            others.join(" ")
        )
    };
    format!(
        "the gateway asks it itself, and knows no pause; let the plugin serve {provider} \
         (auth-failover openclaw setup --providers {provider}; it knows the accounts from its first request on){without}"
    )
}

/// Why there is nothing to show.
pub(super) fn said(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Store(error) => told(error),
        Trouble::Gateway(_) => trouble.to_string(),
    }
}

/// An error with what to do about it here, where options have other names.
fn told(error: &Error) -> String {
    match error {
        Error::StoreMissing { path } => {
            let below = own_stores::below(path);
            let path = path.display();
            if below.is_empty() {
                return format!(
                    "{path} does not exist; is --agent-dir right? has anybody signed in? To begin without a gateway: \
                     auth-failover init"
                );
            }
            let option =
                |dir: &PathBuf| format!("--agent-dir {}", words::argument(&dir.to_string_lossy()));
            let options: Vec<_> = below.iter().map(option).collect();
            format!(
                "{path} does not exist; programs keep theirs elsewhere: {}",
                options.join(" or ")
            )
        }
        _ => error.to_string(),
    }
}
