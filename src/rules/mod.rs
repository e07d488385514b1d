//! The rule language: a superset of AWS CloudFormation Guard 3.2's.
//!
//! A rule file is read ([`parse`]), compiled with all others of a run ([`Program::compile`]), and asked about documents
//! and facts ([`evaluate`]).

pub mod ast;
pub(crate) mod casing;
mod compile;
mod divide;
pub mod entity;
mod eval;
mod fix;
pub(crate) mod functions;
pub(crate) mod limits;
pub mod literal;
mod metadata;
mod parse;
mod pattern;
mod program;
mod suggest;

pub use compile::ReadFile;
pub use divide::{Division, Line, Needed};
pub use eval::{
    Alike, Answer, Asking, Check, Dialect, Gates, Input, Problem, Scalar, Spelled, Status, Watch, Watched,
    Worlds, ask_gates, evaluate, evaluate_alike, evaluate_lines, evaluate_watched, evaluate_whole, statuses,
    to_json,
};
pub use fix::{Fix, FixKind, FixStep, FixValue};
pub use metadata::{Metadata, Severity};
pub use parse::parse;
pub use pattern::Pattern;
pub use program::{Program, Reads, Rule, RuleId};
pub(crate) use suggest::suggest;
