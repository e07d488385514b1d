//! Queries, operands and functions.

use std::sync::OnceLock;

use crate::document::Code;
use crate::facts::schema::Attribute;

use crate::rules::ast;
use crate::rules::program::{Key, KeysFilter, Operand, Part, PartKind, Query, QueryId, Variable};

use super::Compiler;
use super::scope::At;
use super::types::Ty;

impl<'a> Compiler<'a> {
    pub(super) fn operand(&mut self, operand: &'a ast::Operand, at: At) -> (Operand, Ty) {
        match operand {
            ast::Operand::Literal(literal, _) => (Operand::Literal(literal.clone()), Ty::Any),
            ast::Operand::Query(query) => {
                let (id, ty) = self.query(query, at);
                (Operand::Query(id), ty)
            }
            ast::Operand::Function(function) => (self.function(function, at), Ty::Any),
        }
    }

    /// A query, and the type of its results.
    pub(super) fn query(&mut self, query: &'a ast::Query, at: At) -> (QueryId, Ty) {
        let mut ty = at.ty;
        let mut parts = Vec::with_capacity(query.parts.len());
        for (index, part) in query.parts.iter().enumerate() {
            if index == 0 && at.root && matches!(part.kind, ast::PartKind::Key(_) | ast::PartKind::This) {
                self.reads.document = true;
            }
            let (kind, next) = self.part(part, index, ty, at);
            ty = next;
            parts.push(Part { kind, range: part.range });
        }
        let made = Query {
            some: query.some,
            typed: matches!(ty, Ty::Of(_)),
            parts: parts.into(),
            file: self.file,
            range: query.range,
            shared: None,
            index: None,
        };
        (self.finish_query(made, at), ty)
    }

    fn part(&mut self, part: &'a ast::Part, index: usize, ty: Ty, at: At) -> (PartKind, Ty) {
        match &part.kind {
            ast::PartKind::This => (PartKind::This, ty),
            ast::PartKind::Key(text) => {
                let next = match ty.key(text) {
                    Ok(next) => next,
                    Err(attributes) => {
                        self.unknown_attribute(text, ty, attributes, part.range);
                        Ty::Any
                    }
                };
                let key = Key { text: text.clone(), number: text.parse().ok(), spellings: OnceLock::new() };
                (PartKind::Key(key), next)
            }
            ast::PartKind::Variable(name) => {
                let found = self.resolve(name, part.range, at);
                let variable = Variable { name: self.program.names.id(name), fixed: found.fixed };
                (PartKind::Variable(variable), if index == 0 { found.ty } else { ty.values() })
            }
            ast::PartKind::AllValues(name) => (PartKind::AllValues(self.capture(name.as_ref())), ty.values()),
            ast::PartKind::AllIndices(name) => {
                // Behind a variable at the head, `[*]` is skipped.
                let next = if index == 1 { ty } else { ty.indices() };
                (PartKind::AllIndices(self.capture(name.as_ref())), next)
            }
            ast::PartKind::Index(number) => (PartKind::Index(*number), ty.indices()),
            ast::PartKind::Filter(name, lines) => {
                let inner = ty.element();
                self.contexts.push(inner);
                let lines = self.cnf(lines, At { root: false, ty: inner, ..at });
                self.contexts.pop();
                (PartKind::Filter(self.capture(name.as_ref()), lines), inner)
            }
            ast::PartKind::Keys(keys) => {
                let operand = self.operand(&keys.operand, At { root: false, ty, ..at }).0;
                let made = KeysFilter { op: keys.op, negated: keys.negated, operand };
                (PartKind::Keys(Box::new(made)), ty.values())
            }
        }
    }

    fn capture(&mut self, name: Option<&ast::Name>) -> Option<crate::rules::program::NameId> {
        name.map(|name| self.program.names.id(&name.text))
    }

    /// Reports an attribute that no such value has.
    pub(super) fn unknown_attribute(
        &mut self,
        name: &str,
        of: Ty,
        attributes: &'static [Attribute],
        range: ast::Range,
    ) {
        let help = match super::suggest(name, attributes.iter().map(|attribute| attribute.name)) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if attributes.is_empty() => None,
            None => {
                let known: Vec<_> = attributes.iter().map(|one| format!("`{}`", one.name)).collect();
                Some(format!("it has {}", known.join(", ")))
            }
        };
        self.report(Code::RuleName, range, format!("{} has no attribute `{name}`", of.describe()), help);
    }
}
