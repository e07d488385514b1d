//! Literals of a rule file as values: paths start at the literal, and there is no place in the data.

use std::borrow::Cow;
use std::sync::Arc;

use crate::rules::literal::Literal;

use super::{Arena, Kind, NOTHING, Step};

impl Arena<'static> {
    /// The values of a literal.
    pub(in crate::cli::guard) fn of_literal(literal: &Literal) -> Self {
        let mut arena = Self::default();
        arena.literal(literal, NOTHING, Step::Root);
        arena
    }

    fn literal(&mut self, literal: &Literal, parent: u32, step: Step) -> u32 {
        let id = self.push(Kind::Null, parent, step, NOTHING, 0);
        let kind = match literal {
            Literal::Null => Kind::Null,
            Literal::Bool(value) => Kind::Bool(*value),
            Literal::Int(value) => Kind::Int(*value),
            Literal::Float(value) => Kind::Float(*value),
            Literal::String(text) => Kind::String(Cow::Owned(text.to_string())),
            Literal::Char(value) => Kind::Char(*value),
            Literal::Regex(pattern) => Kind::Regex(Arc::clone(pattern)),
            Literal::IntRange(bounds) => Kind::IntRange(Box::new(*bounds)),
            Literal::FloatRange(bounds) => Kind::FloatRange(Box::new(*bounds)),
            Literal::CharRange(bounds) => Kind::CharRange(*bounds),
            Literal::List(elements) => {
                let ids = (0u32..).zip(elements.iter());
                Kind::List(ids.map(|(index, one)| self.literal(one, id, Step::Index(index))).collect())
            }
            Literal::Map(entries) => {
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries.iter() {
                    let text = Kind::String(Cow::Owned(key.to_string()));
                    let key = self.push(text, id, Step::Key { named: true }, NOTHING, 0);
                    pairs.push((key, self.literal(value, id, Step::Value(key))));
                }
                self.set_map(id, pairs);
                return id;
            }
        };
        self.set(id, kind);
        id
    }
}
