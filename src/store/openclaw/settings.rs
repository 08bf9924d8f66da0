//! `retry.provider.maxRetries` in an agent's session settings: how often the gateway asks one account before it takes the
//! next. Unset means up to ten times, and sleeping through any wait that the server states.
//!
//! Invariant: an edit changes this number and nothing else of the file, byte for byte; what does not parse is never
//! overwritten.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::store::document::object_text::{Layout, ObjectText};
use crate::store::file::files::{Disk, Files};
use crate::store::file::side_files::sibling;

const PATH: [&str; 3] = ["retry", "provider", "maxRetries"];

/// What an edit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edited {
    Written,
    /// It was so already; or, of an undo, there is nothing of ours.
    Unchanged,
    /// Somebody has set another number, which stays.
    TheirOwn,
    /// Nothing else was in the file, so it is gone.
    Removed,
}

/// The text of the number; `None` if it is not set.
pub(crate) fn max_retries(settings: &Path) -> Result<Option<String>> {
    let Some(text) = load(settings)? else { return Ok(None) };
    Ok(lookup(&parse(settings, &text)?, &PATH))
}

/// Makes the gateway ask each account once.
pub(crate) fn fix(settings: &Path) -> Result<Edited> {
    let text = load(settings)?;
    let root =
        text.as_deref().map_or_else(|| Ok(ObjectText::empty()), |text| parse(settings, text))?;
    match lookup(&root, &PATH).as_deref() {
        Some("0") => return Ok(Edited::Unchanged),
        Some(_) => return Ok(Edited::TheirOwn),
        None => {}
    }
    let is_pretty = text.as_deref().is_none_or(|text| text.contains('\n'));
    let layout = Layout { pretty: is_pretty, depth: 0 };
    let changed = with(root, &PATH, layout).render(layout);
    write(settings, &ended(&changed, text.as_deref()))?;
    Ok(Edited::Written)
}

/// Takes that back. What then is empty goes too.
pub(crate) fn undo(settings: &Path) -> Result<Edited> {
    let Some(text) = load(settings)? else { return Ok(Edited::Unchanged) };
    let root = parse(settings, &text)?;
    match lookup(&root, &PATH).as_deref() {
        Some("0") => {}
        None => return Ok(Edited::Unchanged),
        Some(_) => return Ok(Edited::TheirOwn),
    }
    let layout = Layout { pretty: text.contains('\n'), depth: 0 };
    let root = without(root, &PATH, layout);
    if root.is_empty() {
        fs::remove_file(settings).map_err(|error| Error::io("removing", settings, error))?;
        return Ok(Edited::Removed);
    }
    write(settings, &ended(&root.render(layout), Some(&text)))?;
    Ok(Edited::Written)
}

fn lookup(object: &ObjectText, path: &[&str]) -> Option<String> {
    match path {
        [last] => object.get(last).map(str::trim).filter(|text| *text != "null").map(str::to_owned),
        [first, rest @ ..] => lookup(&object.object(first)?, rest),
        [] => None,
    }
}

fn with(mut object: ObjectText, path: &[&str], layout: Layout) -> ObjectText {
    match path {
        [] => {}
        [last] => object.set(last, "0".to_owned()),
        [first, rest @ ..] => {
            let inner = object.object(first).unwrap_or_else(ObjectText::empty);
            let inner = with(inner, rest, layout.inner()).render(layout.inner());
            object.set(first, inner);
        }
    }
    object
}

fn without(mut object: ObjectText, path: &[&str], layout: Layout) -> ObjectText {
    let [first, rest @ ..] = path else { return object };
    let inner = object.object(first).filter(|_| !rest.is_empty());
    match inner.map(|inner| without(inner, rest, layout.inner())) {
        Some(inner) if !inner.is_empty() => object.set(first, inner.render(layout.inner())),
        _ => {
            object.remove(first);
        }
    }
    object
}

/// `None`: there is no such file.
fn load(settings: &Path) -> Result<Option<String>> {
    match fs::read_to_string(settings) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("reading", settings, error)),
    }
}

fn parse(settings: &Path, text: &str) -> Result<ObjectText> {
    ObjectText::parse(text).map_err(|error| Error::StoreUnreadable {
        path: settings.to_path_buf(),
        problem: format!("not JSON at line {} column {}", error.line(), error.column()),
    })
}

/// A new file ends with a line break; another one as it did.
fn ended(text: &str, before: Option<&str>) -> String {
    let text = text.trim_end().to_owned();
    if before.is_none_or(|before| before.ends_with('\n')) { text + "\n" } else { text }
}

/// In one step, so that a gateway that reads meanwhile sees the old file or the new one.
fn write(settings: &Path, text: &str) -> Result<()> {
    let fail = |error| Error::io("writing", settings, error);
    let target = fs::canonicalize(settings).unwrap_or_else(|_| settings.to_path_buf());
    if let Some(directory) = target.parent() {
        fs::create_dir_all(directory).map_err(fail)?;
    }
    let fresh = sibling(&target, &format!(".native-new.{}", std::process::id()));
    let place = || {
        let _ = fs::remove_file(&fresh);
        let mut file = Disk.create_file(&fresh, 0o600)?;
        if let Ok((_, attributes)) = Disk.read(&target) {
            let _ = Disk.set_attributes(&file, attributes);
        }
        Disk.write(&mut file, text.as_bytes())?;
        Disk.flush(&file)?;
        Disk.rename(&fresh, &target)
    };
    place().map_err(|error| {
        let _ = fs::remove_file(&fresh);
        fail(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("agent").join("settings.json");
        (dir, settings)
    }

    fn put(settings: &Path, text: &str) {
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        fs::write(settings, text).unwrap();
    }

    fn text(settings: &Path) -> String {
        fs::read_to_string(settings).unwrap()
    }

    #[test]
    fn without_a_file_the_fix_makes_one_and_the_undo_removes_it() {
        let (_dir, settings) = dir();
        assert_eq!(max_retries(&settings).unwrap(), None);
        assert_eq!(undo(&settings).unwrap(), Edited::Unchanged);
        assert_eq!(fix(&settings).unwrap(), Edited::Written);
        assert_eq!(
            text(&settings),
            "{\n  \"retry\": {\n    \"provider\": {\n      \"maxRetries\": 0\n    }\n  }\n}\n"
        );
        assert_eq!(max_retries(&settings).unwrap().as_deref(), Some("0"));
        assert_eq!(fix(&settings).unwrap(), Edited::Unchanged);
        assert_eq!(undo(&settings).unwrap(), Edited::Removed);
        assert!(!settings.exists());
    }

    #[test]
    fn everything_else_comes_out_as_it_went_in_and_the_undo_gives_the_very_file() {
        let (_dir, settings) = dir();
        for before in [
            "{\n  \"theme\" : \"dark\",\n  \"big\": 1e21\n}\n",
            "{\"theme\":\"dark\"}",
            "{\n  \"retry\": {\n    \"enabled\": true,\n    \"provider\": {\n      \"maxRetryDelayMs\": 5\n    }\n  }\n}",
        ] {
            put(&settings, before);
            assert_eq!(fix(&settings).unwrap(), Edited::Written);
            assert_eq!(max_retries(&settings).unwrap().as_deref(), Some("0"));
            let kept: serde_json::Value = serde_json::from_str(&text(&settings)).unwrap();
            for key in serde_json::from_str::<serde_json::Map<_, _>>(before).unwrap().keys() {
                assert!(kept.get(key).is_some(), "{key}");
            }
            assert_eq!(undo(&settings).unwrap(), Edited::Written);
            assert_eq!(text(&settings), before);
        }
    }

    #[test]
    fn a_number_that_somebody_has_set_stays() {
        let (_dir, settings) = dir();
        let before = "{\"retry\":{\"provider\":{\"maxRetries\":3}}}";
        put(&settings, before);
        assert_eq!(fix(&settings).unwrap(), Edited::TheirOwn);
        assert_eq!(undo(&settings).unwrap(), Edited::TheirOwn);
        assert_eq!(text(&settings), before);
    }

    #[test]
    fn what_does_not_parse_is_left_as_it_is_and_not_quoted() {
        let (_dir, settings) = dir();
        put(&settings, "{ s3cret");
        for fault in [fix(&settings).unwrap_err(), undo(&settings).unwrap_err()] {
            assert_eq!(fault.code(), "ERR_STORE_UNREADABLE");
            assert!(!fault.to_string().contains("s3cret"));
        }
        assert_eq!(text(&settings), "{ s3cret");
    }
}
