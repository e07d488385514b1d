//! Which lines of rules can be asked of a part of the entities at a time.
//!
//! Nearly every line of a rule says something of the entities of one kind, each on its own: `%roles { … }`. Such a line
//! can be asked of a few entities, whose facts are then made, asked about and forgotten before those of the next few.
//! What such a line hangs on (`when %service_settings empty { … }`) is asked once, before. All other lines see all
//! entities at once.

use std::collections::BTreeSet;

use crate::facts::schema;

use super::ast::Op;
use super::fix::DeclaredValue;
use super::program::{
    Access, Binding, Body, Clause, Cnf, Fixed, Lets, Message, MessagePiece, NameId, Operand, Part, PartKind,
    Program, Query, QueryId, Rule, RuleId, When,
};

/// A line of the body of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// The rule.
    pub rule: RuleId,
    /// The position in the rule's body; nothing for the whole rule.
    pub(crate) at: Option<usize>,
}

impl Line {
    /// All of a rule.
    pub(crate) fn all(rule: RuleId) -> Self {
        Self { rule, at: None }
    }
}

/// What lines look at.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    /// The kinds of entity, by their positions in the schema; nothing where any may be asked for.
    pub kinds: Option<BTreeSet<usize>>,
    /// The keys that are named; nothing where any may be asked for.
    pub keys: Option<BTreeSet<Box<str>>>,
}

impl Needed {
    /// What some rules look at together.
    pub fn of(program: &Program, rules: &[RuleId]) -> Self {
        let mut collector = Collector::new(program);
        let mut open = false;
        for rule in rules.iter().filter_map(|id| program.rule(*id)) {
            // A variable of one rule is none of another.
            collector.names.clear();
            collector.assigned.clear();
            collector.rule(rule);
            collector.keys.extend(rule.metadata.severity_from.clone());
            open |= !collector.names.is_subset(&collector.assigned);
        }
        collector.open |= open;
        collector.names.clear();
        collector.needed()
    }
}

/// The lines of some rules, by what they must see at once.
#[derive(Clone, Debug, Default)]
pub struct Division {
    /// Lines that look at each entity of a kind on its own, by the position of the kind in the schema.
    pub apart: Vec<Vec<Line>>,
    /// What these look at, and what is shown of it.
    pub needs: Vec<Needed>,
    /// Those among them that hang on a condition over entities.
    pub gated: Vec<Line>,
    /// What the conditions look at.
    pub gates: Needed,
    /// Everything else.
    pub whole: Vec<Line>,
    /// What that looks at.
    pub rest: Needed,
    /// Lines that ask whether there is anything: what is sure of one entity settles what is open of others.
    selections: BTreeSet<Line>,
}

impl Division {
    /// Divides rules.
    pub fn of(program: &Program, rules: &[RuleId]) -> Self {
        let mut out = Self { apart: vec![Vec::new(); schema::kinds().len()], ..Self::default() };
        let mut needs: Vec<Collector<'_>> = schema::kinds().iter().map(|_| Collector::new(program)).collect();
        let mut gates = Collector::new(program);
        let mut rest = Collector::new(program);
        for &id in rules {
            let Some(rule) = program.rule(id) else { continue };
            let captures = program.files.get(rule.file).is_none_or(|file| !file.captured.is_empty());
            if program.classic || captures || rule.when.is_some() {
                out.whole.push(Line::all(id));
                rest.rule(rule);
                rest.keys.extend(rule.metadata.severity_from.clone());
                continue;
            }
            for (at, line) in rule.body.lines.iter().enumerate() {
                let own = Line { rule: id, at: Some(at) };
                let manner = Manner::of(program, rule, line);
                if let Some(Manner::Apart(kind) | Manner::Selection(kind) | Manner::Gated(kind, _)) = manner
                    && let Some(needs) = needs.get_mut(kind)
                {
                    needs.lets(&rule.body.lets);
                    needs.line(line);
                    needs.keys.extend(rule.metadata.severity_from.clone());
                }
                match manner {
                    Some(Manner::Apart(kind)) => out.add(kind, own),
                    Some(Manner::Selection(kind)) => {
                        out.selections.insert(own);
                        out.add(kind, own);
                    }
                    Some(Manner::Gated(kind, when)) => {
                        gates.lines(&when.conditions);
                        gates.lets(&rule.body.lets);
                        out.gated.push(own);
                        out.add(kind, own);
                    }
                    None => {
                        out.whole.push(own);
                        rest.lets(&rule.body.lets);
                        rest.line(line);
                        rest.keys.extend(rule.metadata.severity_from.clone());
                    }
                }
            }
        }
        out.needs = needs.into_iter().map(Collector::needed).collect();
        out.gates = gates.needed();
        out.rest = rest.needed();
        out
    }

    fn add(&mut self, kind: usize, line: Line) {
        if let Some(lines) = self.apart.get_mut(kind) {
            lines.push(line);
        }
    }

    /// Asks lines of everything at once, after all.
    pub fn give_up(&mut self, program: &Program, lines: &[Line]) {
        for kind in &mut self.apart {
            kind.retain(|line| !lines.contains(line));
        }
        for line in lines {
            let mut rest = Collector::new(program);
            if let Some(rule) = program.rule(line.rule) {
                rest.rule(rule);
                rest.keys.extend(rule.metadata.severity_from.clone());
            }
            let needed = rest.needed();
            self.rest.kinds = both(self.rest.kinds.take(), needed.kinds);
            self.rest.keys = both(self.rest.keys.take(), needed.keys);
        }
        self.whole.extend(lines);
        self.whole.sort_unstable();
    }

    /// Whether one of these lines hangs on a condition over entities.
    pub fn is_gated(&self, lines: &[Line]) -> bool {
        lines.iter().any(|line| self.gated.contains(line))
    }

    /// Whether a line asks whether there is anything.
    pub fn is_selection(&self, line: Line) -> bool {
        self.selections.contains(&line)
    }
}

/// The members of both sets, where both are known.
fn both<T: Ord>(left: Option<BTreeSet<T>>, right: Option<BTreeSet<T>>) -> Option<BTreeSet<T>> {
    left.zip(right).map(|(mut all, more)| {
        all.extend(more);
        all
    })
}

/// How a line can be asked of a part of the entities of a kind.
enum Manner<'p> {
    Apart(usize),
    Selection(usize),
    Gated(usize, &'p When),
}

impl<'p> Manner<'p> {
    fn of(program: &'p Program, rule: &'p Rule, line: &'p [Clause]) -> Option<Self> {
        let [only] = line else { return None };
        let lets = &rule.body.lets;
        match only {
            Clause::Block(block) if !block.not_empty => {
                let kind = head(program, lets, block.query)?;
                Closed { program, names: Vec::new() }.body(&block.body).then_some(Self::Apart(kind))
            }
            Clause::Access(access) => Self::of_access(program, lets, access),
            Clause::When(when) if when.body.lets.0.is_empty() => {
                let mut conditions = Collector::new(program);
                conditions.lines(&when.conditions);
                if conditions.open || conditions.everything || !conditions.only_lets_of(lets) {
                    return None;
                }
                let mut kinds = when.body.lines.iter().map(|line| match Self::of(program, rule, line) {
                    Some(Self::Apart(kind)) => Some(kind),
                    _ => None,
                });
                let first = kinds.next()??;
                kinds.all(|kind| kind == Some(first)).then_some(Self::Gated(first, when))
            }
            _ => None,
        }
    }

    fn of_access(program: &Program, lets: &Lets, access: &Access) -> Option<Self> {
        let kind = head(program, lets, access.query)?;
        let query = program.query(access.query)?;
        match &access.operand {
            // Where a lone variable stands for nothing, a comparison fails.
            Some(Operand::Literal(_)) => return (query.parts.len() > 1).then_some(Self::Apart(kind)),
            Some(_) => return None,
            None => {}
        }
        let selects = matches!(query.parts.last()?.kind, PartKind::Filter(..) | PartKind::Keys(_));
        match (access.op, selects || query.parts.len() == 1) {
            (Op::Empty, true) if access.negated == access.op_negated => Some(Self::Selection(kind)),
            (Op::Empty, true) => None,
            _ => Some(Self::Apart(kind)),
        }
    }
}

/// The kind of entity that a query starts from, where it looks at each of them on its own.
fn head(program: &Program, lets: &Lets, id: QueryId) -> Option<usize> {
    let query = program.query(id).filter(|query| !query.some)?;
    chain(program, lets, query, 0)
}

fn chain(program: &Program, lets: &Lets, query: &Query, depth: usize) -> Option<usize> {
    const DEPTH: usize = 8;
    let (Part { kind: PartKind::Variable(variable), .. }, rest) = query.parts.split_first()? else {
        return None;
    };
    let closed = Closed { program, names: Vec::new() };
    if depth > DEPTH || !rest.iter().all(|part| closed.part(part)) {
        return None;
    }
    let next = match &variable.fixed {
        Some(Fixed::Facts(kind)) => {
            return schema::position(kind);
        }
        Some(Fixed::Shared(shared)) => program.shared.get(shared.0 as usize)?.query,
        Some(Fixed::Literal(_)) => return None,
        None => match lets.0.iter().find(|(name, _)| *name == variable.name)? {
            (_, Binding::Query(query)) => *query,
            _ => return None,
        },
    };
    chain(program, lets, program.query(next)?, depth + 1)
}

/// Tells whether clauses look at nothing but the value at hand.
struct Closed<'p> {
    program: &'p Program,
    /// The variables that are assigned inside.
    names: Vec<NameId>,
}

impl Closed<'_> {
    fn body(&self, body: &Body) -> bool {
        let own = body.lets.0.iter().map(|(name, _)| *name);
        let inner = Closed { program: self.program, names: self.names.iter().copied().chain(own).collect() };
        body.lets.0.iter().all(|(_, binding)| match binding {
            Binding::Literal(_) => true,
            Binding::Query(query) => inner.query(*query),
            Binding::Function(function) => function.arguments.iter().all(|argument| inner.operand(argument)),
        }) && inner.lines(&body.lines)
    }

    fn lines(&self, lines: &Cnf) -> bool {
        lines.iter().flatten().all(|clause| match clause {
            Clause::Access(access) => {
                self.query(access.query)
                    && access.operand.as_ref().is_none_or(|operand| self.operand(operand))
            }
            Clause::Block(block) => self.query(block.query) && self.body(&block.body),
            Clause::When(when) => self.lines(&when.conditions) && self.body(&when.body),
            Clause::Type(_) | Clause::Call(_) | Clause::Reference(_) => false,
        })
    }

    fn operand(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Literal(_) => true,
            Operand::Query(query) => self.query(*query),
            Operand::Function(function) => function.arguments.iter().all(|argument| self.operand(argument)),
        }
    }

    fn query(&self, id: QueryId) -> bool {
        self.program.query(id).is_some_and(|query| query.parts.iter().all(|part| self.part(part)))
    }

    fn part(&self, part: &Part) -> bool {
        match &part.kind {
            PartKind::This | PartKind::Key(_) | PartKind::Index(_) => true,
            PartKind::AllValues(capture) | PartKind::AllIndices(capture) => capture.is_none(),
            PartKind::Variable(variable) => match &variable.fixed {
                Some(Fixed::Literal(_)) => true,
                Some(_) => false,
                None => self.names.contains(&variable.name),
            },
            PartKind::Filter(capture, lines) => capture.is_none() && self.lines(lines),
            PartKind::Keys(keys) => self.operand(&keys.operand),
        }
    }
}

/// Collects what clauses look at.
struct Collector<'p> {
    program: &'p Program,
    kinds: BTreeSet<usize>,
    keys: BTreeSet<Box<str>>,
    /// Variables that are not known by themselves.
    names: BTreeSet<NameId>,
    /// Those of them that were assigned in what was looked at.
    assigned: BTreeSet<NameId>,
    /// They may look at what is not seen here.
    open: bool,
    /// They look at all attributes.
    everything: bool,
    shared: BTreeSet<u32>,
}

impl<'p> Collector<'p> {
    fn new(program: &'p Program) -> Self {
        let (kinds, keys, names, assigned, shared) = Default::default();
        Self { program, kinds, keys, names, assigned, open: false, everything: false, shared }
    }

    fn needed(self) -> Needed {
        let open = self.open || !self.names.is_subset(&self.assigned);
        Needed {
            kinds: (!open).then_some(self.kinds),
            keys: (!open && !self.everything).then_some(self.keys),
        }
    }

    /// Whether every variable is one of these.
    fn only_lets_of(&self, lets: &Lets) -> bool {
        self.names.iter().all(|name| lets.0.iter().any(|(known, _)| known == name))
    }

    fn rule(&mut self, rule: &Rule) {
        if let Some(when) = &rule.when {
            self.lines(when);
        }
        self.body(&rule.body);
    }

    fn body(&mut self, body: &Body) {
        self.lets(&body.lets);
        self.lines(&body.lines);
    }

    fn lets(&mut self, lets: &Lets) {
        for (name, binding) in &lets.0 {
            self.assigned.insert(*name);
            match binding {
                Binding::Literal(_) => {}
                Binding::Query(query) => self.query(*query),
                Binding::Function(function) => function.arguments.iter().for_each(|one| self.operand(one)),
            }
        }
    }

    fn lines(&mut self, lines: &Cnf) {
        lines.iter().for_each(|line| self.line(line));
    }

    fn line(&mut self, line: &[Clause]) {
        for clause in line {
            match clause {
                Clause::Access(access) => {
                    self.query(access.query);
                    access.operand.iter().for_each(|operand| self.operand(operand));
                    access.message.iter().for_each(|message| self.message(message));
                    for value in
                        access.fixes.iter().flat_map(|fix| &fix.steps).flat_map(|step| &step.arguments)
                    {
                        if let DeclaredValue::Text(message) = value {
                            self.message(message);
                        }
                    }
                }
                Clause::Block(block) => {
                    self.query(block.query);
                    self.body(&block.body);
                }
                Clause::When(when) => {
                    self.lines(&when.conditions);
                    self.body(&when.body);
                }
                Clause::Type(_) | Clause::Call(_) | Clause::Reference(_) => self.open = true,
            }
        }
    }

    /// What a message shows.
    fn message(&mut self, message: &Message) {
        for piece in &message.pieces {
            if let MessagePiece::Path(path, _) = piece {
                self.keys.extend(path.iter().cloned());
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Literal(_) => {}
            Operand::Query(query) => self.query(*query),
            Operand::Function(function) => function.arguments.iter().for_each(|one| self.operand(one)),
        }
    }

    fn query(&mut self, id: QueryId) {
        let program = self.program;
        for (at, part) in program.query(id).map_or(&[][..], |query| &query.parts).iter().enumerate() {
            match &part.kind {
                // It stands for keys.
                PartKind::Variable(_) if at > 0 => self.everything = true,
                PartKind::This | PartKind::Index(_) | PartKind::AllIndices(_) => {}
                PartKind::Key(key) => {
                    if !self.keys.contains(&key.text) {
                        self.keys.insert(key.text.clone());
                    }
                }
                PartKind::AllValues(_) => self.everything = true,
                PartKind::Filter(_, lines) => self.lines(lines),
                PartKind::Keys(keys) => {
                    self.everything = true;
                    self.operand(&keys.operand);
                }
                PartKind::Variable(variable) => match &variable.fixed {
                    Some(Fixed::Literal(_)) => {}
                    Some(Fixed::Facts(kind)) => {
                        let position = schema::position(kind);
                        self.open |= position.is_none();
                        self.kinds.extend(position);
                    }
                    Some(Fixed::Shared(shared)) => {
                        if self.shared.insert(shared.0)
                            && let Some(shared) = program.shared.get(shared.0 as usize)
                        {
                            self.query(shared.query);
                        }
                    }
                    None => {
                        self.names.insert(variable.name);
                    }
                },
            }
        }
    }
}
