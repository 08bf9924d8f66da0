//! What the gateway's configuration says of our plugin and of orders. Read only.

use std::path::Path;

use serde_json::Value;

/// Our plugin's name in a gateway.
pub(crate) const PLUGIN: &str = "auth-failover";

/// The parts of `openclaw.json` that matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub plugin: PluginConfig,
    /// `auth.order`: by provider as written.
    pub orders: Vec<(String, Vec<String>)>,
    /// Why it could not be read; what is in it is unknown then. Nothing of its text is in here.
    pub fault: Option<String>,
}

/// Our plugin in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PluginConfig {
    /// Nothing keeps it out: a plugin that was installed is on unless something says otherwise.
    pub is_enabled: bool,
    /// Whose accounts it is to serve, as written.
    pub providers: Vec<String>,
}

impl Config {
    /// A configuration that is not there says nothing.
    #[must_use]
    pub(crate) fn load(path: &Path) -> Self {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => Self { fault: Some(error.kind().to_string()), ..Self::default() },
        }
    }

    /// The gateway reads JSON5: people write comments into it.
    fn parse(text: &str) -> Self {
        let Ok(root) = json5::from_str::<Value>(text) else {
            return Self { fault: Some("not JSON5".to_owned()), ..Self::default() };
        };
        let plugins = root.get("plugins").cloned().unwrap_or_default();
        let orders = root.pointer("/auth/order").and_then(Value::as_object);
        let order =
            |(provider, list): (&String, &Value)| Some((provider.clone(), texts(Some(list))?));
        Self {
            plugin: plugin(&plugins),
            orders: orders.into_iter().flatten().filter_map(order).collect(),
            fault: None,
        }
    }
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self { is_enabled: true, providers: Vec::new() }
    }
}

/// As the gateway decides it for a plugin that does not come with it.
fn plugin(plugins: &Value) -> PluginConfig {
    let entry =
        plugins.get("entries").and_then(|entries| entries.get(PLUGIN)).cloned().unwrap_or_default();
    let lists = |name: &str| {
        texts(plugins.get(name)).is_some_and(|names| names.iter().any(|name| name == PLUGIN))
    };
    let is_off = |value: &Value| value.get("enabled") == Some(&Value::Bool(false));
    let is_kept_out = is_off(plugins) || is_off(&entry) || lists("deny");
    let is_left_out =
        texts(plugins.get("allow")).is_some_and(|names| !names.is_empty()) && !lists("allow");
    PluginConfig {
        is_enabled: !is_kept_out && !is_left_out,
        providers: texts(entry.pointer("/config/providers")).unwrap_or_default(),
    }
}

fn texts(list: Option<&Value>) -> Option<Vec<String>> {
    let list = list?.as_array()?;
    Some(
        list.iter()
            .filter_map(Value::as_str)
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_on_unless_something_keeps_it_out() {
        let is_on =
            |plugins: &str| Config::parse(&format!("{{ plugins: {plugins} }}")).plugin.is_enabled;
        let on = "entries: { 'auth-failover': { enabled: true } }";
        assert!(is_on(&format!("{{ {on} }}")));
        assert!(is_on(&format!("{{ {on}, allow: ['auth-failover'] }}")));
        assert!(is_on("{}") && is_on("{ entries: { 'auth-failover': {} }, allow: [] }"));
        for off in [
            "{ entries: { 'auth-failover': { enabled: false } }, allow: ['auth-failover'] }"
                .to_owned(),
            format!("{{ enabled: false, {on} }}"),
            format!("{{ {on}, deny: ['auth-failover'] }}"),
            format!("{{ {on}, allow: ['codex'] }}"),
        ] {
            assert!(!is_on(&off), "{off}");
        }
    }

    #[test]
    fn comments_and_what_is_no_text_do_no_harm() {
        let config = Config::parse(
            "// mine\n{ plugins: { entries: { 'auth-failover': { enabled: true, config: { providers: ['mock', 7, ' '], }, }, }, }, \
             auth: { order: { mock: ['mock:b', 'mock:a'], odd: 'mock:a' } } }",
        );
        assert_eq!(config.plugin.providers, ["mock"]);
        let order = vec!["mock:b".to_owned(), "mock:a".to_owned()];
        assert_eq!(config.orders, [("mock".to_owned(), order)]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_not_quoted() {
        let config = Config::parse("{ token: 's3cret' ");
        assert_eq!(config.fault.as_deref(), Some("not JSON5"));
        assert_eq!(Config::load(Path::new("/nowhere/openclaw.json")), Config::default());
    }
}
