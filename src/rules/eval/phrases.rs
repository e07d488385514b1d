//! Operators and failures, in the peer's words.

use crate::rules::ast::Op;

/// An operator, as the peer prints it.
pub(super) fn op_name(op: Op) -> &'static str {
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

/// Why a comparison fails.
pub(super) fn binary_phrase(op: Op, negated: bool) -> &'static str {
    match (op, negated) {
        (Op::Eq, false) => "not equal to",
        (Op::Eq, true) => "equal to",
        (Op::Le, false) => "not less than equal to",
        (Op::Le, true) => "less than equal to",
        (Op::Lt, false) => "not less than",
        (Op::Lt, true) => "less than",
        (Op::Ge, false) => "not greater than equal",
        (Op::Ge, true) => "greater than equal to",
        (Op::Gt, false) => "not greater than",
        (Op::Gt, true) => "greater than",
        (_, false) => "not in",
        (_, true) => "in",
    }
}

/// Why a question about one value fails.
pub(super) fn unary_phrase(op: Op, negated: bool) -> &'static str {
    match (op, negated) {
        (Op::Exists, false) => "did not exist",
        (Op::Exists, true) => "existed",
        (Op::Empty, false) => "was not empty",
        (Op::Empty, true) => "was empty",
        (Op::IsList, false) => "was not list",
        (Op::IsList, true) => "was a list ",
        (Op::IsStruct, false) => "was not struct",
        (Op::IsStruct, true) => "was a struct",
        (Op::IsString, false) => "was not string",
        (Op::IsString, true) => "was a string ",
        (Op::IsInt, false) => "was not int",
        (Op::IsInt, true) => "was int",
        (Op::IsBool, false) => "was not bool",
        (Op::IsBool, true) => "was bool",
        (Op::IsNull, false) => "was not null",
        (Op::IsNull, true) => "was null",
        (_, false) => "was not float",
        (_, true) => "was float",
    }
}
