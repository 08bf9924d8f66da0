//! The current gateway's accounts on the command line: who reads them, and what is added to the output.

pub(crate) mod carrier;
pub(crate) mod side;
