//! Flows of values, and problems, as records that stand where they are seen.

use crate::document::{NodeId, Piece, Tree, View};
use crate::ssm::Document;
use crate::ssm::flow::{Flow, Verdict};
use crate::ssm::problems::Problem;
use crate::ssm::sink::Class;

use super::build::Maker;
use super::exposure::Runs;
use super::record::Record;

/// More values than these are no choice.
const VALUES: usize = 32;

/// A flow as a record.
pub(super) fn record(maker: &mut Maker<'_>, document: &Document, runs: &Runs, flow: &Flow) -> NodeId {
    let exposure = runs.exposure(&maker.tree, &flow.source);
    let words = words(&maker.tree, flow.node, flow.range);
    let part = part(maker, flow.node, flow.range);
    let mut record = Record::new(part);
    let tree = &mut maker.tree;
    if let Some(variable) = variable(tree, flow) {
        record.text(tree, "written", &words.unwrap_or_default());
        record.text(tree, "variable", &variable);
    }
    record.text(tree, "source", &flow.source.name);
    record.text(tree, "source_kind", flow.source.kind);
    record.text(tree, "trust", flow.source.trust.name());
    record.text(tree, "sink", flow.class.name());
    record.text(tree, "context", flow.context.name());
    record.text(tree, "action", &flow.action);
    record.text(tree, "input", &flow.input);
    if let Some(name) = document.steps.get(flow.step).and_then(|step| step.name.as_deref()) {
        record.text(tree, "step", name);
    }
    if let Some((service, operation)) = &flow.operation {
        record.text(tree, "operation", &format!("{service}:{operation}"));
    }
    record.text(tree, "verdict", flow.verdict.name());
    match &flow.verdict {
        Verdict::Unsafe { witness } => record.text(tree, "witness", &visible(witness)),
        Verdict::Unknown(reason) => record.text(tree, "reason", reason),
        Verdict::Safe => {}
    }
    if let Some(values) = known_values(tree, document, runs, flow) {
        record.text(tree, "known_values", &values);
    }
    if let Some(map) = as_map(tree, flow) {
        let name = if &*flow.input == "Payload" { "payload" } else { "input_map" };
        record.text(tree, name, &map);
    }
    if let Some(rendered) = &flow.rendered {
        record.text(tree, "rendered", &visible(rendered));
    }
    if let Some(pattern) = flow.language.pattern() {
        record.text(tree, "pattern", pattern);
    }
    record.bool(tree, "validated", flow.is_validated());
    record.bool(tree, "passthrough", flow.passthrough);
    record.bool(tree, "crosses", flow.crosses);
    record.bool(tree, "by_environment", flow.by_environment);
    record.bool(tree, "code", flow.class.is_code());
    record.text(tree, "severity", flow.severity(exposure).name());
    let path: Vec<NodeId> = flow
        .path
        .iter()
        .map(|hop| {
            let mut inner = Record::new(if hop.node == flow.node { part } else { hop.node });
            inner.text(tree, "what", &hop.what);
            inner.finish(tree)
        })
        .collect();
    record.list(tree, "path", &path);
    record.finish(tree)
}

/// The values that the input gives to the parameter of a flow that chooses something, as a list in JSON.
fn known_values(tree: &Tree, document: &Document, runs: &Runs, flow: &Flow) -> Option<String> {
    let chooses = !flow.class.is_code() && matches!(flow.verdict, Verdict::Unsafe { .. });
    if !chooses || flow.source.kind != "parameter" {
        return None;
    }
    let parameter = document.parameter(&flow.source.name)?;
    let values = runs.known_values(tree, parameter);
    (!values.is_empty() && values.len() <= VALUES).then(|| serde_json::json!(values).to_string())
}

/// A text of JSON that a flow is spliced into, as the map that it stands for.
fn as_map(tree: &Tree, flow: &Flow) -> Option<String> {
    let takes_maps = matches!(&*flow.input, "Payload" | "documentParameters" | "sourceInfo");
    let text = tree.string(flow.node).filter(|_| takes_maps && flow.class == Class::Json)?;
    let read: serde_json::Value = serde_json::from_str(text).ok()?;
    (read.is_object() && !tree.is_sensitive(flow.node)).then(|| read.to_string())
}

/// The place of a part of a scalar; of all of it, where the part is not known or is all there is.
fn part(maker: &mut Maker<'_>, node: NodeId, (start, end): (usize, usize)) -> NodeId {
    let whole = maker.tree.string(node).is_some_and(|text| text.len() <= end - start);
    match words(&maker.tree, node, (start, end)).filter(|words| !whole && !words.is_empty()) {
        Some(words) => maker.tree.derive_part(node, start, end, &words),
        None => node,
    }
}

/// The part of a scalar's text.
fn words(tree: &Tree, node: NodeId, (start, end): (usize, usize)) -> Option<String> {
    let words = match tree.view(node) {
        View::String(text) => text.get(start..end),
        View::Text(pieces) => pieces.iter().find_map(|piece| match piece {
            Piece::Literal(text) => text.get(start..end).filter(|words| words.starts_with("{{")),
            Piece::Hole(_) => None,
        }),
        _ => None,
    };
    words.map(str::to_owned)
}

/// What a script says in place of a reference whose value it has in its environment as well: nothing where that cannot
/// be said there.
fn variable(tree: &Tree, flow: &Flow) -> Option<String> {
    let name = &flow.source.name;
    let on_nodes = matches!(&*flow.action, "aws:runShellScript" | "aws:runPowerShellScript");
    let after = tree.string(flow.node).and_then(|text| text.get(flow.range.1..)?.chars().next());
    // What goes on like a name needs braces to end it.
    let runs_on = after.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == ':');
    let plain = |prefix: &str| {
        if runs_on { format!("${{{prefix}SSM_{name}}}") } else { format!("${prefix}SSM_{name}") }
    };
    match (flow.class, flow.context.name()) {
        _ if !flow.by_environment || !on_nodes || flow.crosses || flow.passthrough => None,
        (Class::Shell, "unquoted") => Some(format!("\"$SSM_{name}\"")),
        (Class::Shell, "double-quoted" | "here-document") => Some(plain("")),
        (Class::Shell, "single-quoted") => Some(format!("'\"$SSM_{name}\"'")),
        (Class::PowerShell, "unquoted" | "double-quoted") => Some(plain("env:")),
        _ => None,
    }
}

/// A text with its control characters shown.
fn visible(text: &str) -> String {
    let shown = text.chars().map(|found| match found {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other if other.is_control() => format!("\\u{{{:x}}}", u32::from(other)),
        other => other.to_string(),
    });
    shown.collect()
}

/// A problem as a record.
pub(super) fn problem(maker: &mut Maker<'_>, problem: &Problem) -> NodeId {
    let place = problem.range.map_or(problem.node, |range| part(maker, problem.node, range));
    let tree = &mut maker.tree;
    let mut record = Record::new(place);
    record.text(tree, "topic", problem.topic.name());
    record.text(tree, "problem", problem.kind);
    record.text(tree, "message", &problem.message);
    record.bool(tree, "note", problem.note);
    if let Some(suggestion) = &problem.suggestion {
        record.text(tree, "suggestion", suggestion);
    }
    if let Some(text) = &problem.text {
        record.text(tree, "text", text);
    }
    record.finish(tree)
}
