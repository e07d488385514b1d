//! One document in one situation: run by whoever may, or by another document with given values.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{NodeId, Tree};
use crate::ssm::callees;
use crate::ssm::context::Context;
use crate::ssm::document::Document;
use crate::ssm::language::Language;
use crate::ssm::lex::{self, contexts};
use crate::ssm::reference::Target;
use crate::ssm::script::{Part, Script, Use, uses_below};
use crate::ssm::sink::{Call, Class, Reach, Sink, reach};
use crate::ssm::solver::Solver;
use crate::ssm::step::Step;

use super::decide::decide;
use super::{Flow, Hop, Resolve, Source, Trust, Verdict, payload, ways};

/// Documents that run documents that run documents …
const DEPTH: usize = 8;
/// Flows of one document; what is beyond is not listed.
const FLOWS: usize = 20_000;
/// Characters on either side of a value in what is shown of its line.
const WIDTH: usize = 120;
/// Sources that one value is followed to.
const ORIGINS: usize = 200;

/// A source of a value, with what has happened on the way.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) source: Source,
    pub(super) language: Arc<Language>,
    /// Why what the value can be is no longer known.
    pub(super) lost: Option<&'static str>,
    pub(super) path: Vec<Hop>,
    pub(super) by_environment: bool,
}

impl Origin {
    pub(super) fn new(source: Source, language: impl Into<Arc<Language>>) -> Self {
        let path = vec![Hop { node: source.node, what: format!("`{}` is given", source.name).into() }];
        Self { source, language: language.into(), lost: None, path, by_environment: false }
    }

    pub(super) fn through(mut self, node: NodeId, what: impl Into<Box<str>>) -> Self {
        self.path.push(Hop { node, what: what.into() });
        self
    }
}

/// A document, and where the values of its parameters come from.
pub(super) struct Scope<'a> {
    pub(super) tree: &'a Tree,
    pub(super) document: &'a Document,
    pub(super) solver: &'a Solver,
    resolve: Resolve<'a>,
    /// The values of the parameters; nothing where whoever runs the document chooses them.
    arguments: Option<FxHashMap<Box<str>, Vec<Origin>>>,
    depth: usize,
    steps: FxHashMap<&'a str, usize>,
    /// What is being followed, so that loops end.
    pub(super) busy: RefCell<FxHashSet<Box<str>>>,
    pub(super) known: RefCell<FxHashMap<Box<str>, Vec<Origin>>>,
    left: Cell<usize>,
    parameters: FxHashMap<&'a str, usize>,
    /// By the address of the language, which is kept so that the address stays its own.
    verdicts: RefCell<FxHashMap<Question, (Arc<Language>, Decision)>>,
}

type Question = (usize, Trust, Class, Context);
/// A verdict, and a text that only changes arguments.
type Decision = (Verdict, Option<String>);

impl<'a> Scope<'a> {
    pub(super) fn of(
        tree: &'a Tree,
        document: &'a Document,
        resolve: Resolve<'a>,
        solver: &'a Solver,
    ) -> Self {
        let named = document.steps.iter().enumerate();
        let steps = named.filter_map(|(index, step)| Some((step.name.as_deref()?, index))).collect();
        let parameters = document.parameters.iter().enumerate();
        let parameters = parameters.map(|(index, parameter)| (&*parameter.name, index)).collect();
        Self {
            tree,
            document,
            solver,
            resolve,
            arguments: None,
            depth: 0,
            steps,
            busy: RefCell::default(),
            known: RefCell::default(),
            left: Cell::new(FLOWS),
            parameters,
            verdicts: RefCell::default(),
        }
    }

    pub(super) fn flows(&self) -> Vec<Flow> {
        let mut out = Vec::new();
        for (index, step) in self.document.steps.iter().enumerate() {
            let Reach { sinks, call } = reach(self.tree, self.document, step);
            for sink in &sinks {
                self.reach_sink(index, step, sink, &mut out);
            }
            if let Some(call) = &call {
                self.follow_call(index, step, call, &mut out);
            }
            if &*step.action == "aws:executeScript" {
                payload::flows(self, index, step, &mut out);
            }
            if out.len() > self.left.get() {
                out.truncate(self.left.get());
                break;
            }
        }
        out.shrink_to_fit();
        out
    }

    pub(super) fn step_named(&self, name: &str) -> Option<(usize, &'a Step)> {
        let index = *self.steps.get(name)?;
        Some((index, self.document.steps.get(index)?))
    }

    fn reach_sink(&self, index: usize, step: &Step, sink: &Sink, out: &mut Vec<Flow>) {
        let language = match sink.class {
            Class::Shell => lex::Language::Shell,
            Class::PowerShell => lex::Language::PowerShell,
            Class::Python => lex::Language::Python,
            Class::Json => lex::Language::Json,
            _ => return self.reach_plain(index, step, sink, out),
        };
        let script = Script::of(self.tree, sink.node);
        if !script.has_references() {
            return;
        }
        if sink.class == Class::Json && script.is_one_reference() {
            if &*sink.input == "TemplateBody" {
                let whole = Sink { class: Class::Document, ..sink.clone() };
                self.reach_plain(index, step, &whole, out);
            }
            return;
        }
        let all = contexts(&script, language);
        let uses = script.parts.iter().enumerate().filter_map(|(at, part)| match part {
            Part::Reference(found) => Some((at, found)),
            _ => None,
        });
        for ((at, found), context) in uses.zip(all) {
            let from = out.len();
            self.add((index, step), sink, found, context, out);
            for flow in out.iter_mut().skip(from) {
                if let Verdict::Unsafe { witness } = &flow.verdict {
                    flow.rendered = Some(rendered(&script, at, witness));
                }
            }
        }
    }

    /// Sinks without a language of their own: what matters is the value, or where in a URL it stands.
    fn reach_plain(&self, index: usize, step: &Step, sink: &Sink, out: &mut Vec<Flow>) {
        for found in uses_below(self.tree, sink.node) {
            let text = self.tree.scalar(found.node).unwrap_or("");
            let before = text.get(..found.reference.start).unwrap_or("");
            let context = match sink.class {
                Class::Url if !found.alone => url_context(before),
                Class::CommandLine => Context::CommandLine,
                Class::Argument => Context::Argument,
                Class::Path => Context::Path,
                Class::Document | Class::Role if !found.alone && names_its_owner(before) => Context::Argument,
                _ => Context::Selector,
            };
            self.add((index, step), sink, &found, context, out);
        }
    }

    fn add(&self, at: (usize, &Step), sink: &Sink, found: &Use, context: Context, out: &mut Vec<Flow>) {
        let (index, step) = at;
        for origin in self.origins(found) {
            if out.len() >= FLOWS {
                return;
            }
            let (verdict, weak) = self.verdict(&origin, sink.class, context);
            let what = format!("reaches `{}` of `{}`", sink.input, step.action);
            let is_whole = found.alone && sink.class.is_code() && context.name() == "unquoted";
            let Origin { source, language, path, by_environment, .. } = origin.through(found.node, what);
            out.push(Flow {
                source,
                path,
                class: sink.class,
                context,
                step: index,
                action: step.action.clone(),
                input: sink.input.clone(),
                operation: sink.operation.clone(),
                node: found.node,
                range: (found.reference.start, found.reference.end),
                language,
                verdict,
                weak,
                passthrough: is_whole,
                crosses: self.depth > 0,
                by_environment,
                rendered: None,
                under: Vec::new(),
            });
        }
    }

    pub(super) fn verdict(
        &self,
        origin: &Origin,
        class: Class,
        context: Context,
    ) -> (Verdict, Option<String>) {
        // Equal languages of one document are mostly one language: the address saves comparing them.
        let key = (Arc::as_ptr(&origin.language) as usize, origin.source.trust, class, context);
        let known = self.verdicts.borrow().get(&key).map(|(_, verdict)| verdict.clone());
        let (verdict, weak) = known.unwrap_or_else(|| {
            let made = decide(self.solver, (origin.source.trust, &origin.language), class, context);
            self.verdicts.borrow_mut().insert(key, (Arc::clone(&origin.language), made.clone()));
            made
        });
        match (verdict, origin.lost) {
            (Verdict::Unsafe { .. }, Some(reason)) => (Verdict::Unknown(reason.to_owned()), None),
            (verdict, _) => (verdict, weak),
        }
    }

    /// The sources of a reference's value.
    pub(super) fn origins(&self, found: &Use) -> Vec<Origin> {
        let mut all = match &found.reference.target {
            Target::Name(name) => self.parameter(name, found.node),
            Target::Output { step, output } => self.output(step, output, found.node),
            Target::Variable(name) => self.variable(name),
            Target::Store(name) => vec![store(name, found.node)],
            Target::System(_) | Target::Secret(_) => Vec::new(),
        };
        all.truncate(ORIGINS);
        all
    }

    /// The sources of all values in a node.
    pub(super) fn origins_below(&self, node: NodeId) -> Vec<Origin> {
        let mut all: Vec<Origin> = Vec::new();
        for found in uses_below(self.tree, node) {
            for origin in self.origins(&found) {
                if all.len() < ORIGINS && !all.iter().any(|known| known.source == origin.source) {
                    all.push(origin);
                }
            }
        }
        all
    }

    pub(super) fn parameter(&self, name: &str, at: NodeId) -> Vec<Origin> {
        let index = self.parameters.get(name).copied();
        let Some(parameter) = index.and_then(|index| self.document.parameters.get(index)) else {
            return Vec::new();
        };
        let given = match &self.arguments {
            None => {
                let source = Source {
                    trust: Trust::Caller,
                    kind: "parameter",
                    name: name.into(),
                    node: parameter.key,
                };
                vec![Origin::new(source, Language::default())]
            }
            Some(arguments) => match arguments.get(name) {
                Some(given) => given.clone(),
                None => parameter.store(self.tree).map(|name| store(&name, at)).into_iter().collect(),
            },
        };
        let limited = |mut origin: Origin| {
            origin.language = if origin.language.is_free() {
                Arc::clone(&parameter.language)
            } else {
                Arc::new(origin.language.and(&parameter.language))
            };
            origin.by_environment = parameter.by_environment;
            origin
        };
        given.into_iter().map(limited).collect()
    }

    /// The values that a step gives to the parameters of the documents that it may run.
    fn follow_call(&self, index: usize, step: &Step, call: &Call, out: &mut Vec<Flow>) {
        for (named, when) in ways(self.tree, call.document) {
            let from = out.len();
            let callees = (self.resolve)(named);
            if callees.is_empty() {
                self.follow_known(index, step, call, named, out);
            }
            for (callee, under) in callees {
                let own = out.len();
                self.follow_document(index, call, callee, out);
                for flow in out.iter_mut().skip(own) {
                    flow.under.extend(&under);
                }
            }
            for flow in out.iter_mut().skip(from) {
                flow.crosses = true;
                flow.under.extend(when);
            }
        }
    }

    /// The values that a step gives to a document which is not in the input.
    fn follow_known(&self, index: usize, step: &Step, call: &Call, named: NodeId, out: &mut Vec<Flow>) {
        let name = self.tree.scalar(named).unwrap_or("");
        for (parameter, node) in &call.arguments {
            let class = match callees::class(name, parameter) {
                Some(class) => class,
                // Somebody else's document is not known; one that is chosen at run time may run commands.
                None if name.contains("{{") && &**parameter == "commands" => Class::Shell,
                None => continue,
            };
            let input = format!("{parameter} of {name}");
            let sink = Sink { class, node: *node, input: input.into(), operation: None };
            self.reach_sink(index, step, &sink, out);
        }
    }

    fn follow_document(&self, index: usize, call: &Call, callee: &'a Document, out: &mut Vec<Flow>) {
        if self.depth >= DEPTH {
            return;
        }
        let mut arguments = FxHashMap::default();
        for (parameter, node) in &call.arguments {
            let what = format!("is given to `{parameter}` of another document");
            let given =
                self.origins_below(*node).into_iter().map(|origin| origin.through(*node, what.clone()));
            arguments.insert(parameter.clone(), given.collect());
        }
        let mut inner = Scope::of(self.tree, callee, self.resolve, self.solver);
        inner.arguments = Some(arguments);
        inner.depth = self.depth + 1;
        inner.left = Cell::new(self.left.get() / 4);
        for mut flow in inner.flows() {
            flow.step = index;
            out.push(flow);
        }
    }
}

pub(super) fn store(name: &str, node: NodeId) -> Origin {
    let source = Source { trust: Trust::Config, kind: "store", name: name.into(), node };
    Origin::new(source, Language::default())
}

/// Whether the text before a value names the owner of what it selects: `arn:…:ACCOUNT:role/`.
fn names_its_owner(before: &str) -> bool {
    before.starts_with("arn:") && before.splitn(6, ':').count() == 6
        || before.len() >= 4 && !before.contains(':')
}

fn url_context(before: &str) -> Context {
    let after_scheme = before.split_once("://").map_or(before, |(_, rest)| rest);
    if after_scheme.contains('/') { Context::UrlPath } else { Context::UrlHost }
}

/// The line around the reference that is the part at `at`, with a text in its place; other references become `…`.
fn rendered(script: &Script<'_>, at: usize, text: &str) -> String {
    let shown = |part: &'_ Part<'_>| match part {
        Part::Text(text) => text.to_string(),
        Part::Reference(_) | Part::Hole => "…".to_owned(),
    };
    let mut before = String::new();
    for part in script.parts.iter().take(at).rev() {
        let part = shown(part);
        if let Some((_, line)) = part.rsplit_once('\n') {
            before.insert_str(0, line);
            break;
        }
        before.insert_str(0, &part);
        if before.len() > WIDTH {
            break;
        }
    }
    let mut after = String::new();
    for part in script.parts.iter().skip(at + 1) {
        let part = shown(part);
        if let Some((line, _)) = part.split_once('\n') {
            after.push_str(line);
            break;
        }
        after.push_str(&part);
        if after.len() > WIDTH {
            break;
        }
    }
    let left = before.trim_start().chars().rev().take(WIDTH).collect::<Vec<_>>().into_iter().rev();
    left.chain(text.chars()).chain(after.trim_end().chars().take(WIDTH)).collect()
}
