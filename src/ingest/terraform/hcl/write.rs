//! Values as nodes of the unit's tree, each at its place in the configuration.

use crate::document::{Builder, FileId, Limits, NodeId, Reason, Tree, Unknown};
use crate::ingest::assembly::Assembly;

use super::Hcl;
use super::value::At;
use super::value::Content;
use super::value::Value;

impl Hcl {
    /// The node of a value. What has no place of its own stands at `place`.
    pub(super) fn write(&self, assembly: &mut Assembly, value: &Value, place: NodeId) -> NodeId {
        let place = value.at.and_then(|at| self.place(&mut assembly.tree, at)).unwrap_or(place);
        let node = self.written(assembly, value, place);
        if value.sensitive {
            mark(&mut assembly.tree, node);
        }
        node
    }

    fn written(&self, assembly: &mut Assembly, value: &Value, place: NodeId) -> NodeId {
        let tree = &mut assembly.tree;
        match &value.content {
            Content::Null => tree.derive_null(place),
            Content::Bool(value) => tree.derive_bool(place, *value),
            Content::Number(text) => tree.derive_number(place, text),
            Content::Text(pieces) => tree.derive_text(place, pieces.clone()),
            Content::List(elements) => {
                let nodes: Vec<NodeId> =
                    elements.iter().map(|element| self.write(assembly, element, place)).collect();
                assembly.tree.derive_list(place, &nodes)
            }
            Content::Map(entries) => {
                let mut nodes = Vec::with_capacity(entries.len() * 2);
                for entry in entries {
                    let at = entry.at.and_then(|at| self.place(&mut assembly.tree, at)).unwrap_or(place);
                    nodes.push(assembly.tree.derive_string(at, &entry.key));
                    nodes.push(self.write(assembly, &entry.value, place));
                }
                assembly.tree.derive_map(place, &nodes)
            }
            // Whoever wants a document is glad of the document itself.
            Content::Encoded(inner, _) => self.write(assembly, inner, place),
            Content::Tree(node) => {
                let copy = tree.derive_copy(place, *node);
                tree.explain_as(copy, *node);
                copy
            }
            Content::Instance(_) | Content::Instances(_) | Content::Module(_) => {
                let unknown = Unknown { reason: Reason::AfterApply, blocker: "a resource".into() };
                tree.derive_unknown(place, unknown)
            }
            Content::Unknown(blocker) => {
                let unknown = Unknown { reason: Reason::AfterApply, blocker: blocker.clone() };
                tree.derive_unknown(place, unknown)
            }
        }
    }

    /// A node that stands at a place of the configuration.
    fn place(&self, tree: &mut Tree, at: At) -> Option<NodeId> {
        let file = self.file(tree, at.file)?;
        let length = at.end.checked_sub(at.start)?;
        let mut builder = Builder::new(tree, file, Limits::default());
        builder.string(at.start, at.end, (at.start, length));
        let anchor = builder.finish()?;
        self.anchors.borrow_mut().push(anchor);
        Some(anchor)
    }

    /// The file of the tree that a source is.
    pub(super) fn file(&self, tree: &mut Tree, index: usize) -> Option<FileId> {
        if let Some(&known) = self.files.borrow().get(&index) {
            return Some(known);
        }
        let source = self.own.sources.get(index)?;
        let file = tree.add_source(std::sync::Arc::clone(source));
        self.files.borrow_mut().insert(index, file);
        Some(file)
    }
}

/// Marks a value and everything in it.
fn mark(tree: &mut Tree, node: NodeId) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        tree.mark_sensitive(node);
        match tree.view(node) {
            crate::document::View::List(list) => stack.extend(list.iter()),
            crate::document::View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            _ => {}
        }
    }
}
