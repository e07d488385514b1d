//! What the fixes of one input ask more than once.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use crate::document::FileId;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::edit::Reading;

use super::target;

/// What is known of an input's texts and lists.
#[derive(Default)]
pub(in crate::check) struct Known<'u> {
    readings: Mutex<FxHashMap<FileId, Arc<Option<Reading>>>>,
    ends: Mutex<FxHashMap<NodeId, Arc<Ends<'u>>>>,
}

/// How the texts in a list end: the first element with such an end, and whether another has it.
type Ends<'u> = FxHashMap<&'u str, (NodeId, bool)>;

impl<'u> Known<'u> {
    /// A file's text, read by itself.
    pub(super) fn reading(&self, file: FileId, text: &str) -> Arc<Option<Reading>> {
        let mut all = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(file).or_insert_with(|| Arc::new(Reading::of(text))))
    }

    /// Whether another element of a list is a text, or ends in it behind `/`, `:` or `.`.
    pub(super) fn is_beside(&self, tree: &'u Tree, list: NodeId, element: NodeId, text: &str) -> bool {
        let ends = {
            let mut all = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(list).or_insert_with(|| Arc::new(ends_of(tree, list))))
        };
        ends.get(text).is_some_and(|&(first, more)| more || first != element)
    }
}

fn ends_of(tree: &Tree, list: NodeId) -> Ends<'_> {
    let mut ends = Ends::default();
    let is_plain = |one: NodeId| tree.derivation(one).is_none() && tree.written(one) == Some(one);
    for element in tree.list(list).into_iter().flat_map(crate::document::List::iter) {
        let texts = match tree.view(element) {
            View::String(_) if is_plain(element) => vec![element],
            _ => target::texts(tree, element),
        };
        for text in texts.into_iter().filter_map(|node| tree.string(node)) {
            let parts = text.match_indices(['/', ':', '.']).filter_map(|(at, _)| text.get(at + 1..));
            for end in std::iter::once(text).chain(parts) {
                let (first, more) = ends.entry(end).or_insert((element, false));
                *more |= *first != element;
            }
        }
    }
    ends
}
