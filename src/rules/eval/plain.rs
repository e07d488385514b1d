//! The clauses that are asked most, without ceremony.
//!
//! `attribute == 'text'`, `attribute exists` and their like, of the record at hand, where the attribute has one known
//! value or none. The general way says the same of them; it is taken where there is more to think of.

use crate::document::Kind;

use crate::rules::ast::Op;
use crate::rules::literal::Literal;
use crate::rules::program::{Access, Clause, Cnf, Operand, PartKind};

use super::run::Run;
use super::scope::Env;
use super::value::{MapShape, Shape, Value};
use super::worlds::Outcome;

/// What a clause says of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Yes,
    No,
    /// There is nothing to compare.
    Nothing,
}

impl Run<'_> {
    /// What a clause says of the record at hand; nothing where the general way has to be taken, among others because
    /// something is to be written down.
    pub(super) fn plainly(&self, env: &Env<'_>, access: &Access) -> Option<Outcome> {
        match self.says(&env.context.value, access)? {
            Says::Yes => Some(Outcome::pass(env.domain)),
            Says::Nothing => Some(Outcome::SKIP),
            Says::No => (!env.record).then(|| Outcome::fail(env.domain)),
        }
    }

    /// Whether a filter surely leaves a record out: one of its first clauses does not hold, whatever the conditions.
    pub(super) fn leaves_out(&self, lines: &Cnf, value: &Value) -> bool {
        for line in lines {
            let [Clause::Access(access)] = &**line else { return false };
            match self.says(value, access) {
                Some(Says::No) => return true,
                Some(Says::Yes | Says::Nothing) => {}
                None => return false,
            }
        }
        false
    }

    fn says(&self, record: &Value, access: &Access) -> Option<Says> {
        let query = self.program.query(access.query)?;
        let [part] = &*query.parts else { return None };
        let PartKind::Key(key) = &part.kind else { return None };
        if !record.is_typed() || key.number.is_some() || self.cache.watch.is_some() || self.program.classic {
            return None;
        }
        let Shape::Map(map @ MapShape::Nodes(..)) = self.view.shape(record) else { return None };
        let value = map.get(&key.text);
        let holds = match (&access.operand, access.op) {
            (None, Op::Exists) => match &value {
                Some(value) => self.is_known(value).then_some(true)?,
                None => false,
            },
            (Some(Operand::Literal(literal)), Op::Eq) => match &value {
                Some(value) => self.equals(value, literal)?,
                None => return Some(Says::Nothing),
            },
            _ => return None,
        };
        Some(if holds == (access.negated != access.op_negated) { Says::No } else { Says::Yes })
    }

    /// Whether a value is there whatever the conditions.
    fn is_known(&self, value: &Value) -> bool {
        match value {
            // What it says does not matter.
            Value::Node(node) if node.is_typed() => {
                !node.is_within() && !matches!(self.input.tree.kind(node.id), Kind::Unknown | Kind::Choice)
            }
            _ => {
                let within = value.node().is_some_and(super::value::Node::is_within);
                !within && !matches!(self.view.shape(value), Shape::Unknown | Shape::Choice(_))
            }
        }
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
