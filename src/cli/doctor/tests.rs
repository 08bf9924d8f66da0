//! Findings from real directories; the judges themselves are pure.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::finding::Severity;
use super::*;
use crate::cli::test_stores::{NOW, SECRET, look, store, text};
use crate::store::tests::ended_process;
use crate::time::WallMs;

struct Agent(tempfile::TempDir);

impl Agent {
    fn with(store: &str) -> Self {
        let agent = Self(tempfile::tempdir().unwrap());
        agent.put("auth-profiles.json", store);
        agent
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file for its owner only.
    fn put(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
        chmod(&self.path(name), 0o600);
    }

    fn age(&self, name: &str, by: Duration) {
        let file = fs::File::open(self.path(name)).unwrap();
        file.set_modified(SystemTime::now() - by).unwrap();
    }

    /// The findings at the real time, as files have real times.
    fn report(&self) -> Report {
        let store = self.path("auth-profiles.json");
        let now = WallMs::now();
        let report = examine(&StorePaths { store, main: None, with_state: true }, now);
        // Whatever is found, no secret is told.
        assert!(!report.json().contains(SECRET), "{}", report.json());
        text(&report.lines(&look(80)));
        report
    }

    fn codes(&self) -> Vec<&'static str> {
        self.report().findings.iter().map(|finding| finding.code).collect()
    }
}

fn chmod(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// The findings of the pure judges at a fixed time.
fn judged(text: &str) -> Vec<Finding> {
    let documents = crate::cli::test_stores::documents(text);
    let findings = stored(&documents, &Pool::of(&documents, &View::default(), NOW));
    for finding in &findings {
        assert!(!format!("{finding:?}").contains(SECRET), "{finding:?}");
    }
    findings
}

fn codes(text: &str) -> Vec<&'static str> {
    judged(text).iter().map(|finding| finding.code).collect()
}

#[test]
fn a_sound_store_needs_no_attention() {
    let report = Agent::with(&store(&["a", "b"], "")).report();
    assert_eq!(report.findings, []);
    assert!(!report.needs_attention());
    assert!(text(&report.lines(&look(80))).contains("2 profiles, 2 ready"));
}

#[cfg(unix)]
#[test]
fn a_store_that_others_may_read_is_a_problem() {
    for mode in [0o604, 0o640, 0o660, 0o601] {
        let agent = Agent::with(&store(&["a"], ""));
        chmod(&agent.path("auth-profiles.json"), mode);
        let report = agent.report();
        assert_eq!(report.findings[0].code, "store-permissions", "{mode:o}");
        assert!(report.findings[0].advice.starts_with("chmod 600 "));
        assert!(report.needs_attention());
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_may_write_is_a_problem() {
    let agent = Agent::with(&store(&["a"], ""));
    chmod(agent.0.path(), 0o770);
    assert_eq!(agent.codes(), ["directory-permissions"]);
    chmod(agent.0.path(), 0o755);
    assert_eq!(agent.codes(), [""; 0]);
}

#[test]
fn an_unreadable_store_is_named_and_not_quoted() {
    let agent = Agent::with(&format!("{{\"profiles\":{{\"a\":{{\"key\":\"{SECRET}\"}},}}}}"));
    let report = agent.report();
    assert_eq!(report.findings[0].code, "unreadable");
    assert_eq!(report.profiles, None);
    assert!(report.needs_attention());
}

#[test]
fn a_missing_store_is_a_problem() {
    let agent = Agent::with("");
    fs::remove_file(agent.path("auth-profiles.json")).unwrap();
    assert_eq!(agent.codes(), ["missing"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_of_a_dead_process_is_stale_and_a_fresh_one_is_fine() {
    let agent = Agent::with(&store(&["a"], ""));
    fs::create_dir(agent.path("auth-profiles.json.lock")).unwrap();
    assert_eq!(agent.codes(), [""; 0]);
    agent.age("auth-profiles.json.lock", Duration::from_secs(31));
    assert_eq!(agent.codes(), ["stale-lock"]);
    fs::remove_dir(agent.path("auth-profiles.json.lock")).unwrap();

    let ended = ended_process();
    agent.put("auth-profiles.json.lock", &format!("{{\"pid\":{ended}}}"));
    let report = agent.report();
    assert_eq!(report.findings[0].code, "stale-lock");
    assert!(report.findings[0].what.contains(&format!("process {ended}, which has ended")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_that_a_living_process_has_held_for_long_is_told_with_its_holder() {
    let agent = Agent::with(&store(&["a"], ""));
    let me = std::process::id();
    let stat = fs::read_to_string(format!("/proc/{me}/stat")).unwrap();
    let since_boot =
        stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().to_owned();
    agent.put("auth-profiles.json.lock", &format!("{{\"pid\":{me},\"starttime\":{since_boot}}}"));
    assert_eq!(agent.codes(), [""; 0]);
    agent.age("auth-profiles.json.lock", Duration::from_mins(5));
    let report = agent.report();
    assert_eq!(report.findings[0].code, "long-held-lock");
    assert!(report.findings[0].what.contains(&format!("by process {me}")));
}

#[test]
fn what_killed_writers_left_is_a_note_and_what_is_in_use_is_nothing() {
    let agent = Agent::with(&store(&["a"], ""));
    for name in [
        "auth-profiles.json.native-safe",
        "auth-profiles.json.native-new",
        "auth-profiles.json.f00.tmp",
    ] {
        agent.put(name, SECRET);
    }
    assert_eq!(agent.codes(), [""; 0]);
    for name in ["", ".native-safe", ".native-new", ".f00.tmp"] {
        agent.age(&format!("auth-profiles.json{name}"), Duration::from_mins(2));
    }
    assert_eq!(agent.codes(), ["leftover", "leftover", "recovery-copy"]);
    assert!(!agent.report().needs_attention());
    chmod(&agent.path("auth-profiles.json.f00.tmp"), 0o644);
    assert_eq!(agent.report().needs_attention(), cfg!(unix));
}

#[test]
fn looking_changes_nothing() {
    let agent = Agent::with(&store(&["a"], ""));
    agent.report();
    let names: Vec<_> =
        fs::read_dir(agent.0.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["auth-profiles.json"]);
}

#[test]
fn a_file_from_the_future_points_at_the_clock() {
    let agent = Agent::with(&store(&["a"], ""));
    let file = fs::File::open(agent.path("auth-profiles.json")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_hours(1)).unwrap();
    assert_eq!(agent.codes(), ["clock"]);
}

#[test]
fn a_sub_agent_is_told_that_its_main_agent_cannot_be_read() {
    let (sub, main) = (Agent::with(&store(&["a"], "")), Agent::with("{}"));
    let paths = StorePaths {
        store: sub.path("auth-profiles.json"),
        main: Some(main.path("auth-profiles.json")),
        with_state: true,
    };
    let report = examine(&paths, WallMs::now());
    assert_eq!(report.findings[0].code, "main-unreadable");
    fs::remove_file(main.path("auth-profiles.json")).unwrap();
    assert_eq!(examine(&paths, WallMs::now()).findings, []);
}

#[test]
fn a_stored_time_in_the_future_or_beyond_all_waits_points_at_the_clock() {
    let usage = |stats: &str| store(&["a"], &format!(r#","usageStats":{{"a":{stats}}}"#));
    assert_eq!(codes(&usage(&format!("{{\"lastUsed\":{}}}", (NOW + 59_000.0).as_ms()))), [""; 0]);
    assert_eq!(codes(&usage(&format!("{{\"lastUsed\":{}}}", (NOW + 61_000.0).as_ms()))), ["clock"]);
    assert_eq!(
        codes(&usage(&format!("{{\"lastFailureAt\":{}}}", (NOW + 61_000.0).as_ms()))),
        ["clock"]
    );
    assert_eq!(codes(&usage("{\"cooldownUntil\":9770000000000}")), ["impossible-end"]);
}

#[test]
fn the_same_secret_twice_is_found_inside_a_provider_only() {
    let two = |one: &str, other: &str| {
        format!(
            r#"{{"profiles":{{"a":{{"type":"api_key","provider":"z.ai","key":"{SECRET}",{one}}},
                "b":{{"type":"oauth","refresh":" {SECRET} ",{other}}}}}}}"#
        )
    };
    let same = judged(&two(r#""x":1"#, r#""provider":"ZAI""#));
    assert_eq!(same[0].code, "duplicate-credential");
    assert_eq!(same[0].profiles, ["a", "b"]);
    assert_eq!(codes(&two(r#""x":1"#, r#""provider":"other""#)), [""; 0]);
}

#[test]
fn the_same_account_twice_is_found_by_its_name() {
    let logins = |kind: &str| {
        format!(
            r#"{{"profiles":{{
                "a":{{"type":"oauth","provider":"p","access":"1","email":"Anna@{SECRET}"}},
                "b":{{"type":"{kind}","provider":"p","access":"2","key":"3","email":"anna@{SECRET}"}}}}}}"#
        )
    };
    assert_eq!(codes(&logins("oauth")), ["duplicate-account"]);
    assert_eq!(codes(&logins("api_key")), [""; 0]);
}

#[test]
fn the_same_credential_is_not_told_again_as_the_same_account() {
    let twice = format!(
        r#"{{"profiles":{{
            "a":{{"type":"oauth","provider":"p","access":"{SECRET}","email":"x"}},
            "b":{{"type":"oauth","provider":"p","access":"{SECRET}","email":"x"}}}}}}"#
    );
    assert_eq!(codes(&twice), ["duplicate-credential"]);
}

#[test]
fn credentials_that_cannot_be_used_are_told_by_what_is_wrong() {
    let found = judged(
        r#"{"profiles":{
            "empty":{"type":"api_key","provider":"p"},
            "elsewhere":{"type":"api_key","provider":"p","keyRef":{"id":"x"}},
            "old":{"type":"token","provider":"p","token":"s3cr3t","expires":5},
            "local":{"type":"local","provider":"p"}}}"#,
    );
    let told = |id: &str| found.iter().find(|it| it.profiles == [id]).unwrap();
    assert!(told("empty").what.contains("no credential"));
    assert!(told("elsewhere").what.contains("elsewhere"));
    assert!(told("old").what.contains("expired token"));
    assert_eq!(told("local").code, "not-loaded");
}

#[test]
fn an_order_is_checked_against_the_profiles() {
    let text = r#"{"profiles":{"a":{"type":"api_key","provider":"p","key":"1"},
        "x":{"type":"api_key","provider":"q","key":"2"},"left":{"type":"api_key","provider":"p","key":"3"}},
        "order":{"p":["a","gone","x"]}}"#;
    assert_eq!(codes(text), ["unusable-credential", "unknown-in-order", "foreign-in-order"]);
    let found = judged(text);
    assert_eq!(
        (found[0].severity, &found[0].profiles[..]),
        (Severity::Note, &["left".to_owned()][..])
    );
    assert_eq!(found[1].profiles, ["gone"]);
}

#[test]
fn a_store_without_profiles_is_a_warning() {
    assert_eq!(codes(r#"{"profiles":{}}"#), ["empty"]);
}
