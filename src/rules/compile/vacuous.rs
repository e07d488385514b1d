//! Clauses that have the same answer whatever they are asked about: rules with them never fail, never apply, or always fail.

use crate::document::{Code, Source};
use crate::rules::ast::{Access, Body, Clause, Cnf, File, Let, Op, Operand, PartKind, Query, Range, Rule};
use crate::rules::literal::Literal;

use super::Compiler;
use super::foreign;

/// A warning: where, what, and a hint.
pub(super) type Warning = (Range, String, Option<&'static str>);

impl Compiler<'_> {
    /// Looks for clauses of a rule whose answer is known beforehand.
    pub(super) fn lint_vacuous(&mut self, rule: &Rule) {
        let Some(file) = self.current else { return };
        let mut look = Look { source: &file.source, file, out: Vec::new() };
        if let Some(when) = &rule.when {
            look.lines(when, true);
            look.gated(when, &rule.body);
        }
        look.body(&rule.body);
        for (range, message, help) in look.out {
            self.report(Code::RuleSuspicious, range, message, help.map(str::to_owned));
        }
    }
}

struct Look<'f> {
    source: &'f Source,
    file: &'f File,
    out: Vec<Warning>,
}

impl Look<'_> {
    fn body(&mut self, body: &Body) {
        self.lines(&body.lines, false);
    }

    fn lines(&mut self, lines: &Cnf, condition: bool) {
        for clause in lines.iter().flatten() {
            self.clause(clause);
        }
        self.both(lines, condition);
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Access(access) => self.access(access),
            Clause::Block(block) => {
                self.out.extend(foreign::block(block, self.source));
                self.query(&block.query);
                self.body(&block.body);
            }
            Clause::When(when) => {
                self.lines(&when.conditions, true);
                self.gated(&when.conditions, &when.body);
                self.body(&when.body);
            }
            Clause::Type(block) => {
                if let Some(when) = &block.when {
                    self.lines(when, true);
                    self.gated(when, &block.body);
                }
                self.body(&block.body);
            }
            Clause::Call(_) | Clause::Reference(_) => {}
        }
    }

    fn query(&mut self, query: &Query) {
        for part in &query.parts {
            if let PartKind::Filter(_, lines) = &part.kind {
                self.lines(lines, true);
            }
        }
    }

    fn access(&mut self, access: &Access) {
        self.out.extend(foreign::access(access, self.source));
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
                if let [part] = &*access.query.parts
                    && let PartKind::Variable(name) = &part.kind
                    && is_literal(&self.file.lets, name)
                {
                    let message = format!(
                        "`%{name}` is spelled out in this file, so that the answer is always the same"
                    );
                    self.out.push((access.range, message, None));
                }
            }
            Some(Operand::Function(_)) | None => {}
        }
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

    fn same(&self, left: &Query, right: &Query) -> bool {
        let text = |query: &Query| -> String {
            query.range.text(self.source).chars().filter(|c| !c.is_whitespace()).collect()
        };
        !left.some && !right.some && text(left) == text(right)
    }

    /// Two lines that ask different things of one value.
    fn both(&mut self, lines: &Cnf, condition: bool) {
        let equal: Vec<(&Access, &str)> = lines.iter().filter_map(|line| wanted(line)).collect();
        for (index, (access, text)) in equal.iter().enumerate() {
            let known = equal.iter().take(index).find(|(known, _)| self.same(&known.query, &access.query));
            let Some((_, other)) = known.filter(|(_, other)| other != text) else { continue };
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
        ("let v = Resources.*.List\nrule r when %v empty { %v[*].X exists }", &[]),
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
