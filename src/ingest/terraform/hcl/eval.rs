//! Expressions.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::expr::ForExpr;
use hcl_edit::expr::Object;
use hcl_edit::expr::ObjectKey;

use crate::ingest::assembly::Assembly;
use crate::ingest::terraform::address::Call;
use crate::ingest::terraform::context::Context;
use crate::model::ResourceId;

use super::Hcl;
use super::module::InFile;
use super::module::Module;
use super::value::At;
use super::value::Content;
use super::value::Entry;
use super::value::Value;

/// How many expressions are evaluated for one argument.
const BUDGET: usize = 200_000;
/// How deep expressions, locals and modules may lead into one another.
const DEPTH: usize = 120;

/// Evaluates expressions of one configuration with what a plan knows.
pub(super) struct Evaluator<'e> {
    pub(super) hcl: &'e Hcl,
    pub(super) context: &'e Context<'e>,
    pub(super) assembly: &'e mut Assembly,
    /// The resource whose argument is wanted, if the inventory has it.
    pub(super) consumer: Option<ResourceId>,
    pub(super) budget: usize,
    pub(super) depth: usize,
}

/// Where an expression stands: in which module instance and file, for which instance of a resource or call.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    pub(super) calls: &'s [Call],
    pub(super) module: &'s Module,
    pub(super) file: usize,
    pub(super) key: Option<&'s str>,
    pub(super) for_each: Option<&'s InFile<Expression>>,
    /// Names that `for`, `dynamic` and templates bind, innermost last.
    pub(super) bound: Vec<(Box<str>, Value)>,
}

impl Scope<'_> {
    /// The same place, with a name bound.
    pub(super) fn bind(&self, name: &str, value: Value) -> Self {
        let mut inner = self.clone();
        inner.bound.push((name.into(), value));
        inner
    }

    pub(super) fn at(&self, node: &impl Span) -> Option<At> {
        At::of(self.file, node)
    }
}

impl<'e> Evaluator<'e> {
    pub(super) fn new(hcl: &'e Hcl, context: &'e Context<'e>, assembly: &'e mut Assembly) -> Self {
        Self { hcl, context, assembly, consumer: None, budget: BUDGET, depth: 0 }
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, expression: &Expression, scope: &Scope<'_>) -> Value {
        if self.budget == 0 || self.depth > DEPTH {
            return Value::unknown("an expression that is too large");
        }
        self.budget -= 1;
        self.depth += 1;
        let mut value = self.any(expression, scope);
        self.depth -= 1;
        if value.at.is_none() {
            value.at = scope.at(expression);
        }
        value
    }

    fn any(&mut self, expression: &Expression, scope: &Scope<'_>) -> Value {
        match expression {
            Expression::Null(_) => Content::Null.into(),
            Expression::Bool(value) => Content::Bool(**value).into(),
            Expression::Number(number) => Content::Number(number.value().to_string().into()).into(),
            Expression::String(text) => Value::text(text.as_str()),
            Expression::Array(elements) => {
                Value::list(elements.iter().map(|element| self.eval(element, scope)).collect())
            }
            Expression::Object(object) => self.object(object, scope),
            Expression::StringTemplate(template) => self.template(template.iter(), scope),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, scope),
            Expression::Parenthesis(inner) => self.eval(inner.inner(), scope),
            Expression::Variable(name) => Self::variable(name.as_str(), scope),
            Expression::Conditional(conditional) => {
                let condition = self.eval(&conditional.cond_expr, scope);
                match condition.as_bool(&self.assembly.tree) {
                    Some(true) => self.eval(&conditional.true_expr, scope),
                    Some(false) => self.eval(&conditional.false_expr, scope),
                    None => Value::unknown(condition.blocker().unwrap_or("a condition that is not known")),
                }
            }
            Expression::FuncCall(call) => self.call(call, scope),
            Expression::Traversal(traversal) => self.traversal(traversal, scope),
            Expression::UnaryOp(operation) => self.unary(operation, scope),
            Expression::BinaryOp(operation) => self.binary(operation, scope),
            Expression::ForExpr(each) => self.each(each, scope),
        }
    }

    fn object(&mut self, object: &Object, scope: &Scope<'_>) -> Value {
        let mut entries = Vec::with_capacity(object.len());
        for (key, value) in object {
            let value = self.eval(value.expr(), scope);
            let (text, at) = match key {
                ObjectKey::Ident(name) => (Some(name.as_str().to_owned()), scope.at(name)),
                ObjectKey::Expression(expression) => {
                    let key = self.eval(expression, scope);
                    (key.known(&self.assembly.tree), scope.at(expression))
                }
            };
            let Some(text) = text else { return Value::unknown("a key that is not known") };
            entries.push(Entry { key: text.into(), at, value });
        }
        Content::Map(entries).into()
    }

    /// The keys and values that `for` and `for_each` go over; what blocks it where that is not known.
    pub(super) fn pairs(&mut self, value: Value) -> Result<Vec<(Value, Value)>, Box<str>> {
        let value = self.opened(value);
        match value.content {
            Content::List(elements) => {
                let number = |index: usize| Content::Number(index.to_string().into()).into();
                Ok(elements.into_iter().enumerate().map(|(index, value)| (number(index), value)).collect())
            }
            Content::Map(mut entries) => {
                // Terraform goes over maps in the order of their keys.
                entries.sort_by(|left, right| left.key.cmp(&right.key));
                Ok(entries.into_iter().map(|entry| (Value::text(&entry.key), entry.value)).collect())
            }
            Content::Null => Ok(Vec::new()),
            Content::Unknown(blocker) => Err(blocker),
            _ => Err("a collection that is not known".into()),
        }
    }

    fn each(&mut self, each: &ForExpr, scope: &Scope<'_>) -> Value {
        let collection = self.eval(&each.intro.collection_expr, scope);
        let pairs = match self.pairs(collection) {
            Ok(pairs) => pairs,
            Err(blocker) => return Value::unknown(&blocker),
        };
        let mut list = Vec::new();
        let mut map: Vec<(Box<str>, Value)> = Vec::new();
        for (key, value) in pairs {
            let mut inner = scope.bind(each.intro.value_var.as_str(), value);
            if let Some(name) = &each.intro.key_var {
                inner = inner.bind(name.as_str(), key);
            }
            if let Some(condition) = &each.cond {
                let condition = self.eval(&condition.expr, &inner);
                match condition.as_bool(&self.assembly.tree) {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return Value::unknown(condition.blocker().unwrap_or("a condition")),
                }
            }
            let value = self.eval(&each.value_expr, &inner);
            let Some(key) = &each.key_expr else {
                list.push(value);
                continue;
            };
            let key = self.eval(key, &inner);
            let Some(key) = key.known(&self.assembly.tree) else {
                return Value::unknown(key.blocker().unwrap_or("a key"));
            };
            put(&mut map, &key, value, each.grouping);
        }
        if each.key_expr.is_some() { Value::map(map) } else { Value::list(list) }
    }

    /// The same value, with nodes of the plan and sets of instances opened.
    pub(super) fn opened(&mut self, value: Value) -> Value {
        let value = value.opened(&self.assembly.tree);
        match value.content {
            Content::Instances(instances) => self.collection(&instances),
            _ => value,
        }
    }
}

/// Puts an entry into the map of a `for`; grouped values of a key are a list.
fn put(map: &mut Vec<(Box<str>, Value)>, key: &str, value: Value, grouping: bool) {
    let same = map.iter_mut().find(|(known, _)| **known == *key);
    match (same, grouping) {
        (Some((_, Value { content: Content::List(all), .. })), true) => all.push(value),
        (Some((_, known)), _) => *known = value,
        (None, true) => map.push((key.into(), Value::list(vec![value]))),
        (None, false) => map.push((key.into(), value)),
    }
}
