//! Clauses and queries: from the parser's pairs to the tree.

use crate::rules::ast::{
    Access, Attribute, Block, Body, Call, Clause, Cnf, KeysFilter, Name, Op, Operand, Part, PartKind, Query,
    Range, Reference, TypeBlock, When,
};
use crate::rules::literal::Literal;

use super::lower::{Lower, attribute, name, range};
use super::{Pair, Rule, inside};

/// What stands in front of a clause, and what follows its query.
#[derive(Default)]
struct Tail {
    negated: bool,
    query: Option<Query>,
    op: Option<(Op, bool)>,
    operand: Option<Operand>,
    message: Option<Name>,
    attributes: Vec<Attribute>,
    not_empty: bool,
    body: Option<Body>,
}

impl Lower<'_> {
    pub(super) fn clause(&mut self, pair: Pair<'_>) -> Clause {
        let at = range(&pair);
        match pair.as_rule() {
            Rule::type_block => self.type_block(pair),
            Rule::rule_when | Rule::nested_when => self.when(pair),
            Rule::call => self.call(pair),
            Rule::bare_ref => reference(pair),
            _ => self.plain(pair, at),
        }
    }

    fn plain(&mut self, pair: Pair<'_>, at: Range) -> Clause {
        let mut tail = Tail::default();
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::not_ => tail.negated = true,
                Rule::query if tail.query.is_none() => tail.query = Some(self.query(inner)),
                Rule::not_empty => tail.not_empty = true,
                Rule::block => tail.body = Some(self.body(inside(inner))),
                Rule::unary_op | Rule::binary_op => tail.op = Some(operator(inner)),
                Rule::message => tail.message = message(inner),
                Rule::clause_attr => tail.attributes.push(attribute(inner)),
                _ => tail.operand = Some(self.operand(inner)),
            }
        }
        let query = tail.query.unwrap_or(Query { some: false, parts: Box::default(), range: at });
        match (tail.body, tail.op) {
            (Some(body), _) => {
                Clause::Block(Box::new(Block { query, not_empty: tail.not_empty, body, range: at }))
            }
            (None, op) => {
                let (op, op_negated) = op.unwrap_or((Op::Exists, false));
                Clause::Access(Box::new(Access {
                    negated: tail.negated,
                    query,
                    op,
                    op_negated,
                    operand: tail.operand,
                    message: tail.message,
                    attributes: tail.attributes.into(),
                    range: at,
                }))
            }
        }
    }

    fn type_block(&mut self, pair: Pair<'_>) -> Clause {
        let at = range(&pair);
        let mut type_name = Name { text: "".into(), range: at };
        let mut when = None;
        let mut body = Body::default();
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::type_name => type_name = name(&inner),
                Rule::when_cond => when = Some(self.conditions(inner)),
                Rule::block => body = self.body(inside(inner)),
                _ => body.lines = [[self.clause(inner)].into()].into(),
            }
        }
        // Resources of a module's type are declared with the type alone.
        if let Some(bare) = type_name.text.strip_suffix("::MODULE") {
            type_name.text = bare.into();
        }
        Clause::Type(Box::new(TypeBlock { name: type_name, when, body, range: at }))
    }

    fn when(&mut self, pair: Pair<'_>) -> Clause {
        let at = range(&pair);
        let in_rule = pair.as_rule() == Rule::rule_when;
        let mut conditions = Cnf::default();
        let mut body = Body::default();
        let mut inner = inside(pair);
        if let Some(first) = inner.next() {
            conditions = self.conditions(first);
        }
        if in_rule {
            body = self.body(inner);
        } else if let Some(block) = inner.next() {
            body = self.body(inside(block));
        }
        Clause::When(Box::new(When { conditions, body, range: at, in_rule }))
    }

    fn call(&mut self, pair: Pair<'_>) -> Clause {
        let at = range(&pair);
        let mut out = Call {
            negated: false,
            name: Name { text: "".into(), range: at },
            arguments: Box::default(),
            message: None,
            range: at,
        };
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::not_ => out.negated = true,
                Rule::name => out.name = name(&inner),
                Rule::args => {
                    out.arguments = inside(inner).each(|argument| self.operand(argument));
                }
                Rule::message => out.message = message(inner),
                _ => {}
            }
        }
        Clause::Call(Box::new(out))
    }

    pub(super) fn query(&mut self, pair: Pair<'_>) -> Query {
        let at = range(&pair);
        let mut some = false;
        let inner = inside(pair);
        // One more, for what a variable implies.
        let mut parts: Vec<Part> = Vec::with_capacity(inner.len() + 1);
        for inner in inner {
            if inner.as_rule() == Rule::some_ {
                some = true;
                continue;
            }
            // Behind a variable, one `[*]` is implied unless it is written.
            let implied = match parts.as_slice() {
                [Part { kind: PartKind::Variable(_), range }] => {
                    Some(Range { start: range.end, end: range.end })
                }
                _ => None,
            };
            let here = range(&inner);
            let kind = self.part(inner);
            if let Some(range) = implied.filter(|_| !matches!(kind, PartKind::AllIndices(_))) {
                parts.push(Part { kind: PartKind::AllIndices(None), range });
            }
            parts.push(Part { kind, range: here });
        }
        Query { some, parts: parts.into(), range: at }
    }

    fn part(&mut self, pair: Pair<'_>) -> PartKind {
        match pair.as_rule() {
            Rule::this => PartKind::This,
            Rule::var => PartKind::Variable(inside(pair).next().map_or("", |name| name.as_str()).into()),
            Rule::dot_all => PartKind::AllValues(None),
            Rule::br_all => PartKind::AllIndices(None),
            Rule::tight_cap => PartKind::AllIndices(inside(pair).next().map(|pair| name(&pair))),
            Rule::loose_cap => PartKind::AllValues(inside(pair).next().map(|pair| name(&pair))),
            Rule::index => PartKind::Index(self.int(&pair)),
            Rule::filter => self.filter(pair),
            Rule::keys_filter => self.keys_filter(pair),
            // A key: a name, or a string. `'%v'` is a variable too.
            _ => {
                let text = match inside(pair).next() {
                    Some(inner) if inner.as_rule() == Rule::string => super::values::string(&inner),
                    Some(inner) => inner.as_str().to_owned(),
                    None => String::new(),
                };
                match text.strip_prefix('%') {
                    Some(variable) => PartKind::Variable(variable.into()),
                    None => PartKind::Key(text.into()),
                }
            }
        }
    }

    fn filter(&mut self, pair: Pair<'_>) -> PartKind {
        let mut capture = None;
        let inner = inside(pair);
        let mut lines = Vec::with_capacity(inner.len());
        for inner in inner {
            match inner.as_rule() {
                Rule::capture => capture = inside(inner).next().map(|pair| name(&pair)),
                _ => lines.push(self.alternatives(inner)),
            }
        }
        PartKind::Filter(capture, lines.into())
    }

    fn keys_filter(&mut self, pair: Pair<'_>) -> PartKind {
        let at = range(&pair);
        let (mut capture, mut op, mut operand) = (None, (Op::Eq, false), None);
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::capture => capture = inside(inner).next().map(|pair| name(&pair)),
                Rule::keys_op => op = keys_operator(&inner),
                _ => operand = Some(self.operand(inner)),
            }
        }
        let operand = operand.unwrap_or(Operand::Literal(Literal::Null, at));
        PartKind::Keys(Box::new(KeysFilter { capture, op: op.0, negated: op.1, operand }))
    }
}

fn reference(pair: Pair<'_>) -> Clause {
    let at = range(&pair);
    let mut out =
        Reference { negated: false, name: Name { text: "".into(), range: at }, message: None, range: at };
    for inner in inside(pair) {
        match inner.as_rule() {
            Rule::not_ => out.negated = true,
            Rule::name => out.name = name(&inner),
            Rule::message => out.message = message(inner),
            _ => {}
        }
    }
    Clause::Reference(Box::new(out))
}

fn message(pair: Pair<'_>) -> Option<Name> {
    // Unlike names, a message keeps its blanks.
    inside(pair).next().map(|text| Name { text: text.as_str().into(), range: range(&text) })
}

fn keys_operator(pair: &Pair<'_>) -> (Op, bool) {
    match pair.as_str() {
        "==" => (Op::Eq, false),
        "!=" => (Op::Eq, true),
        other => (Op::In, !matches!(other, "in" | "IN")),
    }
}

/// An operator, and whether it is negated.
fn operator(pair: Pair<'_>) -> (Op, bool) {
    let mut negated = false;
    let mut op = Op::Exists;
    for inner in inside(pair) {
        match inner.as_rule() {
            Rule::not_ => negated = true,
            Rule::in_kw => op = Op::In,
            _ => {
                op = match inner.as_str() {
                    "==" => Op::Eq,
                    "!=" => {
                        negated = true;
                        Op::Eq
                    }
                    ">" => Op::Gt,
                    "<" => Op::Lt,
                    ">=" => Op::Ge,
                    "<=" => Op::Le,
                    "exists" | "EXISTS" => Op::Exists,
                    "empty" | "EMPTY" => Op::Empty,
                    "is_string" | "IS_STRING" => Op::IsString,
                    "is_list" | "IS_LIST" => Op::IsList,
                    "is_struct" | "IS_STRUCT" => Op::IsStruct,
                    "is_bool" | "IS_BOOL" => Op::IsBool,
                    "is_int" | "IS_INT" => Op::IsInt,
                    "is_float" | "IS_FLOAT" => Op::IsFloat,
                    _ => Op::IsNull,
                }
            }
        }
    }
    (op, negated)
}
