//! Inputs to inventories.
//!
//! The kind of an input is found from its content ([`kind`]); each format then declares its resources and ties them.
//! Nothing here judges, and nothing here knows a rule.

mod assembly;
mod bare;
mod cloudformation;
mod inside;
pub mod kind;
mod links;
mod options;
mod project;
mod read;
mod table;
mod target;
mod terraform;
mod unit;

pub use kind::InputKind;
pub use links::LinkCounts;
pub use links::count_links;
pub use options::Options;
pub use read::read;
pub use terraform::Configuration;
pub use unit::Unit;
