//! What is worked out once for a document, whichever rule asks first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::document::{Kind, NodeId, Tree, Tri};

use crate::rules::program::Program;

use super::alike::Guarded;
use super::found::Found;
use super::run::{Results, Stop};
use super::watch::Watch;

/// Results of shared queries, tables, and comparisons of texts with holes.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) shared: Vec<OnceLock<Results>>,
    pub(super) indexes: Vec<OnceLock<Result<Table, Stop>>>,
    pub(super) facts: Vec<OnceLock<Arc<[Found]>>>,
    spelled: Arc<Spelled>,
    /// Whether an answer depends on a whole record of the facts, whatever attributes of it are asked for.
    whole: AtomicBool,
    /// The entities that are asked about, where these are not all of them.
    pub(super) entities: Option<Arc<[NodeId]>>,
    /// Texts of which somebody wants to know whether they matter.
    pub(super) guarded: Option<Guarded>,
    /// Who wants to know what was found.
    pub(super) watch: Option<Arc<Watch>>,
}

/// From the texts of a key to positions among the results of a query.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) by_text: FxHashMap<Box<str>, Vec<u32>>,
    /// Results for which the key is no text: they have to be looked at each time.
    pub(super) others: Vec<u32>,
}

/// Answers to questions about two texts, which are the same whatever the document.
#[derive(Debug, Default)]
pub struct Spelled(Mutex<Texts>);

/// A text with holes and what it was compared with, and the answer.
type Texts = FxHashMap<(Box<str>, Box<str>), Tri>;

impl Cache {
    pub(super) fn new(program: &Program) -> Self {
        Self::with(program, Arc::default())
    }

    /// A cache that knows what was asked of texts before.
    pub(super) fn with(program: &Program, spelled: Arc<Spelled>) -> Self {
        fn locks<T>(count: usize) -> Vec<OnceLock<T>> {
            std::iter::repeat_with(OnceLock::new).take(count).collect()
        }
        Self {
            shared: locks(program.shared.len()),
            indexes: locks(program.indexes.len()),
            facts: locks(crate::facts::schema::kinds().len()),
            spelled,
            whole: AtomicBool::new(false),
            entities: None,
            guarded: None,
            watch: None,
        }
    }

    /// How many results are kept for whoever asks again.
    pub(super) fn kept(&self) -> usize {
        self.shared.len() + self.indexes.len()
    }

    /// Remembers that an answer depends on a value as a whole.
    pub(super) fn takes_whole(&self, tree: &Tree, node: NodeId) {
        let is_record = |node: NodeId| tree.owns(node) && matches!(tree.kind(node), Kind::Map | Kind::Choice);
        if is_record(node) || tree.list(node).is_some_and(|list| list.iter().any(is_record)) {
            self.whole.store(true, Ordering::Relaxed);
            self.guarded.iter().for_each(Guarded::touch);
        }
    }

    /// Whether an answer depends on a whole record of the facts.
    pub(super) fn took_whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// The answer to a question about two texts, asked once.
    pub(super) fn text(&self, left: &str, right: &str, ask: impl FnOnce() -> Tri) -> Tri {
        let lock = || self.spelled.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = lock().get(&(left.into(), right.into())) {
            return known;
        }
        let answer = ask();
        lock().insert((left.into(), right.into()), answer);
        answer
    }
}
