//! Literals and functions: from the parser's pairs to the tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rules::ast::{Function, Operand, Range};
use crate::rules::literal::{Bounds, Literal};
use crate::rules::pattern::Pattern;

use super::lower::{Lower, name, range};
use super::{Pair, Rule, inside};

/// The content of a string: the quote that encloses it may be escaped, nothing else is.
pub(super) fn string(pair: &Pair<'_>) -> String {
    let text = pair.as_str();
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
    if text.starts_with('"') { inner.replace("\\\"", "\"") } else { inner.replace("\\'", "'") }
}

/// How many arguments a function of Guard takes.
fn arity(function: &str) -> Option<usize> {
    Some(match function {
        "now" => 0,
        "count" | "json_parse" | "parse_boolean" | "parse_char" | "parse_epoch" | "parse_float"
        | "parse_int" | "parse_string" | "to_lower" | "to_upper" | "url_decode" => 1,
        "join" => 2,
        "substring" | "regex_replace" => 3,
        _ => return None,
    })
}

impl Lower<'_> {
    /// What stands for something that the grammar says is there.
    pub(super) fn nothing(&mut self) -> Operand {
        self.fail(Range::default(), "the value is missing", None);
        Operand::Literal(Literal::Null, Range::default())
    }

    pub(super) fn operand(&mut self, pair: Pair<'_>) -> Operand {
        let at = range(&pair);
        match pair.as_rule() {
            Rule::query => Operand::Query(self.query(pair)),
            Rule::function => Operand::Function(Box::new(self.function(pair))),
            _ => Operand::Literal(self.literal(pair), at),
        }
    }

    fn function(&mut self, pair: Pair<'_>) -> Function {
        let at = range(&pair);
        let mut inner = inside(pair);
        if let Some(entity) = inner.peek().filter(|inner| inner.as_rule() == Rule::fn_entity) {
            return self.entity_function(entity, at);
        }
        let mut function = inner
            .next()
            .map_or_else(|| crate::rules::ast::Name { text: "".into(), range: at }, |pair| name(&pair));
        if &*function.text == "now()" {
            function.text = "now".into();
        }
        Function { name: function, arguments: inner.each(|argument| self.operand(argument)), range: at }
    }

    /// A function that Guard does not have.
    fn entity_function(&mut self, pair: Pair<'_>, at: Range) -> Function {
        let mut out = Function {
            name: crate::rules::ast::Name { text: "".into(), range: at },
            arguments: Box::default(),
            range: at,
        };
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::name => out.name = name(&inner),
                Rule::args => {
                    out.arguments = inside(inner).each(|argument| self.operand(argument));
                }
                _ => {}
            }
        }
        let (wanted, got) = (arity(&out.name.text), out.arguments.len());
        if let Some(wanted) = wanted.filter(|wanted| *wanted != got) {
            let arguments = if wanted == 1 { "argument" } else { "arguments" };
            self.fail(at, format!("`{}` takes {wanted} {arguments}, not {got}", out.name.text), None);
        }
        self.asks.push(out.name.clone());
        out
    }

    pub(super) fn int(&mut self, pair: &Pair<'_>) -> i64 {
        pair.as_str().trim().parse().unwrap_or_else(|_| {
            let at = range(pair);
            self.fail(
                at,
                format!("`{}` is too large for a whole number", pair.as_str()),
                Some("whole numbers have 64 bits"),
            );
            0
        })
    }

    fn literal(&mut self, pair: Pair<'_>) -> Literal {
        match pair.as_rule() {
            Rule::string => Literal::string(&string(&pair)),
            Rule::int => Literal::Int(self.int(&pair)),
            Rule::float => Literal::Float(pair.as_str().parse().unwrap_or(f64::NAN)),
            Rule::bool => {
                Literal::Bool(inside(pair).next().is_some_and(|word| word.as_rule() == Rule::true_))
            }
            Rule::regex => self.regex(&pair),
            Rule::range => self.range(pair),
            Rule::list => Literal::List(inside(pair).each(|element| self.literal(element)).into()),
            Rule::map => self.map(pair),
            _ => Literal::Null,
        }
    }

    fn regex(&mut self, pair: &Pair<'_>) -> Literal {
        let text = pair.as_str();
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("").replace("\\/", "/");
        match Pattern::new(&inner) {
            Ok(pattern) => Literal::Regex(Arc::new(pattern)),
            Err(why) => {
                self.fail(range(pair), format!("`{text}` is not a regular expression: {why}"), None);
                Literal::Null
            }
        }
    }

    fn map(&mut self, pair: Pair<'_>) -> Literal {
        let mut entries: Vec<(Arc<str>, Literal)> = Vec::new();
        let mut known: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for entry in inside(pair) {
            let mut inner = inside(entry);
            let (Some(key), Some(value)) = (inner.next(), inner.next()) else { continue };
            let key: Arc<str> = match inside(key).next() {
                Some(inner) if inner.as_rule() == Rule::string => string(&inner).into(),
                Some(inner) => inner.as_str().into(),
                None => "".into(),
            };
            let value = self.literal(value);
            let at = *known.entry(Arc::clone(&key)).or_insert(entries.len());
            match entries.get_mut(at) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
        Literal::Map(entries.into())
    }

    fn range(&mut self, pair: Pair<'_>) -> Literal {
        let (mut low_inside, mut high_inside) = (true, true);
        let mut ends: Vec<Pair<'_>> = Vec::new();
        for inner in inside(pair) {
            match inner.as_rule() {
                Rule::range_open => low_inside = inner.as_str() == "[",
                Rule::range_close => high_inside = inner.as_str() == "]",
                _ => ends.push(inner),
            }
        }
        let [low, high] = ends.as_slice() else { return Literal::Null };
        match low.as_rule() {
            Rule::int => {
                let (low, high) = (self.int(low), self.int(high));
                Literal::IntRange(Bounds { low, high, low_inside, high_inside })
            }
            Rule::float => {
                let number = |pair: &Pair<'_>| pair.as_str().parse().unwrap_or(f64::NAN);
                Literal::FloatRange(Bounds { low: number(low), high: number(high), low_inside, high_inside })
            }
            _ => {
                let character = |pair: &Pair<'_>| pair.as_str().chars().next().unwrap_or('\0');
                Literal::CharRange(Bounds {
                    low: character(low),
                    high: character(high),
                    low_inside,
                    high_inside,
                })
            }
        }
    }
}
