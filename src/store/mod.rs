//! The shared `auth-profiles.json`: paths, document, locks, atomic write and update.
