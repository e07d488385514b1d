//! Finding equal queries.
//!
//! A query that starts at the document's root, and whose variables are fixed, gives the same results wherever it
//! stands, in whichever file. Such queries are told apart by a canonical spelling, and evaluated once per document.
//! Where such a query selects by an equal key (`Resources.*[ Type == 'X' … ]`), a table answers it.

use std::fmt::Write as _;

use crate::facts::schema::Type;
use crate::rules::ast::Op;
use crate::rules::literal::Literal;
use crate::rules::program::{
    Access, Clause, Cnf, Fixed, IndexId, IndexPlan, Key, Operand, Part, PartKind, Program, Query, QueryId,
    Shared, SharedId,
};

use super::Compiler;
use super::scope::At;

impl Compiler<'_> {
    /// Adds a query, and shares it where that is possible.
    pub(super) fn finish_query(&mut self, mut query: Query, at: At) -> QueryId {
        let free = at.root && !at.dynamic;
        let lone = query.parts.len() == 1;
        if free && !lone {
            query.index = self.index(&query);
        }
        let key = if free && !lone { self.canonical(&query.parts) } else { None };
        let id = self.push_query(query);
        if let Some(key) = key {
            let shared = self.shared(key, id, false, 1);
            if let Some(query) = self.program.queries.get_mut(id.0 as usize) {
                query.shared = Some(shared);
            }
        }
        id
    }

    /// A variable's results are always kept.
    pub(super) fn share_variable(&mut self, query: QueryId, at: At) -> Option<SharedId> {
        if !at.root || at.dynamic {
            return None;
        }
        let found = self.program.query(query)?;
        let some = found.some;
        let mut key = self.canonical(&found.parts)?;
        if some {
            key.insert_str(0, "some ");
        }
        Some(self.shared(key, query, some, 2))
    }

    fn shared(&mut self, key: String, query: QueryId, some: bool, uses: u32) -> SharedId {
        let next = SharedId(u32::try_from(self.program.shared.len()).unwrap_or(u32::MAX));
        let id = *self.shared_ids.entry(key).or_insert(next);
        if id == next {
            self.program.shared.push(Shared { query, some, uses: 0 });
        }
        if let Some(shared) = self.program.shared.get_mut(id.0 as usize) {
            shared.uses = shared.uses.saturating_add(uses);
        }
        id
    }

    /// How the first filter can be answered by a table.
    fn index(&mut self, query: &Query) -> Option<(usize, IndexId)> {
        let position = query.parts.iter().position(|part| matches!(part.kind, PartKind::Filter(..)))?;
        let (before, from) = query.parts.split_at_checked(position)?;
        // The filter must look at the values themselves, whatever their kind.
        let after_all = matches!(before.last()?.kind, PartKind::AllValues(None) | PartKind::AllIndices(None));
        let Some(Part { kind: PartKind::Filter(None, lines), .. }) = from.first() else { return None };
        let (key, texts) = selector(&self.program, lines)?;
        let elements = is_list_of_facts(before);
        let over_facts = elements || facts_of(before).is_some_and(<[Part]>::is_empty);
        // Of documents, a comparison with several may mean more than one with each of them.
        if facts_of(before).is_none() && !matches!(texts, Texts::One(_)) {
            return None;
        }
        if !(over_facts || after_all && before.len() >= 2) || !cannot_fail(&self.program, lines) {
            return None;
        }
        let mut spelled = self.canonical(before)?;
        let key: Box<str> = key.into();
        let prefix = self.prefix(query, before);
        if elements {
            spelled.push_str("[*]");
            if let Some(made) = self.program.queries.get_mut(prefix.0 as usize) {
                made.parts = std::mem::take(&mut made.parts)
                    .into_iter()
                    .chain([Part { kind: PartKind::AllIndices(None), range: query.range }])
                    .collect();
            }
        }
        let prefix = self.shared(spelled, prefix, false, 2);
        let next = IndexId(u32::try_from(self.program.indexes.len()).unwrap_or(u32::MAX));
        let id = *self.index_ids.entry((prefix, key.clone())).or_insert(next);
        if id == next {
            self.program.indexes.push(IndexPlan { prefix, key, elements });
        }
        Some((position, id))
    }

    /// A query of its own for the steps before a filter.
    fn prefix(&mut self, query: &Query, before: &[Part]) -> QueryId {
        let parts = before.iter().filter_map(|part| {
            let kind = match &part.kind {
                PartKind::This => PartKind::This,
                PartKind::Key(key) => PartKind::Key(Key {
                    text: key.text.clone(),
                    number: key.number,
                    spellings: std::sync::OnceLock::new(),
                }),
                PartKind::AllValues(None) => PartKind::AllValues(None),
                PartKind::AllIndices(None) => PartKind::AllIndices(None),
                PartKind::Index(number) => PartKind::Index(*number),
                PartKind::Variable(variable) => PartKind::Variable(crate::rules::program::Variable {
                    name: variable.name,
                    fixed: variable.fixed.clone(),
                }),
                _ => return None,
            };
            Some(Part { kind, range: part.range })
        });
        let parts: Box<[Part]> = parts.collect();
        let made = Query {
            some: false,
            typed: query.typed,
            parts,
            file: query.file,
            range: query.range,
            shared: None,
            index: None,
        };
        self.push_query(made)
    }

    fn canonical(&self, parts: &[Part]) -> Option<String> {
        let mut out = String::new();
        spell_parts(&self.program, parts, &mut out)?;
        Some(out)
    }
}

/// The steps after a variable of the facts, if that is what a query starts with.
fn facts_of(parts: &[Part]) -> Option<&[Part]> {
    match parts.split_first()? {
        (Part { kind: PartKind::Variable(variable), .. }, rest) => {
            matches!(variable.fixed, Some(Fixed::Facts(_))).then_some(rest)
        }
        _ => None,
    }
}

/// Whether steps lead from a variable of the facts to a list, the elements of which a filter looks at.
fn is_list_of_facts(parts: &[Part]) -> bool {
    let Some(Part { kind: PartKind::Variable(variable), .. }) = parts.first() else { return false };
    let (Some(Fixed::Facts(kind)), Some(rest)) = (&variable.fixed, facts_of(parts)) else { return false };
    let mut attributes = Some(kind.attributes);
    let mut ty = None;
    for part in rest {
        let PartKind::Key(Key { text, number: None, .. }) = &part.kind else { return false };
        let found = attributes.and_then(|all| all.iter().find(|one| *one.name == **text));
        ty = found.map(|attribute| attribute.ty);
        attributes = ty.and_then(Type::attributes);
    }
    matches!(ty, Some(Type::List(_)))
}

/// The texts that a filter asks for: a value that is another text does not pass.
#[derive(Clone, Copy)]
pub(in crate::rules) enum Texts<'p> {
    One(&'p str),
    /// One of these, all of which are strings.
    Any(&'p [Literal]),
}

impl<'p> Texts<'p> {
    /// The texts, in order.
    pub(in crate::rules) fn iter(self) -> impl Iterator<Item = &'p str> {
        let (one, any) = match self {
            Self::One(text) => (Some(text), &[][..]),
            Self::Any(all) => (None, all),
        };
        one.into_iter().chain(any.iter().filter_map(Literal::as_str))
    }
}

/// The clause `key == 'text'` or `key in ['text', …]` of a filter, if it has one.
pub(in crate::rules) fn selector<'p>(program: &'p Program, lines: &'p Cnf) -> Option<(&'p str, Texts<'p>)> {
    let is_string = |literal: &Literal| matches!(literal, Literal::String(_));
    lines.iter().find_map(|line| {
        let [Clause::Access(access)] = &**line else { return None };
        let Access { negated: false, op, op_negated: false, operand: Some(operand), .. } = &**access else {
            return None;
        };
        let texts = match (op, operand) {
            (Op::Eq, Operand::Literal(Literal::String(text))) => Texts::One(text),
            (Op::In, Operand::Literal(Literal::List(all))) if all.iter().all(is_string) => Texts::Any(all),
            _ => return None,
        };
        let query = program.query(access.query)?;
        let [Part { kind: PartKind::Key(key), .. }] = &*query.parts else { return None };
        (key.number.is_none() && !query.some).then_some((&*key.text, texts))
    })
}

/// Whether no clause of a filter can end in an error: leaving values out that surely do not pass then changes nothing.
fn cannot_fail(program: &Program, lines: &Cnf) -> bool {
    lines.iter().flatten().all(|clause| match clause {
        Clause::Access(access) => {
            let operand = match &access.operand {
                Some(Operand::Function(_)) => false,
                Some(Operand::Query(query)) => query_cannot_fail(program, *query),
                Some(Operand::Literal(_)) | None => true,
            };
            access.op != Op::Empty && operand && query_cannot_fail(program, access.query)
        }
        _ => false,
    })
}

fn query_cannot_fail(program: &Program, query: QueryId) -> bool {
    program.query(query).is_some_and(|query| {
        query.parts.iter().enumerate().all(|(index, part)| match &part.kind {
            PartKind::Variable(variable) => index == 0 && variable.fixed.is_some(),
            PartKind::Filter(_, lines) => index > 0 && cannot_fail(program, lines),
            PartKind::Keys(_) => false,
            _ => true,
        })
    })
}

fn spell_parts(program: &Program, parts: &[Part], out: &mut String) -> Option<()> {
    for part in parts {
        match &part.kind {
            PartKind::This => out.push_str("this"),
            PartKind::Key(key) => write!(out, ".{:?}", key.text).ok()?,
            PartKind::Variable(variable) => match variable.fixed.as_ref()? {
                Fixed::Literal(literal) => write!(out, "%({literal})").ok()?,
                Fixed::Shared(id) => write!(out, "%{}", id.0).ok()?,
                Fixed::Facts(kind) => write!(out, "%{}", kind.variable).ok()?,
            },
            PartKind::AllValues(None) => out.push_str(".*"),
            PartKind::AllIndices(None) => out.push_str("[*]"),
            PartKind::Index(number) => write!(out, "[{number}]").ok()?,
            PartKind::Filter(None, lines) => {
                out.push('[');
                spell_lines(program, lines, out)?;
                out.push(']');
            }
            PartKind::Keys(keys) => {
                write!(out, "[keys {:?} {} ", keys.op, keys.negated).ok()?;
                spell_operand(program, &keys.operand, out)?;
                out.push(']');
            }
            PartKind::AllValues(Some(_)) | PartKind::AllIndices(Some(_)) | PartKind::Filter(Some(_), _) => {
                return None;
            }
        }
    }
    Some(())
}

fn spell_operand(program: &Program, operand: &Operand, out: &mut String) -> Option<()> {
    match operand {
        Operand::Literal(literal) => write!(out, "{literal}").ok(),
        Operand::Query(query) => spell_parts(program, &program.query(*query)?.parts, out),
        // `now()` differs from one moment to the next, and functions are rare.
        Operand::Function(_) => None,
    }
}

fn spell_lines(program: &Program, lines: &Cnf, out: &mut String) -> Option<()> {
    for line in lines {
        for (index, clause) in line.iter().enumerate() {
            out.push_str(if index > 0 { " or " } else { " " });
            spell_clause(program, clause, out)?;
        }
        out.push('\n');
    }
    Some(())
}

fn spell_clause(program: &Program, clause: &Clause, out: &mut String) -> Option<()> {
    match clause {
        Clause::Access(access) => {
            let query = program.query(access.query)?;
            write!(out, "{} {} ", access.negated, query.some).ok()?;
            spell_parts(program, &query.parts, out)?;
            write!(out, " {:?} {} ", access.op, access.op_negated).ok()?;
            if let Some(operand) = &access.operand {
                spell_operand(program, operand, out)?;
            }
            Some(())
        }
        Clause::Block(block) if block.body.lets.0.is_empty() => {
            let query = program.query(block.query)?;
            write!(out, "{} {} ", block.not_empty, query.some).ok()?;
            spell_parts(program, &query.parts, out)?;
            out.push('{');
            spell_lines(program, &block.body.lines, out)?;
            out.push('}');
            Some(())
        }
        _ => None,
    }
}
