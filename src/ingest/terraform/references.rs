//! Following the configuration's references.
//!
//! A plan does not say what an unknown value will be, but its configuration says what the value is made of. References
//! are followed through variables, outputs and modules to the resource instance that they end at. Locals are not in a
//! plan: a reference through one is a dead end.

use rustc_hash::FxHashSet;

use crate::document::{NodeId, Tree};

use super::address::{self, Module, Step, steps};
use super::plan::{Instance, Plan};

/// How many references may lead to one another.
const DEPTH: usize = 32;

/// Where a reference ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At an attribute of an instance, by its position in the plan.
    Instance(usize, Box<str>),
    /// At a constant of the configuration.
    Constant(NodeId),
    /// At something that is not in the plan, by the words of the configuration.
    Lost(Box<str>),
}

/// Follows references in one plan.
pub(crate) struct Follower<'p> {
    pub(crate) tree: &'p Tree,
    pub(crate) plan: &'p Plan,
}

/// Whose expression it is: the module instance, and the key of the instance that has it.
struct Scope<'s> {
    module: &'s [Step],
    key: Option<&'s str>,
    depth: usize,
}

impl Follower<'_> {
    /// Where the references of an attribute of an instance end. Nothing where the configuration says nothing of it.
    pub(crate) fn attribute(&self, instance: &Instance, attribute: &str) -> Vec<Ending> {
        let Some(expressions) = self.plan.expressions(instance) else { return Vec::new() };
        let Some(expression) = self.tree.get(expressions, attribute) else { return Vec::new() };
        let scope = Scope { module: &instance.module, key: instance.key.as_deref(), depth: DEPTH };
        let mut endings = Vec::new();
        self.expression(expression, &scope, &mut endings);
        let mut seen = FxHashSet::default();
        endings.retain(|ending| seen.insert(format!("{ending:?}")));
        endings
    }

    fn expression(&self, expression: NodeId, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        if let Some(list) = self.tree.list(expression) {
            for block in list.iter() {
                self.expression(block, scope, out);
            }
            return;
        }
        if let Some(constant) = self.tree.get(expression, "constant_value") {
            out.push(Ending::Constant(constant));
            return;
        }
        let Some(references) = self.tree.get(expression, "references") else {
            // A block: its arguments are expressions of their own.
            for (_, _, inner) in self.tree.map(expression).into_iter().flat_map(|map| map.iter()) {
                if self.tree.map(inner).is_some() || self.tree.list(inner).is_some() {
                    self.expression(inner, scope, out);
                }
            }
            return;
        };
        let texts = self.tree.list(references).into_iter().flat_map(|list| list.iter());
        let texts: Vec<&str> = texts.filter_map(|node| self.tree.string(node)).collect();
        for text in longest(&texts) {
            self.reference(text, scope, out);
        }
    }

    fn reference(&self, text: &str, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let Some(depth) = scope.depth.checked_sub(1) else { return };
        let scope = Scope { depth, ..*scope };
        let parts = steps(text);
        let Some((first, rest)) = parts.split_first() else { return };
        match (&*first.name, rest) {
            ("var", [name, ..]) => self.variable(&name.name, &scope, out),
            ("module", [call, output, ..]) => self.output(call, &output.name, &scope, out),
            ("each" | "count" | "path" | "terraform" | "self", _) => {}
            ("local", _) => out.push(Ending::Lost(text.into())),
            ("data", [ty, name, attributes @ ..]) => {
                self.instances(&format!("data.{}", ty.name), name, attributes, &scope, text, out);
            }
            (ty, [name, attributes @ ..]) => self.instances(ty, name, attributes, &scope, text, out),
            _ => {}
        }
    }

    /// An input variable: what the module's caller passes, or its default.
    fn variable(&self, name: &str, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let Some((call, outer)) = scope.module.split_last() else {
            let default =
                self.plan.module("").and_then(|module| self.tree.at(module, &["variables", name, "default"]));
            out.push(default.map_or_else(|| Ending::Lost(format!("var.{name}").into()), Ending::Constant));
            return;
        };
        let expressions = self
            .plan
            .module(&address::path(outer))
            .and_then(|module| self.tree.at(module, &["module_calls", &call.name, "expressions", name]));
        match expressions {
            Some(expression) => {
                let scope = Scope { module: outer, key: call.key.as_deref(), depth: scope.depth };
                self.expression(expression, &scope, out);
            }
            None => {
                let module = self.plan.module(&address::path(scope.module));
                let default = module.and_then(|module| self.tree.at(module, &["variables", name, "default"]));
                out.push(
                    default.map_or_else(|| Ending::Lost(format!("var.{name}").into()), Ending::Constant),
                );
            }
        }
    }

    /// An output of a module that is called here.
    fn output(&self, call: &Step, name: &str, scope: &Scope<'_>, out: &mut Vec<Ending>) {
        let mut module: Module = scope.module.to_vec();
        let key = call.key.clone().or_else(|| scope.key.map(Into::into));
        module.push(Step { name: call.name.clone(), key });
        let expression = self
            .plan
            .module(&address::path(&module))
            .and_then(|inner| self.tree.at(inner, &["outputs", name, "expression"]));
        if let Some(expression) = expression {
            self.expression(expression, &Scope { module: &module, key: scope.key, depth: scope.depth }, out);
        } else {
            out.push(Ending::Lost(format!("module.{}.{name}", call.name).into()));
        }
    }

    /// The instances of a declaration that a reference can mean.
    fn instances(
        &self,
        ty: &str,
        name: &Step,
        attributes: &[Step],
        scope: &Scope<'_>,
        text: &str,
        out: &mut Vec<Ending>,
    ) {
        let declared = self.plan.instances_of(&address::path(scope.module), ty, &name.name);
        let here: Vec<usize> =
            declared.iter().copied().filter(|&at| self.same_module(at, scope.module)).collect();
        let wanted = name.key.as_deref();
        let with_key = |key: Option<&str>| {
            let all = here.iter().copied();
            all.filter(|&at| self.plan.instances.get(at).is_some_and(|one| one.key.as_deref() == key))
                .collect::<Vec<_>>()
        };
        let mut chosen = match wanted {
            Some(key) if key != "*" => with_key(Some(key)),
            _ => with_key(scope.key),
        };
        if chosen.is_empty() {
            chosen = here;
        }
        if chosen.is_empty() {
            out.push(Ending::Lost(text.into()));
            return;
        }
        let attribute: Box<str> =
            attributes.iter().map(|step| &*step.name).collect::<Vec<_>>().join(".").into();
        out.extend(chosen.into_iter().map(|at| Ending::Instance(at, attribute.clone())));
    }

    /// Whether an instance is in this module instance; an unknown key of a call fits any.
    fn same_module(&self, at: usize, module: &[Step]) -> bool {
        let Some(instance) = self.plan.instances.get(at) else { return false };
        instance.module.len() == module.len()
            && instance.module.iter().zip(module).all(|(own, wanted)| {
                own.name == wanted.name
                    && (own.key == wanted.key || own.key.is_none() || wanted.key.is_none())
            })
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
