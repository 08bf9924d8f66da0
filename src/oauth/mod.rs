//! The refresh grant of RFC 6749 (section 6) and OAuth 2.1: a refresh token in, an access token out.
//!
//! ```text
//! grant (what is sent) ─▶ token_request (one HTTP exchange) ─▶ tokens, or login_over (what an error means)
//! ```
//!
//! `grant`, `tokens` and `login_over` are pure. Invariants: a request is sent once, because a token that was spent twice ends
//! the whole login; no error shows a token or a client's secret.

pub(crate) mod grant;
pub(crate) mod login_over;
pub(crate) mod token_request;
pub(crate) mod tokens;
