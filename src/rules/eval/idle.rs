//! Rules of which it is plain that they find nothing to judge, so that nobody has to ask them.
//!
//! Most rules look for something that few documents have: `%policy_flaws[ flaw == 'blank' … ] empty`. Where there is no
//! entity of the kind, or the table of the elements does not have the text, such a rule holds, and one with a block does
//! not apply.

use std::sync::Arc;

use crate::document::List;
use crate::facts::schema;

use crate::rules::ast::Op;
use crate::rules::compile::selector;
use crate::rules::divide::Line;
use crate::rules::literal::Literal;
use crate::rules::program::{Clause, Fixed, IndexId, Part, PartKind, Program, QueryId, Rule, RuleId};

use super::answer::{Answer, Status};
use super::cache::Cache;
use super::run::{Input, Run};

/// What the lines of each rule look for, for rules of which all lines can do without; worked out once for a program.
#[derive(Debug)]
pub(in crate::rules) struct Sights {
    rules: Vec<Option<Box<[Sight]>>>,
    /// The tables in which something is looked for, each once, and the kinds of entity that they are about.
    tables: Vec<(IndexId, Option<usize>)>,
}

/// What a line looks for.
#[derive(Debug)]
struct Sight {
    /// What becomes of the line where there is nothing of it.
    without: Status,
    /// The kind of entity, by its position in the schema.
    kind: Option<usize>,
    /// A table, and the texts that are looked for in it.
    texts: Option<(IndexId, Box<[Literal]>)>,
}

impl Sights {
    /// What the rules of a program look for.
    pub(in crate::rules) fn of(program: &Program) -> Self {
        let rules: Vec<_> = program.rules.iter().map(|rule| sights(program, rule)).collect();
        let mut tables: Vec<(IndexId, Option<usize>)> = Vec::new();
        for sight in rules.iter().flatten().flatten() {
            if let Some((index, _)) = &sight.texts
                && !tables.iter().any(|(known, _)| known == index)
            {
                tables.push((*index, sight.kind));
            }
        }
        Self { rules, tables }
    }
}

fn sights(program: &Program, rule: &Rule) -> Option<Box<[Sight]>> {
    if program.classic || rule.when.is_some() {
        return None;
    }
    let of_line = |line: &[Clause]| match line {
        [Clause::Access(access)] if access.op == Op::Empty && access.negated == access.op_negated => {
            let selects = |part: &Part| matches!(part.kind, PartKind::Filter(..));
            let query = program.query(access.query)?;
            query.parts.last().is_some_and(selects).then(|| sight(program, access.query, Status::Pass))?
        }
        [Clause::Block(block)] if !block.not_empty => sight(program, block.query, Status::Skip),
        _ => None,
    };
    rule.body.lines.iter().map(|line| of_line(line)).collect()
}

/// What a query looks for; nothing where it may find something anywhere.
fn sight(program: &Program, query: QueryId, without: Status) -> Option<Sight> {
    let query = program.query(query)?;
    let kind = query.parts.first().and_then(|part| match &part.kind {
        PartKind::Variable(variable) => match &variable.fixed {
            Some(Fixed::Facts(kind)) => schema::position(kind),
            _ => None,
        },
        _ => None,
    });
    let texts = query.index.and_then(|(position, index)| match &query.parts.get(position)?.kind {
        PartKind::Filter(_, lines) => {
            let (_, texts) = selector(program, lines)?;
            Some((index, texts.iter().map(|text| Literal::String(Arc::from(text))).collect()))
        }
        _ => None,
    });
    (kind.is_some() || texts.is_some()).then_some(Sight { without, kind, texts })
}

/// What there is of what rules look for in a document.
pub(super) struct Idle<'i> {
    sights: Option<&'i Sights>,
    cache: &'i Cache,
    /// Whether there is nothing of each kind of the facts.
    nothing: Vec<bool>,
}

impl<'i> Idle<'i> {
    /// What there is in the whole of a document.
    pub(super) fn of(program: &'i Program, input: &Input<'_>, cache: &'i Cache) -> Self {
        let is_whole = cache.entities.is_none() && cache.guarded.is_none();
        let facts = input.facts.filter(|_| is_whole);
        let list = |kind: &schema::Kind| input.tree.list(input.tree.get(facts?.root, kind.variable)?);
        let is_empty = |kind: &schema::Kind| list(kind).is_none_or(List::is_empty);
        let nothing = schema::kinds().iter().map(is_empty).collect();
        Self { sights: facts.map(|_| program.sights.get_or_init(|| Sights::of(program))), cache, nothing }
    }

    fn lacks(&self, kind: Option<usize>) -> bool {
        kind.and_then(|kind| self.nothing.get(kind)).is_some_and(|nothing| *nothing)
    }

    /// Makes the tables in which something is looked for.
    pub(super) fn prepare(&self, run: &Run<'_>) {
        for (index, kind) in self.sights.into_iter().flat_map(|sights| &sights.tables) {
            if !self.lacks(*kind) {
                // What is wrong with it is said where it is asked for.
                let _ = run.table_at(*index);
            }
        }
    }

    /// The answer of a rule that finds nothing to judge; nothing where it has to be asked.
    pub(super) fn answer(&self, id: RuleId) -> Option<Answer> {
        let sights = self.sights?.rules.get(id.index())?.as_ref()?;
        let mut status = Status::Skip;
        for sight in sights {
            if !self.lacks(sight.kind) && !self.lacks_texts(sight) {
                return None;
            }
            if sight.without == Status::Pass {
                status = Status::Pass;
            }
        }
        Some(Answer { rule: id, line: Line::all(id), status, checks: Vec::new(), problem: None })
    }

    fn lacks_texts(&self, sight: &Sight) -> bool {
        let Some((index, texts)) = &sight.texts else { return false };
        let Some(Ok(table)) = self.cache.indexes.get(index.0 as usize).and_then(|slot| slot.get()) else {
            return false;
        };
        let mut texts = texts.iter().filter_map(Literal::as_str);
        table.others.is_empty() && !texts.any(|text| table.by_text.contains_key(text))
    }
}
