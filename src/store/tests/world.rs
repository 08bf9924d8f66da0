//! A store in a directory of its own, and what every test asks of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::layer::{Fault, Layer};
use crate::error::Result;
use crate::store::document::text::Document;
use crate::store::edits::marks::Applied;
use crate::store::file::atomic::Durability;
use crate::store::file::files::{Disk, Files};
use crate::store::file::lock::{Guard, LockForm};
use crate::store::file::paths::{STORE_FILE, StorePaths};
use crate::store::file::recovery;
use crate::store::file::update::{self, Edit, UpdateOptions};

const CREDENTIALS: &str = r#"{"a": {"type": "oauth", "provider": "p", "refresh": "s3cret"}}"#;

pub(crate) struct Scene {
    directory: TempDir,
    pub(crate) store: PathBuf,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = fs::canonicalize(directory.path()).unwrap().join(STORE_FILE);
        fs::write(&store, text(0)).unwrap();
        set_mode(&store, 0o640);
        Self { directory, store }
    }

    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        self.store.with_file_name(format!("{STORE_FILE}{suffix}"))
    }

    /// One update that adds one to the store's count. `None` if it would have had to wait for a lock.
    pub(crate) fn update(
        &self,
        files: &Arc<dyn Files>,
        options: UpdateOptions,
    ) -> Result<Option<update::Done>> {
        let paths = StorePaths { store: self.store.clone(), main: None, with_state: true };
        let edit: Edit = Box::new(|documents| {
            let count = count(&documents.own);
            documents.own.set_entry("usageStats", "a", (count + 1).to_string());
            Ok(Applied::default())
        });
        update::update(files, &paths, options, || vec![edit], &|| true)
    }

    /// The update of a process in good health, which must find nothing to wait for.
    pub(crate) fn healthy_update(&self, options: UpdateOptions) {
        let outcome = self.update(&disk(), options);
        assert!(matches!(outcome, Ok(Some(_))), "{outcome:?}");
    }

    pub(crate) fn settle(&self, files: &Arc<dyn Files>) -> Result<()> {
        match Guard::acquire(Arc::clone(files), &self.store, LockForm::Directory, &|| true)? {
            Some(guard) => recovery::settle(files.as_ref(), &guard),
            None => Ok(()),
        }
    }

    /// The store as a loader sees it: whole, with its credentials, its mode and a count.
    pub(crate) fn loaded_count(&self) -> u64 {
        let loaded = crate::store::file::read::load(disk().as_ref(), &self.store).unwrap();
        assert_eq!(loaded.document.value("profiles"), Some(CREDENTIALS));
        assert_eq!(mode(&self.store), 0o640);
        if cfg!(unix) {
            assert_eq!(loaded.attributes.mode, 0o640);
        }
        count(&loaded.document)
    }

    /// The same, and the file itself is whole.
    pub(crate) fn whole_count(&self) -> u64 {
        Document::parse(&fs::read(&self.store).unwrap()).unwrap();
        self.loaded_count()
    }

    pub(crate) fn assert_no_litter(&self) {
        let mut names: Vec<_> = fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [STORE_FILE.to_owned(), format!("{STORE_FILE}.native-lock")]);
    }

    /// What a process leaves that died while it held both locks, and maybe had its new file ready.
    pub(crate) fn leave_dead_holder(&self, form: LockForm) {
        let options = UpdateOptions { lock_form: form, durability: Durability::Full };
        let calls = calls_of(|files| drop(self.update(files, options)));
        let rename = calls.iter().rposition(|call| *call == "rename").unwrap();
        let _ = self.update(&layer(Fault::Die, rename), options);
        assert!(self.beside(".lock").exists());
        fs::write(&self.store, text(0)).unwrap();
    }

    /// The store as a power cut may leave it after a relaxed update.
    pub(crate) fn leave_cut_store(&self) {
        fs::rename(&self.store, self.beside(".native-safe")).unwrap();
        fs::write(&self.store, "").unwrap();
        set_mode(&self.store, 0o640);
    }

    /// Makes the JS-visible lock look older than the hosts' stale limit.
    pub(crate) fn age_lock(&self) {
        let then = SystemTime::now() - Duration::from_secs(31);
        let _ = Disk.touch(&self.beside(".lock"), then);
    }
}

pub(crate) fn text(count: u64) -> String {
    format!("{{\n  \"profiles\": {CREDENTIALS},\n  \"usageStats\": {{\"a\": {count}}}\n}}\n")
}

fn count(document: &Document) -> u64 {
    document.entry("usageStats", "a").unwrap().trim().parse().unwrap()
}

/// A file layer without a fault.
pub(crate) fn disk() -> Arc<dyn Files> {
    layer(Fault::None, 0)
}

pub(crate) fn layer(fault: Fault, at: usize) -> Arc<dyn Files> {
    Arc::new(Layer::new(fault, at))
}

/// The system calls of a run without a fault.
pub(crate) fn calls_of(run: impl FnOnce(&Arc<dyn Files>)) -> Vec<&'static str> {
    let layer = Arc::new(Layer::new(Fault::None, 0));
    let files: Arc<dyn Files> = Arc::<Layer>::clone(&layer);
    run(&files);
    layer.calls()
}

/// All ways to lock and write.
pub(crate) fn all_options() -> impl Iterator<Item = UpdateOptions> {
    [LockForm::Directory, LockForm::PidFile].into_iter().flat_map(|lock_form| {
        [Durability::Full, Durability::Relaxed]
            .map(|durability| UpdateOptions { lock_form, durability })
    })
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

#[cfg(not(unix))]
fn mode(_path: &Path) -> u32 {
    0o640
}
