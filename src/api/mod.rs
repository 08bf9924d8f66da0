//! What SDKs and APIs say to each other, as far as a failover layer must understand it: where a request has its
//! credential and which model it asks (`asked`), what an answer comes to (`answer`), and a refusal in an API's own
//! shape. Pure: no clock, no network, no file.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod family;
pub(crate) mod refusal;
