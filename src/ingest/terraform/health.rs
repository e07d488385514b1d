//! What a plan or state says of itself: whether it is whole, and whether its format is known.

use crate::document::{Code, Diagnostic, Location, NodeId};
use crate::ingest::assembly::Assembly;

/// The newest format versions that are known: of plans from Terraform 0.12 on, of states from 0.12 on.
const KNOWN: &[(u32, u32)] = &[(0, 2), (1, 2)];

/// Says so where a plan is not whole, or where its format is not known.
pub(crate) fn of_plan(assembly: &mut Assembly, root: NodeId) {
    report_version(assembly, root);
    let tree = &assembly.tree;
    let flag = |key: &str| tree.get(root, key).and_then(|node| tree.bool(node));
    let filled = |key: &str| {
        let list = tree.get(root, key).and_then(|node| tree.list(node));
        list.is_some_and(|list| !list.is_empty())
    };
    let (errored, complete) = (flag("errored"), flag("complete"));
    let told = if errored == Some(true) {
        Some((
            "the plan ended with an error, so it may lack resources",
            "mend the error and plan again to have everything checked",
        ))
    } else if filled("deferred_changes") {
        Some((
            "parts of the plan were deferred, so it lacks resources",
            "apply this plan and plan again to have the rest checked",
        ))
    } else if complete == Some(false) {
        Some((
            "the plan is not complete: it was limited to targets, or parts of it were deferred",
            "plan again without `-target` to have everything checked",
        ))
    } else if tree.get(root, "resource_changes").is_none() && tree.get(root, "prior_state").is_some() {
        Some((
            "the plan has no list of changes, as with `-refresh-only`: what exists is checked",
            "plan without `-refresh-only` to have changes checked",
        ))
    } else {
        None
    };
    if let Some((message, help)) = told {
        assembly.diagnostics.push(Diagnostic::new(Code::IncompletePlan, message).help(help));
    }
}

/// Says so where the format of a state is not known.
pub(crate) fn of_state(assembly: &mut Assembly, root: NodeId) {
    report_version(assembly, root);
}

fn report_version(assembly: &mut Assembly, root: NodeId) {
    let tree = &assembly.tree;
    let Some((node, text)) =
        tree.get(root, "format_version").and_then(|node| Some((node, tree.string(node)?)))
    else {
        return;
    };
    let parsed = text.split_once('.').unwrap_or((text, "0"));
    let numbers = parsed.0.parse::<u32>().ok().zip(parsed.1.parse::<u32>().ok());
    let known =
        |(major, minor): (u32, u32)| KNOWN.iter().any(|&(own, newest)| own == major && minor <= newest);
    if numbers.is_some_and(known) {
        return;
    }
    let message = format!("the format version `{text}` is newer than the ones that are known");
    let mut made = Diagnostic::new(Code::NewerFormat, message)
        .help("what is new in it is not looked at; check that there is a newer version of rolecall");
    if let Some(place) = tree.place(node)
        && let Some(source) = tree.source(place.span.file)
    {
        made = made.at(Location::new(std::sync::Arc::clone(source), place.span));
    }
    assembly.diagnostics.push(made);
}
