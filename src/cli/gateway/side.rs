//! What the gateway's own side adds to a pool of profiles: its own judgement of those that the plugin serves, which
//! databases were read, and how the plugin stands.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::text::line::{Ink, Line, shown};
use crate::profiles::status::Status;
use crate::store::edits::candidates;
use crate::store::openclaw::config::{Config, PLUGIN};
use crate::store::openclaw::places::Places;
use crate::store::openclaw::seen_by_agent::{Gateway, SharedStore};
use crate::store::openclaw::sides::Sides;
use crate::time::WallMs;

/// The gateway's side of a pool.
#[derive(Debug, Clone)]
pub(crate) struct GatewaySide {
    /// How the gateway itself judges those that the plugin serves, by profile.
    statuses: HashMap<String, Status>,
    pub about: About,
}

/// Which gateway it is, and how the plugin stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub version: Option<String>,
    pub agent_database: Option<PathBuf>,
    pub state_database: PathBuf,
    pub shared: SharedStore,
    pub plugin: Plugin,
}

/// How the plugin stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugin {
    pub is_installed: bool,
    pub version: Option<String>,
    pub is_enabled: bool,
    pub providers: Vec<String>,
}

impl About {
    #[must_use]
    pub(crate) fn of(gateway: &Gateway, places: &Places, config: &Config) -> Self {
        Self {
            version: gateway.version.clone(),
            agent_database: gateway.has_agent_database.then(|| places.agent_database.clone()),
            state_database: places.state_database.clone(),
            shared: gateway.shared,
            plugin: Plugin {
                is_installed: gateway.installed.is_some(),
                version: gateway.installed.as_ref().and_then(|it| it.version.clone()),
                is_enabled: config.plugin.is_enabled,
                providers: config.plugin.providers.clone(),
            },
        }
    }

    /// Two lines above a table or a report.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<Line> {
        let version =
            self.version.as_deref().map(|it| format!(" {}", shown(it))).unwrap_or_default();
        let shared = match self.shared {
            SharedStore::State => shown(&self.state_database.to_string_lossy()),
            SharedStore::MainAgent => "the main agent's database".to_owned(),
        };
        let gateway = format!("openclaw{version}, shared accounts in {shared}");
        vec![Line::of(Ink::Dim, gateway), Line::of(Ink::Dim, self.plugin.text())]
    }

    #[must_use]
    pub(crate) fn json(&self) -> Value {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        json!({
            "version": self.version,
            "agentDatabase": self.agent_database.as_ref().map(path),
            "stateDatabase": path(&self.state_database),
            "sharedStore": match self.shared {
                SharedStore::State => "state-db",
                SharedStore::MainAgent => "main-agent",
            },
            "plugin": {
                "installed": self.plugin.is_installed,
                "version": self.plugin.version,
                "enabled": self.plugin.is_enabled,
                "providers": self.plugin.providers,
            },
        })
    }
}

impl Plugin {
    /// Whether requests go through it.
    #[must_use]
    pub(crate) fn is_at_work(&self) -> bool {
        self.is_installed && self.is_enabled && !self.providers.is_empty()
    }

    fn text(&self) -> String {
        if !self.is_installed {
            return format!("plugin {PLUGIN}: not installed");
        }
        let version =
            self.version.as_deref().map(|it| format!(" {}", shown(it))).unwrap_or_default();
        let state = if self.is_enabled { "enabled" } else { "not enabled" };
        let providers: Vec<String> = self.providers.iter().map(|it| shown(it)).collect();
        let serves =
            if providers.is_empty() { "no provider".to_owned() } else { providers.join(", ") };
        format!("plugin {PLUGIN}{version}: {state}, serves {serves}")
    }
}

impl GatewaySide {
    #[must_use]
    pub(crate) fn of(sides: &Sides, about: About, model: Option<&str>, now: WallMs) -> Self {
        let served: &HashSet<String> = &sides.served;
        let entries = candidates::describe(&sides.gateway, None, model, now);
        let served = entries.into_iter().filter(|entry| served.contains(&entry.id));
        Self { statuses: served.map(|entry| (entry.id, entry.status)).collect(), about }
    }

    /// How the gateway itself judges a profile that the plugin serves.
    #[must_use]
    pub(crate) fn status(&self, id: &str) -> Option<&Status> {
        self.statuses.get(id)
    }

    /// Whether the plugin serves anybody, so that there are two books.
    #[must_use]
    pub(crate) fn has_two_books(&self) -> bool {
        !self.statuses.is_empty()
    }
}
