//! OAuth logins: `refreshOAuth`, and the renewal of a login while the loop waits for it.

mod refresh_oauth;
pub(crate) mod renew;
mod thrown;
