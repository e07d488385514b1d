//! Rules of which it is plain that they find nothing to judge, so that nobody has to ask them.
//!
//! Most rules look for something that few documents have: `%policy_flaws[ flaw == 'blank' … ] empty`. Where there is no
//! entity of the kind, or a table of the elements that another rule has asked for does not have the text, such a rule
//! holds, and one with a block does not apply.

use crate::facts::schema;

use crate::rules::ast::Op;
use crate::rules::compile::{Texts, selector};
use crate::rules::divide::Line;
use crate::rules::program::{
    Access, Block, Clause, Fixed, Part, PartKind, Program, Query, QueryId, Rule, RuleId,
};

use super::answer::{Answer, Status};
use super::cache::Cache;
use super::run::Input;

/// What is known of a document before rules are asked.
pub(super) struct Idle<'i> {
    program: &'i Program,
    cache: &'i Cache,
    /// Whether there is nothing of each kind of the facts.
    nothing: Vec<bool>,
}

impl<'i> Idle<'i> {
    /// What is known of the whole of a document.
    pub(super) fn of(program: &'i Program, input: &Input<'_>, cache: &'i Cache) -> Self {
        let whole = input.facts.filter(|_| cache.entities.is_none() && !program.classic);
        let nothing = whole.map(|facts| {
            let list = |kind: &schema::Kind| input.tree.list(input.tree.get(facts.root, kind.variable)?);
            schema::kinds().iter().map(|kind| list(kind).is_none_or(|list| list.is_empty())).collect()
        });
        Self { program, cache, nothing: nothing.unwrap_or_default() }
    }

    /// The answer of a rule that finds nothing to judge; nothing where it has to be asked.
    pub(super) fn answer(&self, id: RuleId, rule: &Rule) -> Option<Answer> {
        if self.nothing.is_empty() || rule.when.is_some() {
            return None;
        }
        let mut status = Status::Skip;
        for line in &rule.body.lines {
            match &**line {
                [Clause::Access(access)] if self.holds(access) => status = Status::Pass,
                [Clause::Block(block)] if self.is_about_nothing(block) => {}
                _ => return None,
            }
        }
        Some(Answer { rule: id, line: Line::all(id), status, checks: Vec::new(), problem: None })
    }

    /// Whether a clause asks for a selection to be empty, and that is so.
    fn holds(&self, access: &Access) -> bool {
        let parts = self.program.query(access.query).map_or(&[][..], |query| &query.parts);
        access.op == Op::Empty
            && access.negated == access.op_negated
            && matches!(parts.last(), Some(Part { kind: PartKind::Filter(..), .. }))
            && self.finds_nothing(access.query)
    }

    fn is_about_nothing(&self, block: &Block) -> bool {
        !block.not_empty && self.finds_nothing(block.query)
    }

    /// Whether it is known that a query has no results.
    fn finds_nothing(&self, query: QueryId) -> bool {
        self.program.query(query).is_some_and(|query| self.lacks_text(query) || self.lacks_entities(query))
    }

    /// Whether a table is at hand, and does not have the text that the query asks for.
    fn lacks_text(&self, query: &Query) -> bool {
        let Some((position, index)) = query.index.filter(|_| self.cache.guarded.is_none()) else {
            return false;
        };
        let Some(Ok(table)) = self.cache.indexes.get(index.0 as usize).and_then(|slot| slot.get()) else {
            return false;
        };
        let Some(PartKind::Filter(_, lines)) = query.parts.get(position).map(|part| &part.kind) else {
            return false;
        };
        let wanted = selector(self.program, lines).map(|(_, texts)| texts);
        let mut wanted = wanted.into_iter().flat_map(Texts::iter);
        table.others.is_empty() && !wanted.any(|text| table.by_text.contains_key(text))
    }

    /// Whether a query is about entities of a kind of which there are none.
    fn lacks_entities(&self, query: &Query) -> bool {
        let Some(Part { kind: PartKind::Variable(variable), .. }) = query.parts.first() else { return false };
        let Some(Fixed::Facts(kind)) = &variable.fixed else { return false };
        schema::position(kind).and_then(|at| self.nothing.get(at)).is_some_and(|nothing| *nothing)
    }
}
