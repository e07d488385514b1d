//! From the tree of a rule file to a program: names resolved, types checked, equal queries found.

mod asks;
mod clauses;
mod fixes;
mod foreign;
mod imports;
mod lint;
mod messages;
mod queries;
mod scope;
mod share;
mod silent;
mod types;
mod vacuous;

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Code, Diagnostic};

use super::ast;
use super::metadata;
use super::program::{
    Body, CallRule, IndexId, Lets, NameId, Program, ProgramFile, Reads, Rule, RuleId, SharedId,
};
use super::suggest::suggest;

pub use imports::ReadFile;
pub(super) use share::{Texts, selector};

use scope::{At, Resolved, Scope};
use types::Ty;

impl Program {
    /// Compiles rule files into one program. Defects that concern names are reported beside it; the parts that they
    /// concern cannot be evaluated, the rest can.
    pub fn compile(files: &[ast::File]) -> (Self, Vec<Diagnostic>) {
        let mut compiler = Compiler::default();
        for file in files {
            compiler.file(file, Vec::new());
            if let Some(import) = file.imports.first() {
                compiler.report(
                    Code::RuleName,
                    import.range,
                    "imports are not followed here".to_owned(),
                    None,
                );
            }
        }
        (compiler.program, compiler.diagnostics)
    }
}

/// The state of a compilation.
#[derive(Default)]
struct Compiler<'a> {
    program: Program,
    diagnostics: Vec<Diagnostic>,
    shared_ids: FxHashMap<String, SharedId>,
    index_ids: FxHashMap<(SharedId, Box<str>), IndexId>,
    /// The file at hand.
    current: Option<&'a ast::File>,
    file: usize,
    /// Names that a query of the file captures keys into.
    captured: FxHashSet<NameId>,
    /// Every name that the file gives to anything, for dynamic scopes and suggestions.
    known: OnceCell<Vec<&'a str>>,
    /// Names of the file's rules.
    rule_names: FxHashSet<NameId>,
    scopes: Vec<Scope<'a>>,
    /// How many variables are being looked at because others need them.
    chain: usize,
    /// What is known of the variables of each file.
    exports: Vec<FxHashMap<NameId, Resolved>>,
    /// The types of the values that enclosing blocks are about, innermost last.
    contexts: Vec<Ty>,
    /// The attribute that `@severity_from` of the rule at hand names, until a block about something that has it.
    graded_by: Option<&'a str>,
    /// What the rule at hand has looked at so far.
    reads: Reads,
    /// Rules that the rule at hand refers to, and those with parameters that it calls.
    referred: Vec<NameId>,
}

/// A rule's references, until all rules are known.
struct Pending {
    rule: Result<RuleId, NameId>,
    referred: Vec<NameId>,
}

impl<'a> Compiler<'a> {
    /// Compiles a file that imports others, which are compiled already.
    fn file(&mut self, file: &'a ast::File, imports: Vec<usize>) {
        self.current = Some(file);
        self.file = self.program.files.len();
        self.known = OnceCell::new();
        let names = file.rules.iter().filter_map(|rule| rule.name.as_ref());
        self.rule_names = names.map(|name| self.program.names.id(&name.text)).collect();
        let captured: Vec<NameId> =
            names::captured(file).iter().map(|name| self.program.names.id(name)).collect();
        self.captured = captured.iter().copied().collect();
        self.program.files.push(ProgramFile {
            source: Arc::clone(&file.source),
            lets: Lets::default(),
            calls: FxHashMap::default(),
            by_name: FxHashMap::default(),
            captured,
            imports,
        });
        let top = At { depth: 1, root: true, dynamic: false, ty: Ty::Any };
        let scope = self.scope(&file.lets, top);
        self.scopes = vec![scope];
        self.lint_vacuous(file);
        let first = self.program.rules.len();
        let mut pending = Vec::new();
        for call in &file.calls {
            let made = self.parameter_rule(call);
            pending.push(made);
        }
        for rule in &file.rules {
            let made = self.rule(rule);
            pending.push(made);
        }
        self.lint_ids(first);
        let (lets, exports) = self.close_file_scope();
        self.exports.push(exports);
        if let Some(file) = self.program.files.get_mut(self.file) {
            file.lets = lets;
        }
        self.spread_reads(&pending);
    }

    fn rule(&mut self, rule: &'a ast::Rule) -> Pending {
        self.reads = Reads::default();
        self.referred.clear();
        self.lint_rule(rule);
        let grade = rule.attributes.iter().find(|one| &*one.name.text == "severity_from");
        let grade = grade.and_then(|one| one.arguments.first());
        self.graded_by = grade.map(|name| &*name.text);
        let at = At { depth: 1, root: true, dynamic: false, ty: Ty::Any };
        let when = rule.when.as_ref().map(|when| self.cnf(when, at));
        let body = self.body(&rule.body, at);
        if let (Some(name), Some(_)) = (grade, self.graded_by.take()) {
            let message = format!("nothing that the rule looks at has an attribute `{}`", name.text);
            let help = "name an attribute of what a block of the rule is about".to_owned();
            self.report(Code::RuleName, name.range, message, Some(help));
        }
        let id = RuleId(u32::try_from(self.program.rules.len()).unwrap_or(u32::MAX));
        if let Some(file) = self.current {
            let metadata = metadata::read(&file.source, &rule.attributes, &mut self.diagnostics);
            self.program.rules.push(Rule {
                file: self.file,
                source: Arc::clone(&file.source),
                name: rule.name.as_ref().map(|name| name.text.clone()),
                range: rule.name.as_ref().map_or(rule.range, |name| name.range),
                whole: rule.range,
                when,
                body,
                metadata,
                reads: self.reads,
            });
        }
        if let Some(name) = &rule.name {
            let name = self.program.names.id(&name.text);
            if let Some(file) = self.program.files.get_mut(self.file) {
                file.by_name.entry(name).or_default().push(id);
            }
        }
        Pending { rule: Ok(id), referred: std::mem::take(&mut self.referred) }
    }

    fn parameter_rule(&mut self, rule: &'a ast::ParameterRule) -> Pending {
        self.reads = Reads::default();
        self.referred.clear();
        let parameters: Box<[NameId]> =
            rule.parameters.iter().map(|name| self.program.names.id(&name.text)).collect();
        let at = At { depth: 2, root: false, dynamic: true, ty: Ty::Any };
        self.scopes.push(Scope::parameters(parameters.clone(), at));
        let body = self.body(&rule.body, at);
        self.scopes.pop();
        let name = self.program.names.id(&rule.name.text);
        let made = CallRule { name: rule.name.text.clone(), parameters, body };
        if let Some(file) = self.program.files.get_mut(self.file) {
            file.calls.insert(name, made);
        }
        Pending { rule: Err(name), referred: std::mem::take(&mut self.referred) }
    }

    /// A body: a scope of its own, and clauses.
    fn body(&mut self, body: &'a ast::Body, at: At) -> Body {
        let inner = At { depth: at.depth + 1, ..at };
        let scope = self.scope(&body.lets, inner);
        // A variable of an outer scope may be compiled while an inner scope is open.
        let open = self.scopes.split_off(at.depth.min(self.scopes.len()));
        self.scopes.push(scope);
        let lines = self.cnf(&body.lines, inner);
        let lets = self.close_scope();
        self.scopes.extend(open);
        Body { lets, lines }
    }

    /// A rule looks at what the rules that it refers to look at.
    fn spread_reads(&mut self, pending: &[Pending]) {
        let mut by_name: FxHashMap<NameId, Vec<RuleId>> = FxHashMap::default();
        for file in self.program.with_imports(self.file) {
            for (name, rules) in file.by_name.iter().collect::<std::collections::BTreeMap<_, _>>() {
                by_name.entry(*name).or_insert_with(|| rules.clone());
            }
        }
        let mut calls: FxHashMap<NameId, Reads> = FxHashMap::default();
        for round in 0..=pending.len() {
            let mut changed = false;
            for position in 0..pending.len() {
                // There and back, because rules refer to those before and to those behind them.
                let position = if round % 2 == 0 { position } else { pending.len() - 1 - position };
                let Some(one) = pending.get(position) else { continue };
                let mut reads = Reads::default();
                for name in &one.referred {
                    let rules = by_name.get(name).into_iter().flatten();
                    for rule in rules.filter_map(|id| self.program.rules.get(id.index())) {
                        reads = reads.with(rule.reads);
                    }
                    reads = reads.with(calls.get(name).copied().unwrap_or_default());
                }
                match one.rule {
                    Ok(id) => {
                        if let Some(rule) = self.program.rules.get_mut(id.index()) {
                            let all = rule.reads.with(reads);
                            changed |= all != rule.reads;
                            rule.reads = all;
                        }
                    }
                    Err(name) => {
                        let known = calls.entry(name).or_default();
                        let all = known.with(reads);
                        changed |= all != *known;
                        *known = all;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Every name that the file gives to anything.
    fn known(&self) -> &[&'a str] {
        self.known.get_or_init(|| self.current.map(names::all).unwrap_or_default())
    }

    /// Reports a defect of the file at hand.
    fn report(&mut self, code: Code, at: ast::Range, message: String, help: Option<String>) {
        if let Some(file) = self.current {
            let mut made = Diagnostic::new(code, message).at(at.of(&file.source));
            made.help = help;
            self.diagnostics.push(made);
        }
    }

    /// "did you mean", from names of the file and others.
    fn did_you_mean<'n>(&self, name: &str, others: impl Iterator<Item = &'n str>) -> Option<String>
    where
        'a: 'n,
    {
        let own = self.known().iter().copied();
        suggest(name, own.chain(others)).map(|near| format!("did you mean `{near}`?"))
    }
}

/// The names that a file gives to things.
mod names {
    use crate::rules::ast::{Body, Clause, Cnf, File, Operand, PartKind, Query};

    /// Variables, parameters and captures.
    pub(super) fn all(file: &File) -> Vec<&str> {
        let mut out: Vec<&str> = file.lets.iter().map(|one| &*one.name.text).collect();
        for rule in &file.calls {
            out.extend(rule.parameters.iter().map(|name| &*name.text));
        }
        each_body(file, &mut |body| out.extend(body.lets.iter().map(|one| &*one.name.text)));
        out.extend(captured(file));
        out
    }

    /// Names that keys are captured into.
    #[expect(clippy::match_same_arms, reason = "different steps, one name each")]
    pub(super) fn captured(file: &File) -> Vec<&str> {
        let mut out = Vec::new();
        each_query(file, &mut |query| {
            for part in &query.parts {
                let name = match &part.kind {
                    PartKind::AllValues(name) | PartKind::AllIndices(name) => name.as_ref(),
                    PartKind::Filter(name, _) => name.as_ref(),
                    _ => None,
                };
                out.extend(name.map(|name| &*name.text));
            }
        });
        out
    }

    fn each_body<'f>(file: &'f File, visit: &mut dyn FnMut(&'f Body)) {
        let mut bodies: Vec<&Body> = file.rules.iter().map(|rule| &rule.body).collect();
        bodies.extend(file.calls.iter().map(|rule| &rule.body));
        while let Some(body) = bodies.pop() {
            visit(body);
            for clause in body.lines.iter().flatten() {
                match clause {
                    Clause::Block(block) => bodies.push(&block.body),
                    Clause::When(when) => bodies.push(&when.body),
                    Clause::Type(block) => bodies.push(&block.body),
                    Clause::Access(_) | Clause::Call(_) | Clause::Reference(_) => {}
                }
            }
        }
    }

    fn each_query<'f>(file: &'f File, visit: &mut dyn FnMut(&'f Query)) {
        for one in &file.lets {
            operand(&one.value, visit);
        }
        for rule in &file.rules {
            rule.when.iter().for_each(|when| cnf(when, visit));
            body(&rule.body, visit);
        }
        file.calls.iter().for_each(|rule| body(&rule.body, visit));
    }

    fn body<'f>(of: &'f Body, visit: &mut dyn FnMut(&'f Query)) {
        of.lets.iter().for_each(|one| operand(&one.value, visit));
        cnf(&of.lines, visit);
    }

    fn operand<'f>(of: &'f Operand, visit: &mut dyn FnMut(&'f Query)) {
        match of {
            Operand::Query(inner) => query(inner, visit),
            Operand::Function(function) => function.arguments.iter().for_each(|inner| operand(inner, visit)),
            Operand::Literal(..) => {}
        }
    }

    fn query<'f>(of: &'f Query, visit: &mut dyn FnMut(&'f Query)) {
        visit(of);
        for part in &of.parts {
            match &part.kind {
                PartKind::Filter(_, lines) => cnf(lines, visit),
                PartKind::Keys(keys) => operand(&keys.operand, visit),
                _ => {}
            }
        }
    }

    fn cnf<'f>(of: &'f Cnf, visit: &mut dyn FnMut(&'f Query)) {
        for clause in of.iter().flatten() {
            match clause {
                Clause::Access(access) => {
                    query(&access.query, visit);
                    access.operand.iter().for_each(|inner| operand(inner, visit));
                }
                Clause::Block(block) => {
                    query(&block.query, visit);
                    body(&block.body, visit);
                }
                Clause::When(when) => {
                    cnf(&when.conditions, visit);
                    body(&when.body, visit);
                }
                Clause::Type(block) => {
                    block.when.iter().for_each(|when| cnf(when, visit));
                    body(&block.body, visit);
                }
                Clause::Call(call) => call.arguments.iter().for_each(|inner| operand(inner, visit)),
                Clause::Reference(_) => {}
            }
        }
    }
}
