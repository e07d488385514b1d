//! Entities that are alike, which need not all be asked about.
//!
//! What a large input declares comes from few templates: its entities differ in names and texts, and hardly in anything
//! else. Entities whose facts are the same but for such texts are a class. A line that was asked of one of a class, had
//! nothing to say, and looked at none of the texts in which they may differ, has nothing to say of the others either.
//!
//! **Invariant:** which texts may differ is only a guess at what makes few and large classes. Whether a line looked at one
//! of them is seen while it is asked.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::document::{NodeId, Tree, View};

/// What was found out about the entities of one kind.
#[derive(Debug, Default)]
pub struct Alike {
    /// The hashes of the paths, by keys, to the texts in which entities differ.
    differing: OnceLock<FxHashSet<u64>>,
    known: Mutex<FxHashMap<Box<[u8]>, Arc<Quiet>>>,
    seen: AtomicUsize,
    given_up: AtomicBool,
}

/// For each line that was asked, in order: whether it has nothing to say of the entities of a class.
type Quiet = Box<[bool]>;

/// The classes of some entities.
pub(super) struct Classes {
    /// For each entity the position of its class.
    pub(super) of: Vec<usize>,
    /// What is known of each class.
    pub(super) all: Vec<Class>,
}

pub(super) struct Class {
    print: Box<[u8]>,
    /// One of them.
    pub(super) example: NodeId,
    pub(super) quiet: Option<Arc<Quiet>>,
}

/// As many classes of one part are told apart.
pub(super) const CLASSES: usize = 64;
/// A text that has more values than this differs.
const VALUES: usize = 8;
/// Fewer entities are not worth it.
const FEW: usize = 16;
/// More facts of one entity than this are not compared.
const PRINT: usize = 1 << 16;
/// So many classes are kept.
const KEPT: usize = 1 << 12;

impl Alike {
    /// Divides entities into classes; nothing where that does not pay.
    pub(super) fn classes(&self, tree: &Tree, entities: &[NodeId]) -> Option<Classes> {
        if entities.len() < FEW || self.given_up.load(Ordering::Relaxed) {
            return None;
        }
        let differing = self.differing.get_or_init(|| differing(tree, entities));
        let mut positions: FxHashMap<Box<[u8]>, usize> = FxHashMap::default();
        let mut classes = Classes { of: Vec::with_capacity(entities.len()), all: Vec::new() };
        let mut print = Print::new(tree, differing);
        for &entity in entities {
            if !print.take(entity) || classes.all.len() > CLASSES {
                self.given_up.store(true, Ordering::Relaxed);
                return None;
            }
            let next = classes.all.len();
            let position = match positions.get(print.bytes.as_slice()) {
                Some(&known) => known,
                None => {
                    let print: Box<[u8]> = print.bytes.as_slice().into();
                    positions.insert(print.clone(), next);
                    classes.all.push(Class { print, example: entity, quiet: None });
                    next
                }
            };
            classes.of.push(position);
        }
        let seen = self.seen.fetch_add(entities.len(), Ordering::Relaxed) + entities.len();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for class in &mut classes.all {
            class.quiet = known.get(&class.print).cloned();
        }
        let many = known.len() >= KEPT || known.len() > CLASSES && known.len() * 4 > seen;
        self.given_up.fetch_or(many, Ordering::Relaxed);
        Some(classes)
    }

    /// The texts of an entity in which others of its class may differ from it.
    pub(super) fn texts(&self, tree: &Tree, entity: NodeId) -> FxHashSet<NodeId> {
        let nothing = FxHashSet::default();
        let mut print = Print::new(tree, self.differing.get().unwrap_or(&nothing));
        print.take(entity);
        print.left_out.into_iter().collect()
    }

    /// Keeps which lines have nothing to say of a class.
    pub(super) fn keep(&self, class: &mut Class, quiet: Quiet) {
        let quiet = Arc::new(quiet);
        class.quiet = Some(Arc::clone(&quiet));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(class.print.clone(), quiet);
    }
}

/// The paths to texts that have many values.
fn differing(tree: &Tree, entities: &[NodeId]) -> FxHashSet<u64> {
    let nothing = FxHashSet::default();
    let mut values: FxHashMap<u64, FxHashSet<u64>> = FxHashMap::default();
    let mut print = Print::new(tree, &nothing);
    print.values = Some(&mut values);
    for &entity in entities {
        print.take(entity);
    }
    let many = values.into_iter().filter(|(_, values)| values.len() > VALUES);
    many.map(|(path, _)| path).collect()
}

/// Facts as bytes, which are equal where rules cannot tell them apart, but for some texts.
struct Print<'t> {
    tree: &'t Tree,
    differing: &'t FxHashSet<u64>,
    bytes: Vec<u8>,
    /// The texts that the bytes do not tell.
    left_out: Vec<NodeId>,
    /// For each path some hashes of the texts there, where they are collected.
    values: Option<&'t mut FxHashMap<u64, FxHashSet<u64>>>,
}

impl<'t> Print<'t> {
    fn new(tree: &'t Tree, differing: &'t FxHashSet<u64>) -> Self {
        Self { tree, differing, bytes: Vec::new(), left_out: Vec::new(), values: None }
    }

    /// Takes the print of an entity; false where it has none.
    fn take(&mut self, entity: NodeId) -> bool {
        self.bytes.clear();
        self.left_out.clear();
        self.value(entity, 0)
    }

    fn value(&mut self, node: NodeId, path: u64) -> bool {
        match self.tree.view(node) {
            View::Null => self.bytes.push(b'0'),
            View::Bool(value) => self.bytes.push(if value { b't' } else { b'f' }),
            View::Number(text) => self.text(node, path, b'n', &|bytes| bytes.text(text)),
            View::String(text) => self.text(node, path, b's', &|bytes| bytes.text(text)),
            View::Text(pieces) => self.text(node, path, b'p', &|bytes| pieces.hash(bytes)),
            // Nothing is known of it, whatever it is.
            View::Unknown(_) => self.bytes.push(b'u'),
            View::Choice(_) => return false,
            View::List(list) => {
                self.bytes.push(b'l');
                self.length(list.len());
                return self.bytes.len() < PRINT && list.iter().all(|element| self.value(element, path));
            }
            View::Map(map) => {
                self.bytes.push(b'm');
                self.length(map.len());
                return self.bytes.len() < PRINT
                    && map.iter().all(|(_, key, value)| {
                        Bytes(&mut self.bytes).text(key);
                        self.value(value, FxBuildHasher.hash_one((path, key)))
                    });
            }
        }
        true
    }

    /// A text, or that there is one.
    fn text(&mut self, node: NodeId, path: u64, sign: u8, write: &dyn Fn(&mut Bytes<'_>)) {
        if self.differing.contains(&path) {
            self.bytes.push(sign.to_ascii_uppercase());
            self.left_out.push(node);
            return;
        }
        self.bytes.push(sign);
        let from = self.bytes.len();
        write(&mut Bytes(&mut self.bytes));
        if let Some(values) = &mut self.values {
            let known = values.entry(path).or_default();
            if known.len() <= VALUES {
                known.insert(FxBuildHasher.hash_one(self.bytes.get(from..)));
            }
        }
    }

    fn length(&mut self, length: usize) {
        Bytes(&mut self.bytes).write_usize(length);
    }
}

/// Collects what is hashed.
struct Bytes<'b>(&'b mut Vec<u8>);

impl Bytes<'_> {
    fn text(&mut self, text: &str) {
        self.write_usize(text.len());
        self.write(text.as_bytes());
    }
}

impl Hasher for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Sees whether somebody looks at some texts.
#[derive(Debug)]
pub(super) struct Guarded {
    texts: FxHashSet<NodeId>,
    touched: AtomicBool,
    /// For each result that is kept for others, whether a text was looked at to make it.
    kept: Vec<AtomicBool>,
}

impl Guarded {
    /// Guards texts, while so many results are kept.
    pub(super) fn new(texts: FxHashSet<NodeId>, kept: usize) -> Self {
        let kept = std::iter::repeat_with(AtomicBool::default).take(kept).collect();
        Self { texts, touched: AtomicBool::default(), kept }
    }

    /// Somebody looks at a value.
    pub(super) fn look(&self, node: NodeId) {
        if self.texts.contains(&node) {
            self.touch();
        }
    }

    /// Somebody looks at what is not told apart.
    pub(super) fn touch(&self) {
        self.touched.store(true, Ordering::Relaxed);
    }

    /// Whether a text was looked at since the last time.
    pub(super) fn take(&self) -> bool {
        self.touched.swap(false, Ordering::Relaxed)
    }

    /// Makes or takes a result that is kept: who takes it has looked at what it was made of.
    pub(super) fn keeping<T>(&self, position: usize, result: impl FnOnce() -> T) -> T {
        let before = self.take();
        let out = result();
        let now = self.take();
        let kept = self.kept.get(position);
        let touched = kept.is_none_or(|kept| kept.fetch_or(now, Ordering::Relaxed) || now);
        if before || touched {
            self.touch();
        }
        out
    }
}
