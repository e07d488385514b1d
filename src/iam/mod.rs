//! The IAM policy language: reading, matching, evaluating, comparing.
//!
//! A [`Policy`] is read from the nodes of a tree; [`decide`](evaluate::decide) says whether a request is allowed by a
//! set of policies: yes, no, or maybe, with the reason. Values that the input does not decide make answers uncertain, never
//! wrong.

pub mod actions;
pub mod arn;
pub mod compare;
pub mod condition;
pub mod context;
pub mod effective;
pub mod escalation;
pub mod evaluate;
pub mod forms;
pub mod glob;
pub mod inspect;
#[cfg(test)]
mod laws;
pub mod literal;
pub mod operator;
pub mod policy;
pub mod principal;
pub mod print;
pub mod protected;
pub mod request;
pub mod resource;
pub mod strength;
pub mod text;
pub mod value;
pub mod variable;

pub use actions::ActionSet;
pub use context::Context;
pub use operator::Operator;
pub use policy::{Effect, Policy, PolicyKind, Statement};
pub use text::Text;
