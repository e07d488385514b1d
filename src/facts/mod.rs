//! What rules can ask.
//!
//! The inventory becomes nodes of a tree again, so that one evaluator serves raw documents and typed entities alike.
//! [`schema`] says which variables there are, which attributes their entities have and of which type: the rule language
//! checks names against it, and the reference is printed from it. [`build`] makes the nodes, in a layer of their own.

pub mod able;
mod amounts;
mod analyses;
mod arguments;
mod around;
mod attached;
mod authority;
mod build;
mod cases;
mod closed;
pub mod demands;
mod documents;
mod exposure;
mod flaws;
mod flows;
mod grants;
mod needs;
mod paths;
mod permissions;
mod policies;
pub mod powers;
mod principals;
mod reach;
mod reads;
mod record;
mod refused;
mod remedies;
mod s3;
pub mod schema;
mod sheets;
mod ssm;
mod statements;
mod twins;
mod uses;
mod wants;
mod watched;
mod worlds;

pub use authority::Authority;
pub use build::{Facts, Groundwork, Selection, build};
pub use permissions::{Holder, PolicyText, changed, holders};
