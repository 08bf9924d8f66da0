//! Reading the store without a lock.
//!
//! Invariant: a reader sees a whole version or an error. Native writers replace the file in one step; old hosts
//! truncate and rewrite it in place, so a file that does not parse is read again for a moment before that is
//! believed.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::files::{Attributes, Files};
use super::paths::StorePaths;
use super::recovery;
use crate::error::{Error, Result};
use crate::store::document::object_text::quote;
use crate::store::document::overlay;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;

/// How long an in-place writer may need from truncating to the last byte.
const TORN_READ_PAUSES_MS: [u64; 4] = [1, 4, 15, 40];

/// A document and what its file looks like.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub document: Document,
    pub attributes: Attributes,
    /// Taken from the recovery copy, because the store itself was cut.
    pub recovered: bool,
}

/// Reads one store file. Blocks the calling thread.
pub(crate) fn load(files: &dyn Files, path: &Path) -> Result<Loaded> {
    let mut pauses = TORN_READ_PAUSES_MS.into_iter();
    loop {
        let (bytes, attributes) = match files.read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(missing(files, path));
            }
            outcome => outcome.map_err(|error| Error::io("reading", path, error))?,
        };
        match (Document::parse(&bytes), pauses.next()) {
            (Ok(document), _) => return Ok(Loaded { document, attributes, recovered: false }),
            (Err(_), Some(pause)) => files.pause(Duration::from_millis(pause)),
            (Err(problem), None) => {
                return recovery::load_copy(files, path, &bytes)
                    .map(|(document, attributes)| Loaded { document, attributes, recovered: true })
                    // Or somebody has put the copy in place since.
                    .or_else(|| load_once(files, path))
                    .ok_or(Error::StoreUnreadable { path: path.to_path_buf(), problem });
            }
        }
    }
}

fn load_once(files: &dyn Files, path: &Path) -> Option<Loaded> {
    let (bytes, attributes) = files.read(path).ok()?;
    let document = Document::parse(&bytes).ok()?;
    Some(Loaded { document, attributes, recovered: false })
}

/// Refuses a store that a newer host has left behind.
pub(crate) fn refuse_migrated(files: &dyn Files, path: &Path) -> Result<()> {
    let database = StorePaths::database(path);
    if files.stat(&database).is_ok() {
        return Err(Error::StoreMigrated { path: path.to_path_buf(), database });
    }
    Ok(())
}

fn missing(files: &dyn Files, path: &Path) -> Error {
    refuse_migrated(files, path)
        .err()
        .unwrap_or_else(|| Error::StoreMissing { path: path.to_path_buf() })
}

/// Attaches the `auth-state.json` beside `store` where a host keeps one. One that does not parse is an error: it is as
/// little ours to overwrite as the store.
pub(crate) fn attach_state(files: &dyn Files, store: &Path, document: &mut Document) -> Result<()> {
    let path = StorePaths::state(store);
    let mut pauses = TORN_READ_PAUSES_MS.into_iter();
    loop {
        let (bytes, _) = match files.read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            outcome => outcome.map_err(|error| Error::io("reading", &path, error))?,
        };
        match (Document::parse_state(&bytes), pauses.next()) {
            (Ok(state), _) => {
                document.attach_state(state);
                return Ok(());
            }
            (Err(_), Some(pause)) => files.pause(Duration::from_millis(pause)),
            (Err(problem), None) => {
                let copy = recovery::read_copy(files, &path, &bytes);
                let state = copy.and_then(|(bytes, _)| Document::parse_state(&bytes).ok());
                let state = state.ok_or(Error::StoreUnreadable { path, problem })?;
                document.attach_state(state);
                return Ok(());
            }
        }
    }
}

/// The main agent's document for a sub-agent; one that is missing or unreadable has nothing to pass on.
pub(crate) fn load_main(files: &dyn Files, paths: &StorePaths) -> Option<Document> {
    let store = paths.main.as_deref()?;
    let mut document = load(files, store).ok()?.document;
    if paths.with_state {
        // Usage that cannot be read is no reason to lose the inherited profiles.
        let _ = attach_state(files, store, &mut document);
    }
    Some(document)
}

/// The agent's document and, for a sub-agent, the main agent's.
pub(crate) fn load_documents(files: &dyn Files, paths: &StorePaths) -> Result<Documents> {
    refuse_migrated(files, &paths.store)?;
    let main = load_main(files, paths);
    let mut own = match (load(files, &paths.store), &main) {
        (Ok(loaded), _) => loaded.document,
        // A sub-agent without a file of its own lives on what it inherits.
        (Err(Error::StoreMissing { .. }), Some(_)) => empty_document()?,
        (Err(error), _) => return Err(error),
    };
    if paths.with_state {
        attach_state(files, &paths.store, &mut own)?;
    }
    Ok(Documents { own, main })
}

fn empty_document() -> Result<Document> {
    Document::parse(b"{\"version\":1,\"profiles\":{}}")
        .map_err(|_| Error::Internal("empty_document"))
}

/// The store as the host's loader would give it, as JSON text: known profiles only, the main agent's under the
/// agent's own.
#[must_use]
pub(crate) fn host_view(documents: &Documents) -> String {
    let layers = documents.main.iter().chain([&documents.own]);
    let profiles = overlay::merge_text(layers.clone().flat_map(Document::profiles));
    let version = documents.own.value("version").unwrap_or("1");
    let mut out = format!("{{\"version\":{version},\"profiles\":{profiles}");
    if layers.clone().any(|document| document.section_text("order").is_some()) {
        let orders: serde_json::Map<_, _> = documents
            .orders()
            .into_iter()
            .map(|(provider, names)| (provider.to_owned(), names.into()))
            .collect();
        out.push_str(&[",\"order\":", &serde_json::Value::Object(orders).to_string()].concat());
    }
    for section in ["lastGood", "usageStats"] {
        if let Some(text) = documents.merged_section(section) {
            out.push_str(&[",", &quote(section), ":", &text].concat());
        }
    }
    out.push('}');
    out
}
