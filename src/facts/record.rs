//! Making the maps that facts are.

use crate::document::{NodeId, Tree};

/// A map in the making: attributes that have a value.
pub(super) struct Record {
    place: NodeId,
    entries: Vec<NodeId>,
}

impl Record {
    /// An empty record that stands at `place`.
    pub(super) fn new(place: NodeId) -> Self {
        Self { place, entries: Vec::with_capacity(24) }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> NodeId {
        self.place
    }

    /// Adds an attribute, if it has a value.
    pub(super) fn put(&mut self, tree: &mut Tree, name: &'static str, value: Option<NodeId>) {
        if let Some(value) = value {
            let key = tree.key(name);
            self.entries.extend([key, value]);
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, tree: &mut Tree, name: &'static str, value: &str) {
        let value = tree.derive_string(self.place, value);
        self.put(tree, name, Some(value));
    }

    /// Adds a truth value.
    pub(super) fn bool(&mut self, tree: &mut Tree, name: &'static str, value: bool) {
        let value = tree.derive_bool(self.place, value);
        self.put(tree, name, Some(value));
    }

    /// Adds a number.
    pub(super) fn number(&mut self, tree: &mut Tree, name: &'static str, value: usize) {
        let value = tree.derive_count(self.place, value);
        self.put(tree, name, Some(value));
    }

    /// Adds a list.
    pub(super) fn list(&mut self, tree: &mut Tree, name: &'static str, elements: &[NodeId]) {
        let value = tree.derive_list(self.place, elements);
        self.put(tree, name, Some(value));
    }

    /// Adds a list of texts.
    pub(super) fn texts<'t>(
        &mut self,
        tree: &mut Tree,
        name: &'static str,
        texts: impl Iterator<Item = &'t str>,
    ) {
        let elements: Vec<_> = texts.map(|text| tree.derive_string(self.place, text)).collect();
        self.list(tree, name, &elements);
    }

    /// The finished map.
    pub(super) fn finish(self, tree: &mut Tree) -> NodeId {
        tree.derive_record(self.place, &self.entries)
    }
}
