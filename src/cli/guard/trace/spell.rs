//! Clauses and queries as the peer's reports spell them.

use std::fmt::{self, Display, Formatter};

use crate::cli::guard::value::{Arena, Only};
use crate::document::Source;
use crate::rules::ast::{Access, Op, Operand, Part, PartKind, Range};

/// A step of a query.
pub(in crate::cli::guard) struct Step<'a>(pub(in crate::cli::guard) &'a PartKind);

/// Steps of a query, with dots between them.
pub(in crate::cli::guard) struct Steps<'a>(pub(in crate::cli::guard) &'a [Part]);

/// A clause with an operator.
pub(in crate::cli::guard) struct Clause<'a>(pub(in crate::cli::guard) &'a Access);

/// A right side.
pub(in crate::cli::guard) struct Right<'a>(pub(in crate::cli::guard) &'a Operand);

impl Display for Step<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            PartKind::This => out.write_str("_"),
            PartKind::Key(key) => out.write_str(key),
            PartKind::Variable(name) => write!(out, "%{name}"),
            PartKind::AllValues(_) => out.write_str("*"),
            PartKind::AllIndices(_) => out.write_str("[*]"),
            PartKind::Index(index) => write!(out, "{index}"),
            PartKind::Filter(name, _) => {
                write!(out, "{} (filter-clauses)", name.as_ref().map_or("", |name| &name.text))
            }
            PartKind::Keys(filter) => {
                let name = filter.capture.as_ref().map_or("", |name| &name.text);
                write!(out, "{name} (map-key-filter-clauses)")
            }
        }
    }
}

impl Display for Steps<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        // The peer takes the dot away before each bracket, be it a part of a key.
        let bracket = |part: &Part| matches!(&part.kind, PartKind::Key(key) if key.contains('['));
        if self.0.iter().any(bracket) {
            let steps: Vec<String> = self.0.iter().map(|part| Step(&part.kind).to_string()).collect();
            return out.write_str(&steps.join(".").replace(".[", "["));
        }
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 && !matches!(part.kind, PartKind::AllIndices(_)) {
                out.write_str(".")?;
            }
            Step(&part.kind).fmt(out)?;
        }
        Ok(())
    }
}

impl Display for Right<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Operand::Literal(literal, _) => Only(Arena::of_literal(literal).root()).fmt(out),
            Operand::Query(query) => Steps(&query.parts).fmt(out),
            Operand::Function(function) => {
                let arguments: Vec<String> =
                    function.arguments.iter().map(|one| Right(one).to_string()).collect();
                write!(out, "{}({})", function.name.text, arguments.join(", "))
            }
        }
    }
}

impl Display for Clause<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Access { negated, query, op, op_negated, operand, .. } = self.0;
        let (before, not) = (if *negated { "not" } else { "" }, if *op_negated { "not " } else { "" });
        write!(out, "{before} {} {not}{}  ", Steps(&query.parts), word(*op))?;
        match operand {
            Some(operand) => Right(operand).fmt(out),
            None => Ok(()),
        }
    }
}

/// The peer's word for an operator.
pub(in crate::cli::guard) fn word(op: Op) -> &'static str {
    match op {
        Op::Eq => "EQUALS",
        Op::In => "IN",
        Op::Gt => "GREATER THAN",
        Op::Lt => "LESS THAN",
        Op::Ge => "GREATER THAN EQUALS",
        Op::Le => "LESS THAN EQUALS",
        Op::Exists => "EXISTS",
        Op::Empty => "EMPTY",
        Op::IsString => "IS STRING",
        Op::IsBool => "IS BOOL",
        Op::IsInt => "IS INT",
        Op::IsList => "IS LIST",
        Op::IsStruct => "IS MAP",
        Op::IsNull => "IS NULL",
        Op::IsFloat => "IS FLOAT",
    }
}

/// The peer's name for an operator in its reports.
pub(in crate::cli::guard) fn symbol(op: Op) -> &'static str {
    match op {
        Op::Eq => "Eq",
        Op::In => "In",
        Op::Gt => "Gt",
        Op::Lt => "Lt",
        Op::Ge => "Ge",
        Op::Le => "Le",
        Op::Exists => "Exists",
        Op::Empty => "Empty",
        Op::IsString => "IsString",
        Op::IsBool => "IsBool",
        Op::IsInt => "IsInt",
        Op::IsList => "IsList",
        Op::IsStruct => "IsMap",
        Op::IsNull => "IsNull",
        Op::IsFloat => "IsFloat",
    }
}

/// A place in a rule file as the peer names it.
pub(in crate::cli::guard) fn location(name: &str, source: &Source, range: Range) -> String {
    let at = source.lines().position(source.text(), range.start);
    format!("Location[file:{name}, line:{}, column:{}]", at.line, at.column)
}
