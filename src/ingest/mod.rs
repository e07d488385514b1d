//! Inputs to inventories.
//!
//! The kind of an input is found from its content ([`kind`]); each format then declares its resources and ties them.
//! Nothing here judges, and nothing here knows a rule.

pub(crate) mod alternatives;
mod assembly;
mod bare;
mod baseline;
mod cdk;
mod cloudformation;
mod inside;
pub mod kind;
mod lean;
mod linked;
mod links;
mod options;
mod parameter_file;
mod permission;
mod project;
mod read;
mod services;
mod table;
mod target;
mod terraform;
mod together;
mod unit;
mod wiring;

pub use bare::POLICY_FILE;
pub use baseline::add_baseline;
pub use cdk::{CdkStack, MANIFEST, is_assembly, read_assembly};
pub use cloudformation::{ChangeSet, Export, LinkTo, Links, References, read_change_set};
pub use kind::InputKind;
pub use linked::{LinkedTemplate, LinkedTemplates, read_linked};
pub use links::LinkCounts;
pub use links::count_links;
pub use options::{Files, Options};
pub use parameter_file::{Parameters, read_parameters};
pub use read::{count_references, read};
pub(crate) use terraform::address;
pub use terraform::{Configuration, ConfigurationEdit, WrittenBlock};
pub use together::{Together, looks_like_plan, read_together};
pub use unit::Unit;
pub use wiring::{Trade, loosen, wire};
