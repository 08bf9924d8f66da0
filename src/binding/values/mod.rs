//! Values, errors, warnings, signals and options as they cross the boundary.

pub(crate) mod checked;
pub(crate) mod error_codes;
pub(crate) mod function;
pub(crate) mod host;
pub(crate) mod host_config;
pub(crate) mod js_error;
pub(crate) mod options;
pub(crate) mod params;
pub(crate) mod passed_store;
pub(crate) mod signal;
pub(crate) mod value;
pub(crate) mod warning;
pub(crate) mod way;
