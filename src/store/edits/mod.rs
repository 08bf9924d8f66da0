//! What may be done to a store: marks, credentials, orders; the view of it that choosing needs.

pub(crate) mod by_hand;
pub(crate) mod candidates;
pub(crate) mod fingerprint;
pub(crate) mod inherited;
pub(crate) mod marks;
pub(crate) mod rename;
pub(crate) mod renewed_login;
