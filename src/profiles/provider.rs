//! Provider names as the host compares them.

/// Trimmed, lower case, with the aliases of `clawdbot@2026.1.24` and `openclaw@2026.1.29`.
#[must_use]
pub(crate) fn normalize_provider_id(provider: &str) -> String {
    let normalized = provider.trim().to_lowercase();
    match normalized.as_str() {
        "z.ai" | "z-ai" => "zai".to_owned(),
        "opencode-zen" => "opencode".to_owned(),
        "qwen" => "qwen-portal".to_owned(),
        _ => normalized,
    }
}

#[cfg(test)]
mod tests {
    use super::normalize_provider_id;

    #[test]
    fn aliases_and_case_fold_to_the_host_s_name() {
        for (written, meant) in [
            (" Google-Gemini-CLI ", "google-gemini-cli"),
            ("Z.AI", "zai"),
            ("z-ai", "zai"),
            ("opencode-zen", "opencode"),
            ("qwen", "qwen-portal"),
        ] {
            assert_eq!(normalize_provider_id(written), meant);
        }
    }
}
