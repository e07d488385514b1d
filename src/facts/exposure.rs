//! Who can run a document, and with which rights: what makes a flow of values in it better or worse.

use crate::document::{NodeId, Tree, View};
use crate::model::{Entity, EntityId, Inventory, Kind, Relation, Target};
use crate::ssm::flow::{Exposure, Source};
use crate::ssm::{DocumentKind, Parameter};

use super::build::Maker;
use super::ssm;

/// What the input says of how a document is run.
pub(super) struct Runs {
    administrator: bool,
    shared: bool,
    callers: Vec<Caller>,
}

/// Something of the input that runs the document.
struct Caller {
    /// The values that it gives: a map from the names of parameters.
    parameters: Option<NodeId>,
    /// The parameter that takes the ids of what the document is run for.
    target: Option<Box<str>>,
    /// Whether it takes values from an event.
    transformed: bool,
}

impl Runs {
    /// How a document of the input is run.
    pub(super) fn of(maker: &Maker<'_>, id: EntityId, document: &Entity) -> Self {
        let inventory = maker.inventory;
        let runners: Vec<EntityId> = inventory.links_to(id, Relation::Runs).map(|link| link.from).collect();
        let mut roles = roles(inventory, id);
        // A command runs with the rights of the node, whoever starts it.
        if maker
            .analyses()
            .get(&id)
            .is_some_and(|all| all.iter().any(|one| one.document.kind == DocumentKind::Automation))
        {
            roles.extend(runners.iter().flat_map(|runner| self::roles(inventory, *runner)));
        }
        let administrator = roles.iter().any(|role| maker.worked().administrators.contains_key(role));
        let callers = runners.into_iter().filter_map(|runner| Caller::of(maker, runner)).collect();
        Self { administrator, shared: is_shared(&maker.tree, document), callers }
    }

    /// The values that the input gives to a parameter, where all are known: its default, and what those that run the
    /// document say.
    pub(super) fn known_values(&self, tree: &Tree, parameter: &Parameter) -> Vec<String> {
        let name = &*parameter.name;
        let open = |caller: &Caller| !caller.binds(tree, name) || caller.target.as_deref() == Some(name);
        if self.shared || self.callers.iter().any(open) {
            return Vec::new();
        }
        let given = self.callers.iter().filter_map(|caller| caller.given(tree, name));
        let mut out: Vec<String> = Vec::new();
        for node in parameter.default.into_iter().chain(given) {
            let texts = ssm::texts(tree, node).into_iter();
            out.extend(texts.filter(|(node, _)| !tree.is_sensitive(*node)).map(|(_, text)| text));
        }
        out.retain(|text| !text.is_empty() && !text.contains("{{"));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What this means for a value that comes from `source`.
    pub(super) fn exposure(&self, tree: &Tree, source: &Source) -> Exposure {
        let of_parameter = source.kind == "parameter";
        let fed = of_parameter && self.callers.iter().any(|caller| caller.feeds(tree, &source.name));
        let bound = of_parameter
            && !self.callers.is_empty()
            && self.callers.iter().all(|caller| caller.binds(tree, &source.name));
        Exposure {
            administrator: self.administrator,
            shared: self.shared || fed,
            bound: bound && !self.shared,
        }
    }
}

impl Caller {
    fn of(maker: &Maker<'_>, runner: EntityId) -> Option<Self> {
        let entity = maker.inventory.entity(runner)?;
        let text = |name: &str| entity.get(name).and_then(|node| maker.tree.string(node));
        let transformed = entity.get("transformed").and_then(|node| maker.tree.scalar(node)) == Some("true");
        Some(Self {
            parameters: entity.get("parameters"),
            target: text("automation_target_parameter").map(Into::into),
            transformed,
        })
    }

    /// What it gives to a parameter.
    fn given(&self, tree: &Tree, name: &str) -> Option<NodeId> {
        tree.get(self.parameters?, name)
    }

    /// Whether it takes the value of a parameter from an event.
    fn feeds(&self, tree: &Tree, name: &str) -> bool {
        let takes = |node: NodeId| {
            let shown = tree.display(node);
            shown.find('<').is_some_and(|at| shown.get(at..).is_some_and(|rest| rest.contains('>')))
        };
        let given = self.given(tree, name);
        self.transformed
            && given.or(self.parameters.filter(|all| tree.map(*all).is_none())).is_some_and(takes)
    }

    /// Whether it gives a value that its author wrote, or none.
    fn binds(&self, tree: &Tree, name: &str) -> bool {
        if self.target.as_deref() == Some(name) {
            return true;
        }
        match self.parameters {
            None => true,
            Some(all) if tree.map(all).is_none() => false,
            Some(_) => self.given(tree, name).is_none_or(|given| is_written(tree, given, self.transformed)),
        }
    }
}

/// Whether all texts below a node are known, and none is a place for something else.
fn is_written(tree: &Tree, root: NodeId, transformed: bool) -> bool {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::String(text) => {
                if text.contains("{{") || text.starts_with("$.") || transformed && text.contains('<') {
                    return false;
                }
            }
            View::Text(_) | View::Unknown(_) => return false,
            View::Null | View::Bool(_) | View::Number(_) => {}
        }
    }
    true
}

/// The roles of the input that something runs with.
fn roles(inventory: &Inventory, id: EntityId) -> Vec<EntityId> {
    let is_role = |id: EntityId| inventory.entity(id).is_some_and(|entity| entity.kind == Kind::Role);
    let links = inventory.links_from(id, Relation::Passes);
    let ends = links.filter_map(|link| if let Target::Entity(to, _) = link.to { Some(to) } else { None });
    ends.filter(|to| is_role(*to)).collect()
}

/// Whether other accounts can run a document.
pub(super) fn is_shared(tree: &Tree, document: &Entity) -> bool {
    let Some(permissions) = document.get("permissions") else { return false };
    let mut stack = vec![permissions];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack
                .extend(map.iter().filter(|(_, key, _)| *key == "account_ids").map(|(_, _, value)| value)),
            View::String(text) if text.trim().is_empty() => {}
            View::String(_) | View::Text(_) => return true,
            _ => {}
        }
    }
    false
}
