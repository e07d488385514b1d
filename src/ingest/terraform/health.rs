//! What a plan or state says of itself: whether it is whole, and whether its format is known.

use rayon::prelude::*;

use crate::document::{Code, Diagnostic, Location, NodeId, Tree, View};
use crate::ingest::assembly::Assembly;

use super::instances;

/// The newest format versions that are known: of plans from Terraform 0.12 on, of states from 0.12 on.
const KNOWN: &[(u32, u32)] = &[(0, 2), (1, 2)];

/// Says so where a plan is not whole, or where its format is not known.
pub(crate) fn of_plan(assembly: &mut Assembly, root: NodeId) {
    report_version(assembly, root);
    report_changes(assembly, root);
    let tree = &assembly.tree;
    let flag = |key: &str| tree.get(root, key).and_then(|node| tree.bool(node));
    let filled = |key: &str| {
        let list = tree.get(root, key).and_then(|node| tree.list(node));
        list.is_some_and(|list| !list.is_empty())
    };
    let (errored, complete) = (flag("errored"), flag("complete"));
    let told = if errored == Some(true) {
        let made =
            Diagnostic::new(Code::ErroredPlan, "the plan ended with an error, so it may lack resources");
        let made = made.help("mend the error and plan again to have everything checked");
        assembly.diagnostics.push(made);
        None
    } else if filled("deferred_changes") {
        Some((
            "parts of the plan were deferred, so not all of their values are known",
            "apply this plan and plan again to have the rest checked",
        ))
    } else if complete == Some(false) {
        Some((
            "the plan is not complete: it was limited to targets, or parts of it were deferred",
            "plan again without `-target` to have everything checked",
        ))
    } else if tree.get(root, "resource_changes").is_none() && has_managed(tree, root) {
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

/// Whether the state before the plan has resources: a plan that is no more than a refresh lists no changes of them.
fn has_managed(tree: &Tree, root: NodeId) -> bool {
    let module = tree.at(root, &["prior_state", "values", "root_module"]);
    module.is_some_and(|module| instances::of_values(tree, module).iter().any(|one| one.managed))
}

/// Says so where the list of changes, or an entry of it, is no such thing.
fn report_changes(assembly: &mut Assembly, root: NodeId) {
    let tree = &assembly.tree;
    let Some(changes) = tree.get(root, "resource_changes") else { return };
    let (node, message, help) = match tree.view(changes) {
        View::Null => return,
        View::List(list) => {
            let is_change = |node: &NodeId| {
                let has = |key: &str| tree.get(*node, key).is_some();
                has("type") && has("change")
            };
            let all: Vec<NodeId> = list.iter().collect();
            let odd: Vec<NodeId> = all.into_par_iter().filter(|node| !is_change(node)).collect();
            let Some(&first) = odd.first() else { return };
            let message =
                format!("{} of the entries of `resource_changes` are no changes of resources", odd.len());
            (first, message, "each has a `type` and a `change`; check what wrote or cut the plan")
        }
        _ => (
            changes,
            "`resource_changes` is no list: what the plan has instead of it was checked".to_owned(),
            "check that `terraform show -json` or `tofu show -json` wrote the file",
        ),
    };
    let mut made = Diagnostic::new(Code::NotEvaluated, message).help(help);
    if let Some(place) = tree.location(node) {
        made = made.at(place);
    }
    assembly.diagnostics.push(made);
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
    let newest = KNOWN.iter().map(|(major, _)| *major).max().unwrap_or(0);
    let mut made = match numbers {
        Some((major, _)) if major <= newest => {
            let message = format!("the format version `{text}` is newer than the ones that are known");
            Diagnostic::new(Code::NewerFormat, message)
                .help("what is new in it is not looked at; check that there is a newer version of rolecall")
        }
        Some(_) => {
            let message =
                format!("the format version `{text}` is another one than those that are known: 0.1 to 1.2");
            Diagnostic::new(Code::UnknownFormat, message)
                .help("what can be read of it was checked; check that there is a newer version of rolecall")
        }
        None => {
            let message = format!("`{text}` is no format version; known are 0.1 to 1.2");
            Diagnostic::new(Code::UnknownFormat, message)
                .help("check that `terraform show -json` or `tofu show -json` wrote the file")
        }
    };
    if let Some(place) = tree.place(node)
        && let Some(source) = tree.source(place.span.file)
    {
        made = made.at(Location::new(std::sync::Arc::clone(source), place.span));
    }
    assembly.diagnostics.push(made);
}
