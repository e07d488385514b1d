//! The clauses that are asked most, without ceremony.
//!
//! `attribute == 'text'`, `attribute exists` and their like, of the record at hand, where the attribute has one known
//! value or none. The general way says the same of them; it is taken where there is more to think of.

use crate::rules::ast::Op;
use crate::rules::literal::Literal;
use crate::rules::program::{Access, Operand, PartKind};

use super::run::Run;
use super::scope::Env;
use super::value::{MapShape, Shape, Value};
use super::worlds::Outcome;

impl Run<'_> {
    /// What a clause says of the record at hand; nothing where the general way has to be taken, among others because
    /// something is to be written down.
    pub(super) fn plainly(&self, env: &Env<'_>, access: &Access) -> Option<Outcome> {
        let query = self.program.query(access.query)?;
        let [part] = &*query.parts else { return None };
        let PartKind::Key(key) = &part.kind else { return None };
        let context = Some(&env.context.value).filter(|value| value.is_typed())?;
        let is_watched = self.cache.watch.is_some() || self.program.classic;
        if is_watched || key.number.is_some() {
            return None;
        }
        let Shape::Map(map @ MapShape::Nodes(..)) = self.view.shape(context) else { return None };
        let value = map.get(&key.text);
        let holds = match (&access.operand, access.op) {
            (None, Op::Exists) => match &value {
                Some(value) => self.is_known(value).then_some(true)?,
                None => false,
            },
            (Some(Operand::Literal(literal)), Op::Eq) => match &value {
                Some(value) => self.equals(value, literal)?,
                // Nothing is compared.
                None => return Some(Outcome::SKIP),
            },
            _ => return None,
        };
        if holds != (access.negated != access.op_negated) {
            return Some(Outcome::pass(env.domain));
        }
        (!env.record).then(|| Outcome::fail(env.domain))
    }

    /// Whether a value is there whatever the conditions.
    fn is_known(&self, value: &Value) -> bool {
        let within = value.node().is_some_and(super::value::Node::is_within);
        !within && !matches!(self.view.shape(value), Shape::Unknown | Shape::Choice(_))
    }

    /// Whether a value is equal to a literal, where both are of one simple kind.
    fn equals(&self, value: &Value, literal: &Literal) -> Option<bool> {
        if value.node().is_some_and(super::value::Node::is_within) {
            return None;
        }
        match (self.view.shape(value), literal) {
            (Shape::String(text), Literal::String(wanted)) => Some(text == &**wanted),
            (Shape::Bool(value), Literal::Bool(wanted)) => Some(value == *wanted),
            (Shape::Int(value), Literal::Int(wanted)) => Some(value == *wanted),
            _ => None,
        }
    }
}
