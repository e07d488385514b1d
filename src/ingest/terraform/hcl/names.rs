//! What names stand for: variables, locals, resources, modules, and what is taken of them.

use hcl_edit::expr::Expression;
use hcl_edit::expr::Traversal;
use hcl_edit::expr::TraversalOperator;

use crate::document::{NodeId, View};
use crate::ingest::terraform::address;
use crate::ingest::terraform::address::Call;

use super::eval::Evaluator;
use super::eval::Scope;
use super::module::InFile;
use super::module::expression;
use super::value::Content;
use super::value::Value;

/// A step behind a name, ready to be taken.
enum Taken<'t> {
    Name(&'t str),
    Key(Value),
    All,
}

impl Evaluator<'_> {
    /// A bare name: one that is bound here.
    pub(super) fn variable(name: &str, scope: &Scope<'_>) -> Value {
        let bound = scope.bound.iter().rev().find(|(known, _)| **known == *name);
        bound.map_or_else(|| Value::unknown(name), |(_, value)| value.clone())
    }

    /// A name with steps behind it.
    pub(super) fn traversal(&mut self, traversal: &Traversal, scope: &Scope<'_>) -> Value {
        let mut steps = Vec::with_capacity(traversal.operators.len());
        for operator in &traversal.operators {
            steps.push(match operator.value() {
                TraversalOperator::GetAttr(name) => Taken::Name(name.as_str()),
                TraversalOperator::Index(index) => Taken::Key(self.eval(index, scope)),
                #[expect(clippy::cast_precision_loss, reason = "indexes are small")]
                TraversalOperator::LegacyIndex(index) => Taken::Key(Value::number(**index as f64)),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Taken::All,
            });
        }
        let root = match &traversal.expr {
            Expression::Variable(name) if !is_bound(scope, name.as_str()) => Some(name.as_str()),
            _ => None,
        };
        if let Some(root) = root {
            return self.global(root, &steps, scope);
        }
        let value = self.eval(&traversal.expr, scope);
        self.take(value, &steps)
    }

    fn global(&mut self, root: &str, steps: &[Taken<'_>], scope: &Scope<'_>) -> Value {
        let (value, rest) = match (root, steps) {
            ("var", [Taken::Name(name), rest @ ..]) => (self.input(name, scope), rest),
            ("local", [Taken::Name(name), rest @ ..]) => (self.local(name, scope), rest),
            ("each", [Taken::Name(name), rest @ ..]) => (self.of_each(name, scope), rest),
            ("count", [Taken::Name("index"), rest @ ..]) => {
                let index = scope.key.filter(|key| key.bytes().all(|byte| byte.is_ascii_digit()));
                let value = index.map(|index| Content::Number(index.into()).into());
                (value.unwrap_or_else(|| Value::unknown("count.index")), rest)
            }
            ("path", [Taken::Name(name), rest @ ..]) => (self.path(name, scope), rest),
            ("module", [Taken::Name(name), rest @ ..]) => {
                let mut calls = scope.calls.to_vec();
                calls.push(Call { name: (*name).into(), key: None });
                (Content::Module(calls).into(), rest)
            }
            ("data", [Taken::Name(ty), Taken::Name(name), rest @ ..]) => {
                (self.resource(&format!("data.{ty}.{name}"), scope), rest)
            }
            ("terraform" | "self", _) => return Value::unknown(root),
            (ty, [Taken::Name(name), rest @ ..]) => (self.resource(&format!("{ty}.{name}"), scope), rest),
            _ => return Value::unknown(root),
        };
        self.take(value, rest)
    }

    /// What steps lead to.
    fn take(&mut self, value: Value, steps: &[Taken<'_>]) -> Value {
        let Some((step, rest)) = steps.split_first() else { return value };
        let taken = match step {
            Taken::Name(name) => self.member(value, name),
            Taken::Key(key) => match key.known(&self.assembly.tree) {
                Some(key) => self.member(value, &key),
                None => Value::unknown(key.blocker().unwrap_or("a key that is not known")),
            },
            Taken::All => {
                let value = self.opened(value);
                return match value.content {
                    Content::List(elements) => {
                        Value::list(elements.into_iter().map(|element| self.take(element, rest)).collect())
                    }
                    Content::Null => Value::list(Vec::new()),
                    Content::Unknown(_) => value,
                    _ => Value::list(vec![self.take(value, rest)]),
                };
            }
        };
        self.take(taken, rest)
    }

    /// An attribute, an element, or an instance.
    pub(super) fn member(&mut self, value: Value, name: &str) -> Value {
        let sensitive = value.sensitive;
        let mut found = match value.content {
            Content::Instance(at) => self.attribute(at, name),
            Content::Instances(all) => {
                let has_key = |at: &usize| {
                    let key = self.context.plan.instances.get(*at).and_then(|one| one.key.as_deref());
                    key.is_some_and(|key| key == name || key == address::quoted(name))
                };
                let instance = all.iter().copied().find(has_key);
                instance.map_or_else(|| Value::unknown(name), |at| Content::Instance(at).into())
            }
            Content::Module(calls) => self.of_module(calls, name),
            Content::Unknown(_) => return value,
            _ => {
                let opened = self.opened(value);
                match opened.content {
                    Content::List(elements) => {
                        let index = name.parse::<usize>().ok();
                        let found = index.and_then(|index| elements.into_iter().nth(index));
                        found.unwrap_or_else(|| Value::unknown(name))
                    }
                    Content::Map(entries) => {
                        let found = entries.into_iter().find(|entry| *entry.key == *name);
                        found.map_or_else(|| Value::unknown(name), |entry| entry.value)
                    }
                    Content::Unknown(blocker) => Value::unknown(&blocker),
                    _ => Value::unknown(name),
                }
            }
        };
        found.sensitive |= sensitive;
        found
    }

    /// An attribute of an instance: what the plan knows, or what stands for it.
    fn attribute(&mut self, at: usize, name: &str) -> Value {
        let context = self.context;
        let tree = &self.assembly.tree;
        let Some(instance) = context.plan.instances.get(at) else { return Value::unknown(name) };
        let present = instance.after.and_then(|after| tree.get(after, name));
        let open = instance.after_unknown.and_then(|marks| tree.get(marks, name)).is_some_and(|mark| {
            !matches!(tree.view(mark), View::Bool(false)) && super::super::values::marked(tree, mark)
        });
        match present {
            Some(node) if !open => Value::of_node(tree, node),
            _ => {
                let node: Option<NodeId> =
                    context.stand_in(self.assembly, instance.node, (at, name), self.consumer);
                node.map_or_else(|| Value::unknown(name), |node| Content::Tree(node).into())
            }
        }
    }

    /// The instances of a resource in this module instance.
    fn resource(&mut self, key: &str, scope: &Scope<'_>) -> Value {
        let plan = self.context.plan;
        let Some(declared) = plan.declared(&address::path(scope.calls), key) else {
            return Value::unknown(key);
        };
        let here = |at: &usize| {
            let module = plan.instances.get(*at).map(|instance| &*instance.module);
            module.is_some_and(|module| module == scope.calls)
        };
        let found: Vec<usize> = declared.instances.iter().copied().filter(here).collect();
        match found.as_slice() {
            [one] if plan.instances.get(*one).is_some_and(|instance| instance.key.is_none()) => {
                Content::Instance(*one).into()
            }
            [] if !plan.complete => Value::unknown(key),
            _ => Content::Instances(found).into(),
        }
    }

    /// All instances of a resource, as the list or map that Terraform makes of them.
    pub(super) fn collection(&mut self, instances: &[usize]) -> Value {
        let keyed: Vec<(Option<String>, usize)> = instances
            .iter()
            .map(|&at| {
                let key = self.context.plan.instances.get(at).and_then(|instance| instance.key.as_deref());
                (key.filter(|key| key.starts_with('"')).map(unquoted), at)
            })
            .collect();
        if keyed.iter().any(|(key, _)| key.is_none()) {
            return Value::list(keyed.into_iter().map(|(_, at)| Content::Instance(at).into()).collect());
        }
        let entry = |(key, at): (Option<String>, usize)| {
            (Box::from(key.unwrap_or_default()), Content::Instance(at).into())
        };
        Value::map(keyed.into_iter().map(entry).collect())
    }

    /// A module's output, or an instance of the module.
    fn of_module(&mut self, mut calls: Vec<Call>, name: &str) -> Value {
        let hcl = self.hcl;
        let keyed = hcl.module(calls.get(..calls.len().saturating_sub(1)).unwrap_or(&[])).and_then(|outer| {
            let call = outer.calls.get(&calls.last()?.name)?;
            Some(expression(&call.node, "for_each").is_some() || expression(&call.node, "count").is_some())
        });
        if keyed == Some(true) && calls.last().is_some_and(|call| call.key.is_none()) {
            let is_index = name.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(call) = calls.last_mut() {
                call.key = Some(if is_index { name.into() } else { address::quoted(name).into() });
            }
            return Content::Module(calls).into();
        }
        let Some(module) = hcl.module(&calls) else {
            return Value::unknown(&format!("module.{}.{name}", address::path(&calls)));
        };
        let Some(output) = module.outputs.get(name) else { return Value::unknown(name) };
        let scope =
            Scope { calls: &calls, module, file: output.file, key: None, for_each: None, bound: Vec::new() };
        self.eval(&output.node, &scope)
    }

    fn local(&mut self, name: &str, scope: &Scope<'_>) -> Value {
        let Some(local) = scope.module.locals.get(name) else {
            return Value::unknown(&format!("local.{name}"));
        };
        let cached = format!("{}local.{name}", address::of(scope.calls, "", None));
        self.remembered(&cached, &format!("local.{name}"), |this| {
            let inner =
                Scope { file: local.file, key: None, for_each: None, bound: Vec::new(), ..scope.clone() };
            this.eval(&local.node, &inner)
        })
    }

    /// Evaluates once what is used often.
    fn remembered(&mut self, key: &str, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        let known = self.hcl.cache.borrow().get(key).cloned();
        match known {
            Some(Some(value)) => return value,
            Some(None) => return Value::unknown(name),
            None => {}
        }
        self.hcl.cache.borrow_mut().insert(key.to_owned(), None);
        let value = make(self);
        self.hcl.cache.borrow_mut().insert(key.to_owned(), Some(value.clone()));
        value
    }

    /// An input variable: its value in the plan, what the caller passes, or its default.
    fn input(&mut self, name: &str, scope: &Scope<'_>) -> Value {
        let lost = format!("var.{name}");
        let default = |this: &mut Self| match scope.module.defaults.get(name) {
            Some(default) => {
                let inner = Scope {
                    file: default.file,
                    key: None,
                    for_each: None,
                    bound: Vec::new(),
                    ..scope.clone()
                };
                this.eval(&default.node, &inner)
            }
            None => Value::unknown(&lost),
        };
        let Some((call, outer)) = scope.calls.split_last() else {
            let root = self.context.plan.root;
            let value = root.and_then(|root| self.assembly.tree.at(root, &["variables", name, "value"]));
            return match value {
                Some(node) => Value::of_node(&self.assembly.tree, node),
                None => default(self),
            };
        };
        let hcl = self.hcl;
        let caller = hcl.module(outer);
        let passed = caller.and_then(|module| module.calls.get(&call.name));
        let (Some(caller), Some(passed)) = (caller, passed) else { return Value::unknown(&lost) };
        let Some(argument) = expression(&passed.node, name) else { return default(self) };
        let for_each = expression(&passed.node, "for_each");
        let for_each = for_each.map(|node| InFile { file: passed.file, node: node.clone() });
        let key = format!("{}{lost}", address::of(scope.calls, "", None));
        self.remembered(&key, &lost, |this| {
            let scope = Scope {
                calls: outer,
                module: caller,
                file: passed.file,
                key: call.key.as_deref(),
                for_each: for_each.as_ref(),
                bound: Vec::new(),
            };
            this.eval(argument, &scope)
        })
    }

    fn of_each(&mut self, name: &str, scope: &Scope<'_>) -> Value {
        let Some(key) = scope.key.filter(|key| key.starts_with('"')).map(unquoted) else {
            return Value::unknown(&format!("each.{name}"));
        };
        if name == "key" {
            return Value::text(&key);
        }
        let Some(for_each) = scope.for_each else { return Value::unknown("each.value") };
        let outer = Scope { file: for_each.file, key: None, for_each: None, ..scope.clone() };
        let all = self.eval(&for_each.node, &outer);
        let all = self.opened(all);
        match all.content {
            Content::List(_) => Value::text(&key),
            Content::Map(_) => self.member(all, &key),
            Content::Unknown(blocker) => Value::unknown(&blocker),
            _ => Value::unknown("each.value"),
        }
    }

    fn path(&self, name: &str, scope: &Scope<'_>) -> Value {
        let module = scope.module.folder.strip_prefix(&self.hcl.own.root).ok().and_then(|path| path.to_str());
        match (name, module) {
            ("root", _) | ("module", Some("")) => Value::text("."),
            ("module", Some(path)) => Value::text(path),
            _ => Value::unknown(&format!("path.{name}")),
        }
    }
}

fn is_bound(scope: &Scope<'_>, name: &str) -> bool {
    scope.bound.iter().any(|(known, _)| **known == *name)
}

/// A key as it was before references quoted it.
pub(super) fn unquoted(key: &str) -> String {
    let inner = key.trim_start_matches('"').strip_suffix('"').unwrap_or(key);
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}
