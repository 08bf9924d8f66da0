//! The gateway's books and the plugin's, side by side.
//!
//! Whom the plugin serves is judged by the plugin's books, as the plugin chooses by them; the others by the gateway's. Who
//! there is, with which credential and in which order, is the gateway's in both cases.

use std::collections::HashSet;

use serde_json::Value;

use crate::profiles::provider::normalize_provider_id;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;
use crate::store::file::read;

/// Both books of one agent's accounts.
#[derive(Debug, Clone)]
pub(crate) struct Sides {
    /// As the accounts are judged.
    pub judged: Documents,
    /// As the gateway itself has them.
    pub gateway: Documents,
    /// The profiles that the plugin asks.
    pub served: HashSet<String>,
}

impl Sides {
    /// `orders` are those of the gateway's configuration; its store's go before them. `ours` is the plugin's store.
    pub(crate) fn of(
        gateway: &Documents,
        orders: &[(String, Vec<String>)],
        ours: Option<&Document>,
    ) -> Result<Self, String> {
        let mut document = Document::parse(read::host_view(gateway).as_bytes())?;
        let known: HashSet<String> =
            document.orders().map(|(provider, _)| normalize_provider_id(provider)).collect();
        for (provider, order) in
            orders.iter().filter(|(provider, _)| !known.contains(&normalize_provider_id(provider)))
        {
            document.set_entry("order", provider, Value::from(order.clone()).to_string());
        }
        let gateway = Documents { own: document.clone(), main: None };
        let served: HashSet<String> =
            ours.into_iter().flat_map(Document::profiles).map(|(id, _)| id.to_owned()).collect();
        let served: HashSet<String> =
            served.into_iter().filter(|id| document.profile(id).is_some()).collect();
        for id in &served {
            match ours.and_then(|ours| ours.entry("usageStats", id)) {
                Some(usage) => document.set_entry("usageStats", id, without_fingerprint(usage)),
                None => {
                    document.remove_entry("usageStats", id, false);
                }
            }
        }
        for (provider, good) in ours.into_iter().flat_map(|ours| ours.entries("lastGood")) {
            document.set_entry("lastGood", provider, good.to_owned());
        }
        Ok(Self { judged: Documents { own: document, main: None }, gateway, served })
    }
}

/// The plugin's store has a reference in the place of the credential, so that its fingerprint fits no credential.
fn without_fingerprint(usage: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(usage) else { return usage.to_owned() };
    if let Some(failover) = value.get_mut("failover").and_then(Value::as_object_mut) {
        failover.shift_remove("refused");
    }
    value.to_string()
}
