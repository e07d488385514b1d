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
    /// What has been read.
    file: File,
    /// Clauses outside rules, and where the first stands.
    loose: Vec<Box<[Clause]>>,
    loose_range: Option<Range>,
}

/// Where a pair stands, without the blanks and comments at its ends.
pub(super) fn range(pair: &Pair<'_>) -> Range {
    let text = pair.as_str();
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let lead = text.len() - text.trim_start_matches(blank).len();
    let tail = text.len() - text.trim_end_matches(blank).len();
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let (start, end) = (pair.start(), pair.start() + text.len());
    Range { start: at(start + lead), end: at((end - tail).max(start + lead)) }
}

/// A pair's text as a name.
pub(super) fn name(pair: &Pair<'_>) -> Name {
    Name { text: pair.as_str().into(), range: range(pair) }
}

impl<'s> Lower<'s> {
    pub(super) fn new(source: &'s Arc<Source>) -> Self {
        let file = File {
            source: Arc::clone(source),
            imports: Vec::new(),
            lets: Vec::new(),
            rules: Vec::new(),
            calls: Vec::new(),
            asks: Vec::new(),
        };
        Self { source, error: None, asks: Vec::new(), file, loose: Vec::new(), loose_range: None }
    }
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

    /// An item of the file.
    pub(super) fn item(&mut self, item: Pair<'_>) {
        let at = range(&item);
        match item.as_rule() {
            Rule::import_ => self.file.imports.push(Self::import(item)),
            Rule::let_ => {
                let one = self.let_(item);
                self.file.lets.push(one);
            }
            Rule::rule => self.rule(item, Box::default()),
            Rule::param_rule => self.parameter_rule(item, Box::default()),
            Rule::attributed => self.attributed(item),
            Rule::type_or | Rule::clause_or => {
                let line = self.alternatives(item);
                self.loose.push(line);
                self.loose_range.get_or_insert(at);
            }
            Rule::file_when => {
                let line = inside(item).each(|when| self.clause(when));
                self.loose.push(line);
                self.loose_range.get_or_insert(at);
            }
            _ => {}
        }
    }

    /// The file. Clauses outside rules become its first rule.
    pub(super) fn finish(mut self) -> Result<File, Box<Diagnostic>> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(range) = self.loose_range {
            let body = Body { lets: Box::default(), lines: self.loose.into() };
            let rule = AstRule { attributes: Box::default(), name: None, when: None, body, range };
            self.file.rules.insert(0, rule);
        }
        self.file.asks = self.asks;
        Ok(self.file)
    }

    fn import(item: Pair<'_>) -> Import {
        let at = range(&item);
        let path = inside(item).next().map(|path| super::values::string(&path)).unwrap_or_default();
        Import { path: path.into(), range: at }
    }

    fn attributed(&mut self, item: Pair<'_>) {
        let mut attributes = Vec::new();
        for inner in inside(item) {
            match inner.as_rule() {
                Rule::attribute => attributes.push(attribute(inner)),
                Rule::rule => self.rule(inner, std::mem::take(&mut attributes).into()),
                Rule::param_rule => self.parameter_rule(inner, std::mem::take(&mut attributes).into()),
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

    fn rule(&mut self, item: Pair<'_>, attributes: Box<[Attribute]>) {
        let at = range(&item);
        let mut inner = inside(item);
        let rule_name = inner.next().map(|pair| name(&pair));
        let mut when = None;
        if inner.peek().is_some_and(|pair| pair.as_rule() == Rule::when_cond) {
            when = inner.next().map(|pair| self.conditions(pair));
        }
        let body = self.body(inner);
        self.file.rules.push(AstRule { attributes, name: rule_name, when, body, range: at });
    }

    fn parameter_rule(&mut self, item: Pair<'_>, attributes: Box<[Attribute]>) {
        let at = range(&item);
        let mut inner = inside(item);
        let rule_name = inner.next().map(|pair| name(&pair));
        let parameters = inner.next().map(|params| inside(params).each(|p| name(&p))).unwrap_or_default();
        let body = self.body(inner);
        let name = rule_name.unwrap_or(Name { text: "".into(), range: at });
        self.file.calls.push(ParameterRule { attributes, name, parameters, body, range: at });
    }

    /// Assignments and clauses.
    pub(super) fn body(&mut self, lines: Parts<'_>) -> Body {
        let mut lets = Vec::new();
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            match line.as_rule() {
                Rule::let_ => lets.push(self.let_(line)),
                Rule::rule_or | Rule::when_or | Rule::clause_or => out.push(self.alternatives(line)),
                _ => out.push([self.clause(line)].into()),
            }
        }
        Body { lets: lets.into(), lines: out.into() }
    }

    /// `when` and what follows it.
    pub(super) fn conditions(&mut self, when: Pair<'_>) -> Cnf {
        inside(when).each(|line| self.alternatives(line))
    }

    /// The alternatives of a line.
    pub(super) fn alternatives(&mut self, line: Pair<'_>) -> Box<[Clause]> {
        inside(line).each(|clause| self.clause(clause))
    }
}

/// `@name(argument, …)`.
pub(super) fn attribute(item: Pair<'_>) -> Attribute {
    let mut inner = inside(item);
    let attribute = inner.next().map_or_else(nameless, |pair| name(&pair));
    with_arguments(attribute, inner)
}

fn with_arguments<'p>(name: Name, lists: impl Iterator<Item = Pair<'p>>) -> Attribute {
    let (mut arguments, mut words) = (Vec::new(), Vec::new());
    for argument in lists.flat_map(inside) {
        let Some(value) = inside(argument).next() else { continue };
        let is_word = value.as_rule() != Rule::string;
        let text = if is_word { value.as_str().to_owned() } else { super::values::string(&value) };
        arguments.push(Name { text: text.into(), range: range(&value) });
        words.push(is_word);
    }
    Attribute { name, arguments: arguments.into(), words: words.into() }
}

/// What stands for a name that the grammar says is there.
fn nameless() -> Name {
    Name { text: "".into(), range: Range::default() }
}
