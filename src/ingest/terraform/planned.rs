//! The planned values of one instance, put together from what is known of them.

use std::sync::Arc;

use crate::document::{
    Alternative, Conditions, Hole, HoleKind, Language, NodeId, Piece, Reason, Tree, Unknown, View,
};
use crate::ingest::assembly::Assembly;
use crate::ingest::table::Properties;
use crate::ingest::target::arn_name;
use crate::model::{Kind, ResourceId};

use super::arns;
use super::context::Context;
use super::hcl::Argument;
use super::instances::Instance;
use super::merge::Slot;
use super::providers::anything;
use super::references::{Ending, Follower};
use super::secrets;
use super::values::Marks;
use super::values::argument;

/// The values of one instance, after the plan or before it.
pub(crate) struct Planned<'p> {
    pub(super) context: &'p Context<'p>,
    pub(super) instance: &'p Instance,
    resource: ResourceId,
    values: Option<NodeId>,
    marks: Marks,
    /// The arguments in the configuration; nothing where the values are not made by it.
    pub(super) expressions: Option<NodeId>,
    /// A reference may be only a part of a text: what surrounds it is not known.
    loose: bool,
    /// What was asked for already: where the names end in those of all, and what was found.
    cache: Vec<(usize, Option<NodeId>)>,
    names: String,
    /// Values that the plan leaves open as a whole.
    pub(super) opened: Vec<NodeId>,
    /// Values that the plan leaves open and the configuration makes known.
    pub(super) precise: Vec<NodeId>,
}

impl<'p> Planned<'p> {
    /// The values after the plan.
    pub(crate) fn after(context: &'p Context<'p>, instance: &'p Instance, resource: ResourceId) -> Self {
        Self {
            context,
            instance,
            resource,
            values: instance.after,
            marks: Marks(instance.after_unknown),
            expressions: context.plan.declaration(instance).and_then(|declaration| declaration.expressions),
            loose: false,
            cache: Vec::with_capacity(16),
            names: String::with_capacity(128),
            opened: Vec::new(),
            precise: Vec::new(),
        }
    }

    /// The values before the plan, all of which are known.
    pub(crate) fn before(context: &'p Context<'p>, instance: &'p Instance, resource: ResourceId) -> Self {
        Self {
            values: instance.before,
            marks: Marks(None),
            expressions: None,
            ..Self::after(context, instance, resource)
        }
    }

    /// The resource, if the inventory has it.
    fn consumer(&self, assembly: &Assembly) -> Option<ResourceId> {
        assembly.inventory.resource(self.resource).map(|_| self.resource)
    }

    /// References are taken to be parts of texts.
    pub(crate) fn loosely(self) -> Self {
        Self { loose: true, ..self }
    }

    fn read(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        let values = self.values?;
        let tree = &assembly.tree;
        let marks = self.marks.get(tree, name);
        let value = tree.get(values, name);
        let from: Vec<NodeId> = self.expressions.and_then(|all| tree.get(all, name)).into_iter().collect();
        let place = value.or(marks.0).unwrap_or(self.instance.node);
        let made = match &self.context.hcl {
            Some(hcl) if self.expressions.is_some() && marks.any(tree) => {
                let resource = self.consumer(assembly);
                let argument = Argument { instance: self.instance, name, place, resource };
                hcl.argument(self.context, assembly, argument)
            }
            _ => None,
        };
        let tree = &assembly.tree;
        // Without a configuration, what providers mostly compute is taken to be computed, and what data sources read.
        let computed = self.expressions.is_some()
            || !self.instance.managed
            || matches!(name, "managed_policy_arns" | "inline_policy");
        if marks.all(tree) && from.is_empty() && computed && made.is_none() {
            // Computed by the provider: the configuration does not set it.
            return self.made_up(assembly, name);
        }
        let merged = self.merge(assembly, Slot { value, marks, place, from: &from, path: name, made })?;
        let computed = from.is_empty() && &*self.instance.ty == "aws_iam_role";
        Some(if computed { self.without_given(assembly, name, merged) } else { merged })
    }

    /// What a role is said to have, without what resources of their own give to it. A role that does not configure its
    /// policies lists all that it had when it was read, whoever attached them.
    fn without_given(&self, assembly: &mut Assembly, name: &str, value: NodeId) -> NodeId {
        let tree = &mut assembly.tree;
        let attached = name == "managed_policy_arns";
        let View::List(list) = tree.view(value) else { return value };
        if list.is_empty() || !(attached || name == "inline_policy") {
            return value;
        }
        let role = self.values.and_then(|values| tree.get(values, "name")).and_then(|name| tree.string(name));
        let given = role.and_then(|role| self.context.given(tree, self.instance, role));
        let Some(given) = given else { return value };
        let is_given = |node: &NodeId| {
            if attached {
                return tree.string(*node).is_some_and(|arn| given.attached.contains(arn));
            }
            let name = tree.get(*node, "name").and_then(|name| tree.string(name));
            name.is_some_and(|name| given.inline.contains(name))
        };
        let kept: Vec<NodeId> = list.iter().filter(|node| !is_given(node)).collect();
        if kept.len() == list.len() { value } else { tree.derive_list(value, &kept) }
    }

    /// A name that the provider makes up from a prefix.
    fn made_up(&self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        let tree = &mut assembly.tree;
        let prefix = tree.get(self.values?, "name_prefix").filter(|_| name == "name")?;
        let text = tree.string(prefix)?.to_owned();
        // The time and a counter.
        let kind = HoleKind::Parameter { language: Some(Arc::new(Language::exact("[0-9a-f]{26}"))) };
        let rest = Piece::Hole(Hole { kind, name: "…".into() });
        Some(tree.derive_text(prefix, vec![Piece::Literal(text.into()), rest]))
    }

    /// A value that the plan does not know: what the configuration makes it of. Nothing where the configuration leaves it
    /// to the provider.
    pub(super) fn open(&self, assembly: &mut Assembly, slot: &Slot<'_>) -> Option<NodeId> {
        let Slot { place, from, path, .. } = *slot;
        let endings = self.context.open_endings(&assembly.tree, self.instance, from);
        if self.context.is_left_out(&assembly.tree, &endings) {
            return None;
        }
        let is_instance = |ending: &Ending| matches!(ending, Ending::Instance(..));
        let single = endings.len() == 1 || is_many(path);
        if single && !endings.is_empty() && endings.iter().all(is_instance) {
            let made: Vec<_> =
                endings.iter().filter_map(|ending| self.stand_for(assembly, place, ending, path)).collect();
            return Some(match made.as_slice() {
                [one] => *one,
                _ => assembly.tree.derive_list(place, &made),
            });
        }
        Some(self.unknown(assembly, place, &endings, path))
    }

    fn unknown(&self, assembly: &mut Assembly, place: NodeId, endings: &[Ending], path: &str) -> NodeId {
        let words = self.context.words(endings);
        let blocker = words.unwrap_or_else(|| format!("{}.{path}", self.instance.address)).into();
        assembly.tree.derive_unknown(place, Unknown { reason: Reason::AfterApply, blocker })
    }

    /// What stands for one reference.
    pub(super) fn stand_for(
        &self,
        assembly: &mut Assembly,
        place: NodeId,
        ending: &Ending,
        path: &str,
    ) -> Option<NodeId> {
        let Ending::Instance(at, attribute) = ending else {
            return Some(self.unknown(assembly, place, std::slice::from_ref(ending), path));
        };
        if holds_document(path) && !is_document(attribute) {
            // The configuration puts the reference somewhere into a document that it does not show.
            return Some(self.unknown(assembly, place, std::slice::from_ref(ending), path));
        }
        let made = self.context.stand_in(assembly, place, (*at, attribute), self.consumer(assembly))?;
        Some(if self.loose { self.loosened(assembly, made, *at, attribute) } else { made })
    }

    /// The configuration does not say what surrounds a reference: an ARN starts a text, anything else may stand anywhere.
    fn loosened(&self, assembly: &mut Assembly, made: NodeId, at: usize, attribute: &str) -> NodeId {
        let tree = &mut assembly.tree;
        let ty = self.context.plan.instances.get(at).map_or("", |target| &target.ty);
        let inner: Vec<Piece> = match tree.view(made) {
            View::String(text) => vec![Piece::Literal(text.into())],
            View::Text(pieces) => pieces.to_vec(),
            _ => return made,
        };
        let starts = arns::meaning(ty, attribute) == arns::Meaning::Arn;
        if starts && arns::stands_alone(ty) {
            return made;
        }
        let before = (!starts).then(|| anything("…"));
        let pieces = before.into_iter().chain(inner).chain([anything("…")]).collect();
        let loose = tree.derive_text(made, pieces);
        tree.explain_as(loose, made);
        loose
    }

    /// The expressions of the argument at a dotted path.
    fn expressions_at(&self, assembly: &Assembly, path: &str) -> Vec<NodeId> {
        let Some(expressions) = self.expressions else { return Vec::new() };
        path.split('.').fold(vec![expressions], |whole, key| argument(&assembly.tree, &whole, key))
    }

    /// A value that the plan leaves open and that must name something of these kinds.
    fn tied(&self, assembly: &mut Assembly, value: NodeId, path: &str, kinds: &[Kind]) -> NodeId {
        let from = self.expressions_at(assembly, path);
        let endings = self.context.open_endings(&assembly.tree, self.instance, &from);
        let fitting = self.context.fitting(&assembly.tree, &endings, kinds);
        let mut made = Vec::with_capacity(fitting.len());
        for ending in &fitting {
            if let Ending::Instance(at, attribute) = ending {
                let consumer = self.consumer(assembly);
                made.extend(self.context.stand_in(assembly, value, (*at, attribute), consumer));
            }
        }
        match made.as_slice() {
            [] => value,
            [one] => *one,
            _ if is_many(path) => assembly.tree.derive_list(value, &made),
            _ => {
                let name = format!("{}.{path}", self.instance.address);
                one_of(assembly, value, &name, &made)
            }
        }
    }

    /// Known values that the configuration takes from other resources remember that.
    fn explained(&self, assembly: &mut Assembly, value: NodeId, path: &str, kinds: &[Kind]) -> NodeId {
        let from = self.expressions_at(assembly, path);
        if from.is_empty() {
            return value;
        }
        let endings =
            Follower { tree: &assembly.tree, plan: self.context.plan }.endings(self.instance, &from);
        let fitting = self.context.fitting(&assembly.tree, &endings, kinds);
        if fitting.is_empty() {
            return value;
        }
        match assembly.tree.view(value) {
            View::String(_) => self.explained_text(assembly, value, &fitting),
            View::List(list) => {
                let elements: Vec<_> = list.iter().collect();
                let made: Vec<_> = elements
                    .into_iter()
                    .map(|element| self.explained_text(assembly, element, &fitting))
                    .collect();
                assembly.tree.derive_list(value, &made)
            }
            _ => value,
        }
    }

    fn explained_text(&self, assembly: &mut Assembly, value: NodeId, fitting: &[Ending]) -> NodeId {
        let tree = &mut assembly.tree;
        let Some(text) = tree.string(value) else { return value };
        let name = arn_name(text).unwrap_or(text);
        let target = fitting.iter().find_map(|ending| {
            let Ending::Instance(at, attribute) = ending else { return None };
            let target = self.context.plan.instances.get(*at)?;
            let known = self.context.known(tree, *at, attribute).or_else(|| arns::name(tree, target))?;
            let known = tree.string(known)?;
            let same = known.eq_ignore_ascii_case(text)
                || arn_name(known).unwrap_or(known).eq_ignore_ascii_case(name);
            same.then_some(target.node)
        });
        let Some(target) = target else { return value };
        let copy = tree.derive_copy(value, value);
        tree.explain(copy, "reference", &[target]);
        copy
    }

    /// What was found of a property that was asked for already.
    fn known(&self, name: &str) -> Option<&(usize, Option<NodeId>)> {
        let starts = std::iter::once(0).chain(self.cache.iter().map(|(end, _)| *end));
        let mut all = starts.zip(&self.cache);
        all.find(|&(start, &(end, _))| self.names.get(start..end) == Some(name)).map(|(_, known)| known)
    }
}

impl Properties for Planned<'_> {
    fn property(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        if let Some((_, known)) = self.known(name) {
            return *known;
        }
        let found = self.read(assembly, name).filter(|&found| !is_unset(&assembly.tree, found));
        self.names.push_str(name);
        self.cache.push((self.names.len(), found));
        found
    }

    fn link(&mut self, assembly: &mut Assembly, path: &str, kinds: &[Kind]) -> Option<NodeId> {
        let value = self.at(assembly, path).filter(|&value| !is_unset(&assembly.tree, value))?;
        if self.precise.contains(&value) && self.context.leads_to(&assembly.tree, value, kinds) {
            return Some(value);
        }
        let known = !self.opened.contains(&value)
            && !matches!(assembly.tree.view(value), View::Unknown(_) | View::Text(_));
        Some(if known {
            self.explained(assembly, value, path, kinds)
        } else {
            self.tied(assembly, value, path, kinds)
        })
    }

    fn is_configured(&self, assembly: &Assembly, name: &str) -> bool {
        self.expressions.is_some_and(|all| assembly.tree.get(all, name).is_some())
    }

    fn secret(&mut self, assembly: &Assembly, name: &str) -> Option<String> {
        let from = self.expressions.and_then(|all| assembly.tree.get(all, name))?;
        let known = self.known(name).and_then(|(_, found)| *found);
        secrets::source(self.context, &assembly.tree, self.instance, from).or_else(|| {
            let value = known?;
            secrets::written(&assembly.tree, value)
        })
    }

    fn resource(&self) -> ResourceId {
        self.resource
    }
}

/// Whether a value stands for an argument that was not set: providers write the empty value of its type.
fn is_unset(tree: &Tree, value: NodeId) -> bool {
    match tree.view(value) {
        View::Null => true,
        View::String(text) => text.is_empty(),
        View::List(list) => list.is_empty(),
        View::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether an argument holds several values.
fn is_many(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    name.ends_with('s') && !matches!(name, "alias" | "address" | "status" | "tags" | "class")
}

/// Whether an argument holds a whole document.
fn holds_document(path: &str) -> bool {
    matches!(
        path.rsplit('.').next().unwrap_or(path),
        "policy"
            | "assume_role_policy"
            | "policy_document"
            | "access_policies"
            | "access_policy"
            | "content"
            | "input"
            | "input_parameters"
            | "payload"
            | "user_data"
            | "user_data_base64"
            | "source_json"
            | "override_json"
            | "source_policy_documents"
            | "override_policy_documents"
    )
}

/// Whether an attribute is a document by itself.
fn is_document(attribute: &str) -> bool {
    matches!(
        attribute.rsplit('.').next().unwrap_or(attribute),
        "json" | "minified_json" | "rendered" | "body" | "output" | "result" | "document"
    ) || holds_document(attribute)
}

/// One of several values; the plan does not say which.
fn one_of(assembly: &mut Assembly, place: NodeId, name: &str, values: &[NodeId]) -> NodeId {
    let Assembly { tree, conditions, .. } = assembly;
    let answers = values.iter().map(|&value| tree.display(value).into()).collect();
    let question = conditions.ask(name, answers);
    let answer = |conditions: &mut Conditions, index| conditions.answer(question, index);
    let alternatives = values
        .iter()
        .enumerate()
        .map(|(index, &value)| Alternative { condition: answer(conditions, index), value: Some(value) })
        .collect();
    tree.derive_choice(place, alternatives)
}
