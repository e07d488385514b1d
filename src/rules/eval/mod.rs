//! Asking a program's rules about a document and its facts.
//!
//! Evaluation is exact about conditions ([`worlds`]): every clause answers for all combinations of conditions at once.
//! Queries that depend on the document alone are evaluated once ([`cache`]), in whichever rule they stand. Nothing of
//! the document is copied; failures are written down as references ([`record`]) and become text only when asked for.
//!
//! **Invariant:** an answer does not depend on the number of threads, and no rule can end the evaluation of another.

mod alike;
mod answer;
mod ask;
mod binary;
mod cache;
mod call;
mod clause;
mod compare;
mod filter;
mod fixes;
mod found;
mod idle;
mod keys;
mod lines;
mod message;
mod plain;
mod query;
mod record;
mod run;
mod scalar;
mod scope;
mod table;
mod typed;
mod unary;
mod value;
mod watch;
mod worlds;

pub use alike::Alike;
pub use answer::{Answer, Check, Problem, Status};
pub use cache::Spelled;
pub use lines::{Asking, Gates, ask_gates, evaluate_alike, evaluate_lines};
pub use run::{Input, evaluate, evaluate_watched, evaluate_whole, statuses};
pub use scalar::Scalar;
pub use value::{Dialect, to_json};
pub use watch::{Watch, Watched};
pub use worlds::Worlds;

pub(in crate::rules) use idle::Sights;
