//! Filters: which values a query keeps.

use crate::document::Condition;

use crate::rules::program::{Cnf, NameId, PartKind};

use super::found::Found;
use super::query::{Item, Way};
use super::record::Log;
use super::run::{Run, Stop};
use super::scope::{Context, Env, Role};
use super::value::Shape;
use super::worlds::Outcome;

impl<'r> Run<'r> {
    /// `[ clauses ]`.
    pub(super) fn filter(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        (capture, lines): (Option<NameId>, &'r Cnf),
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let before = at.checked_sub(1).and_then(|before| way.query.parts.get(before)).map(|part| &part.kind);
        match self.view.shape(&item.value) {
            Shape::Map(map) => match before {
                // Entities and their parts have attributes, not values to choose from.
                Some(PartKind::Key(_) | PartKind::Variable(_)) if !item.value.is_typed() => {
                    for (key, value) in map.entries() {
                        let element = item.with(value);
                        self.each_alternative(&element, &mut |element| {
                            if let Some(kept) = self.test(way.env, lines, element)? {
                                if let Some(name) = capture {
                                    Self::capture(way.env.scope, name, key);
                                }
                                self.walk(way, at + 1, kept.divided(), out)?;
                            }
                            Ok(())
                        })?;
                    }
                    Ok(())
                }
                // Behind `*`, a filter of a document asks where the way was last divided.
                Some(PartKind::AllIndices(_) | PartKind::AllValues(_)) if !item.value.is_typed() => {
                    let at_base =
                        item.with(item.base.clone().unwrap_or_else(|| way.env.context.value.clone()));
                    match self.test(way.env, lines, at_base)? {
                        Some(kept) => {
                            let kept = Item { value: item.value, base: item.base, ..kept };
                            self.walk(way, at + 1, kept, out)
                        }
                        None => Ok(()),
                    }
                }
                _ if self.leaves_out(lines, &item.value) => Ok(()),
                // Behind an index or another filter, the peer gives up; the map itself is meant.
                _ => self.filter_one(way, at, &item.divided(), lines, out),
            },
            Shape::List(list) => {
                for element in list.iter().filter(|element| !self.leaves_out(lines, element)) {
                    let element = item.with(element);
                    self.each_alternative(&element, &mut |element| {
                        self.filter_one(way, at, &element, lines, out)
                    })?;
                }
                Ok(())
            }
            Shape::Unknown => {
                let maybe = self.worlds.or(item.sure, item.maybe);
                let item = Item { sure: Condition::NEVER, maybe, ..item };
                self.inside_unknown(way, at, &item, out)
            }
            _ if matches!(before, Some(PartKind::AllIndices(_))) || item.value.is_typed() => {
                self.filter_one(way, at, &item, lines, out)
            }
            _ => Self::missing(item, out),
        }
    }

    pub(super) fn filter_one(
        &self,
        way: Way<'_>,
        at: usize,
        item: &Item,
        lines: &'r Cnf,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        match self.test(way.env, lines, item.clone())? {
            Some(kept) => self.walk(way, at + 1, kept, out),
            None => Ok(()),
        }
    }

    fn test(&self, env: &Env<'_>, lines: &'r Cnf, item: Item) -> Result<Option<Item>, Stop> {
        let domain = self.worlds.or(item.sure, item.maybe);
        let context = Context { value: item.value, entity: item.entity, outer: Some(env.context) };
        let gate = Env { context: &context, role: Role::Gate, domain, record: false, ..*env };
        let (pass, unknown) = if context.value.is_typed() {
            self.all_pass(&gate, lines)?
        } else {
            let outcome = self.cnf(&gate, lines, &mut Log::default())?;
            (outcome.pass, outcome.unknown)
        };
        let worlds = self.worlds;
        let sure = worlds.and(item.sure, pass);
        let perhaps = worlds.or(pass, unknown);
        let maybe = worlds.or(worlds.and(item.sure, unknown), worlds.and(item.maybe, perhaps));
        let (sure, maybe) = (sure, worlds.and_not(maybe, sure));
        Ok((!sure.is_never() || !maybe.is_never()).then(|| Item {
            value: context.value,
            sure,
            maybe,
            entity: item.entity,
            case: item.case,
            base: item.base,
        }))
    }

    /// When all lines pass, and when it is open whether they do. A line over an attribute that is not there says nothing, and
    /// what nothing is said of is not chosen.
    fn all_pass(&self, env: &Env<'_>, lines: &'r Cnf) -> Result<(Condition, Condition), Stop> {
        let (mut pass, mut total) = (Condition::ALWAYS, Outcome::SKIP);
        for line in lines {
            let outcome = self.cnf(env, std::slice::from_ref(line), &mut Log::default())?;
            pass = self.worlds.and(pass, outcome.pass);
            total = total.both(outcome, self.worlds);
            if total.fail.is_always() {
                break;
            }
        }
        Ok((pass, total.unknown))
    }
}
