//! Templates of one run that import what others of it export.
//!
//! They are read into one inventory. Each has its own parameters, conditions and names; what one imports is the value that
//! the other one exports, and leads to the resources that it leads to there.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Condition, NodeId};
use crate::ingest::Options;
use crate::ingest::assembly::Assembly;

use super::exports::{AllWired, LinkTo, Links, Wired, shown};
use super::files;
use super::resolve::{Shared, State};
use super::stack::Stack;

/// Scopes of one template are told from those of another by their thousands.
const SCOPES: u32 = 1000;

/// What an import gives where one thing is another, by the two.
type Provisos = FxHashMap<(usize, Box<str>, Box<str>), Condition>;

/// What templates export: by template and name, values, and when they are exported.
type Known = FxHashMap<(usize, Box<str>), Vec<(Condition, NodeId)>>;

/// A template that is read with others.
pub(crate) struct Part<'o> {
    pub(crate) name: Box<str>,
    pub(crate) options: &'o Options,
    pub(crate) links: &'o Links,
}

/// What one of several templates has declared.
pub(crate) struct Declared {
    /// Its resources in the inventory.
    pub(crate) resources: Range<usize>,
    /// The files of the templates that it nests.
    pub(crate) nested: Vec<Box<str>>,
    /// Its conditions.
    pub(crate) conditions: Vec<(Box<str>, Condition)>,
}

/// Templates that are read together.
pub(crate) struct Linked<'o> {
    /// There are several.
    several: bool,
    parts: Vec<Part<'o>>,
    stacks: Vec<Stack<'o>>,
    shared: Shared,
}

impl<'o> Linked<'o> {
    /// For so many templates.
    pub(crate) fn new(count: usize) -> Self {
        Self { several: count > 1, parts: Vec::new(), stacks: Vec::new(), shared: Shared::default() }
    }

    /// Adds a template.
    pub(crate) fn open(&mut self, assembly: &mut Assembly, root: NodeId, part: Part<'o>) {
        let place = State::main(files::of(&assembly.tree, root));
        self.shared.label = self.label(&part.name);
        let mut stack = Stack::open(assembly, root, part.options, place, std::mem::take(&mut self.shared));
        self.shared = std::mem::take(&mut stack.shared);
        self.parts.push(part);
        self.stacks.push(stack);
    }

    /// What is set behind names of questions of a template.
    fn label(&self, name: &str) -> Box<str> {
        if self.several { format!(" ({name})").into() } else { Box::default() }
    }

    /// Declares what all of the templates declare, in their order.
    pub(crate) fn declare(mut self, assembly: &mut Assembly) -> Vec<Declared> {
        let mut provisos = Provisos::default();
        let known = self.exports(assembly, &mut provisos);
        let mut out = Vec::with_capacity(self.parts.len());
        let mut premise = Condition::ALWAYS;
        for at in 0..self.stacks.len() {
            let wired = self.wired(assembly, at, &known, &mut provisos);
            let Some(from) = self.links_of(at) else { continue };
            let scope = scope(at);
            assembly.bases = (scope, scope);
            assembly.neighbours.insert(scope, from.into_iter().map(self::scope).collect());
            let first = assembly.inventory.resources().len();
            let done = self.with(at, wired, |stack| {
                stack.declare_all(assembly);
                let conditions = stack.named_conditions(assembly);
                (conditions, stack.resolver(assembly).premise())
            });
            let Some((conditions, own)) = done else { continue };
            premise = assembly.conditions.and(premise, own);
            out.push(Declared {
                resources: first..assembly.inventory.resources().len(),
                nested: std::mem::take(&mut assembly.nested),
                conditions,
            });
        }
        assembly.bases = (0, 0);
        assembly.premise = premise;
        assembly.diagnostics.append(&mut self.shared.diagnostics);
        out
    }

    /// What the templates export. What one exports may itself be imported from another, so this is done until nothing
    /// more comes to be known; what is left waits for itself.
    fn exports(&mut self, assembly: &mut Assembly, provisos: &mut Provisos) -> Known {
        let mut known = Known::default();
        let mut open: Vec<usize> = (0..self.stacks.len()).collect();
        loop {
            let mut still = Vec::new();
            let mut found = false;
            for &at in &open {
                let wired = self.wired(assembly, at, &known, provisos);
                let exported = self.with(at, wired, |stack| stack.resolver(assembly).exports());
                let mut waits = false;
                let mut fresh: FxHashSet<Box<str>> = FxHashSet::default();
                for one in exported.unwrap_or_default() {
                    if one.waits {
                        waits = true;
                        continue;
                    }
                    let name: Box<str> = shown(&one.name).into();
                    let key = (at, name.clone());
                    if !known.contains_key(&key) {
                        fresh.insert(name.clone());
                    }
                    if fresh.contains(&name) {
                        known.entry(key).or_default().push((one.under, one.value));
                    }
                }
                found |= !fresh.is_empty();
                if waits {
                    self.stacks.get_mut(at).into_iter().for_each(|stack| stack.state.forget_waiting());
                    still.push(at);
                }
            }
            if still.is_empty() || !found {
                return known;
            }
            open = still;
        }
    }

    /// Works with one of the stacks.
    fn with<T>(&mut self, at: usize, wired: AllWired, work: impl FnOnce(&mut Stack<'o>) -> T) -> Option<T> {
        let label = self.label(&self.parts.get(at)?.name);
        let stack = self.stacks.get_mut(at)?;
        stack.shared = std::mem::take(&mut self.shared);
        stack.shared.label = label;
        stack.shared.wired = wired;
        (stack.shared.nested, stack.shared.repeated) = (0, 0);
        let done = work(stack);
        self.shared = std::mem::take(&mut stack.shared);
        Some(done)
    }

    /// The templates from which one imports.
    fn links_of(&self, at: usize) -> Option<Vec<usize>> {
        let links = self.parts.get(at)?.links.values();
        let mut from: Vec<usize> = links
            .filter_map(|link| match link {
                LinkTo::Export { template, .. } => Some(*template),
                LinkTo::Several | LinkTo::Text { .. } => None,
            })
            .collect();
        from.sort_unstable();
        from.dedup();
        Some(from)
    }

    /// What the imports of one template give, as far as it is known.
    fn wired(&self, assembly: &mut Assembly, at: usize, known: &Known, provisos: &mut Provisos) -> AllWired {
        let Some(part) = self.parts.get(at) else { return AllWired::default() };
        let mut out = AllWired::default();
        let mut given = |provided: &Option<(Box<str>, Box<str>)>| {
            provided.clone().map(|(what, is)| {
                let asked = provisos.entry((at, what.clone(), is.clone()));
                *asked.or_insert_with(|| {
                    let question = assembly.conditions.ask(what, vec![is, "(anything else)".into()]);
                    assembly.conditions.answer(question, 0)
                })
            })
        };
        for (import, link) in part.links {
            let wired = match link {
                LinkTo::Several => Wired::Several,
                LinkTo::Text { text, provided } => {
                    Wired::Text(text.clone(), given(provided).unwrap_or(Condition::ALWAYS))
                }
                LinkTo::Export { template, name, provided } => match known.get(&(*template, name.clone())) {
                    None => Wired::Pending,
                    Some(values) => {
                        let provided = given(provided);
                        let of = self.parts.get(*template).map(|part| part.name.clone());
                        Wired::Is { values: values.clone(), provided, of: of.unwrap_or_default() }
                    }
                },
            };
            out.insert(import.clone(), wired);
        }
        out
    }
}

fn scope(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX).saturating_mul(SCOPES)
}
