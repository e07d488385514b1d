//! What a template exports, and what it imports from others of the same run.
//!
//! Alone, a template only says the names of both. Where it is read together with the templates that export what it
//! imports ([`linked`](super::linked)), an import is the exported value: what refers to a resource there, refers to it here.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::document::{Alternative, Condition, Hole, HoleKind, NodeId, Piece, Reason, Tree, View, origins};
use crate::model::Inventory;

use super::call::Argument;
use super::nested::Nested;
use super::resolve::Resolver;
use super::template::Declared;
use super::texts::{self, Part};

/// What stands before the name of a stack and an output, where an output is meant that need not be exported: no name of
/// an export holds a blank.
pub(crate) const OUTPUT: &str = "output ";

/// An output that a template exports for other stacks, or that they may ask for by the name of its stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: Vec<Piece>,
    /// Its value, where that is a text of which all is known.
    pub value: Option<Box<str>>,
    /// Its value as others see it that are not read together with it: what is open in it is open there.
    pub text: Vec<Piece>,
    /// It is known, or leads to something that rules ask about, or to other imports: the template has to be at hand.
    pub leads: bool,
}

/// What is known of the names that a template imports, by what is written for them.
pub type Links = BTreeMap<Box<str>, LinkTo>;

/// Where an import leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// To an export of another template.
    Export {
        /// The template, by its position among those that are read together.
        template: usize,
        /// The export, as it is written there.
        name: Box<str>,
        /// It does where this, of the template that exports, is that: the name of its stack, which the other one names.
        provided: Option<(Box<str>, Box<str>)>,
    },
    /// To a text that another template exports.
    Text {
        /// The text.
        text: Vec<Piece>,
        /// As above.
        provided: Option<(Box<str>, Box<str>)>,
    },
    /// Several templates export it, and which one is meant is not known.
    Several,
}

/// An import that leads somewhere, while templates are read.
#[derive(Clone, Debug)]
pub(super) enum Wired {
    Several,
    /// What it leads to is not worked out yet, or waits for itself.
    Pending,
    /// A text, and when it is that.
    Text(Vec<Piece>, Condition),
    /// Values, each with when it is exported. What is open in them is the matter of the template with this name.
    Is {
        values: Vec<(Condition, NodeId)>,
        provided: Option<Condition>,
        of: Box<str>,
    },
}

/// The imports that lead somewhere, by what is written for them.
pub(super) type AllWired = FxHashMap<Box<str>, Wired>;

/// An exported output, resolved.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) name: Vec<Piece>,
    /// When it is exported.
    pub(super) under: Condition,
    pub(super) value: NodeId,
    /// It waits for an import that is not worked out.
    pub(super) waits: bool,
}

impl Resolver<'_> {
    /// The exports of the template, with those of the stacks that it nests.
    pub(super) fn exports(&mut self) -> Vec<Exported> {
        let mut out = Vec::new();
        let outputs = self.outputs();
        self.add_exports(&outputs, Condition::ALWAYS, &mut out);
        let stack = match self.stack_name() {
            Some(name) => Piece::Literal(name.into()),
            None => texts::hole(HoleKind::StackName, "AWS::StackName"),
        };
        for output in outputs {
            let Some((value, waits)) = self.value_of(&output) else { continue };
            let (before, after) = (Piece::Literal(OUTPUT.into()), format!(".{}", output.id));
            let pieces = vec![before, stack.clone(), Piece::Literal(after.into())];
            let under = self.exists(&output);
            out.push(Exported { name: texts::merged(pieces), under, value, waits });
        }
        out
    }

    /// The value of an output, and whether it waits for something.
    fn value_of(&mut self, output: &Declared) -> Option<(NodeId, bool)> {
        let value = self.tree.get(output.body, "Value")?;
        let own = std::mem::replace(&mut self.state.bindings, output.bindings.clone());
        let outer = std::mem::replace(&mut self.shared.waits, false);
        let value = self.resolve(value);
        let waits = std::mem::replace(&mut self.shared.waits, outer);
        self.state.bindings = own;
        Some((value?, waits))
    }

    fn add_exports(&mut self, outputs: &[Declared], around: Condition, out: &mut Vec<Exported>) {
        for output in outputs {
            let Some(name) = self.tree.at(output.body, &["Export", "Name"]) else { continue };
            let own = std::mem::replace(&mut self.state.bindings, output.bindings.clone());
            let names = self.texts(name);
            self.state.bindings = own;
            let Some((value, waits)) = self.value_of(output) else { continue };
            let under = self.exists(output);
            let under = self.conditions.and(under, around);
            for Part { under: named, pieces } in names {
                let under = self.conditions.and(under, named);
                if !under.is_never() {
                    out.push(Exported { name: pieces, under, value, waits });
                }
            }
        }
        let stacks = self.template.resources.iter().filter(|one| is_stack(one.ty(self.tree)));
        for declared in stacks.cloned().collect::<Vec<_>>() {
            let own = self.exists(&declared);
            let under = self.conditions.and(own, around);
            let Some(mut nested) = self.take_child(&declared) else { continue };
            let Nested { template, state, .. } = &mut *nested;
            let mut inner = Resolver {
                tree: self.tree,
                conditions: self.conditions,
                template,
                options: self.options,
                shared: self.shared,
                state,
            };
            let outputs = inner.outputs();
            inner.add_exports(&outputs, under, out);
            self.state.children.insert(declared.node, Some(nested));
        }
    }

    /// When what is declared exists, as far as its own `Condition` says.
    fn exists(&mut self, declared: &Declared) -> Condition {
        let name = self.tree.get(declared.body, "Condition").and_then(|name| self.tree.scalar(name));
        match name.map(str::to_owned) {
            Some(name) => self.named_condition(&name),
            None => Condition::ALWAYS,
        }
    }

    pub(super) fn import_value(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let Some(value) = self.resolve_argument(argument) else {
            return self.unknown(node, Reason::Malformed, "`Fn::ImportValue` without a name");
        };
        let mut alternatives = Vec::new();
        let mut from = Vec::new();
        for Part { under, pieces } in self.texts_of(value) {
            self.imported(node, under, &pieces, (&mut alternatives, &mut from));
        }
        from.push(argument.node);
        let value = self.one_or_choice(node, alternatives);
        self.explain(value, "Fn::ImportValue", &from)
    }

    /// An output of a stack, by the names of both. The stack may be in another account or Region.
    pub(super) fn stack_output(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let part = |name: &str| self.tree.get(argument.node, name);
        let (Some(stack), Some(output)) = (part("StackName"), part("OutputName")) else {
            return self.unknown(
                node,
                Reason::Malformed,
                "`Fn::GetStackOutput` without a stack and an output",
            );
        };
        let operands = vec![
            vec![Part::literal(OUTPUT)],
            self.texts(stack),
            vec![Part::literal(".")],
            self.texts(output),
        ];
        let mut alternatives = Vec::new();
        let mut from = Vec::new();
        for Part { under, pieces } in texts::concat(self.conditions, operands) {
            let name = texts::merged(pieces);
            self.imported(node, under, &name, (&mut alternatives, &mut from));
        }
        from.extend([stack, output]);
        let value = self.one_or_choice(node, alternatives);
        self.explain(value, "Fn::GetStackOutput", &from)
    }

    /// Adds what an import of this name gives, and the exported values that it is made of.
    fn imported(
        &mut self,
        node: NodeId,
        under: Condition,
        name: &[Piece],
        (out, from): (&mut Vec<Alternative>, &mut Vec<NodeId>),
    ) {
        let shown = shown(name);
        // The stacks of a set are in other accounts.
        let wired = if self.state.scope == 0 { self.shared.wired.get(&*shown).cloned() } else { None };
        let reason = match wired {
            Some(Wired::Is { values, provided, of }) => {
                let given = provided.unwrap_or(Condition::ALWAYS);
                let holds = self.conditions.and(under, given);
                let (first, others) = (values.first(), values.get(1..).unwrap_or_default());
                let sole = first.filter(|first| others.iter().all(|other| other.1 == first.1));
                // Where there is but one export of the name, the import says that it is there.
                let values = sole.map_or(values.clone(), |sole| vec![(Condition::ALWAYS, sole.1)]);
                for (when, value) in values {
                    let when = self.conditions.and(holds, when);
                    if when.is_never() {
                        continue;
                    }
                    let here = self.brought(node, value, &of);
                    from.push(value);
                    self.flatten(when, Some(here), out);
                }
                if given.is_always() {
                    return;
                }
                Reason::Import
            }
            Some(Wired::Text(pieces, given)) => {
                let value = self.tree.derive_text(node, pieces);
                let when = self.conditions.and(under, given);
                self.flatten(when, Some(value), out);
                if given.is_always() {
                    return;
                }
                Reason::Import
            }
            Some(Wired::Several) => Reason::Ambiguous,
            Some(Wired::Pending) => {
                self.shared.waits = true;
                Reason::Cycle
            }
            None => {
                self.shared.imports.insert(name.to_vec());
                Reason::Import
            }
        };
        let given = out.iter().fold(Condition::NEVER, |all, one| self.conditions.or(all, one.condition));
        let condition = self.conditions.and_not(under, given);
        if !condition.is_never() {
            let told = shown.strip_prefix(OUTPUT).unwrap_or(&shown);
            let value = self.tree.derive_text(node, vec![texts::hole(HoleKind::Any(reason), told)]);
            out.push(Alternative { condition, value: Some(value) });
        }
    }

    /// A value of another template where it is imported.
    fn brought(&mut self, node: NodeId, value: NodeId, of: &str) -> NodeId {
        let here = match self.tree.view(value) {
            View::Text(pieces) => {
                let pieces = pieces.iter().map(|piece| outside(piece, of)).collect();
                self.tree.derive_text(node, pieces)
            }
            View::Choice(alternatives) => {
                let all = alternatives.to_vec();
                let all = all.into_iter().map(|one| Alternative {
                    value: one.value.map(|value| self.brought(node, value, of)),
                    ..one
                });
                let all = all.collect();
                self.tree.derive_choice(node, all)
            }
            _ => self.tree.derive_copy(node, value),
        };
        self.explain(here, "Fn::ImportValue", &[value])
    }
}

/// The exports of a template, as others that are read apart from it see them.
pub(super) fn of(resolver: &mut Resolver<'_>, inventory: &Inventory) -> Vec<Export> {
    let mut out = Vec::new();
    for Exported { name, under, value: node, .. } in resolver.exports() {
        let parts = resolver.texts_of(node);
        let tree = &*resolver.tree;
        let known: Option<Box<str>> = tree.string(node).filter(|_| !tree.is_sensitive(node)).map(Into::into);
        let (text, sole) = match parts.as_slice() {
            [Part { under: Condition::ALWAYS, pieces }] => (pieces.iter().map(alone).collect(), true),
            _ => (vec![texts::hole(HoleKind::Any(Reason::Import), &shown(&name))], false),
        };
        let value = known;
        // What is known is shown where it was written.
        let leads = value.is_some() || !sole || !under.is_always() || leads(tree, inventory, node);
        out.push(Export { name, value, text, leads });
    }
    out
}

/// Whether a value leads to a resource that declares something, or is imported itself.
fn leads(tree: &Tree, inventory: &Inventory, value: NodeId) -> bool {
    let declares = |node: NodeId| {
        inventory.resource_at(node).is_some_and(|resource| !inventory.declared_by(resource).is_empty())
    };
    let holes = match tree.view(value) {
        View::Text(pieces) => pieces,
        _ => &[],
    };
    let in_hole = |piece: &Piece| match piece {
        Piece::Hole(Hole { kind, .. }) => match kind {
            HoleKind::Name { resource }
            | HoleKind::Arn { resource, .. }
            | HoleKind::Attribute { resource, .. } => declares(*resource),
            HoleKind::Any(reason) => *reason == Reason::Import,
            _ => false,
        },
        Piece::Literal(_) => false,
    };
    holes.iter().any(in_hole) || origins(tree, value).iter().any(|step| declares(step.node))
}

/// A piece as a template sees it that is read apart: the resources of the other are not there.
fn alone(piece: &Piece) -> Piece {
    match piece {
        Piece::Hole(Hole {
            kind:
                HoleKind::Name { .. } | HoleKind::Arn { .. } | HoleKind::Attribute { .. } | HoleKind::StackName,
            name,
        }) => texts::hole(HoleKind::Any(Reason::Import), name),
        other => other.clone(),
    }
}

fn is_stack(ty: &str) -> bool {
    matches!(ty, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// The name of an import or an export as it is written.
pub(crate) fn shown(name: &[Piece]) -> String {
    name.iter().map(texts::shown).collect()
}

/// A piece as another template sees it: its own parameters and its own stack are others.
fn outside(piece: &Piece, of: &str) -> Piece {
    let Piece::Hole(Hole { kind, name }) = piece else { return piece.clone() };
    match kind {
        HoleKind::StackName => texts::hole(HoleKind::Any(Reason::Import), &format!("{name} of {of}")),
        HoleKind::Parameter { .. } => texts::hole(kind.clone(), &format!("{name} of {of}")),
        _ => piece.clone(),
    }
}
