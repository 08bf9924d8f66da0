//! Choosing the next profile: read the store and the pool, choose and reserve in one step that no other process shares.
//!
//! Invariant: a booking is in the file before its reservation ends, so whoever chooses later sees the window or the
//! reservation. Bookings that could not be written hold in this process all the same.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use super::file::{self as pool, with_pool};
use crate::error::{Error, Result};
use crate::failure::Secrets;
use crate::profiles::credential::SECRET_FIELDS;
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;
use crate::rotation::choice::{self, Accounts, Choice, Standing, Wish};
use crate::rotation::claim::{Held, claim};
use crate::rotation::pool::Refusal;
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::marks::{Documents, Mark};
use crate::store::file::files::Disk;
use crate::store::file::hold::lock;
use crate::store::file::paths::StorePaths;
use crate::store::file::read;

/// How often whoever waits for a probe's verdict looks for it.
const SHORTEST_LOOK_MS: u64 = 15;
const SPREAD_OF_LOOKS_MS: u64 = 45;

/// A request for a profile.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub paths: StorePaths,
    pub config: OrderConfig,
    pub wish: Wish,
    pub now: f64,
}

/// What was chosen.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub choice: Choice,
    /// Where every profile stands, in order.
    pub standings: Vec<Standing>,
    /// For `Choice::Take`.
    pub taken: Option<Taken>,
}

/// A profile that this process may ask now.
#[derive(Debug)]
pub(crate) struct Taken {
    pub reserved: Reserved,
    /// The profile's entry as it stands in the file, secrets included.
    pub credential: Secret,
    pub kind: Kind,
    /// As written in the file.
    pub provider: String,
}

impl Taken {
    /// The credential as providers take it: the key, the token or the OAuth access token. Google's two command-line
    /// providers take the token together with the project, as pi-ai's OAuth code hands it to them.
    #[must_use]
    pub(crate) fn api_key(&self) -> String {
        let entry: serde_json::Value = serde_json::from_str(&self.credential.0).unwrap_or_default();
        let text = |field: &str| entry.get(field).and_then(serde_json::Value::as_str);
        let secret = match self.kind {
            Kind::ApiKey => text("key"),
            Kind::Token => text("token"),
            Kind::Oauth => text("access"),
        };
        let secret = secret.unwrap_or_default();
        let takes_project = matches!(
            normalize_provider_id(&self.provider).as_str(),
            "google-gemini-cli" | "google-antigravity"
        );
        if self.kind != Kind::Oauth || !takes_project {
            return secret.to_owned();
        }
        let project = text("projectId").map_or(serde_json::Value::Null, Into::into);
        serde_json::json!({ "token": secret, "projectId": project }).to_string()
    }

    /// What no report of the attempt may show.
    #[must_use]
    pub(crate) fn secrets(&self) -> Secrets {
        let entry: serde_json::Value = serde_json::from_str(&self.credential.0).unwrap_or_default();
        let text = |field: &str| entry.get(field)?.as_str().map(str::to_owned);
        Secrets::new(SECRET_FIELDS.into_iter().filter_map(text))
    }
}

/// A text that no log may show.
#[derive(Clone)]
pub(crate) struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// A reservation; it ends when this is dropped, at the latest when the process dies.
#[derive(Debug)]
pub(crate) struct Reserved {
    store: PathBuf,
    held: Option<Held>,
    /// When it was made, by both clocks: a request may go on for hours.
    now: f64,
    made: Instant,
}

impl Reserved {
    /// The wall clock of the request, gone on. The time of the choice would make everything since then look like a clock
    /// that was set back.
    fn now_ms(&self) -> f64 {
        self.now + self.made.elapsed().as_millis() as f64
    }

    /// Ends it, off the event loop. A session stays with a profile that `answered`.
    pub(crate) async fn release(mut self, answered: bool) {
        let Some(held) = self.held.take() else { return };
        let (store, now) = (std::mem::take(&mut self.store), self.now_ms());
        let end = move || with_pool(&store, now, |pool| held.release(pool, answered, now));
        let _ = tokio::task::spawn_blocking(end).await;
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            let (store, now) = (std::mem::take(&mut self.store), self.now_ms());
            // May happen on the JavaScript thread, which must not wait for a file. Without a thread it ends with the process.
            let thread = std::thread::Builder::new().name("auth-failover-pool".to_owned());
            let end = move || with_pool(&store, now, |pool| held.release(pool, false, now));
            let _ = thread.spawn(end);
        }
    }
}

/// Chooses and reserves, off the event loop.
pub(crate) async fn choose(request: Request) -> Result<Chosen> {
    let work = move || choose_now(&request);
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Internal("choose")))
}

/// Chooses again and again until a probe has its verdict, or counts as accepted. The clock goes on from the request's.
pub(crate) async fn choose_after_verdict(request: Request) -> Result<Chosen> {
    let started = Instant::now();
    loop {
        // Apart from each other, so that those who wait do not come back in one burst.
        let dice = RandomState::new().hash_one(0) % SPREAD_OF_LOOKS_MS;
        tokio::time::sleep(Duration::from_millis(SHORTEST_LOOK_MS + dice)).await;
        let now = request.now + started.elapsed().as_millis() as f64;
        let chosen = choose(Request { now, ..request.clone() }).await?;
        if !matches!(chosen.choice, Choice::Wait { .. }) {
            return Ok(chosen);
        }
    }
}

/// Books a refusal on the request instead of the accounts. False if another request met the same: then it is the
/// accounts.
pub(crate) async fn refuse(paths: StorePaths, refusal: Refusal, now: f64) -> bool {
    let work = move || with_pool(&shared(&paths), now, |pool| pool.refuse(refusal));
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

fn choose_now(request: &Request) -> Result<Chosen> {
    let Request { paths, config, wish, now } = request;
    let store = shared(paths);
    with_pool(&store, *now, |pool| {
        let mut documents = read::load_documents(&Disk, paths)?;
        hold_unwritten(&mut documents, &paths.store);
        let accounts = candidates::accounts(&documents, &wish.provider, config, *now);
        let (choice, held) = claim(&accounts, pool, wish, *now, pool::ticket());
        let standings = choice::standings(&accounts, wish, *now);
        let (Choice::Take { id, .. }, held @ Some(_)) = (&choice, held) else {
            return Ok(Chosen { choice, standings, taken: None });
        };
        let reserved = Reserved { store: store.clone(), held, now: *now, made: Instant::now() };
        let taken = taken(&documents, &accounts, id, reserved)?;
        Ok(Chosen { standings, taken: Some(taken), choice })
    })
}

fn taken(
    documents: &Documents,
    accounts: &Accounts,
    id: &str,
    reserved: Reserved,
) -> Result<Taken> {
    let internal = || Error::Internal("choose");
    let account = accounts.list.iter().find(|account| account.id == id).ok_or_else(internal)?;
    let (text, provider) = documents.profile_text(id).ok_or_else(internal)?;
    Ok(Taken { reserved, credential: Secret(text.to_owned()), kind: account.kind, provider })
}

/// Agents that share the main agent's accounts share its pool.
fn shared(paths: &StorePaths) -> PathBuf {
    let real = |path: &PathBuf| std::fs::canonicalize(path).ok();
    let main = paths.main.as_ref().and_then(real);
    main.or_else(|| real(&paths.store)).unwrap_or_else(|| paths.store.clone())
}

/// More than a store that cannot be written collects before somebody looks at the warning.
const MOST_UNWRITTEN: usize = 256;

/// Bookings of one store that could not be written.
#[derive(Debug, Default)]
struct Unwritten {
    marks: Vec<Arc<Mark>>,
    /// One later booking takes them along; two would count them twice.
    is_caught_up: bool,
}

static UNWRITTEN: LazyLock<Mutex<HashMap<PathBuf, Unwritten>>> = LazyLock::new(Mutex::default);

/// Keeps a booking that could not be written in this process, until a later one takes it along.
pub(crate) fn keep_unwritten(store: &Path, mark: Mark) {
    let mut all = lock(&UNWRITTEN);
    let marks = &mut all.entry(store.to_path_buf()).or_default().marks;
    if marks.len() == MOST_UNWRITTEN {
        marks.remove(0);
    }
    marks.push(Arc::new(mark));
}

/// What could not be written before, for one booking to take along.
#[derive(Debug)]
pub(crate) struct CatchUp {
    store: PathBuf,
    marks: Vec<Arc<Mark>>,
}

impl CatchUp {
    /// `None` if there is nothing, or another booking has it.
    #[must_use]
    pub(crate) fn begin(store: &Path) -> Option<Self> {
        let mut all = lock(&UNWRITTEN);
        let unwritten = all.get_mut(store)?;
        if unwritten.marks.is_empty() || std::mem::replace(&mut unwritten.is_caught_up, true) {
            return None;
        }
        Some(Self { store: store.to_path_buf(), marks: unwritten.marks.clone() })
    }

    pub(crate) fn apply(&self, documents: &mut Documents) {
        hold(documents, &self.marks);
    }

    /// What is written holds in the file from now on, where others see it and may clear it.
    pub(crate) fn end(&self, is_written: bool) {
        let mut all = lock(&UNWRITTEN);
        let Some(unwritten) = all.get_mut(&self.store) else { return };
        unwritten.is_caught_up = false;
        if is_written {
            let is_written = |mark: &Arc<Mark>| self.marks.iter().any(|it| Arc::ptr_eq(it, mark));
            unwritten.marks.retain(|mark| !is_written(mark));
        }
    }
}

fn hold_unwritten(documents: &mut Documents, store: &Path) {
    let marks = lock(&UNWRITTEN).get(store).map(|it| it.marks.clone()).unwrap_or_default();
    hold(documents, &marks);
}

fn hold(documents: &mut Documents, marks: &[Arc<Mark>]) {
    for mark in marks {
        let stats = documents.stats(&mark.profile_id);
        if [stats.last_used, stats.last_failure_at].into_iter().flatten().any(|at| at > mark.now) {
            // The file knows something newer.
            continue;
        }
        // A profile that is gone has nothing to hold.
        let _ = mark.apply(documents);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rotation::choice::Account;

    #[test]
    fn the_end_of_a_request_that_took_hours_forgets_nothing_that_came_meanwhile() {
        const NOW: f64 = 1_770_000_000_000.0;
        const HOURS: Duration = Duration::from_hours(2);
        let Some(made) = Instant::now().checked_sub(HOURS) else { return };
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("auth-profiles.json");
        let later = NOW + HOURS.as_millis() as f64;
        let account = |id: &str| Account {
            id: id.into(),
            kind: Kind::Oauth,
            stats: crate::profiles::stats::UsageStats::default(),
            unusable: None,
        };
        let accounts = Accounts { list: vec![account("a")], is_explicit: false };
        let wish = Wish::default();
        let (_, held) =
            with_pool(&store, NOW, |pool| claim(&accounts, pool, &wish, NOW, pool::ticket()));
        let long = Reserved { store: store.clone(), held, now: NOW, made };
        with_pool(&store, later, |pool| {
            claim(&accounts, pool, &wish, later, pool::ticket());
            pool.note_session(7, "p", "a", true, later);
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(long.release(true));
        with_pool(&store, later, |pool| {
            assert_eq!(pool.in_flight("a"), 1);
            assert!(pool.session(7, "p").is_some());
        });
    }
}
