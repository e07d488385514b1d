//! Whether the engine gives the answers that were told.
//!
//! Reports need an evaluator that goes the peer's way, step by step; all other commands use the engine. In builds with debug
//! assertions every run of this command line asks both, so that each test of the one is a test of the other.

use crate::document::{NodeId, Tree};
use crate::rules::{self, Dialect, Input, Program, Worlds};

use super::trace::{Edition, RuleFile, Status, Told};

/// Rules for which the engine answers otherwise, each with both answers.
pub(super) fn differences(
    file: &RuleFile,
    (tree, root): (&Tree, NodeId),
    dialect: Dialect,
    told: &Told<'_>,
) -> Vec<String> {
    let (program, _) = Program::compile(std::slice::from_ref(&file.ast));
    let program = if file.edition == Edition::Guard31 { program.classic() } else { program };
    let worlds = Worlds::default();
    let input = Input { tree, document: Some(root), dialect, facts: None, worlds: &worlds };
    let ids: Vec<_> = program.ids().collect();
    let answers = rules::evaluate(&program, &input, &ids);
    let mut out = Vec::new();
    for (answer, (_, name, status)) in answers.iter().zip(told.event.rules()) {
        let same = match answer.status {
            rules::Status::Pass => status == Status::Pass,
            rules::Status::Fail => status == Status::Fail,
            rules::Status::Skip => status == Status::Skip,
            rules::Status::Unknown => told.stopped.iter().any(|(rule, _)| *rule == name),
        };
        if !same {
            let engine = answer.status.as_str();
            out.push(format!(
                "internal error: rule {name} of {}: {status} was told, {engine} is the answer",
                file.name
            ));
        }
    }
    out
}
