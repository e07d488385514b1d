//! Patterns that an engine refuses, and defaults that the constraints refuse.

use crate::document::{NodeId, Tri, View};
use crate::ssm::language::{Constraint, Language};
use crate::ssm::parameter::{Parameter, form};
use crate::ssm::pattern::{Engine, Pattern};
use crate::ssm::rewrite::without_looking_ahead;
use crate::ssm::solver::Solver;

use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>, solver: &Solver) {
    for parameter in &finder.document.parameters {
        pattern(finder, parameter);
        default(finder, parameter, solver);
    }
}

fn pattern(finder: &mut Finder<'_>, parameter: &Parameter) {
    let Some(node) = parameter.pattern else { return };
    for constraint in &parameter.language.constraints {
        let Constraint::Pattern { text, engines } = constraint else { continue };
        let read: Vec<_> = engines.iter().map(|engine| (*engine, Pattern::read(text, *engine))).collect();
        for (engine, result) in &read {
            match (engine, result) {
                (Engine::Java, Err(error)) => {
                    let message = format!("the pattern `{text}` does not compile: {error}");
                    finder.add(Topic::Pattern, "malformed_pattern", node, message);
                }
                (Engine::Re2, Err(error))
                    if read.iter().all(|(engine, read)| *engine == Engine::Re2 || read.is_ok()) =>
                {
                    let message =
                        format!("the agent cannot compile the pattern `{text}`, so every run fails: {error}");
                    finder.add(Topic::Pattern, "pattern_of_one_engine", node, message);
                    if let Some(same) = without_looking_ahead(text) {
                        finder.suggest(same);
                    }
                }
                _ => {}
            }
        }
        if read.iter().any(|(_, result)| result.as_ref().is_ok_and(|pattern| pattern.nested_repetition)) {
            let message = format!("the pattern `{text}` repeats a repetition, which can take very long");
            finder.note(Topic::Pattern, "slow_pattern", node, message);
        }
    }
}

fn default(finder: &mut Finder<'_>, parameter: &Parameter, solver: &Solver) {
    let Some(node) = parameter.default else { return };
    for (value, problem) in refused(finder, parameter, node, solver) {
        finder.add(
            Topic::Default,
            "default",
            value,
            format!("the default of `{}` {problem}", parameter.name),
        );
    }
}

fn refused(
    finder: &Finder<'_>,
    parameter: &Parameter,
    node: NodeId,
    solver: &Solver,
) -> Vec<(NodeId, String)> {
    let tree = finder.tree;
    match tree.view(node) {
        View::List(list) => list
            .iter()
            .filter_map(|element| Some((element, refusal(finder, parameter, element, solver)?)))
            .collect(),
        View::Map(_) | View::Null | View::Choice(_) | View::Unknown(_) | View::Text(_) => Vec::new(),
        _ => refusal(finder, parameter, node, solver).map(|problem| (node, problem)).into_iter().collect(),
    }
}

/// Why a value is refused, if it surely is.
fn refusal(finder: &Finder<'_>, parameter: &Parameter, node: NodeId, solver: &Solver) -> Option<String> {
    let text = finder.tree.scalar(node)?;
    if text.contains("{{") {
        return None;
    }
    why_refused(parameter, text, solver)
}

/// Why a parameter refuses a value, if it surely does.
pub fn why_refused(parameter: &Parameter, text: &str, solver: &Solver) -> Option<String> {
    if let Some(form) = parameter.ty.as_deref().and_then(form)
        && matches!(parameter.ty.as_deref(), Some("Boolean" | "Integer"))
        && solver.holds(&Language::form(form), text) == Tri::No
    {
        return Some(format!("is `{text}`, which is no {}", parameter.ty.as_deref().unwrap_or("")));
    }
    let refusing = parameter.language.constraints.iter().find(|constraint| {
        let alone = Language { constraints: vec![(*constraint).clone()] };
        !matches!(constraint, Constraint::Form(_)) && solver.holds(&alone, text) == Tri::No
    })?;
    Some(match refusing {
        Constraint::Values(_) => format!("is `{text}`, which is not one of the allowed values"),
        Constraint::Pattern { text: pattern, .. } => {
            format!("is `{text}`, which the pattern `{pattern}` refuses")
        }
        _ => format!("is `{text}`, which is refused"),
    })
}
