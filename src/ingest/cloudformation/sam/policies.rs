//! The `Policies` of functions and state machines.
//!
//! An element is the name or ARN of a managed policy, a policy document, a policy template, or `Fn::If` of them.

use crate::document::{NodeId, View};

use super::super::call::{Function, call};
use super::make::Make;
use super::templates;

/// What an element of `Policies` becomes: a managed policy's ARN, an inline policy, or both under conditions.
#[derive(Clone, Copy, Default)]
struct Both {
    managed: Option<NodeId>,
    inline: Option<NodeId>,
}

/// What a role has.
#[derive(Default)]
pub(super) struct Permissions {
    pub(super) managed: Vec<NodeId>,
    pub(super) inline: Vec<NodeId>,
    /// Elements that are nothing of the kind.
    pub(super) odd: Vec<NodeId>,
}

impl Permissions {
    /// Adds the elements of a `Policies` property. `role` is the logical id of the role that gets them.
    pub(super) fn add(&mut self, make: &mut Make<'_>, policies: NodeId, role: &str) {
        let elements: Vec<_> = match (call(make.tree, policies), make.tree.view(policies)) {
            (None, View::List(list)) => list.iter().collect(),
            (None, View::Null) => Vec::new(),
            _ => vec![policies],
        };
        for (index, element) in elements.into_iter().enumerate() {
            let name = format!("{role}Policy{index}");
            let both = self.element(make, element, &name);
            if let Some(managed) = both.managed {
                self.attach(make, managed);
            }
            self.inline.extend(both.inline);
        }
    }

    /// Adds a managed policy, unless the role has it already.
    pub(super) fn attach(&mut self, make: &Make<'_>, arn: NodeId) {
        let text = |arn: NodeId| {
            let text = make.tree.get(arn, "Fn::Sub").unwrap_or(arn);
            make.tree.string(text).map(|text| text.replace("${AWS::Partition}", "aws"))
        };
        let new = text(arn);
        if new.is_none() || self.managed.iter().all(|&known| text(known) != new) {
            self.managed.push(arn);
        }
    }

    fn element(&mut self, make: &mut Make<'_>, node: NodeId, name: &str) -> Both {
        let make = &mut Make { tree: &mut *make.tree, place: node };
        if let Some(call) = call(make.tree, node) {
            let branches = make.tree.list(call.argument.node).map(|list| list.iter().collect::<Vec<_>>());
            return match (call.function, branches.as_deref()) {
                (Function::If, Some(&[condition, then, otherwise])) => {
                    let then = self.element(make, then, name);
                    let otherwise = self.element(make, otherwise, name);
                    Both {
                        managed: either(make, condition, then.managed, otherwise.managed),
                        inline: either(make, condition, then.inline, otherwise.inline),
                    }
                }
                _ if is_nothing(make, node) => Both::default(),
                _ => Both { managed: Some(node), ..Both::default() },
            };
        }
        match make.tree.view(node) {
            View::String(text) => {
                let text = text.to_owned();
                Both { managed: Some(managed(make, node, &text)), ..Both::default() }
            }
            View::List(list) => {
                let elements: Vec<_> = list.iter().collect();
                let mut inner = Permissions::default();
                for element in elements {
                    let both = inner.element(make, element, name);
                    inner.managed.extend(both.managed);
                    inner.inline.extend(both.inline);
                }
                self.odd.append(&mut inner.odd);
                let list = |make: &mut Make<'_>, all: &[NodeId]| (!all.is_empty()).then(|| make.list(all));
                Both { managed: list(make, &inner.managed), inline: list(make, &inner.inline) }
            }
            View::Map(map) if map.get("Statement").is_some() => {
                Both { inline: Some(make.inline_with(name, node)), ..Both::default() }
            }
            View::Map(map) => {
                let template = map.iter().next().map(|(_, key, value)| (templates::find(key), value));
                match template {
                    Some((Some(template), values)) if map.len() == 1 => {
                        let values = parameters(make, template, values);
                        let statements: Vec<_> = template
                            .statements
                            .iter()
                            .map(|statement| statement.with(make, &values))
                            .collect();
                        Both { inline: Some(make.inline(name, &statements)), ..Both::default() }
                    }
                    _ => {
                        self.odd.push(node);
                        Both::default()
                    }
                }
            }
            _ => {
                self.odd.push(node);
                Both::default()
            }
        }
    }
}

/// The values that a template's parameters are given.
fn parameters(make: &Make<'_>, template: &templates::Template, values: NodeId) -> Vec<(String, NodeId)> {
    let get = |name: &&'static str| Some(((*name).to_owned(), make.tree.get(values, name)?));
    template.parameters.iter().filter_map(get).collect()
}

fn either(
    make: &mut Make<'_>,
    condition: NodeId,
    then: Option<NodeId>,
    otherwise: Option<NodeId>,
) -> Option<NodeId> {
    if then.is_none() && otherwise.is_none() {
        return None;
    }
    let then = then.unwrap_or_else(|| make.nothing());
    let otherwise = otherwise.unwrap_or_else(|| make.nothing());
    let branches = make.list(&[condition, then, otherwise]);
    Some(make.map(&[("Fn::If", branches)]))
}

/// Whether a node is `Ref: AWS::NoValue`.
pub(super) fn is_nothing(make: &Make<'_>, node: NodeId) -> bool {
    call(make.tree, node).is_some_and(|call| {
        call.function == Function::Ref && make.tree.string(call.argument.node) == Some("AWS::NoValue")
    })
}

/// The ARN of a managed policy that is given by its ARN or by its name.
fn managed(make: &mut Make<'_>, node: NodeId, text: &str) -> NodeId {
    // A name that nobody knows is left to fail in the deployment.
    match super::names::path_of(text) {
        Some(path) if !text.starts_with("arn:") => make.managed(&format!("{path}{text}")),
        _ => node,
    }
}
