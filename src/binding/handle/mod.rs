//! The front door: `createFailover`, of which `entry/handle` makes what people hold.

pub(crate) mod calls;
pub(crate) mod from_env;
pub(crate) mod functions;
pub(crate) mod given_profiles;
pub(crate) mod known;
pub(crate) mod options;
pub(crate) mod whose;
