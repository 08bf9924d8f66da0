//! Where the current gateway keeps an agent's accounts, and where our plugin keeps what it knows of them.

use std::path::{Path, PathBuf};

use crate::store::file::paths::{Environment, STORE_FILE, StorePaths};

/// The directory in an agent's own where the plugin keeps its store.
const OURS: &str = "auth-failover";

/// The files of one agent and of what it shares with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    pub agent_dir: PathBuf,
    /// Sessions, transcripts, and the agent's own accounts.
    pub agent_database: PathBuf,
    /// The main agent's, unless this is the main agent.
    pub main_database: Option<PathBuf>,
    /// What all agents share; on a fresh installation the accounts too.
    pub state_database: PathBuf,
    pub config: PathBuf,
    /// The agent's session settings.
    pub settings: PathBuf,
    /// The plugin's store: how each account fares, without secrets.
    pub ours: StorePaths,
    /// The state directory is this agent's, whatever the environment says.
    is_by_shape: bool,
}

impl Places {
    #[must_use]
    pub(crate) fn of(paths: &StorePaths, environment: &Environment) -> Self {
        let agent_dir = paths.store.parent().unwrap_or(Path::new(".")).to_path_buf();
        let by_shape = state_dir_of(&agent_dir);
        let is_by_shape = by_shape.is_some();
        let state_dir = by_shape.unwrap_or_else(|| environment.state_dir());
        Self {
            agent_database: StorePaths::database(&paths.store),
            main_database: paths.main.as_deref().map(StorePaths::database),
            state_database: state_dir.join("state").join("openclaw.sqlite"),
            config: environment.config_file(&state_dir),
            settings: agent_dir.join("settings.json"),
            ours: StorePaths {
                store: agent_dir.join(OURS).join(STORE_FILE),
                main: None,
                with_state: true,
            },
            agent_dir,
            is_by_shape,
        }
    }

    /// Whether the agent belongs to such a gateway. A fresh installation has no database of the agent's until its first
    /// session.
    #[must_use]
    pub(crate) fn is_current_gateway(&self, paths: &StorePaths) -> bool {
        if self.agent_database.exists() {
            return true;
        }
        // An agent directory that was mistyped is not the state directory's.
        let belongs = self.is_by_shape || paths.main.is_none();
        belongs && !paths.store.exists() && self.state_database.exists()
    }

    /// The databases and what SQLite has not moved into them yet: what changes when an account does.
    pub(crate) fn watched(&self) -> impl Iterator<Item = PathBuf> {
        let databases =
            [Some(&self.agent_database), self.main_database.as_ref(), Some(&self.state_database)];
        let databases: Vec<PathBuf> = databases.into_iter().flatten().cloned().collect();
        databases.into_iter().flat_map(|database| {
            let mut log = database.clone().into_os_string();
            log.push("-wal");
            [database, log.into()]
        })
    }
}

/// `<state>` of `<state>/agents/<id>/agent`, if a gateway has been there.
fn state_dir_of(agent_dir: &Path) -> Option<PathBuf> {
    let agents = agent_dir.parent()?.parent()?;
    let is_shaped = agent_dir.ends_with("agent") && agents.ends_with("agents");
    let state = agents.parent().filter(|_| is_shaped)?;
    state.join("state").join("openclaw.sqlite").exists().then(|| state.to_path_buf())
}
