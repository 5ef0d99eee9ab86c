//! coldload loads saved machine-learning models *cold*: bytes become data, and nothing in the file ever runs.

pub mod manifest;
pub mod reason;
