//! The file that sessions are kept in, beside the pool: one line a note, so that a busy day of sessions costs neither
//! the choice nor the next note more than a quiet one.
//!
//! Protocol: under the pool's lock; whoever comes next reads the lines that were added since. A file that has grown far
//! beyond what is still of use is replaced by one that has only that, the latest first if even that is too much.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::rotation::sessions::{Session, Sessions};
use crate::store::file::side_files::{open_side_file, sibling};
use crate::store::file::system::identity;
use crate::time::WallMs;

/// What a day of some hundred thousand sessions takes.
const LARGEST: u64 = 32 << 20;
/// Smaller files are left as they are.
const SMALLEST_REPLACED: u64 = 256 << 10;
/// How many lines a session may have before the file is worth replacing.
const MOST_LINES_EACH: usize = 4;

/// The sessions as far as their file was read.
#[derive(Debug, Default)]
pub(crate) struct SessionLog {
    pub sessions: Sessions,
    /// Which file it was.
    identity: Option<(u64, u64)>,
    /// How far it was read.
    end: u64,
    lines: usize,
}

impl SessionLog {
    /// Reads what was added since. A file that cannot be read has nothing to tell.
    pub(crate) fn catch_up(&mut self, path: &Path) {
        let Ok(metadata) = fs::metadata(path) else { return };
        let Ok(identity) = identity::of_path(path) else { return };
        if self.identity != Some(identity) || metadata.len() < self.end {
            // Another file: what was not told yet is kept.
            (self.identity, self.end, self.lines) = (Some(identity), 0, 0);
        }
        if metadata.len() > self.end {
            let _: io::Result<()> = self.read(path);
        }
    }

    fn read(&mut self, path: &Path) -> io::Result<()> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.end))?;
        let mut bytes = Vec::new();
        file.take(2 * LARGEST).read_to_end(&mut bytes)?;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.lines += 1;
            // One that a crash has cut says nothing.
            if let Ok(session) = serde_json::from_slice::<Session>(line) {
                self.sessions.absorb(session);
            }
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Adds what this process has noted.
    pub(crate) fn tell(&mut self, path: &Path, store: &Path, now: WallMs) {
        let untold = self.sessions.take_untold();
        if untold.is_empty() {
            return;
        }
        // A pool that cannot be written is as good as lost, which does no harm.
        let _: io::Result<()> = self.append(path, store, &untold);
        let is_long = self.lines > MOST_LINES_EACH * self.sessions.len();
        if self.end > LARGEST || (self.end > SMALLEST_REPLACED && is_long) {
            let _: io::Result<()> = self.replace(path, store, now);
        }
    }

    fn append(&mut self, path: &Path, store: &Path, untold: &[Session]) -> io::Result<()> {
        // With a line break first: the line before may have been cut.
        let mut text = String::from("\n");
        for session in untold {
            text.push_str(&serde_json::to_string(session)?);
            text.push('\n');
        }
        let mut file = open_side_file(path, store)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(text.as_bytes())?;
        self.identity = Some(identity::of_file(&file)?);
        self.end = file.stream_position()?;
        self.lines += untold.len();
        Ok(())
    }

    fn replace(&mut self, path: &Path, store: &Path, now: WallMs) -> io::Result<()> {
        let recent = self.sessions.recent(now);
        let mut text = String::new();
        let mut kept = Sessions::default();
        let mut lines = 0;
        for session in recent {
            let line = serde_json::to_string(session)?;
            if (text.len() + line.len()) as u64 > LARGEST / 2 {
                break;
            }
            text.push_str(&line);
            text.push('\n');
            kept.absorb(session.clone());
            lines += 1;
        }
        let next = next_path(path);
        drop(open_side_file(&next, store)?);
        let mut file = OpenOptions::new().write(true).truncate(true).open(&next)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&next, path)?;
        self.identity = Some(identity::of_file(&file)?);
        (self.sessions, self.end, self.lines) = (kept, text.len() as u64, lines);
        Ok(())
    }
}

fn next_path(path: &Path) -> PathBuf {
    sibling(path, ".next")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    struct Dir {
        path: PathBuf,
        store: PathBuf,
        /// Removed with this.
        _all: tempfile::TempDir,
    }

    fn dir() -> Dir {
        let all = tempfile::tempdir().unwrap();
        let (path, store) = (all.path().join("sessions"), all.path().join("store"));
        Dir { path, store, _all: all }
    }

    fn profile_of(key: u64) -> &'static str {
        if key.is_multiple_of(2) { "a" } else { "b" }
    }

    impl Dir {
        fn note(&self, log: &mut SessionLog, key: u64, profile: &str, now: WallMs) {
            log.catch_up(&self.path);
            log.sessions.note((key, "p"), profile, true, now);
            log.tell(&self.path, &self.store, now);
        }

        fn home(&self, log: &mut SessionLog, key: u64) -> Option<String> {
            log.catch_up(&self.path);
            log.sessions.get(key, "p", NOW).map(|session| session.home.clone())
        }
    }

    #[test]
    fn what_one_process_notes_the_others_read() {
        let dir = dir();
        let (mut one, mut two) = (SessionLog::default(), SessionLog::default());
        dir.note(&mut one, 1, "a", NOW);
        dir.note(&mut two, 2, "b", NOW);
        assert_eq!(dir.home(&mut two, 1).as_deref(), Some("a"));
        assert_eq!(dir.home(&mut one, 2).as_deref(), Some("b"));
        assert_eq!(dir.home(&mut SessionLog::default(), 2).as_deref(), Some("b"));
    }

    #[test]
    fn a_line_that_a_crash_has_cut_costs_no_other_session() {
        let dir = dir();
        let mut log = SessionLog::default();
        dir.note(&mut log, 1, "a", NOW);
        let mut file = OpenOptions::new().append(true).open(&dir.path).unwrap();
        file.write_all(b"{\"key\":2,\"prov").unwrap();
        dir.note(&mut log, 3, "c", NOW);
        let mut fresh = SessionLog::default();
        assert_eq!(dir.home(&mut fresh, 1).as_deref(), Some("a"));
        assert_eq!(dir.home(&mut fresh, 3).as_deref(), Some("c"));
    }

    #[test]
    fn twenty_thousand_sessions_keep_their_homes_and_a_note_is_one_line() {
        let dir = dir();
        let mut log = SessionLog::default();
        for key in 0..20_000 {
            log.sessions.note((key, "p"), profile_of(key), true, NOW);
        }
        log.tell(&dir.path, &dir.store, NOW);
        let before = fs::metadata(&dir.path).unwrap().len();
        dir.note(&mut log, 20_001, "a", NOW);
        assert!(fs::metadata(&dir.path).unwrap().len() - before < 200);
        let mut fresh = SessionLog::default();
        let has_home = |key| dir.home(&mut fresh, key).as_deref() == Some(profile_of(key));
        assert!((0..20_000).all(has_home));
    }

    #[test]
    fn a_file_of_old_lines_is_replaced_and_others_follow() {
        let dir = dir();
        let (mut one, mut two) = (SessionLog::default(), SessionLog::default());
        dir.note(&mut two, 9, "z", NOW);
        // Each time another profile, so that each time there is something to tell.
        let profiles = ["a".repeat(3_000), "b".repeat(3_000)];
        for turn in 0..200 {
            one.catch_up(&dir.path);
            one.sessions.note((1, "p"), &profiles[turn % 2], false, NOW + turn as f64);
            one.tell(&dir.path, &dir.store, NOW);
        }
        assert!(fs::metadata(&dir.path).unwrap().len() < 2 * SMALLEST_REPLACED);
        assert_eq!(dir.home(&mut two, 1), Some(profiles[1].clone()));
        assert_eq!(dir.home(&mut SessionLog::default(), 9).as_deref(), Some("z"));
    }
}
