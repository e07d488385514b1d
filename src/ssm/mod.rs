//! Systems Manager documents: their schema, and where the values in them go.
//!
//! A document is read from the nodes of a tree into [`Document`]; its problems of structure are worked out in
//! [`problems`], and [`flow`] follows every value that a caller, a node or another system controls to what it reaches:
//! a script, a document name, a role, an API. Whether a value can do harm there is decided on the language of the values
//! that its constraints let through.
//!
//! **Invariants:** nothing here reads a file or knows of templates and plans; an answer that could not be worked out is
//! unknown, with the reason.

pub mod actions;
pub mod api;
mod automaton;
pub mod buckets;
mod callees;
pub mod context;
mod document;
pub mod features;
pub mod flow;
pub mod generate;
mod kind;
pub mod language;
pub mod lex;
pub mod needs;
mod parameter;
pub mod pattern;
pub mod problems;
pub mod reference;
mod rewrite;
pub mod script;
pub mod secrets;
pub mod signatures;
pub mod sink;
pub mod solver;
pub mod statement;
mod step;
pub mod stored;
pub mod targets;

pub use document::{Document, Variable};
pub use kind::DocumentKind;
pub use parameter::Parameter;
pub use step::Step;
