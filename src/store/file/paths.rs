//! Where the store is: the host's rules from the agent directory and the environment to a path.
//!
//! Invariant: pure but for the one question which state directory exists. The environment comes in as values,
//! read through JavaScript at the call.

use std::path::{Path, PathBuf};

/// The store's file name in an agent directory.
pub(crate) const STORE_FILE: &str = "auth-profiles.json";
/// Where hosts from 2026.4.9 to 2026.6.1 keep usage and orders, beside the store.
pub(crate) const STATE_FILE: &str = "auth-state.json";
/// Where hosts from 2026.6.5 keep their profiles; beside it, the JSON store is only a leftover.
pub(crate) const DATABASE_FILE: &str = "openclaw-agent.sqlite";

/// The variables that decide, most specific first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// `OPENCLAW_AGENT_DIR`, `CLAWDBOT_AGENT_DIR`, `PI_CODING_AGENT_DIR`: the first that is set.
    pub agent_dir: Option<String>,
    /// `OPENCLAW_STATE_DIR`, `CLAWDBOT_STATE_DIR`: the first that is set.
    pub state_dir: Option<String>,
    /// `OPENCLAW_CONFIG_PATH`.
    pub config: Option<String>,
    /// `AUTH_FAILOVER_DIR`: where what belongs to no host lives.
    pub own_dir: Option<String>,
    /// Where this user's programs keep their state, if a variable says so: `XDG_STATE_HOME`, `LOCALAPPDATA`.
    pub user_state_dir: Option<String>,
    pub home: PathBuf,
    pub current_dir: PathBuf,
}

impl Environment {
    pub(crate) const CONFIG_VARIABLE: &str = "OPENCLAW_CONFIG_PATH";
    pub(crate) const AGENT_DIR_VARIABLES: [&str; 3] =
        ["OPENCLAW_AGENT_DIR", "CLAWDBOT_AGENT_DIR", "PI_CODING_AGENT_DIR"];
    pub(crate) const STATE_DIR_VARIABLES: [&str; 2] = ["OPENCLAW_STATE_DIR", "CLAWDBOT_STATE_DIR"];

    /// `~`, `~/x` and `~\x` are the home directory; anything else is relative to the current directory.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        let path = path.trim();
        match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with(['/', '\\']) => self.home.join(&rest[1..]),
            _ => self.current_dir.join(path),
        }
    }

    fn main_agent_dir(&self) -> PathBuf {
        if let Some(dir) = &self.agent_dir {
            return self.resolve(dir);
        }
        let own = || Some(self.own_root()).filter(|own| self.own_dir.is_some() || own.exists());
        let has_host = self.state_dir.is_some() || self.found_state_dir().is_some();
        let of_host = || self.state_dir().join("agents").join("main").join("agent");
        if has_host { of_host() } else { own().unwrap_or_else(of_host) }
    }

    /// What a host keeps beside its agents.
    #[must_use]
    pub(crate) fn state_dir(&self) -> PathBuf {
        match &self.state_dir {
            Some(dir) => self.resolve(dir),
            None => self.found_state_dir().unwrap_or_else(|| self.home.join(".openclaw")),
        }
    }

    /// The current gateway's configuration.
    #[must_use]
    pub(crate) fn config_file(&self, state_dir: &Path) -> PathBuf {
        let named = self.config.as_ref().map(|path| self.resolve(path));
        named.unwrap_or_else(|| state_dir.join("openclaw.json"))
    }

    /// The directory of a host that was here before.
    fn found_state_dir(&self) -> Option<PathBuf> {
        let names = [".openclaw", ".clawdbot", ".moltbot", ".moldbot"];
        names.map(|name| self.home.join(name)).into_iter().find(|dir| dir.exists())
    }

    /// Where what belongs to no host lives: accounts that were added by hand, and the state of those that programs give in
    /// line, in a directory each.
    #[must_use]
    pub(crate) fn own_root(&self) -> PathBuf {
        if let Some(dir) = &self.own_dir {
            return normalize(&self.resolve(dir));
        }
        let usual = match std::env::consts::OS {
            "windows" => "AppData/Local",
            "macos" => "Library/Application Support",
            _ => ".local/state",
        };
        let given = self.user_state_dir.as_ref().map(|dir| self.resolve(dir));
        normalize(&given.unwrap_or_else(|| self.home.join(usual)).join("auth-failover"))
    }
}

/// The files of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StorePaths {
    /// The agent's own store: what marks are written to.
    pub store: PathBuf,
    /// The main agent's store, whose profiles a sub-agent inherits. `None` for the main agent.
    pub main: Option<PathBuf>,
    /// Whether an `auth-state.json` beside the store counts.
    pub with_state: bool,
}

impl StorePaths {
    /// `agent_dir` as the caller gave it; `None` or blank means the main agent.
    #[must_use]
    pub(crate) fn resolve(agent_dir: Option<&str>, environment: &Environment) -> Self {
        let main = normalize(&environment.main_agent_dir().join(STORE_FILE));
        match agent_dir.filter(|dir| !dir.trim().is_empty()) {
            None => Self { store: main, main: None, with_state: true },
            Some(dir) => {
                let store = normalize(&environment.resolve(dir).join(STORE_FILE));
                // What belongs to no host inherits from nobody.
                let is_own = store.starts_with(environment.own_root());
                let main = (store != main && !is_own).then_some(main);
                Self { store, main, with_state: true }
            }
        }
    }

    /// The main agent's own files, for what a sub-agent inherits.
    #[must_use]
    pub(crate) fn of_main(&self) -> Option<Self> {
        let store = self.main.clone()?;
        Some(Self { store, main: None, with_state: self.with_state })
    }

    /// The state file beside a store.
    #[must_use]
    pub(crate) fn state(store: &Path) -> PathBuf {
        store.with_file_name(STATE_FILE)
    }

    /// The database of a newer host beside the store.
    #[must_use]
    pub(crate) fn database(store: &Path) -> PathBuf {
        store.with_file_name(DATABASE_FILE)
    }
}

/// Removes `.` and `..` by name, as `path.resolve` of Node does.
fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment {
            home: "/home/u".into(),
            current_dir: "/work".into(),
            ..Environment::default()
        }
    }

    fn store(agent_dir: Option<&str>, environment: &Environment) -> PathBuf {
        StorePaths::resolve(agent_dir, environment).store
    }

    #[test]
    fn without_anything_it_is_the_main_agent_of_openclaw() {
        let expected = "/home/u/.openclaw/agents/main/agent/auth-profiles.json";
        assert_eq!(store(None, &environment()), Path::new(expected));
        assert_eq!(store(Some("  "), &environment()), Path::new(expected));
    }

    #[test]
    fn the_state_directory_of_an_older_host_is_found() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".clawdbot")).unwrap();
        let environment = Environment { home: home.path().into(), ..environment() };
        assert_eq!(
            store(None, &environment),
            home.path().join(".clawdbot/agents/main/agent/auth-profiles.json")
        );
    }

    #[test]
    fn where_no_host_is_found_it_is_our_own_if_there_is_one() {
        let home = tempfile::tempdir().unwrap();
        let mut environment = Environment { home: home.path().into(), ..environment() };
        let of_host = home.path().join(".openclaw/agents/main/agent/auth-profiles.json");
        assert_eq!(store(None, &environment), of_host);
        environment.user_state_dir = Some(home.path().join("state").to_string_lossy().into());
        let own = home.path().join("state/auth-failover");
        std::fs::create_dir_all(&own).unwrap();
        assert_eq!(store(None, &environment), own.join("auth-profiles.json"));
        environment.own_dir = Some("~/mine".into());
        assert_eq!(store(None, &environment), home.path().join("mine/auth-profiles.json"));
        std::fs::create_dir(home.path().join(".openclaw")).unwrap();
        assert_eq!(store(None, &environment), of_host);
    }

    #[test]
    fn what_belongs_to_no_host_inherits_from_none() {
        let own_dir = Some("/own".into());
        let environment = Environment { agent_dir: Some("/main".into()), own_dir, ..environment() };
        assert_eq!(StorePaths::resolve(Some("/own/openai"), &environment).main, None);
    }

    #[test]
    fn an_agent_dir_variable_beats_a_state_dir_variable() {
        let mut environment = environment();
        environment.state_dir = Some("~/state".into());
        assert_eq!(
            store(None, &environment),
            Path::new("/home/u/state/agents/main/agent/auth-profiles.json")
        );
        environment.agent_dir = Some("/agent".into());
        assert_eq!(store(None, &environment), Path::new("/agent/auth-profiles.json"));
    }

    #[test]
    fn relative_paths_and_the_tilde_follow_the_host() {
        let environment = environment();
        for (given, expected) in [
            ("agents/../a", "/work/a/auth-profiles.json"),
            (" ~ ", "/home/u/auth-profiles.json"),
            ("~/a", "/home/u/a/auth-profiles.json"),
            ("~bob", "/work/~bob/auth-profiles.json"),
        ] {
            assert_eq!(store(Some(given), &environment), Path::new(expected), "{given}");
        }
    }

    #[test]
    fn only_another_agent_inherits_from_the_main_one() {
        let environment = Environment { agent_dir: Some("/main".into()), ..environment() };
        assert_eq!(StorePaths::resolve(Some("/main/."), &environment).main, None);
        assert_eq!(
            StorePaths::resolve(Some("/sub"), &environment).main,
            Some("/main/auth-profiles.json".into())
        );
    }
}
