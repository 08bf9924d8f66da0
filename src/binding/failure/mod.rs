//! Classification: JavaScript evidence in, a plain record out.

pub(crate) mod evidence;
pub(crate) mod functions;
pub(crate) mod reading;
pub(crate) mod record;
pub(crate) mod thrown;
pub(crate) mod types;
