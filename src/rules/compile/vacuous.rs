//! Clauses that have the same answer whatever they are asked about: rules with them never fail, never apply, or always fail.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Code, Source};
use crate::rules::ast::{Access, Body, Clause, Cnf, File, Let, Op, Operand, PartKind, Query, Range};
use crate::rules::literal::Literal;

use super::Compiler;
use super::foreign;
use super::silent;

/// A warning: where, what, and a hint.
pub(super) type Warning = (Range, String, Option<&'static str>);

impl Compiler<'_> {
    /// Looks for clauses of a file whose answer is known beforehand, and for what is read as something else than it seems.
    pub(super) fn lint_vacuous(&mut self, file: &File) {
        // What was looked at when it was written is kept without its text.
        if file.source.text().is_empty() {
            return;
        }
        let mut look = Look { source: &file.source, file, inside: 0, out: Vec::new() };
        look.lets(&file.lets);
        for rule in &file.rules {
            if let Some(when) = &rule.when {
                look.lines(when, true);
                look.gated(when, &rule.body);
            }
            look.body(&rule.body);
        }
        for rule in &file.calls {
            look.body(&rule.body);
        }
        look.out.sort_by_key(|(range, ..)| range.start);
        for (range, message, help) in look.out {
            self.report(Code::RuleSuspicious, range, message, help.map(str::to_owned));
        }
    }
}

struct Look<'f> {
    source: &'f Source,
    file: &'f File,
    /// Blocks and filters around, in which properties are those of a value.
    inside: usize,
    out: Vec<Warning>,
}

impl Look<'_> {
    fn lets(&mut self, lets: &[Let]) {
        for one in lets {
            if let Operand::Query(query) = &one.value {
                self.query(query);
            }
        }
    }

    fn body(&mut self, body: &Body) {
        self.lets(&body.lets);
        self.lines(&body.lines, false);
    }

    fn lines(&mut self, lines: &Cnf, condition: bool) {
        for clause in lines.iter().flatten() {
            self.clause(clause);
        }
        self.both(lines, condition);
        self.opposites(lines);
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Access(access) => self.access(access),
            Clause::Block(block) => {
                self.out.extend(foreign::block(block, self.source));
                self.query(&block.query);
                self.inside += 1;
                self.body(&block.body);
                self.inside -= 1;
            }
            Clause::When(when) => {
                self.lines(&when.conditions, true);
                self.gated(&when.conditions, &when.body);
                self.body(&when.body);
            }
            Clause::Type(block) => {
                self.inside += 1;
                if let Some(when) = &block.when {
                    self.lines(when, true);
                    self.gated(when, &block.body);
                }
                self.body(&block.body);
                self.inside -= 1;
            }
            Clause::Call(_) | Clause::Reference(_) => {}
        }
    }

    fn query(&mut self, query: &Query) {
        self.out.extend(silent::query(query, self.file));
        for part in &query.parts {
            if let PartKind::Filter(_, lines) = &part.kind {
                self.inside += 1;
                self.lines(lines, true);
                self.inside -= 1;
            }
        }
    }

    fn access(&mut self, access: &Access) {
        self.out.extend(foreign::access(access, self.source));
        self.out.extend(silent::operator(access, self.source));
        if self.inside == 0 {
            self.out.extend(silent::rule(access, self.file));
        }
        self.query(&access.query);
        match &access.operand {
            Some(Operand::Query(right)) => {
                self.query(right);
                let reflexive = matches!(access.op, Op::Eq | Op::In | Op::Le | Op::Ge);
                if reflexive && self.same(&access.query, right) {
                    let message =
                        format!("`{}` is compared with itself", right.range.text(self.source).trim());
                    self.out.push((access.range, message, None));
                }
            }
            Some(Operand::Literal(literal, range)) => {
                self.pattern(literal, *range);
                self.spelled_out(access);
            }
            Some(Operand::Function(_)) => {}
            None => self.spelled_out(access),
        }
    }

    /// A question about a value that the file itself spells out.
    fn spelled_out(&mut self, access: &Access) {
        if let [part] = &*access.query.parts
            && let PartKind::Variable(name) = &part.kind
            && is_literal(&self.file.lets, name)
        {
            let message =
                format!("`%{name}` is spelled out in this file, so that the answer is always the same");
            self.out.push((access.range, message, None));
        }
    }

    /// Lines that ask for something and for its absence, and alternatives of which one always holds.
    fn opposites(&mut self, lines: &Cnf) {
        let alone: Vec<&Access> =
            lines.iter().filter(|line| line.len() == 1).flatten().filter_map(presence).collect();
        let against = self.against(&alone);
        self.out.extend(
            against
                .into_iter()
                .map(|(range, what)| (range, format!("{what} and its opposite never hold together"), None)),
        );
        for line in lines {
            let any: Vec<&Access> = line.iter().filter_map(presence).collect();
            let against = self.against(&any);
            self.out.extend(against.into_iter().map(|(range, what)| {
                (range, format!("{what} or its opposite always holds, so that the line never fails"), None)
            }));
        }
    }

    /// Those of which the opposite stands before them.
    fn against(&self, list: &[&Access]) -> Vec<(Range, String)> {
        let mut known: FxHashSet<(String, bool, bool)> = FxHashSet::default();
        let mut out = Vec::new();
        for one in list {
            let Some(query) = self.spelled(&one.query) else { continue };
            let (exists, negated) = (one.op == Op::Exists, one.negated != one.op_negated);
            let opposite = (query, exists, !negated);
            if known.contains(&opposite) {
                out.push((one.range, format!("`{}`", one.range.text(self.source).trim())));
            }
            known.insert((opposite.0, exists, negated));
        }
        out
    }

    fn pattern(&mut self, literal: &Literal, range: Range) {
        match literal {
            Literal::Regex(pattern) if pattern.matches_everything() => {
                let message = format!(
                    "`/{}/` is found in every text, because it can match nothing at all",
                    pattern.text()
                );
                self.out.push((
                    range,
                    message,
                    Some("put it between `^` and `$` if it is about the whole text"),
                ));
            }
            Literal::List(elements) => elements.iter().for_each(|element| self.pattern(element, range)),
            _ => {}
        }
    }

    /// A query without the blanks in it; nothing if one result is enough.
    fn spelled(&self, query: &Query) -> Option<String> {
        let text = query.range.text(self.source).chars();
        (!query.some).then(|| text.filter(|c| !c.is_whitespace()).collect())
    }

    fn same(&self, left: &Query, right: &Query) -> bool {
        self.spelled(left).is_some_and(|left| self.spelled(right) == Some(left))
    }

    /// Two lines that ask different things of one value.
    fn both(&mut self, lines: &Cnf, condition: bool) {
        let mut first: FxHashMap<String, &str> = FxHashMap::default();
        for (access, text) in lines.iter().filter_map(|line| wanted(line)) {
            let Some(query) = self.spelled(&access.query) else { continue };
            let other = *first.entry(query).or_insert(text);
            if other == text {
                continue;
            }
            let what = access.query.range.text(self.source).trim();
            let message = format!("`{what}` is never both '{other}' and '{text}'");
            let help = if condition {
                "`in` asks whether it is one of several"
            } else {
                "alternatives are joined by `or`"
            };
            self.out.push((access.range, message, Some(help)));
        }
    }

    /// What is asked of a selection behind a condition that it is empty.
    fn gated(&mut self, conditions: &Cnf, body: &Body) {
        for name in
            conditions.iter().filter_map(|line| empty(line)).filter(|name| selects(&self.file.lets, name))
        {
            for clause in body.lines.iter().flatten() {
                let query = match clause {
                    Clause::Access(access) => &access.query,
                    Clause::Block(block) if !block.not_empty => &block.query,
                    _ => continue,
                };
                let [first, _, ..] = &*query.parts else { continue };
                if matches!(&first.kind, PartKind::Variable(known) if **known == *name) {
                    let message =
                        format!("`%{name}` is empty here, so that nothing is asked and the rule never fails");
                    self.out.push((
                        query.range,
                        message,
                        Some("the condition may have lost a `!` or a `not`"),
                    ));
                }
            }
        }
    }
}

/// A clause about whether something is there at all.
fn presence(clause: &Clause) -> Option<&Access> {
    match clause {
        Clause::Access(access) if matches!(access.op, Op::Exists | Op::Empty) => Some(access),
        _ => None,
    }
}

/// The text that a line wants the value at the end of a path of keys to be.
fn wanted(line: &[Clause]) -> Option<(&Access, &str)> {
    let [Clause::Access(access)] = line else { return None };
    let Access { negated: false, op: Op::Eq, op_negated: false, .. } = **access else { return None };
    let plain = access.query.parts.iter().all(|part| matches!(part.kind, PartKind::Key(_)));
    match &access.operand {
        Some(Operand::Literal(literal, _)) if plain => Some((access, literal.as_str()?)),
        _ => None,
    }
}

/// The variable that a line wants to be empty.
fn empty(line: &[Clause]) -> Option<&str> {
    let [Clause::Access(access)] = line else { return None };
    match &*access.query.parts {
        [part] if access.op == Op::Empty && access.negated == access.op_negated => match &part.kind {
            PartKind::Variable(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn value<'l>(lets: &'l [Let], name: &str) -> Option<&'l Operand> {
    lets.iter().rev().find(|one| &*one.name.text == name).map(|one| &one.value)
}

fn is_literal(lets: &[Let], name: &str) -> bool {
    matches!(value(lets, name), Some(Operand::Literal(..)))
}

/// Whether a variable is what a filter selects.
fn selects(lets: &[Let], name: &str) -> bool {
    match value(lets, name) {
        Some(Operand::Query(query)) => {
            matches!(
                query.parts.last().map(|part| &part.kind),
                Some(PartKind::Filter(..) | PartKind::Keys(_))
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::document::Source;
    use crate::rules::{Program, parse};

    /// Rules, each with what is said about them.
    const CASES: &[(&str, &[&str])] = &[
        ("rule r { Type == 'A' Type == 'B' }", &["`Type` is never both 'A' and 'B'"]),
        ("rule r { Resources.*[ Type == 'A' Type == 'B' ].X exists }", &["`Type` is never both 'A' and 'B'"]),
        ("rule r { Type == 'A' or Type == 'B' }", &[]),
        ("rule r { a.b == a.b a.b == a.c some a == a }", &["`a.b` is compared with itself"]),
        (
            "rule r { a == /[a-z]*/ b in [/x?/, 'y'] c == /^[a-z]*$/ d == /x/ }",
            &[
                "`/[a-z]*/` is found in every text, because it can match nothing at all",
                "`/x?/` is found in every text, because it can match nothing at all",
            ],
        ),
        (
            "let v = ['a']\nrule r { %v == ['a'] x in %v }",
            &["`%v` is spelled out in this file, so that the answer is always the same"],
        ),
        (
            "let v = Resources.*[ Type == 'A' ]\nrule r when %v empty { %v.X exists }",
            &["`%v` is empty here, so that nothing is asked and the rule never fails"],
        ),
        ("let v = Resources.*[ Type == 'A' ]\nrule r when %v !empty { %v.X exists }", &[]),
        (
            "let v = Resources.*.List\nrule r when %v empty { %v[*].X exists }",
            &["`%v[*]` does not go into the lists that `%v` holds"],
        ),
        ("let v = Resources.*\nlet w = Resources.*.List[*]\nrule r { %v[*].X exists %w[*].X exists }", &[]),
        (
            "let v = ['a']\nrule r when %v !empty { x in %v[*] }",
            &["`%v` is spelled out in this file, so that the answer is always the same"],
        ),
        ("rule r { a exists a !exists }", &["`a !exists` and its opposite never hold together"]),
        (
            "rule r when a.b empty not a.b empty { c exists }",
            &["`not a.b empty` and its opposite never hold together"],
        ),
        (
            "rule r { a exists or b exists or a !exists }",
            &["`a !exists` or its opposite always holds, so that the line never fails"],
        ),
        ("rule r { a exists or a !empty b exists a[ x exists ] !exists c !exists or a empty }", &[]),
        (
            "rule r { a.'1' exists b['007'].c exists d[1] exists e.1 exists f.'1a' exists }",
            &[
                "`'1'` is an index of a list here, and no key of a map",
                "`'007'` is an index of a list here, and no key of a map",
            ],
        ),
        (
            "let v = a['3']\nrule r { %v in ['3'] }",
            &["`'3'` is an index of a list here, and no key of a map"],
        ),
        (
            "rule r { a inside b INner c in side d in%v e in['x'] }\nlet v = 'x'",
            &["`inside` is read as `in` and `side`", "`INner` is read as `IN` and `ner`"],
        ),
        (
            "let v = Resources.*[ Type inside ]\nrule r(x) { %x inner }\nrule s { r(%v) }",
            &["`inside` is read as `in` and `side`", "`inner` is read as `in` and `ner`"],
        ),
        (
            "rule s { a exists }\nrule r { s == true }",
            &["`s` is read as a property here, and not as the rule"],
        ),
        (
            "rule s { a exists }\nrule r { s == 'PASS' s exists x.s == true or s == 'x' x { s == true } }",
            &["`s` is read as a property here, and not as the rule"],
        ),
    ];

    #[test]
    fn answers_that_are_known_beforehand_are_mentioned() {
        for (text, expected) in CASES {
            let file = parse(&Source::from_text("rules.guard", *text)).unwrap();
            let (_, diagnostics) = Program::compile(&[file]);
            let found: Vec<&str> = diagnostics.iter().map(|one| &*one.message).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
