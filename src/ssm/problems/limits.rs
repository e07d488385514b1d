//! More than the service takes.

use crate::document::{NodeId, Piece, Tree, View};

use super::{Finder, Topic};

/// Bytes of a document, parameters included.
const BYTES: usize = 64 << 10;
const STEPS: usize = 100;
const PARAMETERS: usize = 200;
const ITERATIONS: u64 = 100;
const APPROVERS: usize = 10;

pub(super) fn find(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let bytes = size(tree, document.root);
    if bytes > BYTES {
        let message = format!("the document has {bytes} bytes; the service takes {BYTES}");
        finder.add(Topic::Limit, "too_large", document.root, message);
    }
    if document.steps.len() > STEPS {
        let message = format!("the document has {} steps", document.steps.len());
        finder.note(Topic::Limit, "too_many_steps", document.root, message);
    }
    if document.parameters.len() > PARAMETERS {
        let message = format!(
            "the document has {} parameters; the service takes {PARAMETERS}",
            document.parameters.len()
        );
        finder.add(Topic::Limit, "too_many_parameters", document.root, message);
    }
    for step in &document.steps {
        match &*step.action {
            "aws:loop" => {
                if let Some(node) = step.input(tree, "MaxIterations")
                    && tree
                        .scalar(node)
                        .and_then(|text| text.parse::<u64>().ok())
                        .is_some_and(|n| n > ITERATIONS)
                {
                    finder.add(Topic::Limit, "too_many_iterations", node, "a loop runs at most 100 times");
                }
            }
            "aws:approve" => {
                if let Some(node) = step.input(tree, "Approvers")
                    && tree.list(node).is_some_and(|list| list.len() > APPROVERS)
                {
                    finder.add(Topic::Limit, "too_many_approvers", node, "a step has at most 10 approvers");
                }
            }
            _ => {}
        }
    }
}

/// The bytes of a value as compact JSON, or of the text that it was read from.
pub fn size(tree: &Tree, root: NodeId) -> usize {
    let mut bytes = 0;
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        bytes += match tree.view(node) {
            View::Null => 4,
            View::Bool(_) | View::Number(_) => tree.scalar(node).map_or(0, str::len),
            View::String(text) => 2 + escaped(text),
            View::Text(pieces) => {
                2 + pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => escaped(text),
                        Piece::Hole(_) => 0,
                    })
                    .sum::<usize>()
            }
            View::List(list) => {
                stack.extend(list.iter());
                1 + list.len().max(1)
            }
            View::Map(map) => {
                let keys: usize = map.iter().map(|(_, key, _)| escaped(key) + 3).sum();
                stack.extend(map.iter().map(|(_, _, value)| value));
                1 + map.len().max(1) + keys
            }
            View::Choice(alternatives) => {
                stack.extend(alternatives.iter().find_map(|one| one.value));
                0
            }
            View::Unknown(_) => 0,
        };
    }
    bytes
}

fn escaped(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t')).count()
}
