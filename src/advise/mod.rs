//! What roles need: which policies to attach and detach, and which statements to add, each with its reason.
//!
//! [`advise`] works out from what the input has roles do what they should have; [`migrate`] how to get there from a
//! policy that they are to lose, with what is gained and lost. Both read the inventory and judge with the evaluation of
//! policies; nothing here reads a file or writes one.

mod advice;
pub mod artifact;
mod family;
mod held;
pub mod migrate;
mod render;
mod style;

pub use advice::{Feature, Options, Prefer, Reason, Recommended, RoleAdvice, Unneeded, advise, node_wishes};
pub use render::{Advised, Format, render};
pub use style::Style;
