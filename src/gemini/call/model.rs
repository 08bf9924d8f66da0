//! The model that is asked, and what follows from its name.

use super::usage::Cost;

/// What provider and API are called where the caller names none.
pub(crate) const USUAL_NAME: &str = "google-gemini-cli";

/// What the request needs to know of a model.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub id: String,
    pub provider: String,
    pub api: String,
    pub base_url: Option<String>,
    pub reasoning: bool,
    pub reads_images: bool,
    pub max_tokens: Option<f64>,
    pub cost: Cost,
}

impl Model {
    /// The provider that has several endpoints.
    #[must_use]
    pub(crate) fn is_antigravity(&self) -> bool {
        self.provider == "google-antigravity"
    }

    #[must_use]
    pub(crate) fn is_claude(&self) -> bool {
        self.id.starts_with("claude-")
    }

    /// Models of other makers behind this API match results to calls by id; Gemini by name and order.
    #[must_use]
    pub(crate) fn needs_call_ids(&self) -> bool {
        self.is_claude() || self.id.starts_with("gpt-oss-")
    }

    #[must_use]
    pub(crate) fn is_gemini_3_family(&self) -> bool {
        self.id.to_lowercase().contains("gemini-3")
    }

    #[must_use]
    pub(crate) fn is_gemini_3_pro(&self) -> bool {
        self.id_contains(&["gemini-3-pro", "gemini-3.1-pro"])
    }

    #[must_use]
    pub(crate) fn is_gemini_3_flash(&self) -> bool {
        self.id_contains(&["gemini-3-flash", "gemini-3.1-flash"])
    }

    /// Gemini before 3 reads images only in a user turn of their own.
    #[must_use]
    pub(crate) fn reads_images_in_results(&self) -> bool {
        let id = self.id.to_lowercase();
        let Some(rest) = id.strip_prefix("gemini-") else { return true };
        let rest = rest.strip_prefix("live-").unwrap_or(rest);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.is_empty() || digits.parse::<f64>().is_ok_and(|major| major >= 3.0)
    }

    fn id_contains(&self, names: &[&str]) -> bool {
        let id = self.id.to_lowercase();
        names.iter().any(|name| id.contains(name))
    }
}
