//! Whether the conditions of a statement hold for a request.

use crate::document::Tri;

use super::arn;
use super::context::Context;
use super::context::Lookup;
use super::glob::Token;
use super::glob::literal;
use super::literal::Decimal;
use super::literal::Network;
use super::literal::address;
use super::literal::date;
use super::operator::Comparison;
use super::operator::Operator;
use super::operator::Order;
use super::operator::Quantifier;
use super::policy::Effect;
use super::policy::Test;
use super::text::Text;
use super::value::Filled;
use super::value::Reading;
use super::value::characters;
use super::value::fill;

/// What a comparison depends on beside its two sides.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'c> {
    /// The condition keys of the request.
    pub context: &'c Context,
    /// Whether `${…}` is a variable.
    pub variables: bool,
    /// The effect of the statement: an ARN that cannot be read denies, and does not allow.
    pub effect: Effect,
}

/// Whether all tests hold.
pub fn all_hold(tests: &[Test<'_>], setting: Setting<'_>) -> Tri {
    let mut answer = Tri::Yes;
    for test in tests {
        answer = answer.and(holds(test, setting));
        if answer == Tri::No {
            break;
        }
    }
    answer
}

/// Whether one test holds.
pub fn holds(test: &Test<'_>, setting: Setting<'_>) -> Tri {
    let Some(operator) = test.operator else { return Tri::No };
    let values: Vec<&Text<'_>> = test.values.iter().map(|value| &value.text).collect();
    operator_holds(operator, test.key, &values, setting)
}

/// Whether an operator holds for a key and the values of the policy.
pub fn operator_holds(operator: Operator, key: &str, values: &[&Text<'_>], setting: Setting<'_>) -> Tri {
    let lookup = setting.context.get(key);
    if operator.test == Comparison::Null {
        return null(lookup, values);
    }
    match lookup {
        Lookup::Absent => Tri::from(operator.when_absent()),
        Lookup::Unknown | Lookup::Present => Tri::Maybe,
        Lookup::Values(actual, many) => match operator.quantifier {
            // A key with several values needs a quantifier, even where it has one value.
            None if many => Tri::No,
            None => actual.first().map_or(Tri::No, |one| passes(operator, one, values, setting)),
            Some(Quantifier::All) => {
                actual.iter().map(|one| passes(operator, one, values, setting)).fold(Tri::Yes, Tri::and)
            }
            Some(Quantifier::Any) => {
                actual.iter().map(|one| passes(operator, one, values, setting)).fold(Tri::No, Tri::or)
            }
        },
    }
}

fn null(lookup: Lookup<'_>, values: &[&Text<'_>]) -> Tri {
    let absent = match lookup {
        Lookup::Absent | Lookup::Values([], _) => Tri::Yes,
        Lookup::Values(..) | Lookup::Present => Tri::No,
        Lookup::Unknown => Tri::Maybe,
    };
    let each = values.iter().map(|value| match value.known() {
        Some(text) if text.eq_ignore_ascii_case("true") => absent,
        Some(_) => absent.negate(),
        None => Tri::Maybe,
    });
    each.fold(Tri::No, Tri::or)
}

/// How one value of the request compares with one of the policy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// They compare: the same, perhaps, or not.
    Compared(Tri),
    /// One of them cannot be read: neither the operator nor its opposite holds.
    Malformed,
}

/// Whether a value of the request passes: matches one of the values or, for a negated operator, none.
fn passes(operator: Operator, actual: &str, values: &[&Text<'_>], setting: Setting<'_>) -> Tri {
    let mut found = Tri::No;
    let mut malformed = false;
    for value in values {
        match compare(operator, actual, value, setting) {
            Match::Compared(answer) => found = found.or(answer),
            Match::Malformed => malformed = true,
        }
    }
    if !operator.negated {
        return found;
    }
    if malformed { Tri::No } else { found.negate() }
}

fn compare(operator: Operator, actual: &str, value: &Text<'_>, setting: Setting<'_>) -> Match {
    let reading = Reading { wildcards: operator.has_wildcards(), variables: setting.variables };
    let tokens = match fill(value, reading, setting.context) {
        Filled::Tokens(tokens) => tokens,
        Filled::Never => return Match::Malformed,
    };
    match operator.test {
        Comparison::Equals | Comparison::Like => Match::Compared(arn::tokens(&tokens, &literal(actual))),
        Comparison::EqualsIgnoreCase => {
            Match::Compared(arn::tokens(&lower(&tokens), &literal(&actual.to_lowercase())))
        }
        Comparison::Arn => arns(&tokens, actual, setting.effect),
        Comparison::Null => Match::Malformed,
        _ => match characters(&tokens) {
            Some(text) => plain(operator.test, actual, &text),
            None => Match::Compared(Tri::Maybe),
        },
    }
}

fn lower(tokens: &[Token]) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Unit(unit) => match char::from_u32(u32::from(*unit)) {
                Some(character) => out.extend(literal(&character.to_lowercase().to_string())),
                None => out.push(*token),
            },
            other => out.push(*other),
        }
    }
    out
}

fn arns(pattern: &[Token], actual: &str, effect: Effect) -> Match {
    let complete = |tokens: &[Token]| match arn::Arn::split(tokens) {
        arn::Arn::Fields(fields) => {
            fields.len() == arn::FIELDS
                && arn::tokens(&literal("arn"), fields.first().copied().unwrap_or(&[])) != Tri::No
        }
        arn::Arn::Everything | arn::Arn::Whole(_) => true,
    };
    let request = literal(actual);
    if !complete(&request) || !actual.starts_with("arn:") {
        return Match::Malformed;
    }
    if !complete(pattern) {
        // What cannot be read denies, and does not allow.
        return if effect == Effect::Deny { Match::Compared(Tri::Yes) } else { Match::Malformed };
    }
    Match::Compared(arn::compare(pattern, &request))
}

/// Compares values that are no texts.
fn plain(test: Comparison, actual: &str, value: &str) -> Match {
    let compared = match test {
        Comparison::Numeric(order) => ordered(order, Decimal::parse(actual), Decimal::parse(value)),
        Comparison::Date(order) => ordered(order, date(actual), date(value)),
        Comparison::Bool => {
            let truth = |text: &str| text.eq_ignore_ascii_case("true");
            let readable = truth(value) || value.eq_ignore_ascii_case("false");
            readable.then(|| truth(actual) == truth(value))
        }
        Comparison::Binary => Some(actual == value),
        Comparison::Ip => match (address(actual), Network::parse(value)) {
            (Some(address), Some(network)) => Some(network.holds(address)),
            _ => None,
        },
        _ => None,
    };
    compared.map_or(Match::Malformed, |same| Match::Compared(Tri::from(same)))
}

fn ordered<T: Ord>(order: Order, actual: Option<T>, value: Option<T>) -> Option<bool> {
    Some(order.holds(actual?.cmp(&value?)))
}
