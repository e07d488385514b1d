//! Filters by look-up: `Resources.*[ Type == 'X' … ]` without looking at every resource.

use std::sync::Arc;

use crate::document::Condition;

use crate::rules::casing::Case;
use crate::rules::compile::{Texts, selector};
use crate::rules::program::{IndexId, IndexPlan, Key, PartKind};

use super::cache::Table;
use super::found::Found;
use super::query::{Item, Way, lookup};
use super::run::{Run, Stop};
use super::value::{Shape, Value};

impl<'r> Run<'r> {
    /// Evaluates a query whose first filter, at `position`, asks for a key's text.
    pub(super) fn through_table(
        &self,
        way: Way<'_>,
        position: usize,
        index: IndexId,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let (plan, all, table) = self.table_at(index)?;
        let Some(PartKind::Filter(_, lines)) = way.query.parts.get(position).map(|part| &part.kind) else {
            return Err(Stop::abort("a table is asked for something else"));
        };
        let wanted = selector(self.program, lines).map(|(_, texts)| texts);
        let texts = wanted.into_iter().flat_map(Texts::iter).filter_map(|text| table.by_text.get(text));
        let mut positions: Vec<u32> = texts.flatten().chain(&table.others).copied().collect();
        // A text may be asked for twice.
        positions.sort_unstable();
        positions.dedup();
        for found in positions.iter().filter_map(|&position| all.get(position as usize)) {
            match found.value() {
                Some(value) => {
                    let item = Item::of(found, value.clone());
                    if plan.elements {
                        self.filter_one(way, position, &item, lines, out)?;
                    } else {
                        self.walk(way, position, item, out)?;
                    }
                }
                None => out.push(found.clone()),
            }
        }
        Ok(())
    }

    /// A table, how it is made, and what it leads to.
    pub(super) fn table_at(&self, index: IndexId) -> Result<(&'r IndexPlan, Arc<[Found]>, &'r Table), Stop> {
        let plan = self.program.indexes.get(index.0 as usize);
        let slot = self.cache.indexes.get(index.0 as usize);
        let (Some(plan), Some(slot)) = (plan, slot) else { return Err(Stop::abort("a table is missing")) };
        let all = self.shared(plan.prefix)?;
        let made = || slot.get_or_init(|| Ok(self.table(&all, &plan.key))).as_ref();
        let table = match &self.cache.guarded {
            Some(guarded) => guarded.keeping(self.cache.shared.len() + index.0 as usize, made),
            None => made(),
        };
        Ok((plan, all, table.map_err(Clone::clone)?))
    }

    fn table(&self, all: &[Found], key: &str) -> Table {
        let key = Key { text: key.into(), number: None, spellings: std::sync::OnceLock::new() };
        let mut table = Table::default();
        for (position, found) in (0u32..).zip(all) {
            let certain = found.sure == Condition::ALWAYS;
            // A filter of a document does not look at the elements of a list.
            let base = found.base.as_ref().and_then(Value::node);
            let own = |value: &Value| {
                value.is_typed() || base.map(|node| node.id) == value.node().map(|node| node.id)
            };
            let text = found.value().filter(|value| certain && own(value)).and_then(|value| {
                match self.view.shape(value) {
                    Shape::Map(map) => Some(lookup(map, &key, Case::WRITTEN, value.is_typed())),
                    _ => None,
                }
            });
            match text {
                // Without the key, the filter cannot pass.
                Some(None) => {}
                Some(Some((value, _))) => match self.view.shape(&value) {
                    Shape::String(text) => match table.by_text.get_mut(text) {
                        Some(positions) => positions.push(position),
                        None => {
                            table.by_text.insert(text.into(), vec![position]);
                        }
                    },
                    _ => table.others.push(position),
                },
                None => table.others.push(position),
            }
        }
        table
    }
}
