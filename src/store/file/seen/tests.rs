use super::*;
use crate::profiles::stats::Success;
use crate::store::edits::marks::{Event, Mark};
use crate::store::file::commit;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

const STORE: &str = r#"{"version":1,"profiles":{"a":{"type":"api_key","provider":"p","key":"k"},"b":{"type":"api_key","provider":"p","key":"l"}}}"#;

struct Dir {
    _dir: tempfile::TempDir,
    paths: StorePaths,
}

fn dir() -> Dir {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    fs::write(&store, STORE).unwrap();
    Dir { _dir: dir, paths: StorePaths { store, main: None, with_state: false } }
}

/// One update of this process: a profile was used.
fn used(paths: &StorePaths, id: &str) {
    let mark = Mark {
        profile_id: id.into(),
        event: Event::Used(Success::default()),
        now: WallMs::new(1_770_000_000_000.0),
    };
    let edit = Box::new(move |documents: &mut Documents| mark.apply(documents));
    let wait = Duration::from_secs(5);
    let done = commit::submit(paths.clone(), UpdateOptions::default(), wait, edit);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(done).unwrap();
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let dir = dir();
    let first = documents(&dir.paths).unwrap();
    assert!(Arc::ptr_eq(&first, &documents(&dir.paths).unwrap()));
}

#[test]
fn what_this_process_writes_is_known_and_whose_usage_it_changed() {
    let dir = dir();
    let first = documents(&dir.paths).unwrap();
    used(&dir.paths, "a");
    used(&dir.paths, "b");
    let last = documents(&dir.paths).unwrap();
    assert_eq!(last.changed_since(first.version).unwrap().collect::<Vec<_>>(), ["a", "b"]);
    assert!(last.documents.usage("b").is_some());
    assert_eq!(last.changed_since(last.version).unwrap().count(), 0);
}

#[test]
fn what_another_program_writes_is_read() {
    let dir = dir();
    let first = documents(&dir.paths).unwrap();
    fs::write(&dir.paths.store, STORE.replace("\"b\"", "\"c\"")).unwrap();
    let second = documents(&dir.paths).unwrap();
    assert!(second.documents.own.profile("c").is_some());
    assert!(second.changed_since(first.version).is_none());
}

#[test]
fn a_write_on_top_of_another_program_s_is_not_taken_for_the_only_change() {
    let dir = dir();
    let first = documents(&dir.paths).unwrap();
    fs::write(&dir.paths.store, STORE.replace("\"b\"", "\"c\"")).unwrap();
    used(&dir.paths, "a");
    let last = documents(&dir.paths).unwrap();
    assert!(last.changed_since(first.version).is_none());
    assert!(last.documents.own.profile("c").is_some() && last.documents.usage("a").is_some());
}

#[test]
fn a_write_that_looks_the_same_is_found_after_a_moment() {
    let dir = dir();
    let entry = || lock(&ENTRIES).get(&dir.paths).map(|entry| entry.signatures.clone()).unwrap();
    documents(&dir.paths).unwrap();
    fs::write(&dir.paths.store, STORE.replace("\"b\"", "\"c\"")).unwrap();
    // As if the file system's clock had not gone on meanwhile.
    let now = signatures(&dir.paths);
    assert_ne!(entry(), now);
    if let Some(entry) = lock(&ENTRIES).get_mut(&dir.paths) {
        entry.signatures = now;
        entry.doubtful_from = Some(Instant::now());
    }
    assert!(documents(&dir.paths).unwrap().documents.own.profile("c").is_some());
}

#[test]
fn what_is_being_written_is_known_as_soon_as_it_is_in_the_file() {
    let dir = dir();
    documents(&dir.paths).unwrap();
    let base = base(&dir.paths).unwrap();
    let mut own = Documents::clone(&base.seen.documents);
    own.own.set_entry("usageStats", "a", "{}".to_owned());
    let (text, next) = (own.own.render(), Arc::new(own));
    expect(&dir.paths, &next, base, [Some(&text), None]);
    assert!(!Arc::ptr_eq(&documents(&dir.paths).unwrap().documents, &next));
    fs::write(&dir.paths.store, &text).unwrap();
    assert!(Arc::ptr_eq(&documents(&dir.paths).unwrap().documents, &next));
}
