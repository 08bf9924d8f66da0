//! The folder that a gateway loads: a manifest that names the providers, and an entry that loads the package.
//!
//! The gateway asks a plugin about one of its own providers (`anthropic`) only if the manifest names it; the package's
//! manifest cannot know which ones its user wants.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The manifest as the package has it, with the schema of the configuration.
const MANIFEST: &str = include_str!("../../../openclaw.plugin.json");
/// The package's entry: the folder's own, but for these two lines.
const ENTRY: &str = include_str!("../../../entry/openclaw/index.mjs");
const HOME_LINE: &str = "const home = import.meta.url;";
const DEFAULTS_LINE: &str = "const defaults = {};";
/// By this a folder of ours is known. An older version wrote more behind it.
const SIGNATURE: &str = "// Written by `auth-failover openclaw`.";
/// What is copied where the package lies in a place that is cleared at times.
const PARTS: [&str; 4] = ["entry", "index.js", "package.json", "openclaw.plugin.json"];
const COPY: &str = "package";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PluginFolder {
    pub path: PathBuf,
    pub providers: Vec<String>,
    /// Where the package lies.
    pub package: PathBuf,
}

impl PluginFolder {
    /// `npx` keeps what it has fetched until its cache is cleared.
    #[must_use]
    pub(crate) fn must_copy(&self) -> bool {
        self.package.components().any(|part| part.as_os_str() == "_npx")
    }

    /// Its files, by name.
    fn files(&self) -> [(&'static str, String); 3] {
        let mut manifest: Value =
            serde_json::from_str(MANIFEST).expect("the package's own manifest, read by its tests");
        manifest["providers"] = json!(self.providers);
        let package = json!({
            "name": "auth-failover",
            "version": env!("CARGO_PKG_VERSION"),
            "private": true,
            "type": "module",
            "openclaw": { "extensions": ["./index.mjs"] },
        });
        [
            ("openclaw.plugin.json", pretty(&manifest)),
            ("package.json", pretty(&package)),
            ("index.mjs", self.entry()),
        ]
    }

    fn entry(&self) -> String {
        let package = if self.must_copy() { self.path.join(COPY) } else { self.package.clone() };
        let home = json!(file_url(&package.join("entry").join("openclaw").join("index.mjs")));
        let defaults = json!({ "providers": self.providers });
        let entry = ENTRY
            .replace(HOME_LINE, &format!("const home = {home};"))
            .replace(DEFAULTS_LINE, &format!("const defaults = {defaults};"));
        format!(
            "{SIGNATURE} The plugin's configuration in the gateway wins over what stands here.\n{entry}"
        )
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.path)?;
        if self.must_copy() {
            let copy = self.path.join(COPY);
            for part in PARTS {
                copy_all(&self.package.join(part), &copy.join(part))?;
            }
            for addon in addons(&self.package)? {
                let name = addon.file_name().map(PathBuf::from).unwrap_or_default();
                std::fs::copy(&addon, copy.join(name))?;
            }
        }
        for (name, content) in self.files() {
            std::fs::write(self.path.join(name), content)?;
        }
        Ok(())
    }
}

/// Removes a folder that this module has written; any other is left alone.
pub(crate) fn remove(path: &Path) -> io::Result<bool> {
    let entry = std::fs::read_to_string(path.join("index.mjs")).unwrap_or_default();
    if !entry.starts_with(SIGNATURE) {
        return Ok(false);
    }
    std::fs::remove_dir_all(path).map(|()| true)
}

/// The native part: beside the package's own files in a checkout, else in a package of its own beside it.
fn addons(package: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = nodes_in(package)?;
    let beside = package.parent().map(std::fs::read_dir).transpose()?;
    for folder in beside.into_iter().flatten() {
        let folder = folder?;
        if folder.file_name().to_string_lossy().starts_with("auth-failover-") {
            found.extend(nodes_in(&folder.path())?);
        }
    }
    Ok(found)
}

fn nodes_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut nodes = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "node") {
            nodes.push(path);
        }
    }
    Ok(nodes)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return std::fs::copy(from, to).map(|_| ());
    }
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        copy_all(&file.path(), &to.join(file.file_name()))?;
    }
    Ok(())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A path as `import` takes it on every system.
fn file_url(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let start = if text.starts_with('/') { "file://" } else { "file:///" };
    let encoded = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"/:-_.~@".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    let parts: Vec<String> = text.bytes().map(encoded).collect();
    format!("{start}{}", parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path, package: &str) -> PluginFolder {
        PluginFolder {
            path: path.to_owned(),
            providers: vec!["mock".to_owned(), "anthropic".to_owned()],
            package: PathBuf::from(package),
        }
    }

    #[test]
    fn the_manifest_names_the_providers_and_keeps_the_schema() {
        let directory = tempfile::tempdir().unwrap();
        folder(directory.path(), "/opt/auth-failover").write().unwrap();
        let text = std::fs::read_to_string(directory.path().join("openclaw.plugin.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["providers"], json!(["mock", "anthropic"]));
        assert_eq!(manifest["id"], "auth-failover");
        assert_eq!(manifest["configSchema"]["properties"]["strategy"]["type"], "string");
    }

    #[test]
    fn the_entry_loads_the_package_from_where_it_lies_whatever_its_name() {
        let entry = folder(Path::new("/x"), "/opt/a b/auth-failover").entry();
        assert!(entry.contains(
            r#"const home = "file:///opt/a%20b/auth-failover/entry/openclaw/index.mjs";"#
        ));
        assert!(entry.contains(r#"const defaults = {"providers":["mock","anthropic"]};"#));
        assert_eq!(file_url(Path::new(r"C:\a")), "file:///C:/a");
    }

    #[test]
    fn only_a_folder_of_ours_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plugin");
        std::fs::create_dir(&path).unwrap();
        assert!(!remove(&path).unwrap());
        folder(&path, "/opt/auth-failover").write().unwrap();
        assert!(remove(&path).unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn a_package_in_the_cache_of_npx_is_copied() {
        let directory = tempfile::tempdir().unwrap();
        let modules = directory.path().join("_npx").join("1a2b").join("node_modules");
        let package = modules.join("auth-failover");
        std::fs::create_dir_all(package.join("entry").join("openclaw")).unwrap();
        std::fs::create_dir_all(modules.join("auth-failover-linux-x64-gnu")).unwrap();
        for file in ["entry/openclaw/index.mjs", "index.js", "package.json", "openclaw.plugin.json"]
        {
            std::fs::write(package.join(file), file).unwrap();
        }
        let addon = "auth-failover.linux-x64-gnu.node";
        std::fs::write(modules.join("auth-failover-linux-x64-gnu").join(addon), "").unwrap();
        let path = directory.path().join("plugin");
        folder(&path, package.to_str().unwrap()).write().unwrap();
        assert!(path.join("package").join("entry").join("openclaw").join("index.mjs").exists());
        assert!(path.join("package").join(addon).exists());
        assert!(
            folder(&path, package.to_str().unwrap()).entry().contains("/plugin/package/entry/")
        );
    }
}
