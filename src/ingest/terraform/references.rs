//! Following the configuration's references.
//!
//! A plan does not say what an unknown value will be, but its configuration says what the value is made of. References
//! are followed through variables, outputs and modules to the resource instance that they end at. Locals are not in a
//! plan: a reference through one is a dead end.

use std::cell::Cell;

use rustc_hash::FxHashSet;

use crate::document::{NodeId, Tree};

use super::address::{self, Call, Module, Step, fits, steps};
use super::instances::{self, Instance};
use super::plan::Plan;
use super::values::constant;

/// How many references may lead to one another.
const DEPTH: usize = 32;
/// How many references are followed for one value; one made of more is as good as unknown.
const BUDGET: usize = 4096;

/// Where a reference ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ending {
    /// At an attribute of an instance, by its position in the plan; empty where the whole instance is meant.
    Instance(usize, Box<str>),
    /// At a constant of the configuration or the value of a variable.
    Constant(NodeId),
    /// At a resource of which the plan has no instance: `count = 0`.
    Nothing,
    /// At something that is not in the plan, by the words of the configuration.
    Lost(Box<str>),
}

/// What a reference names: the key of a declaration, which instance of it, and the reference as written.
struct Declared<'r> {
    key: &'r str,
    instance: Option<&'r str>,
    text: &'r str,
}

/// Follows references in one plan.
#[derive(Clone, Copy)]
pub(crate) struct Follower<'p> {
    pub(crate) tree: &'p Tree,
    pub(crate) plan: &'p Plan,
}

/// Whose expression it is: the module instance, the key of the instance that has it, and where `each.value` is from.
#[derive(Clone, Copy)]
struct Scope<'s> {
    module: &'s [Call],
    key: Option<&'s str>,
    for_each: Option<NodeId>,
    depth: usize,
    /// What is taken of the value of the expression: the steps behind `var.x` or `each.value`.
    suffix: &'s [Step<'s>],
    budget: &'s Cell<usize>,
}

impl Follower<'_> {
    /// Where the references of expressions of an instance end.
    pub(crate) fn endings(&self, instance: &Instance, expressions: &[NodeId]) -> Vec<Ending> {
        let for_each = self.plan.declaration(instance).and_then(|declaration| declaration.for_each);
        let scope = Scope {
            module: &instance.module,
            key: instance.key.as_deref(),
            for_each,
            depth: DEPTH,
            suffix: &[],
            budget: &Cell::new(BUDGET),
        };
        let mut endings = Vec::new();
        for &expression in expressions {
            self.expression(expression, &scope, &mut endings);
        }
        if endings.len() > 1 {
            let mut seen = FxHashSet::default();
            endings.retain(|ending| seen.insert(ending.clone()));
        }
        endings
    }

    /// Where the references of an expression in a module end.
    pub(crate) fn of_module(&self, module: &[Call], expression: NodeId) -> Vec<Ending> {
        let budget = Cell::new(BUDGET);
        let scope = Scope { module, key: None, for_each: None, depth: DEPTH, suffix: &[], budget: &budget };
        let mut endings = Vec::new();
        self.expression(expression, &scope, &mut endings);
        endings
    }

    fn expression(&self, expression: NodeId, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let Some(left) = scope.budget.get().checked_sub(1) else { return };
        scope.budget.set(left);
        if let Some(list) = self.tree.list(expression) {
            for block in list.iter() {
                self.expression(block, scope, out);
            }
            return;
        }
        if let Some(constant) = constant(self.tree, expression) {
            out.push(Ending::Constant(constant));
            return;
        }
        let Some(references) = self.tree.get(expression, "references") else {
            // A block: its arguments are expressions of their own.
            for (_, _, inner) in self.tree.map(expression).into_iter().flat_map(crate::document::Map::iter) {
                if self.tree.map(inner).is_some() || self.tree.list(inner).is_some() {
                    self.expression(inner, scope, out);
                }
            }
            return;
        };
        let texts = self.tree.list(references).into_iter().flat_map(crate::document::List::iter);
        let texts: Vec<&str> = texts.filter_map(|node| self.tree.string(node)).collect();
        let chosen = self.chosen_key(&texts, scope);
        let scope = &Scope { key: chosen.as_deref().or(scope.key), ..*scope };
        for text in longest(&texts) {
            self.reference(text, scope, out);
        }
    }

    /// The key that `x[each.value]` chooses, where the values of `for_each` are written out. Where they are not, they are
    /// taken for a set, in which value and key are the same.
    fn chosen_key(&self, texts: &[&str], scope: &Scope<'_>) -> Option<Box<str>> {
        if texts.contains(&"each.key") {
            return None;
        }
        let value = texts.iter().filter(|text| **text == "each.value" || text.starts_with("each.value."));
        let value = value.max_by_key(|text| text.len())?;
        let values = constant(self.tree, scope.for_each?)?;
        let mut entries = self.tree.map(values)?.iter();
        let (_, _, own) =
            entries.find(|(key, ..)| instances::key(self.tree, *key).as_deref() == scope.key)?;
        let chosen = value.split('.').skip(2).try_fold(own, |at, name| self.tree.get(at, name))?;
        self.tree.string(chosen).and_then(|_| instances::key(self.tree, chosen))
    }

    fn reference(&self, text: &str, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let Some(depth) = scope.depth.checked_sub(1) else { return };
        let scope = Scope { depth, ..*scope };
        let parts = steps(text);
        let Some((first, rest)) = parts.split_first() else { return };
        match (first.name, rest) {
            ("var", [name, suffix @ ..]) => self.variable(name.name, &scope, suffix, out),
            ("module", [call, rest @ ..]) => self.outputs(call, rest, &scope, out),
            ("each", [value, suffix @ ..]) if value.name == "value" => self.each_value(&scope, suffix, out),
            ("each" | "count" | "path" | "terraform" | "self", _) => {}
            ("local", _) => out.push(Ending::Lost(text.into())),
            ("data", [ty, name, attributes @ ..]) => {
                let key = format!("data.{}.{}", ty.name, name.name);
                self.instances(&Declared { key: &key, instance: name.key, text }, attributes, &scope, out);
            }
            (ty, [name, attributes @ ..]) => {
                // Nearly every reference starts with the key that declarations have.
                let key = text.get(..ty.len() + 1 + name.name.len()).unwrap_or(text);
                self.instances(&Declared { key, instance: name.key, text }, attributes, &scope, out);
            }
            _ => {}
        }
    }

    /// An input variable: what the module's caller passes, or its default.
    fn variable(&self, name: &str, scope: &Scope<'_>, suffix: &[Step<'_>], out: &mut Vec<Ending>) {
        let lost = || Ending::Lost(format!("var.{name}").into());
        let default = |module: Option<NodeId>| {
            module.and_then(|module| self.tree.at(module, &["variables", name, "default"]))
        };
        let Some((call, outer)) = scope.module.split_last() else {
            let value = self.plan.root.and_then(|root| self.tree.at(root, &["variables", name, "value"]));
            let value = value.or_else(|| default(self.plan.module("")));
            let value = value.map(|value| self.inside(value, suffix));
            out.push(value.map_or_else(lost, Ending::Constant));
            return;
        };
        let caller = self.plan.module(&address::path(outer));
        let passed = caller.and_then(|module| self.tree.at(module, &["module_calls", &call.name]));
        let expression = passed.and_then(|call| self.tree.at(call, &["expressions", name]));
        if let Some(expression) = expression {
            let for_each = passed.and_then(|call| self.tree.get(call, "for_each_expression"));
            let key = call.key.as_deref();
            let scope = Scope { module: outer, key, for_each, suffix, ..*scope };
            self.expression(expression, &scope, out);
        } else {
            let value = default(self.plan.module(&address::path(scope.module)));
            let value = value.map(|value| self.inside(value, suffix));
            out.push(value.map_or_else(lost, Ending::Constant));
        }
    }

    /// The part of a constant that steps lead to; the constant itself where they do not.
    fn inside(&self, value: NodeId, suffix: &[Step<'_>]) -> NodeId {
        suffix.iter().try_fold(value, |at, step| self.tree.get(at, step.name)).unwrap_or(value)
    }

    /// What `for_each` goes over.
    fn each_value(&self, scope: &Scope<'_>, suffix: &[Step<'_>], out: &mut Vec<Ending>) {
        if let Some(for_each) = scope.for_each {
            self.expression(for_each, &Scope { for_each: None, suffix, ..*scope }, out);
        }
    }

    /// An output of a module that is called here; all of them where the reference does not say which.
    fn outputs(&self, call: &Step<'_>, rest: &[Step<'_>], scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let mut module: Module = scope.module.to_vec();
        let key = call.key.filter(|key| *key != "*").or(scope.key);
        module.push(Call { name: call.name.into(), key: key.map(Into::into) });
        let Some(inner) = self.plan.module(&address::path(&module)) else {
            out.push(Ending::Lost(format!("module.{}", call.name).into()));
            return;
        };
        let outputs = self.tree.get(inner, "outputs");
        // Where the module as a whole was passed on, the output is named where it is used.
        let (wanted, suffix) = match rest.split_first().or(scope.suffix.split_first()) {
            Some((output, suffix)) => (Some(output.name), suffix),
            None => (None, &[] as &[Step<'_>]),
        };
        let suffix = if suffix.is_empty() && rest.len() == 1 { scope.suffix } else { suffix };
        let scope = Scope { module: &module, for_each: None, suffix, ..*scope };
        let found: Vec<NodeId> = if let Some(name) = wanted {
            outputs.and_then(|all| self.tree.at(all, &[name, "expression"])).into_iter().collect()
        } else {
            let all = outputs.and_then(|all| self.tree.map(all));
            let all = all.into_iter().flat_map(crate::document::Map::iter);
            all.filter_map(|(_, _, output)| self.tree.get(output, "expression")).collect()
        };
        if found.is_empty() {
            out.push(Ending::Lost(format!("module.{}.{}", call.name, wanted.unwrap_or("")).into()));
        }
        for expression in found {
            self.expression(expression, &scope, out);
        }
    }

    /// The instances of a declaration that a reference can mean.
    fn instances(
        &self,
        declared: &Declared<'_>,
        attributes: &[Step<'_>],
        scope: &Scope<'_>,
        out: &mut Vec<Ending>,
    ) {
        let Declared { key, instance, text } = *declared;
        let attributes = if attributes.is_empty() { scope.suffix } else { attributes };
        let attribute: Box<str> =
            attributes.iter().map(|step| step.name).collect::<Vec<_>>().join(".").into();
        let declared = self.plan.declared(&address::path(scope.module), key);
        let all = declared.map_or(&[] as &[usize], |declaration| &declaration.instances);
        let wanted = instance.filter(|key| *key != "*").or(scope.key);
        if let Some(at) = self.plan.at(scope.module, key, wanted) {
            out.push(Ending::Instance(at, attribute));
            return;
        }
        let explicit = instance.filter(|key| *key != "*");
        let here = all.iter().copied().filter(|&at| self.same_module(at, scope.module));
        let here: Vec<usize> = here.filter(|&at| explicit.is_none() || self.key_of(at) == explicit).collect();
        // A peer has the same key; what has no key is the only one.
        let same = |&at: &usize| self.key_of(at).is_none() || self.key_of(at) == wanted;
        let peers: Vec<usize> = here.iter().copied().filter(same).collect();
        let chosen = if peers.is_empty() { here } else { peers };
        if chosen.is_empty() {
            let none = declared.is_some() && self.plan.complete;
            out.push(if none { Ending::Nothing } else { Ending::Lost(text.into()) });
            return;
        }
        out.extend(chosen.into_iter().map(|at| Ending::Instance(at, attribute.clone())));
    }

    fn key_of(&self, at: usize) -> Option<&str> {
        self.plan.instances.get(at).and_then(|one| one.key.as_deref())
    }

    /// Whether an instance is in this module instance; an unknown key of a call fits any.
    fn same_module(&self, at: usize, module: &[Call]) -> bool {
        let Some(instance) = self.plan.instances.get(at) else { return false };
        let same = |(own, wanted): (&Call, &Call)| {
            own.name == wanted.name && fits(own.key.as_deref(), wanted.key.as_deref())
        };
        instance.module.len() == module.len() && instance.module.iter().zip(module).all(same)
    }
}

/// Terraform lists `a.b.name` and then `a.b`: only the longest of each is a reference.
fn longest<'t>(references: &[&'t str]) -> Vec<&'t str> {
    let is_prefix = |short: &str, long: &str| {
        long.len() > short.len()
            && long.starts_with(short)
            && long.get(short.len()..).is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    references.iter().copied().filter(|one| !references.iter().any(|other| is_prefix(one, other))).collect()
}
