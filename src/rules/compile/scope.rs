//! Which variable a name stands for.
//!
//! Scopes are lexical, except that a rule with parameters sees what its caller sees. A variable that surely stands for
//! the same results whatever the evaluation is at is *fixed* here; all others are looked up by name when needed.

use rustc_hash::FxHashMap;

use crate::document::Code;
use crate::facts::schema;

use crate::rules::ast;
use crate::rules::limits;
use crate::rules::program::{Binding, Fixed, Lets, NameId, Operand, Reads};

use super::Compiler;
use super::types::Ty;

/// Where something stands: how many scopes it sees, and what the value at hand is.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) depth: usize,
    /// The value at hand is the document's root.
    pub(super) root: bool,
    /// Inside a rule with parameters, where the value at hand is the caller's.
    pub(super) dynamic: bool,
    pub(super) ty: Ty,
}

/// A scope in the making.
pub(super) struct Scope<'a> {
    at: At,
    parameters: Box<[NameId]>,
    entries: Vec<Entry<'a>>,
    by_name: FxHashMap<NameId, usize>,
}

struct Entry<'a> {
    name: NameId,
    value: &'a ast::Let,
    state: State,
}

enum State {
    Waiting,
    Working,
    Done(Box<Resolved>, Option<Binding>),
}

/// What is known of a variable.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) ty: Ty,
    pub(super) fixed: Option<Fixed>,
    reads: Reads,
}

const UNKNOWN: Resolved =
    Resolved { ty: Ty::Any, fixed: None, reads: Reads { facts: false, document: false } };

impl Scope<'_> {
    /// The scope of a call's parameters.
    pub(super) fn parameters(parameters: Box<[NameId]>, at: At) -> Self {
        Self { at, parameters, entries: Vec::new(), by_name: FxHashMap::default() }
    }
}

impl<'a> Compiler<'a> {
    /// A scope of assignments. Of one name, literals win over functions over queries, and the last of its kind wins.
    pub(super) fn scope(&mut self, lets: &'a [ast::Let], at: At) -> Scope<'a> {
        let rank = |value: &ast::Operand| match value {
            ast::Operand::Literal(..) => 2,
            ast::Operand::Function(_) => 1,
            ast::Operand::Query(_) => 0,
        };
        let mut entries: Vec<Entry<'a>> = Vec::with_capacity(lets.len());
        let mut by_name = FxHashMap::default();
        for one in lets {
            let name = self.program.names.id(&one.name.text);
            let at = *by_name.entry(name).or_insert(entries.len());
            match entries.get_mut(at) {
                Some(entry) if rank(&one.value) >= rank(&entry.value.value) => entry.value = one,
                Some(_) => {}
                None => entries.push(Entry { name, value: one, state: State::Waiting }),
            }
        }
        Scope { at, parameters: Box::default(), entries, by_name }
    }

    /// Finishes the innermost scope.
    pub(super) fn close_scope(&mut self) -> Lets {
        let depth = self.scopes.len();
        let count = self.scopes.last().map_or(0, |scope| scope.entries.len());
        let before = self.reads;
        for index in 0..count {
            self.entry(depth - 1, index);
        }
        // Variables that nothing asks for do not count.
        self.reads = before;
        let Some(scope) = self.scopes.pop() else { return Lets::default() };
        let bindings = scope.entries.into_iter().filter_map(|entry| match entry.state {
            State::Done(_, Some(binding)) => Some((entry.name, binding)),
            _ => None,
        });
        Lets(bindings.collect())
    }

    /// Finishes the scope of a file; beside it, what is known of its variables and of those that it imports.
    pub(super) fn close_file_scope(&mut self) -> (Lets, FxHashMap<NameId, Resolved>) {
        let count = self.scopes.last().map_or(0, |scope| scope.entries.len());
        let mut exports: FxHashMap<NameId, Resolved> = FxHashMap::default();
        for index in 0..count {
            let found = self.entry(0, index);
            if let Some(entry) = self.scopes.first().and_then(|scope| scope.entries.get(index)) {
                exports.insert(entry.name, found);
            }
        }
        let imports = self.program.files.get(self.file).map(|file| file.imports.clone()).unwrap_or_default();
        for import in imports.iter().filter_map(|import| self.exports.get(*import)) {
            let all: std::collections::BTreeMap<_, _> = import.iter().collect();
            for (name, found) in all {
                exports.entry(*name).or_insert_with(|| found.clone());
            }
        }
        (self.close_scope(), exports)
    }

    /// What a name stands for at a place.
    pub(super) fn resolve(&mut self, text: &str, range: ast::Range, at: At) -> Resolved {
        let name = self.program.names.id(text);
        for depth in (0..at.depth.min(self.scopes.len())).rev() {
            let Some(scope) = self.scopes.get(depth) else { continue };
            if scope.parameters.contains(&name) {
                return UNKNOWN;
            }
            // A caller's variables come before those of the file.
            if depth == 0 && at.dynamic {
                return if self.known().contains(&text) { UNKNOWN } else { self.predeclared(text, range) };
            }
            if let Some(index) = scope.by_name.get(&name).copied() {
                if depth == 0 && self.captured.contains(&name) {
                    return UNKNOWN;
                }
                let found = self.entry(depth, index);
                self.reads = self.reads.with(found.reads);
                return found;
            }
        }
        if self.captured.contains(&name) {
            return UNKNOWN;
        }
        let imports = self.program.files.get(self.file).map(|file| file.imports.clone()).unwrap_or_default();
        for import in imports {
            if let Some(found) = self.exports.get(import).and_then(|exports| exports.get(&name)).cloned() {
                self.reads = self.reads.with(found.reads);
                return found;
            }
        }
        self.predeclared(text, range)
    }

    fn predeclared(&mut self, text: &str, range: ast::Range) -> Resolved {
        if let Some(kind) = schema::variable(text) {
            let reads = Reads { facts: true, document: false };
            self.reads = self.reads.with(reads);
            return Resolved { ty: Ty::entity(kind), fixed: Some(Fixed::Facts(kind)), reads };
        }
        let variables = schema::kinds().iter().map(|kind| kind.variable);
        let help = self.did_you_mean(text, variables).map(|help| help.replace("mean `", "mean `%"));
        self.report(Code::RuleName, range, format!("there is no variable `%{text}`"), help);
        UNKNOWN
    }

    /// Compiles a variable when it is first asked for.
    fn entry(&mut self, depth: usize, index: usize) -> Resolved {
        let Some(scope) = self.scopes.get_mut(depth) else { return UNKNOWN };
        let at = scope.at;
        let Some(entry) = scope.entries.get_mut(index) else { return UNKNOWN };
        let value = entry.value;
        match &entry.state {
            State::Done(found, _) => return (**found).clone(),
            State::Working => {
                let message = format!("the variable `%{}` leads back to itself", value.name.text);
                self.report(Code::RuleName, value.name.range, message, None);
                return UNKNOWN;
            }
            State::Waiting if self.chain >= limits::CHAIN => {
                let message =
                    format!("more than {} variables need one another, one after another", limits::CHAIN);
                entry.state = State::Done(Box::new(UNKNOWN), None);
                self.report(Code::RuleName, value.name.range, message, None);
                return UNKNOWN;
            }
            State::Waiting => entry.state = State::Working,
        }
        self.chain += 1;
        let outside = std::mem::take(&mut self.reads);
        let (found, binding) = self.binding(value, At { depth: depth + 1, ..at });
        self.chain -= 1;
        let reads = std::mem::replace(&mut self.reads, outside);
        let found = Resolved { reads, ..found };
        let entry = self.scopes.get_mut(depth).and_then(|scope| scope.entries.get_mut(index));
        if let Some(entry) = entry {
            entry.state = State::Done(Box::new(found.clone()), Some(binding));
        }
        found
    }

    fn binding(&mut self, value: &'a ast::Let, at: At) -> (Resolved, Binding) {
        let (operand, ty) = self.operand(&value.value, at);
        match operand {
            Operand::Literal(literal) => {
                let fixed = Some(Fixed::Literal(literal.clone()));
                (Resolved { ty, fixed, ..UNKNOWN }, Binding::Literal(literal))
            }
            Operand::Function(function) => (Resolved { ty, ..UNKNOWN }, Binding::Function(*function)),
            Operand::Query(query) => {
                let fixed = self.share_variable(query, at).map(Fixed::Shared);
                (Resolved { ty, fixed, ..UNKNOWN }, Binding::Query(query))
            }
        }
    }
}
