//! What one request asks for, and whom it has asked.

/// How the next profile is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// An explicit order is priority; without one, by type and then who is least busy and was used longest ago.
    #[default]
    Balanced,
    /// The first that is free, always: the explicit order, else by type and then as listed.
    Priority,
    /// The preferred profile or nobody.
    Pinned,
}

/// What one request asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Normalized.
    pub provider: String,
    pub model: Option<String>,
    pub preferred: Option<String>,
    pub strategy: Strategy,
    /// A hash of the session's key.
    pub session: Option<u64>,
    /// A hash of the request's own key.
    pub key: Option<u64>,
    /// Windows that only an owner can end do not hold for it.
    pub is_forced: bool,
    /// Who was asked already.
    pub tried: Vec<String>,
    /// No further profile may be asked for this request.
    pub is_exhausted: bool,
}

impl Request {
    /// Whether the caller insists on a profile whose window only its owner can end; a pin does.
    #[must_use]
    pub(crate) fn may_force(&self) -> bool {
        self.is_forced || self.pinned().is_some()
    }

    /// The one profile that may be asked, if the caller named it.
    #[must_use]
    pub(crate) fn pinned(&self) -> Option<&str> {
        self.preferred.as_deref().filter(|_| self.strategy == Strategy::Pinned)
    }
}
