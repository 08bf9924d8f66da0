//! One turn of the loop taken apart, for what is no single function: a proxy, a socket, a stream.

pub(crate) mod functions;
