//! Working out what a template's values will be.
//!
//! Resolving is lazy and keeps what it has found: a subtree without functions is its own value, so a literal template
//! costs nothing. What the template does not decide becomes a hole, an alternative or an unknown with its reason;
//! nothing is guessed.

use std::sync::Arc;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::document::{Condition, Conditions, Diagnostic, Kind, NodeId, Piece, Reason, Tree, Unknown, View};
use crate::ingest::Options;

use super::call::{Argument, Call, Function, call, long};
use super::conditions::Asked;
use super::exports::AllWired;
use super::nested::Nested;
use super::parameters::Declaration;
use super::template::{Bindings, Template};
use super::texts::{self, Part};

/// How deep references and functions may lead.
const DEPTH: usize = 200;

/// Whether a value is asked for to be used, or to decide a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// A parameter is its value or its default.
    Value,
    /// A parameter without a given value is open: every answer is possible.
    Decide,
}

/// What resolving needs and finds.
pub(crate) struct Resolver<'a> {
    pub(crate) tree: &'a mut Tree,
    pub(crate) conditions: &'a mut Conditions,
    pub(crate) template: &'a Template,
    pub(crate) options: &'a Options,
    pub(crate) shared: &'a mut Shared,
    pub(crate) state: &'a mut State,
}

/// What a template shares with its nested stacks.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The questions asked so far, by name, with their answers.
    pub(super) questions: FxHashMap<Box<str>, Arc<Asked>>,
    /// What was found wrong while resolving.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The names of exports that are in no template at hand.
    pub(super) imports: FxHashSet<Vec<Piece>>,
    /// What is known of imports, by what is written for them.
    pub(super) wired: AllWired,
    /// An import was asked for that is not worked out yet.
    pub(super) waits: bool,
    /// Set behind names of questions where several templates are read together, of which each has its own.
    pub(super) label: Box<str>,
    /// Places that something was said about already.
    pub(super) told: FxHashSet<NodeId>,
    /// How much was repeated by loops, and how many stacks were nested.
    pub(super) repeated: usize,
    pub(super) nested: usize,
}

/// The parameters that a parent stack passes: as values, and to decide conditions.
pub(super) type Passed = FxHashMap<Box<str>, [NodeId; 2]>;

/// What was found so far for one template.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(super) mode: Option<Mode>,
    memo: FxHashMap<(NodeId, Mode), Option<NodeId>>,
    /// The ARNs of resources that were put together.
    pub(super) arns: FxHashMap<(NodeId, Mode), NodeId>,
    /// The calls that are being evaluated, outermost first.
    active: Vec<(NodeId, Mode)>,
    depth: usize,
    /// Nodes that are not their own values, in order: functions, loops, texts with references.
    written: Vec<NodeId>,
    /// The functions among them; found before the first question.
    calls: Vec<Call>,
    pub(super) named: FxHashMap<Box<str>, Condition>,
    pub(super) naming: FxHashSet<Box<str>>,
    pub(super) answers: FxHashMap<Box<str>, Vec<Box<str>>>,
    /// Parameters that have to be given although their default is the empty text.
    pub(super) needed: FxHashSet<Box<str>>,
    /// Variables of the loops around the value.
    pub(super) bindings: Bindings,
    /// Parameters that a parent stack passes: as values, and to decide conditions.
    pub(super) passed: Passed,
    /// The stacks that the template nests, by the resource that does; nothing where one cannot be read.
    pub(super) children: FxHashMap<NodeId, Option<Box<Nested>>>,
    /// What parameters may be, where that decides a condition.
    pub(super) open: FxHashMap<Box<str>, NodeId>,
    /// What the declarations of parameters say.
    pub(super) declarations: FxHashMap<NodeId, Declaration>,
    /// What transforms were found to bring in.
    pub(super) snippets: FxHashMap<NodeId, Result<NodeId, String>>,
    /// The files from the main template to this one; empty for the main template.
    pub(super) chain: Vec<Box<str>>,
    /// It is no stack of its own, so the caller's parameters are not for it.
    pub(super) is_nested: bool,
    /// The parameters for which a parent stack passes what is not worked out yet.
    pub(super) waiting: FxHashSet<Box<str>>,
    /// Which accounts the stack is for: a stack set has its own; 0 for those of the main template.
    pub(super) scope: u32,
    /// Set in front of names of questions, so that those of nested stacks are their own.
    pub(super) prefix: Box<str>,
    /// What references resolve to, where it is counted.
    pub(super) census: Option<Box<super::References>>,
    /// The text of the template mentions loops or transforms.
    pub(super) has_loops: bool,
    /// A snippet of another file became a part of it.
    pub(super) is_merged: bool,
    /// The template's own nodes: those from the first on, and those before the last. All others were derived.
    raw: (usize, usize),
}

impl State {
    /// Finds the functions of a template.
    pub(crate) fn new(tree: &Tree, from: NodeId, to: usize) -> Self {
        let marks = Marks::of(tree, from);
        let plain = !marks.dynamic && !marks.among_others;
        let likely = (to - from.index()) / 16;
        let (mut written, mut calls) = (Vec::with_capacity(likely), Vec::with_capacity(likely));
        let mut look_at = |node: NodeId| {
            let call = call(tree, node);
            if call.is_some() || !plain && is_call(tree, node) || tree.tag(node).is_some() {
                written.push(node);
                calls.extend(call);
            }
        };
        if plain {
            tree.tagged_or_single(from..NodeId::from_index(to)).for_each(&mut look_at);
        } else {
            let all = (from.index()..to).map(NodeId::from_index);
            all.filter(|&node| marks.may_call(tree, node)).for_each(&mut look_at);
        }
        // Most functions are asked for once.
        let memo = FxHashMap::with_capacity_and_hasher(calls.len(), FxBuildHasher);
        Self {
            written,
            calls,
            memo,
            has_loops: marks.among_others,
            raw: (from.index(), to),
            ..Self::default()
        }
    }

    /// A stack within another.
    pub(super) fn nested(passed: Passed, chain: Vec<Box<str>>, prefix: Box<str>) -> Self {
        Self { passed, chain, prefix, is_nested: true, ..Self::default() }
    }

    /// The main template, in a file.
    pub(super) fn main(file: Box<str>) -> Self {
        Self { chain: vec![file], ..Self::default() }
    }

    /// The same functions, in a stack that stands where another state says.
    pub(crate) fn within(self, place: Self) -> Self {
        let Self { memo, written, calls, has_loops, raw, .. } = self;
        Self { memo, written, calls, has_loops, raw, ..place }
    }

    /// Forgets the nested stacks to which something is passed that was not known.
    pub(super) fn forget_waiting(&mut self) {
        self.children.retain(|_, child| child.as_ref().is_some_and(|nested| nested.state.waiting.is_empty()));
        for nested in self.children.values_mut().flatten() {
            nested.state.forget_waiting();
        }
    }

    /// The functions of the template, in order.
    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// All nodes that are not their own values, in order: the functions are among them.
    pub(crate) fn written(&self) -> &[NodeId] {
        &self.written
    }
}

/// What stands in a text that refers to something beyond the template, and in one with loops or transforms.
static MARKS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["{{", "Fn::ForEach", "Fn::Transform"].map(|mark| Finder::new(mark.as_bytes())));

/// What the text of a template holds at all, so that most nodes need no look.
struct Marks {
    dynamic: bool,
    among_others: bool,
}

impl Marks {
    fn of(tree: &Tree, root: NodeId) -> Self {
        let source = tree.place(root).and_then(|place| tree.source(place.span.file));
        let holds =
            |mark: &Finder<'_>| source.is_none_or(|source| mark.find(source.text().as_bytes()).is_some());
        let [references, loops, transforms] = &*MARKS;
        Self { dynamic: holds(references), among_others: holds(loops) || holds(transforms) }
    }

    fn may_call(&self, tree: &Tree, node: NodeId) -> bool {
        match tree.kind(node) {
            Kind::Map => {
                self.among_others
                    || tree.map(node).is_some_and(|map| map.len() == 1)
                    || tree.tag(node).is_some()
            }
            Kind::String if self.dynamic => true,
            _ => tree.tag(node).is_some(),
        }
    }
}

fn is_call(tree: &Tree, node: NodeId) -> bool {
    match tree.view(node) {
        View::Map(map) => {
            tree.tag(node).is_some()
                || map.iter().any(|(_, key, _)| key.starts_with("Fn::"))
                || map.len() == 1 && map.get("Ref").is_some()
        }
        View::String(text) => is_dynamic(text) || tree.tag(node).is_some(),
        _ => tree.tag(node).is_some(),
    }
}

fn is_dynamic(text: &str) -> bool {
    let Some(start) = memchr::memchr(b'{', text.as_bytes()) else { return false };
    let rest = text.get(start..).unwrap_or("");
    rest.len() > 2 && (text == texts::AFTER_APPLY || rest.contains("{{resolve:"))
}

impl Resolver<'_> {
    /// The value of a node as a property has it; nothing where `AWS::NoValue` takes the property away.
    pub(crate) fn resolve(&mut self, node: NodeId) -> Option<NodeId> {
        self.resolve_argument(Argument { node, untagged: false })
    }

    /// Resolves in order to decide a condition.
    pub(super) fn deciding<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.state.mode.replace(Mode::Decide);
        let done = work(self);
        self.state.mode = before;
        done
    }

    pub(super) fn mode(&self) -> Mode {
        self.state.mode.unwrap_or(Mode::Value)
    }

    pub(super) fn resolve_argument(&mut self, argument: Argument) -> Option<NodeId> {
        let node = argument.node;
        if !argument.untagged {
            if self.is_literal(node) {
                return Some(node);
            }
            if let Some(call) = call(self.tree, node) {
                return self.remembered(call);
            }
        }
        if self.state.depth >= DEPTH {
            return Some(self.unknown(node, Reason::Limit, "nested too deeply"));
        }
        self.state.depth += 1;
        let value = match long(self.tree, node).filter(|_| argument.untagged) {
            Some(call) => self.evaluate(call),
            None => Some(self.inside(node)),
        };
        self.state.depth -= 1;
        value
    }

    /// Whether the subtree is its own value.
    fn is_literal(&self, node: NodeId) -> bool {
        if !self.state.bindings.is_empty() {
            return false;
        }
        let is_collection = matches!(self.tree.kind(node), Kind::List | Kind::Map);
        let (first, end) = self.state.raw;
        if node.index() < first || node.index() >= end {
            // What transforms make and snippets bring holds nodes of all places.
            return !is_collection && !is_call(self.tree, node);
        }
        if self.tree.has_aliases() && is_collection {
            return false;
        }
        let last = self.last_inside(node);
        let after = self.state.written.partition_point(|&other| other < node);
        self.state.written.get(after).is_none_or(|&other| other > last)
    }

    /// The last node of a subtree, in document order.
    fn last_inside(&self, node: NodeId) -> NodeId {
        let mut at = node;
        loop {
            match self.tree.last_child(at) {
                Some(next) if next > at => at = next,
                _ => return at,
            }
        }
    }

    fn remembered(&mut self, call: Call) -> Option<NodeId> {
        let key = (call.node, self.mode());
        let bound = !self.state.bindings.is_empty();
        if let (Some(&known), false) = (self.state.memo.get(&key), bound) {
            return known;
        }
        if self.state.depth >= DEPTH {
            return Some(self.unknown(call.node, Reason::Limit, "nested too deeply"));
        }
        if self.state.active.contains(&key) {
            return Some(self.unknown(call.node, Reason::Cycle, call.function.name()));
        }
        self.state.active.push(key);
        self.state.depth += 1;
        let before = std::mem::take(&mut self.shared.waits);
        let value = self.evaluate(call);
        self.state.depth -= 1;
        self.state.active.pop();
        // What waits is worked out again.
        if !bound && !self.shared.waits {
            self.state.memo.insert(key, value);
        }
        self.shared.waits |= before;
        value
    }

    /// The value of a list or map of which some parts are functions, or of a string with dynamic references.
    fn inside(&mut self, node: NodeId) -> NodeId {
        match self.tree.view(node) {
            View::List(list) => {
                let elements: Vec<_> = list.iter().collect();
                let values: Vec<_> = elements.iter().filter_map(|&element| self.resolve(element)).collect();
                if values == elements { node } else { self.tree.derive_list(node, &values) }
            }
            View::Map(map) => {
                let entries = map.pairs().to_vec();
                let mut values = Vec::with_capacity(entries.len() * 2);
                let mut same = true;
                for [key, value] in entries {
                    if self.expand_entry(key, value, &mut values) {
                        same = false;
                        continue;
                    }
                    if self.is_literal(value) || self.is_inert(key, value) {
                        values.extend([key, value]);
                        continue;
                    }
                    let key = self.resolve_key(key);
                    match self.resolve(value) {
                        Some(resolved) => {
                            same &= resolved == value;
                            values.extend([key, resolved]);
                        }
                        None => same = false,
                    }
                }
                if same && self.state.bindings.is_empty() {
                    node
                } else {
                    self.tree.derive_map(node, &values)
                }
            }
            View::String(text) if is_dynamic(text) => self.dynamic(node),
            View::String(text) if !self.state.bindings.is_empty() && text.contains('{') => {
                let filled = self.substitute_bindings(text);
                if self.tree.string(node) == Some(&filled) {
                    node
                } else {
                    self.tree.derive_string(node, &filled)
                }
            }
            _ => node,
        }
    }

    /// Whether an entry is a template of its own, whose functions are not this template's.
    fn is_inert(&self, key: NodeId, value: NodeId) -> bool {
        self.tree.string(key) == Some("TemplateBody") && self.tree.get(value, "Resources").is_some()
    }

    /// An entry that stands for other entries: a loop, or a snippet.
    fn expand_entry(&mut self, key: NodeId, value: NodeId, out: &mut Vec<NodeId>) -> bool {
        match self.tree.string(key) {
            Some("Fn::Transform") => self.expand_snippet(value, out),
            Some(text) if text.starts_with("Fn::") => self.expand_loop(key, value, out),
            _ => false,
        }
    }

    fn evaluate(&mut self, call: Call) -> Option<NodeId> {
        let Call { function, node, argument } = call;
        match function {
            Function::Ref => {
                let value = self.reference(node, argument);
                self.count_reference(value);
                value
            }
            Function::GetAtt => {
                let value = self.get_att(node, argument);
                self.count_reference(Some(value));
                Some(value)
            }
            Function::Sub => Some(self.sub(node, argument)),
            Function::Join => Some(self.join(node, argument)),
            Function::Split => Some(self.split(node, argument)),
            Function::Select => self.select(node, argument),
            Function::If => self.if_else(node, argument),
            Function::FindInMap => self.found_in_map(node, argument),
            Function::Base64 => self.base64(node, argument),
            Function::Length => Some(self.length(node, argument)),
            Function::ToJsonString => Some(self.json_string(node, argument)),
            Function::Cidr => Some(self.cidr(node, argument)),
            Function::GetAzs => Some(self.unknown(node, Reason::Account, "Fn::GetAZs")),
            Function::ImportValue => Some(self.import_value(node, argument)),
            Function::GetStackOutput => Some(self.stack_output(node, argument)),
            Function::Transform => self.transform(node, argument),
            Function::Unsupported => Some(self.unsupported(node)),
            Function::Rule => {
                Some(self.unknown(node, Reason::Unsupported, "a rule function outside `Rules`"))
            }
            Function::Equals | Function::And | Function::Or | Function::Not | Function::Condition => {
                Some(self.truth(node, call))
            }
        }
    }

    /// What is found in a map; the default may be that there is nothing.
    fn found_in_map(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        let found = self.find_in_map(node, argument);
        match self.tree.view(found) {
            View::Choice(all) if all.iter().all(|one| one.value.is_none()) => None,
            _ => Some(found),
        }
    }

    /// A function of another tool, or a newer one.
    fn unsupported(&mut self, node: NodeId) -> NodeId {
        let written = match self.tree.tag(node) {
            Some(tag) => Some(format!("!{tag}")),
            None => self.tree.map(node).and_then(|map| map.iter().next()).map(|(_, key, _)| key.to_owned()),
        };
        let name = written.unwrap_or_default();
        self.unknown(node, Reason::Unsupported, &name)
    }

    /// A condition used as a value.
    fn truth(&mut self, node: NodeId, call: Call) -> NodeId {
        let condition = self.condition_of(call.node);
        match condition {
            Condition::ALWAYS => self.tree.derive_bool(node, true),
            Condition::NEVER => self.tree.derive_bool(node, false),
            _ => self.unknown(node, Reason::Parameter, call.function.name()),
        }
    }

    /// The elements of a list argument, each resolved; nothing where it is no list.
    pub(super) fn elements(&mut self, argument: Argument) -> Option<Vec<NodeId>> {
        let elements: Vec<_> = self.tree.list(argument.node)?.iter().collect();
        Some(elements)
    }

    /// The texts that a value may be, once resolved; a hole where it is no text.
    pub(super) fn texts(&mut self, node: NodeId) -> Vec<Part> {
        let Some(value) = self.resolve(node) else { return vec![Part::literal("")] };
        self.texts_of(value)
    }

    pub(super) fn texts_of(&mut self, value: NodeId) -> Vec<Part> {
        texts::parts(self.tree, self.conditions, value)
            .unwrap_or_else(|| vec![Part::always(self.no_text(value))])
    }

    /// The texts that a value may be, where it may be absent.
    pub(super) fn optional_texts(&mut self, value: NodeId) -> Vec<texts::Optional> {
        texts::optional(self.tree, self.conditions, value)
            .unwrap_or_else(|| vec![(Condition::ALWAYS, Some(self.no_text(value)))])
    }

    /// A list or map where a text is asked for: the JSON of it after `Fn::ToJsonString`.
    fn no_text(&self, value: NodeId) -> Vec<Piece> {
        if self.tree.derivation(value).is_some_and(|derivation| derivation.by == "Fn::ToJsonString") {
            return super::written::json(self.tree, value);
        }
        vec![texts::hole(malformed(), "not a text")]
    }

    /// The one known text of a value.
    pub(super) fn known_text(&mut self, node: NodeId) -> Option<String> {
        let value = self.resolve(node)?;
        self.tree.scalar(value).map(str::to_owned)
    }

    pub(super) fn unknown(&mut self, place: NodeId, reason: Reason, blocker: &str) -> NodeId {
        self.tree.derive_unknown(place, Unknown { reason, blocker: blocker.into() })
    }

    pub(super) fn text(&mut self, place: NodeId, parts: Vec<Part>) -> NodeId {
        texts::value(self.tree, place, parts)
    }

    pub(super) fn explain(&mut self, node: NodeId, by: &'static str, from: &[NodeId]) -> NodeId {
        self.tree.explain(node, by, from);
        node
    }

    /// A string with dynamic references: `{{resolve:ssm:name}}`.
    fn dynamic(&mut self, node: NodeId) -> NodeId {
        let text = self.tree.string(node).unwrap_or("").to_owned();
        let pieces = texts::with_dynamic(vec![Piece::Literal(text.into())]);
        let value = self.tree.derive_text(node, pieces);
        self.explain(value, "a dynamic reference", &[node])
    }
}

fn malformed() -> crate::document::HoleKind {
    crate::document::HoleKind::Any(Reason::Malformed)
}
