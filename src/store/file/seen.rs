//! Documents as they were last read, for as long as their files have not changed.
//!
//! Invariant: the file is the truth. A document is used again only while every file that it came from looks as it did
//! before it was read, or says the same. File systems tell times in steps, so what was changed a moment before it was
//! read is looked into once more when that moment is over.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime};

use super::files::Disk;
use super::paths::StorePaths;
use super::read;
use super::system::identity::{self, Identity};
use crate::background::lock;
use crate::error::Result;
use crate::store::edits::marks::Documents;

/// Longer than the steps of file systems that tell fractions of a second.
const STEP: Duration = Duration::from_millis(20);
/// Of those that tell whole seconds only.
const COARSE_STEP: Duration = Duration::from_secs(2);
/// More stores than one process works with.
const MOST_STORES: usize = 64;
/// More writes than come between two looks.
const MOST_STEPS: usize = 64;

/// Documents as they were read or written.
#[derive(Debug)]
pub(crate) struct Seen {
    pub documents: Arc<Documents>,
    /// A number of its own; later versions have larger ones.
    pub version: u64,
    /// The profiles that are the main agent's.
    pub inherited: HashSet<String>,
    /// How this version came from earlier ones, where only usage was changed.
    steps: VecDeque<Step>,
}

/// Whose usage was changed from one version to the next.
#[derive(Debug, Clone)]
struct Step {
    from: u64,
    to: u64,
    changed: Vec<String>,
}

impl Seen {
    fn new(documents: Arc<Documents>) -> Self {
        static VERSIONS: AtomicU64 = AtomicU64::new(1);
        let inherited = match &documents.main {
            Some(_) => documents.inherited().map(str::to_owned).collect(),
            None => HashSet::new(),
        };
        let version = VERSIONS.fetch_add(1, Ordering::Relaxed);
        Self { documents, version, inherited, steps: VecDeque::new() }
    }

    /// The version that follows.
    fn next(&self, documents: Arc<Documents>) -> Self {
        let changed = documents.own.changed_usage();
        let mut next = Self::new(documents);
        if let Some(changed) = changed {
            let earlier = self.steps.len().saturating_sub(MOST_STEPS);
            next.steps.extend(self.steps.iter().skip(earlier).cloned());
            next.steps.push_back(Step { from: self.version, to: next.version, changed });
        }
        next
    }

    /// Whose usage has changed since an earlier version; `None` if other things may have.
    pub(crate) fn changed_since(&self, version: u64) -> Option<impl Iterator<Item = &str>> {
        let count = self.steps.iter().rev().take_while(|step| step.from >= version).count();
        let newer = self.steps.range(self.steps.len() - count..);
        let mut reached = version;
        for step in newer.clone() {
            if step.from != reached {
                return None;
            }
            reached = step.to;
        }
        (reached == self.version).then(|| newer.flat_map(|step| &step.changed).map(String::as_str))
    }
}

#[derive(Debug)]
struct Entry {
    seen: Arc<Seen>,
    signatures: Vec<Option<Signature>>,
    contents: Contents,
    /// From then on they are looked into: something had changed just before.
    doubtful_from: Option<Instant>,
    /// What this process is about to write.
    next: Option<(Arc<Seen>, Contents)>,
}

/// Hashes of what the files say.
type Contents = Vec<Option<u64>>;

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signature {
    identity: Identity,
    len: u64,
    modified: SystemTime,
    changed: (i64, i64),
}

/// A version of a store that this process is about to change, under the store's lock.
#[derive(Debug)]
pub(crate) struct Base {
    seen: Arc<Seen>,
    contents: Contents,
}

static ENTRIES: LazyLock<Mutex<HashMap<StorePaths, Entry>>> = LazyLock::new(Mutex::default);

/// The documents of these files as they are now. Blocks.
pub(crate) fn documents(paths: &StorePaths) -> Result<Arc<Seen>> {
    read::refuse_migrated(&Disk, &paths.store)?;
    // Before the files are read: one that changes meanwhile looks different at the next call.
    let signatures = signatures(paths);
    if let Some(seen) = unchanged(paths, &signatures) {
        return Ok(seen);
    }
    let version = || lock(&ENTRIES).get(paths).map(|entry| entry.seen.version);
    let before = version();
    let contents = contents(paths);
    let documents = Arc::new(read::load_documents(&Disk, paths)?);
    let mut entries = lock(&ENTRIES);
    let seen = Arc::new(Seen::new(documents));
    if entries.len() >= MOST_STORES {
        entries.clear();
    }
    // One that was written meanwhile is newer.
    if entries.get(paths).map(|entry| entry.seen.version) == before {
        let doubtful_from = doubtful_from(&signatures);
        let seen = Arc::clone(&seen);
        let entry = Entry { seen, signatures, contents, doubtful_from, next: None };
        entries.insert(paths.clone(), entry);
    }
    Ok(seen)
}

/// What was seen, if these files still say the same, or what this process is writing just now.
fn unchanged(paths: &StorePaths, signatures: &[Option<Signature>]) -> Option<Arc<Seen>> {
    {
        let entries = lock(&ENTRIES);
        let entry = entries.get(paths)?;
        let is_certain = entry.doubtful_from.is_none_or(|from| Instant::now() < from);
        if is_certain && entry.signatures == signatures {
            return Some(Arc::clone(&entry.seen));
        }
    }
    let contents = contents(paths);
    let mut entries = lock(&ENTRIES);
    let entry = entries.get_mut(paths)?;
    if let Some((seen, _)) = entry.next.take_if(|(_, next)| *next == contents) {
        entry.seen = seen;
        entry.contents.clone_from(&contents);
    }
    if entry.contents != contents {
        return None;
    }
    entry.doubtful_from = doubtful_from(signatures);
    entry.signatures = signatures.to_vec();
    Some(Arc::clone(&entry.seen))
}

/// The version that the files have now, if it is one that was seen. Under the lock, before they are read to be changed.
pub(crate) fn base(paths: &StorePaths) -> Option<Base> {
    if !lock(&ENTRIES).contains_key(paths) {
        // Nobody chooses here.
        return None;
    }
    let seen = unchanged(paths, &signatures(paths))?;
    let entries = lock(&ENTRIES);
    let entry = entries.get(paths).filter(|entry| Arc::ptr_eq(&entry.seen, &seen))?;
    Some(Base { contents: entry.contents.clone(), seen })
}

/// This process is about to write these texts, under the lock: the store's and, beside it, the state's. `None`: that file
/// stays as it is.
pub(crate) fn expect(
    paths: &StorePaths,
    documents: &Arc<Documents>,
    base: Base,
    texts: [Option<&str>; 2],
) {
    let Base { seen, mut contents } = base;
    // The main agent's store is not locked: it may be another one than it was.
    let own = if paths.with_state { 2 } else { 1 };
    if contents[own..] != self::contents(paths)[own..] {
        return;
    }
    for (content, text) in contents.iter_mut().zip(texts) {
        *content = text.map(|text| hash(text.as_bytes())).or(*content);
    }
    let next = seen.next(Arc::clone(documents));
    if let Some(entry) = lock(&ENTRIES).get_mut(paths) {
        entry.next = Some((Arc::new(next), contents));
    }
}

/// They are written: whoever looks next does not have to look into them.
pub(crate) fn written(paths: &StorePaths) {
    unchanged(paths, &signatures(paths));
}

/// The store and its state, and the main agent's.
fn names(paths: &StorePaths) -> Vec<PathBuf> {
    let stores = std::iter::once(&paths.store).chain(&paths.main);
    let state = |store: &PathBuf| paths.with_state.then(|| StorePaths::state(store));
    stores.flat_map(|store| std::iter::once(store.clone()).chain(state(store))).collect()
}

fn signatures(paths: &StorePaths) -> Vec<Option<Signature>> {
    names(paths).iter().map(|path| Signature::of(path)).collect()
}

fn doubtful_from(signatures: &[Option<Signature>]) -> Option<Instant> {
    signatures.iter().flatten().filter_map(Signature::settles_at).max()
}

fn contents(paths: &StorePaths) -> Contents {
    names(paths).iter().map(|path| content(path)).collect()
}

fn content(path: &Path) -> Option<u64> {
    fs::read(path).ok().map(|bytes| hash(&bytes))
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

impl Signature {
    /// Links are followed. `None`: there is no such file.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let (identity, changed) = identity(path, &metadata);
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Some(Self { identity, len: metadata.len(), modified, changed })
    }

    /// When a change in the same step of the clock would show; `None` if that is over.
    fn settles_at(&self) -> Option<Instant> {
        let since = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let step = if since.subsec_nanos() == 0 { COARSE_STEP } else { STEP };
        // A time that lies ahead is another machine's clock.
        let age = self.modified.elapsed().unwrap_or_default();
        (age < step).then(|| Instant::now() + step)
    }
}

#[cfg(unix)]
fn identity(_path: &Path, metadata: &fs::Metadata) -> (Identity, (i64, i64)) {
    use std::os::unix::fs::MetadataExt;
    (identity::of(metadata), (metadata.ctime(), metadata.ctime_nsec()))
}

/// Windows tells no time of a change that programs cannot set.
#[cfg(windows)]
fn identity(path: &Path, _metadata: &fs::Metadata) -> (Identity, (i64, i64)) {
    (identity::of_path(path).unwrap_or_default(), (0, 0))
}

#[cfg(test)]
mod tests;
