//! What the inputs declare, in AWS's terms.
//!
//! A template's and a plan's resources become [`Entity`]s: roles, instance profiles, policies, SSM documents and what
//! uses them. An entity's fields are nodes of the unit's tree, so they carry their place, their alternatives and what is
//! unknown about them. [`Link`]s say how entities refer to each other; they are found by reference first and by name
//! second. The model knows neither CloudFormation nor Terraform, and judges nothing.

mod date;
mod entity;
mod inventory;
mod kind;
mod link;
mod resource;

pub use date::Date;
pub use entity::{Entity, EntityId};
pub use inventory::Inventory;
pub use kind::Kind;
pub use link::{Link, Relation, Target};
pub use resource::{Change, Resource, ResourceId};
