//! The rule language: a superset of AWS CloudFormation Guard 3.2's.
//!
//! A rule file is read ([`parse`]), compiled with all others of a run ([`Program::compile`]), and asked about documents
//! and facts ([`evaluate`]).

pub mod ast;
pub(crate) mod casing;
mod compile;
pub mod entity;
mod eval;
mod fix;
pub(crate) mod functions;
pub mod literal;
mod metadata;
mod parse;
mod pattern;
mod program;
mod suggest;

pub use compile::ReadFile;
pub use eval::{
    Answer, Check, Dialect, Input, Problem, Render, Session, Status, Trace, TraceCheck, TraceClause,
    TraceJson, TraceValue, Unresolved, Watch, Worlds, evaluate, evaluate_watched, statuses, to_json, trace,
};
pub use fix::{Fix, FixKind, FixValue};
pub use metadata::{Metadata, Severity};
pub use parse::parse;
pub use pattern::Pattern;
pub use program::{Program, Reads, Rule, RuleId};
