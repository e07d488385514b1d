//! All integration tests, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics is a test that fails"
)]

mod advise;
mod cases;
mod corpus;
mod data;
mod fix;
mod floors;
mod golden;
mod guard;
mod guard_cli;
mod packs;
mod parts;
mod picture;
mod policies;
mod reference;
mod report;
mod rewriting;
mod ssm;
mod terraform;
mod tidy;
