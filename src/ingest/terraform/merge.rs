//! Known and open parts of a value, put together.

use crate::document::{NodeId, Tree, View};
use crate::ingest::assembly::Assembly;

use super::planned::Planned;
use super::values::Marks;
use super::values::argument;
use super::values::element;

/// A value with its marks, where it stands, and what it is made by.
#[derive(Clone, Copy)]
pub(super) struct Slot<'s> {
    pub(super) value: Option<NodeId>,
    pub(super) marks: Marks,
    pub(super) place: NodeId,
    /// The expressions of the configuration that can make it.
    pub(super) from: &'s [NodeId],
    /// The names that lead to it.
    pub(super) path: &'s str,
    /// What the configuration itself makes of it, where that is at hand.
    pub(super) made: Option<NodeId>,
}

/// An entry of a map: key, its text, value.
type Entry = (NodeId, Box<str>, NodeId);

impl Planned<'_> {
    /// A value with its open parts as what the configuration makes them of.
    pub(super) fn merge(&mut self, assembly: &mut Assembly, slot: Slot<'_>) -> Option<NodeId> {
        let tree = &assembly.tree;
        if slot.marks.all(tree) {
            if let Some(made) = precisely(tree, &slot) {
                self.precise.push(made);
                return Some(made);
            }
            let made = self.open(assembly, &slot);
            self.opened.extend(made);
            return made;
        }
        let value = slot.value?;
        if !slot.marks.any(tree) {
            return (!matches!(tree.view(value), View::Null)).then_some(value);
        }
        match tree.view(value) {
            View::List(list) => {
                let elements: Vec<_> = list.iter().collect();
                let merged = self.merge_elements(assembly, &elements, &slot);
                Some(assembly.tree.derive_list(value, &merged))
            }
            View::Map(map) => {
                let entries: Vec<Entry> = map.iter().map(|(k, text, v)| (k, text.into(), v)).collect();
                let merged = self.merge_entries(assembly, &entries, &slot);
                Some(assembly.tree.derive_map(value, &merged))
            }
            View::Null => None,
            _ => Some(value),
        }
    }

    fn merge_elements(
        &mut self,
        assembly: &mut Assembly,
        elements: &[NodeId],
        slot: &Slot<'_>,
    ) -> Vec<NodeId> {
        let tree = &assembly.tree;
        let marks: Vec<Marks> = (0..elements.len()).map(|index| slot.marks.element(tree, index)).collect();
        let open = marks.iter().filter(|marks| marks.all(tree)).count();
        let blocks = slot.from.iter().any(|&node| tree.list(node).is_some());
        let endings = if open > 0 && !blocks {
            self.context.open_endings(tree, self.instance, slot.from)
        } else {
            Vec::new()
        };
        let mut merged = Vec::with_capacity(elements.len());
        // As many references as open elements: one each.
        let mut next = if endings.len() == open { endings.iter() } else { [].iter() };
        for (index, (&node, marks)) in elements.iter().zip(marks).enumerate() {
            let own = if marks.all(&assembly.tree) { next.next() } else { None };
            let made = made_element(&assembly.tree, slot.made, elements.len(), index, node);
            let inner_made = made.filter(|&made| !is_open(&assembly.tree, made));
            let value = if let (Some(own), None) = (own, inner_made) {
                self.stand_for(assembly, node, own, slot.path)
            } else {
                let from = element(&assembly.tree, slot.from, index, Some(node));
                let path = slot.path;
                let inner = Slot { value: Some(node), marks, place: node, from: &from, path, made };
                self.merge(assembly, inner)
            };
            merged.push(value.unwrap_or(node));
        }
        merged
    }

    fn merge_entries(&mut self, assembly: &mut Assembly, entries: &[Entry], slot: &Slot<'_>) -> Vec<NodeId> {
        let mut merged = Vec::with_capacity(entries.len() * 2);
        for (key, text, element) in entries {
            let marks = slot.marks.get(&assembly.tree, text);
            let inner = Slot { value: Some(*element), marks, place: *element, ..*slot };
            let made = self.merge_entry(assembly, inner, text);
            if let Some(made) = made {
                merged.extend([*key, made]);
            }
        }
        // Entries that the values leave out because they are unknown.
        let marks = slot.marks.0.and_then(|marks| assembly.tree.map(marks));
        let left_out: Vec<Entry> = marks
            .into_iter()
            .flat_map(crate::document::Map::iter)
            .filter(|(_, text, _)| !entries.iter().any(|(_, known, _)| **known == **text))
            .map(|(key, text, mark)| (key, text.into(), mark))
            .collect();
        for (key, text, mark) in left_out {
            let inner = Slot { value: None, marks: Marks(Some(mark)), place: mark, ..*slot };
            if let Some(made) = self.merge_entry(assembly, inner, &text) {
                merged.extend([key, made]);
            }
        }
        merged
    }

    /// The entry of a map: `slot` has its own value, marks and place, and what the map is made by.
    fn merge_entry(&mut self, assembly: &mut Assembly, slot: Slot<'_>, key: &str) -> Option<NodeId> {
        let tree = &assembly.tree;
        let from = argument(tree, slot.from, key);
        // What a block of the configuration does not set is made up by the provider.
        let made_up = self.expressions.is_some() && !slot.from.is_empty() && from.is_empty();
        let made = slot.made.and_then(|made| tree.get(made, key));
        if made_up && slot.marks.all(tree) && made.is_none() {
            return None;
        }
        let path = format!("{}.{key}", slot.path);
        self.merge(assembly, Slot { from: &from, path: &path, made, ..slot })
    }
}

/// What the configuration makes of a value that the plan leaves open, if that says more than the plan.
fn precisely(tree: &Tree, slot: &Slot<'_>) -> Option<NodeId> {
    slot.made.filter(|&made| !is_open(tree, made))
}

fn is_open(tree: &Tree, node: NodeId) -> bool {
    matches!(tree.view(node), View::Unknown(_) | View::Null)
}

/// The element of what the configuration makes that belongs to an element of the plan's list. In a set the order is
/// another: the two must agree in what is known of both.
fn made_element(
    tree: &Tree,
    made: Option<NodeId>,
    count: usize,
    index: usize,
    value: NodeId,
) -> Option<NodeId> {
    let list = tree.list(made?).filter(|list| list.len() == count)?;
    let agrees = |node: &NodeId| consistent(tree, *node, value);
    list.get(index).filter(agrees).or_else(|| list.iter().find(agrees))
}

/// Whether two maps have no scalar that is known in both and differs.
fn consistent(tree: &Tree, made: NodeId, value: NodeId) -> bool {
    let Some(map) = tree.map(value) else { return true };
    map.iter().all(|(_, key, value)| {
        let own = tree.get(made, key).and_then(|node| tree.scalar(node));
        let known = tree.scalar(value).filter(|text| !text.is_empty());
        own.is_none() || known.is_none() || own == known
    })
}
