//! Google's error details: reasons, quotas, delays and links, whatever their order.
//!
//! Invariant: the members tell which kind of detail it is; the type's name is not needed, and is missing at times.

use super::facts::{Facts, Rank};
use super::json::Json;
use super::times::duration;
use super::times::timestamp;
use super::wait::Wait;
use crate::failure::names::Source;

impl Facts {
    pub(super) fn absorb_details(&mut self, details: Option<&Json<'_>>) {
        match details {
            Some(list @ Json::List(_)) => {
                for detail in list.list() {
                    self.absorb_detail(detail);
                }
            }
            Some(object @ Json::Object(_)) => self.absorb_detail(object),
            _ => {}
        }
    }

    fn absorb_detail(&mut self, detail: &Json<'_>) {
        for name in ["reason", "error_code", "errorCode"] {
            self.absorb_code(detail.get(name), Rank::Reason);
        }
        if let Some(metadata) = detail.get("metadata") {
            self.absorb_metadata(metadata);
        }
        if let Some(delay) = detail.get("retryDelay").and_then(json_duration) {
            self.add_wait(Wait::Relative(delay), Source::RetryInfo);
        }
        for violation in detail.get("violations").map(Json::list).unwrap_or_default() {
            self.absorb_violation(violation);
        }
        for link in detail.get("links").map(Json::list).unwrap_or_default() {
            self.absorb_link(link);
        }
        for name in ["message", "detail"] {
            self.add_text(detail.get(name).and_then(Json::text).unwrap_or_default());
        }
    }

    fn absorb_metadata(&mut self, metadata: &Json<'_>) {
        let text = |name: &str| metadata.get(name).and_then(Json::scalar);
        self.models.extend(text("model").map(str::to_owned));
        for name in ["quota_limit", "quotaId", "quota_id"] {
            self.quota_ids.extend(text(name).map(str::to_owned));
        }
        self.limit_zero |= text("quota_limit_value") == Some("0");
        if let Some(delay) = metadata.get("quotaResetDelay").and_then(json_duration) {
            self.add_wait(Wait::Relative(delay), Source::QuotaResetDelay);
        }
        if let Some(stamp) = text("quotaResetTimeStamp").and_then(timestamp::parse) {
            self.add_stamp(stamp, Source::QuotaResetTimestamp);
        }
        for name in ["validation_url", "validation_link"] {
            if self.url.is_none() {
                self.url = text(name).filter(|url| is_url(url)).map(str::to_owned);
            }
        }
        self.add_text(text("validation_error_message").unwrap_or_default());
    }

    fn absorb_violation(&mut self, violation: &Json<'_>) {
        let text = |name: &str| violation.get(name).and_then(Json::scalar);
        self.quota_ids.extend(text("quotaId").map(str::to_owned));
        self.limit_zero |= text("quotaValue") == Some("0");
        self.add_text(text("description").unwrap_or_default());
        if let Some(dimensions) = violation.get("quotaDimensions") {
            self.models.extend(dimensions.get("model").and_then(Json::text).map(str::to_owned));
        }
    }

    /// The page to act on comes first; "learn more" pages only where there is no other.
    fn absorb_link(&mut self, link: &Json<'_>) {
        let Some(url) = link.get("url").and_then(Json::text).filter(|url| is_url(url)) else {
            return;
        };
        let about = link.get("description").and_then(Json::text).unwrap_or_default();
        self.links.push((link_rank(about, url), url.to_owned()));
    }
}

/// What the owner must do comes before other links, and what is only to be read after them, wherever they stand.
fn link_rank(about: &str, url: &str) -> u8 {
    const TO_DO: [&str; 5] = ["verif", "validat", "confirm", "unlock", "restore access"];
    const TO_READ: [&str; 8] =
        ["learn more", "support", "help", "polic", "terms", "docs", "documentation", "faq"];
    let (about, url) = (about.to_ascii_lowercase(), url.to_ascii_lowercase());
    let speaks_of = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
    match () {
        () if speaks_of(&TO_READ, &about) => 3,
        () if speaks_of(&TO_DO, &about) => 0,
        () if speaks_of(&TO_READ, &url) => 3,
        () if speaks_of(&TO_DO, &url) => 1,
        () => 2,
    }
}

/// A duration in text, a bare number of seconds, or protobuf's `{seconds, nanos}`.
fn json_duration(value: &Json<'_>) -> Option<u64> {
    if let Json::Object(_) = value {
        let part = |name: &str| value.get(name).map_or(Some(0.0), Json::number);
        value.any(&["seconds", "nanos"])?;
        return duration::seconds_and_nanos(part("seconds")?, part("nanos")?);
    }
    let text = value.scalar()?;
    duration::parse(text).or_else(|| duration::seconds(text))
}

pub(crate) fn is_url(text: &str) -> bool {
    let scheme = text.starts_with("https://") || text.starts_with("http://");
    let printable = !text.contains(|letter: char| letter.is_control() || letter.is_whitespace());
    scheme && printable && text.len() <= 4096
}
