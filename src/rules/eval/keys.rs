//! `[ keys operator operand ]`.

use crate::document::Tri;

use crate::rules::ast::Op;
use crate::rules::literal::Literal;
use crate::rules::program::{KeysFilter, Operand};

use super::compare::Cmp;
use super::found::{Found, What};
use super::query::{Item, Way};
use super::run::{Run, Stop};
use super::scope::{Context, Env};
use super::value::{Shape, Value};

impl<'r> Run<'r> {
    pub(super) fn keys(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        keys: &'r KeysFilter,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let Shape::Map(map) = self.view.shape(&item.value) else {
            if matches!(self.view.shape(&item.value), Shape::Unknown) {
                let maybe = self.worlds.or(item.sure, item.maybe);
                let item = Item { sure: crate::document::Condition::NEVER, maybe, ..item };
                return self.walk(way, at + 1, item, out);
            }
            return Self::missing(item, out);
        };
        // A query on the right side is about the map itself.
        let context =
            Context { value: item.value.clone(), entity: item.entity, outer: Some(way.env.context) };
        let right = match &keys.operand {
            Operand::Literal(literal) => vec![Found::always(What::Literal(Value::Literal(literal.clone())))],
            operand => self.operand(&Env { context: &context, record: false, ..*way.env }, operand)?.to_vec(),
        };
        for (key, value) in map.entries() {
            let left = Value::Literal(Literal::string(key));
            let holds = self.key_holds(&left, &right, keys)?;
            if holds == Tri::No {
                continue;
            }
            let mut next = Item { value, ..item.clone() };
            if holds == Tri::Maybe {
                next.maybe = self.worlds.or(next.sure, next.maybe);
                next.sure = crate::document::Condition::NEVER;
            }
            self.descend(way, at + 1, next, false, out)?;
        }
        Ok(())
    }

    fn key_holds(&self, key: &Value, right: &[Found], keys: &KeysFilter) -> Result<Tri, Stop> {
        // With several results on the right, equality is membership.
        let member = keys.op == Op::In || right.len() > 1;
        let mut any = Tri::No;
        let mut all = Tri::Yes;
        for found in right {
            let answer = match found.value() {
                None => Tri::No,
                Some(value) => {
                    let literal = matches!(found.what, What::Literal(_));
                    let cmp =
                        if member { self.key_in(key, value)? } else { self.key_equals(key, value, literal)? };
                    match cmp {
                        Cmp::Is(answer) if keys.negated => answer.negate(),
                        Cmp::Is(answer) => answer,
                        Cmp::Incomparable => {
                            self.single_element(key, value, literal, member, keys.negated)?
                        }
                    }
                }
            };
            any = any.or(answer);
            all = all.and(answer);
        }
        Ok(if right.is_empty() {
            Tri::No
        } else if member {
            any
        } else {
            all
        })
    }

    fn key_equals(&self, key: &Value, value: &Value, _literal: bool) -> Result<Cmp, Stop> {
        self.equal(key, value)
    }

    /// Substring of a string, strict member of a list, else equal.
    fn key_in(&self, key: &Value, value: &Value) -> Result<Cmp, Stop> {
        match (self.view.shape(key), self.view.shape(value)) {
            (Shape::String(key), Shape::String(text)) => Ok(Cmp::Is(Tri::from(text.contains(key)))),
            (_, Shape::List(list)) => {
                let mut any = Tri::No;
                for element in list.iter() {
                    match self.equal(key, &element)? {
                        Cmp::Is(answer) => any = any.or(answer),
                        Cmp::Incomparable => return Ok(Cmp::Incomparable),
                    }
                }
                Ok(Cmp::Is(any))
            }
            _ => self.equal(key, value),
        }
    }

    /// A key is compared with the only element of a literal list.
    fn single_element(
        &self,
        key: &Value,
        value: &Value,
        literal: bool,
        member: bool,
        negated: bool,
    ) -> Result<Tri, Stop> {
        let Shape::List(list) = self.view.shape(value) else { return Ok(Tri::No) };
        let (true, 1, Some(element)) = (literal, list.len(), list.get(0)) else { return Ok(Tri::No) };
        let cmp = if member { self.key_in(key, &element)? } else { self.equal(key, &element)? };
        Ok(match cmp {
            Cmp::Is(answer) if negated => answer.negate(),
            Cmp::Is(answer) => answer,
            Cmp::Incomparable => Tri::No,
        })
    }
}
