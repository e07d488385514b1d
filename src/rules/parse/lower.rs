//! Files, rules and bodies: from the parser's pairs to the tree.

use std::sync::Arc;

use crate::document::{Code, Diagnostic, Source};

use crate::rules::ast::{
    Attribute, Body, Clause, Cnf, File, Import, Let, Name, ParameterRule, Range, Rule as AstRule,
};

use super::{Pair, Parts, Rule, inside};

/// The way down; keeps the first defect that the grammar cannot see.
pub(super) struct Lower<'s> {
    pub(super) source: &'s Arc<Source>,
    pub(super) error: Option<Box<Diagnostic>>,
    /// Functions that Guard does not have.
    pub(super) asks: Vec<Name>,
}

/// Where a pair stands, without the blanks and comments at its ends.
pub(super) fn range(pair: &Pair<'_>) -> Range {
    let span = pair.as_span();
    let text = span.as_str();
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let lead = text.len() - text.trim_start_matches(blank).len();
    let tail = text.len() - text.trim_end_matches(blank).len();
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Range { start: at(span.start() + lead), end: at((span.end() - tail).max(span.start() + lead)) }
}

/// A pair's text as a name.
pub(super) fn name(pair: &Pair<'_>) -> Name {
    Name { text: pair.as_str().into(), range: range(pair) }
}

impl Lower<'_> {
    /// Keeps the first defect.
    pub(super) fn fail(&mut self, at: Range, message: impl Into<String>, help: Option<&str>) {
        if self.error.is_none() {
            let mut made = Diagnostic::new(Code::RuleSyntax, message).at(at.of(self.source));
            made.help = help.map(str::to_owned);
            self.error = Some(Box::new(made));
        }
    }

    /// A file. Clauses outside rules become its first rule.
    pub(super) fn file(&mut self, file: Pair<'_>) -> File {
        let mut out = File {
            source: Arc::clone(self.source),
            imports: Vec::new(),
            lets: Vec::new(),
            rules: Vec::new(),
            calls: Vec::new(),
            asks: Vec::new(),
        };
        let mut loose: Cnf = Vec::new();
        let mut loose_range: Option<Range> = None;
        for item in inside(file) {
            let at = range(&item);
            match item.as_rule() {
                Rule::import_ => out.imports.push(Self::import(item)),
                Rule::let_ => out.lets.push(self.let_(item)),
                Rule::rule => out.rules.push(self.rule(item, Vec::new())),
                Rule::param_rule => out.calls.push(self.parameter_rule(item, Vec::new())),
                Rule::attributed => self.attributed(item, &mut out),
                Rule::type_or | Rule::clause_or => loose.push(self.alternatives(item)),
                Rule::file_when => {
                    let clauses = inside(item).map(|when| self.clause(when)).collect();
                    loose.push(clauses);
                }
                _ => continue,
            }
            if !loose.is_empty() && loose_range.is_none() {
                loose_range = Some(at);
            }
        }
        if let Some(range) = loose_range {
            let body = Body { lets: Vec::new(), lines: loose };
            let rule = AstRule { attributes: Vec::new(), name: None, when: None, body, range };
            out.rules.insert(0, rule);
        }
        out.asks = std::mem::take(&mut self.asks);
        out
    }

    fn import(item: Pair<'_>) -> Import {
        let at = range(&item);
        let path = inside(item).next().map(|path| super::values::string(&path)).unwrap_or_default();
        Import { path: path.into(), range: at }
    }

    fn attributed(&mut self, item: Pair<'_>, out: &mut File) {
        let mut attributes = Vec::new();
        for inner in inside(item) {
            match inner.as_rule() {
                Rule::attribute => attributes.push(attribute(inner)),
                Rule::rule => out.rules.push(self.rule(inner, std::mem::take(&mut attributes))),
                Rule::param_rule => {
                    out.calls.push(self.parameter_rule(inner, std::mem::take(&mut attributes)));
                }
                _ => {}
            }
        }
    }

    pub(super) fn let_(&mut self, item: Pair<'_>) -> Let {
        let mut inner = inside(item);
        let variable = inner.next().map_or_else(nameless, |pair| name(&pair));
        let value = match inner.next() {
            Some(value) => self.operand(value),
            None => self.nothing(),
        };
        Let { name: variable, value }
    }

    fn rule(&mut self, item: Pair<'_>, attributes: Vec<Attribute>) -> AstRule {
        let at = range(&item);
        let mut inner = inside(item);
        let rule_name = inner.next().map(|pair| name(&pair));
        let mut when = None;
        if inner.peek().is_some_and(|pair| pair.as_rule() == Rule::when_cond) {
            when = inner.next().map(|pair| self.conditions(pair));
        }
        let body = self.body(inner);
        AstRule { attributes, name: rule_name, when, body, range: at }
    }

    fn parameter_rule(&mut self, item: Pair<'_>, attributes: Vec<Attribute>) -> ParameterRule {
        let at = range(&item);
        let mut inner = inside(item);
        let rule_name = inner.next().map(|pair| name(&pair));
        let parameters =
            inner.next().map(|params| inside(params).map(|p| name(&p)).collect()).unwrap_or_default();
        let body = self.body(inner);
        let name = rule_name.unwrap_or(Name { text: "".into(), range: at });
        ParameterRule { attributes, name, parameters, body, range: at }
    }

    /// Assignments and clauses.
    pub(super) fn body(&mut self, lines: Parts<'_>) -> Body {
        let mut body = Body::default();
        for line in lines {
            match line.as_rule() {
                Rule::let_ => body.lets.push(self.let_(line)),
                Rule::rule_or | Rule::when_or | Rule::clause_or => {
                    let clauses = self.alternatives(line);
                    body.lines.push(clauses);
                }
                _ => {
                    let clause = self.clause(line);
                    body.lines.push(vec![clause]);
                }
            }
        }
        body
    }

    /// `when` and what follows it.
    pub(super) fn conditions(&mut self, when: Pair<'_>) -> Cnf {
        inside(when).map(|line| self.alternatives(line)).collect()
    }

    /// The alternatives of a line.
    pub(super) fn alternatives(&mut self, line: Pair<'_>) -> Vec<Clause> {
        inside(line).map(|clause| self.clause(clause)).collect()
    }
}

/// `@name(argument, …)`.
pub(super) fn attribute(item: Pair<'_>) -> Attribute {
    let mut inner = inside(item);
    let attribute = inner.next().map_or_else(nameless, |pair| name(&pair));
    with_arguments(attribute, inner)
}

fn with_arguments<'p>(name: Name, lists: impl Iterator<Item = Pair<'p>>) -> Attribute {
    let mut out = Attribute { name, arguments: Vec::new(), words: Vec::new() };
    for argument in lists.flat_map(inside) {
        let Some(value) = inside(argument).next() else { continue };
        let is_word = value.as_rule() != Rule::string;
        let text = if is_word { value.as_str().to_owned() } else { super::values::string(&value) };
        out.arguments.push(Name { text: text.into(), range: range(&value) });
        out.words.push(is_word);
    }
    out
}

/// What stands for a name that the grammar says is there.
fn nameless() -> Name {
    Name { text: "".into(), range: Range::default() }
}
