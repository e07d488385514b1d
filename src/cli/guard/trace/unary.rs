//! Clauses without a right side.

use crate::rules::ast::{Access, Op, Part, PartKind};

use super::clauses::{Verdict, or_fail};
use super::event::{Check, Context, Operator, Status};
use super::found::{Found, Pathed};
use super::scope::Env;
use super::{Edition, Stop, Teller};
use crate::cli::guard::value::Kind;

impl<'w> Teller<'w> {
    pub(super) fn unary(&self, access: &'w Access, env: &Env<'_, 'w>) -> Result<Verdict, Stop> {
        let found = self.query(&access.query, env)?;
        let op: Operator = (access.op, access.op_negated);
        let lone = matches!(&*access.query.parts, [Part { kind: PartKind::Variable(_), .. }]);
        let selects = matches!(
            access.query.parts.last(),
            Some(Part { kind: PartKind::Filter(..) | PartKind::Keys(_), .. })
        );
        if op.0 == Op::Empty && (lone || selects) {
            if found.is_empty() {
                return Ok(self.empty_selection(access));
            }
        } else if found.is_empty() {
            return Ok(Verdict::Whole(Status::Skip, None));
        }
        let classic = self.file.edition == Edition::Guard31;
        let by_null = op.0 == Op::Empty && (selects || lone && classic);
        let (mut passed, mut failed) = (0, 0);
        for one in found {
            if self.one(access, op, one, by_null, env)? {
                passed += 1;
            } else {
                failed += 1;
            }
        }
        Ok(Verdict::Each { passed, failed })
    }

    fn custom(access: &'w Access) -> Option<&'w str> {
        access.message.as_ref().map(|message| &*message.text)
    }

    /// Nothing was selected, which is what `empty` asks.
    fn empty_selection(&self, access: &'w Access) -> Verdict {
        let holds = access.op_negated == access.negated;
        let custom = Self::custom(access);
        self.check(Context::Value(access), if holds { Check::Success } else { Check::Empty(custom) });
        Verdict::Whole(if holds { Status::Pass } else { Status::Fail }, None)
    }

    fn one(
        &self,
        access: &'w Access,
        op: Operator,
        found: Found<'w>,
        by_null: bool,
        env: &Env<'_, 'w>,
    ) -> Result<bool, Stop> {
        let custom = Self::custom(access);
        let context = Context::Value(access);
        // The peer has no word for a literal that fails.
        let from = match found {
            Found::Literal(value) => Found::Value(value),
            other => other,
        };
        match holds(op.0, &from, by_null, self.file.edition) {
            Ok(holds) if holds != (op.1 != access.negated) => {
                self.check(context, Check::Success);
                Ok(true)
            }
            Ok(_) => {
                self.check(context, Check::Unary { op, from, message: None, custom });
                Ok(false)
            }
            Err(stop) => {
                let message = Some(stop.to_string().into());
                self.check(context, Check::Unary { op, from, message, custom });
                or_fail(stop, env, self.file.edition).map(|_| false)
            }
        }
    }
}

fn holds(op: Op, found: &Found<'_>, by_null: bool, edition: Edition) -> Result<bool, Stop> {
    let Some(value) = found.value() else { return Ok(op == Op::Empty) };
    let kind = value.kind();
    Ok(match op {
        Op::Exists => true,
        Op::Empty if by_null => matches!(kind, Kind::Null),
        Op::Empty => match kind {
            Kind::String(text) => text.is_empty(),
            Kind::List(_) => value.list().is_none_or(|list| list.len() == 0),
            Kind::Map(_) => value.map().is_none_or(|map| map.len() == 0),
            Kind::Bool(_) if edition == Edition::Guard31 => false,
            _ => {
                return Err(Stop::Undecidable(format!(
                    "Attempting EMPTY operation on type {} that does not support it at {}",
                    value.type_name(),
                    Pathed(value)
                )));
            }
        },
        Op::IsString => matches!(kind, Kind::String(_)),
        Op::IsList => matches!(kind, Kind::List(_)),
        Op::IsStruct => matches!(kind, Kind::Map(_)),
        Op::IsBool => matches!(kind, Kind::Bool(_)),
        Op::IsInt => matches!(kind, Kind::Int(_)),
        Op::IsFloat => matches!(kind, Kind::Float(_)),
        _ => matches!(kind, Kind::Null),
    })
}
