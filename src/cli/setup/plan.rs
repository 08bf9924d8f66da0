//! What is to be done, in order, and how it is told.

use std::path::PathBuf;

use super::plugin_folder::{self, PluginFolder};
use super::release::Release;
use super::wish::{Action, Wish};
use crate::cli::text::line::shown;
use crate::store::file::paths::Environment;

const ID: &str = "auth-failover";
/// The folder's name in the gateway's state directory.
const FOLDER: &str = "auth-failover-plugin";

/// Said after `undo`.
const GONE: &str = "\
The plugin is gone; a gateway that runs must be restarted.
What it knew of the accounts is left in <agent directory>/auth-failover. It holds no secret, and may
be deleted.
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    Write(PluginFolder),
    /// A command of the gateway: its arguments.
    Run(Vec<String>),
    Remove(PathBuf),
}

/// Tasks, and what is said when all are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub tasks: Vec<Task>,
    pub closing: String,
}

/// `release` is the gateway's, where it is known.
#[must_use]
pub(crate) fn plan(
    wish: &Wish,
    package: PathBuf,
    environment: &Environment,
    release: Option<Release>,
) -> Plan {
    let named = wish.state_dir.as_ref().map(|dir| environment.resolve(dir));
    let folder = named.unwrap_or_else(|| environment.state_dir()).join(FOLDER);
    match &wish.action {
        Action::Help => Plan { tasks: Vec::new(), closing: String::new() },
        Action::Setup { providers } => {
            let providers = providers.clone();
            setup(wish, PluginFolder { path: folder, providers, package }, release)
        }
        Action::Undo => Plan {
            tasks: vec![
                Task::Run(words(&["plugins", "uninstall", ID, "--force"])),
                Task::Remove(folder),
            ],
            closing: GONE.to_owned(),
        },
        Action::Plugin { providers, out } => {
            let path = environment.resolve(out);
            let shown = shown(&path.to_string_lossy());
            let closing = format!(
                "The plugin is in {shown}. Install it:\n\
                \x20 openclaw plugins install --link {shown}\n\
                \x20 openclaw plugins enable {ID}\n"
            );
            let folder = PluginFolder { path, providers: providers.clone(), package };
            Plan { tasks: vec![Task::Write(folder)], closing }
        }
    }
}

fn setup(wish: &Wish, folder: PluginFolder, release: Option<Release>) -> Plan {
    let grants = Release::grants_capabilities(release);
    let is_granted = wish.accepts_capabilities && grants;
    let grant: &[&str] = if is_granted { &["--accept-capabilities"] } else { &[] };
    let force: &[&str] = if grants { &["--force"] } else { &[] };
    let path = folder.path.to_string_lossy().into_owned();
    let install = [&["plugins", "install", "--link", &path], force, grant].concat();
    let enable = [&["plugins", "enable", ID], grant].concat();
    let providers = serde_json::json!(folder.providers).to_string();
    // Where its user looks for it and changes it. The folder has them too: its manifest must name the gateway's own.
    let field = format!("plugins.entries.{ID}.config.providers");
    let configure = ["config", "set", &field, &providers, "--strict-json"];
    let closing = format!(
        "Accounts of {} take turns from the gateway's next start on. A gateway that runs must be restarted:\n\
        \x20 openclaw gateway restart\n\
         Take it out again:\n\
        \x20 npx auth-failover openclaw undo{}\n",
        folder.providers.join(", "),
        state_dir_option(wish)
    );
    let commands = [words(&install), words(&enable), words(&configure)].map(Task::Run);
    let tasks = std::iter::once(Task::Write(folder)).chain(commands).collect();
    Plan { tasks, closing }
}

fn state_dir_option(wish: &Wish) -> String {
    wish.state_dir.as_ref().map(|dir| format!(" --state-dir {}", shown(dir))).unwrap_or_default()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

impl Task {
    /// A line that says what it does.
    #[must_use]
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Write(folder) => {
                let copy = if folder.must_copy() { ", with a copy of this package" } else { "" };
                format!("write   {}{copy}\n", shown(&folder.path.to_string_lossy()))
            }
            Self::Run(arguments) => format!("run     openclaw {}\n", shown(&arguments.join(" "))),
            Self::Remove(path) => format!("remove  {}\n", shown(&path.to_string_lossy())),
        }
    }

    /// Does what is done here. A command of the gateway is not.
    pub(crate) fn carry_out(&self) -> std::io::Result<()> {
        match self {
            Self::Write(folder) => folder.write(),
            Self::Remove(path) => plugin_folder::remove(path).map(|_| ()),
            Self::Run(_) => Ok(()),
        }
    }
}
