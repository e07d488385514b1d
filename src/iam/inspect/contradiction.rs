//! Conditions of one statement that can never hold together.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use crate::document::Tri;
use crate::iam::arn;
use crate::iam::glob::Token;
use crate::iam::glob::literal;
use crate::iam::glob::pattern;
use crate::iam::literal::Decimal;
use crate::iam::literal::Network;
use crate::iam::literal::date;
use crate::iam::operator::Comparison;
use crate::iam::operator::Operator;
use crate::iam::operator::Order;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;

impl Inspector<'_> {
    /// Checks the conditions of a statement against each other.
    pub(super) fn contradictions(&mut self, statement: &Statement<'_>) {
        for (index, first) in statement.conditions.iter().enumerate() {
            for second in statement.conditions.iter().skip(index + 1) {
                if first.key.eq_ignore_ascii_case(second.key) && exclude(first, second) {
                    let message = format!("two conditions on `{}` exclude each other", second.key);
                    self.note(FlawKind::Contradiction, second.key_node, second.key, message);
                }
            }
        }
        if self.kind != PolicyKind::Trust {
            self.source_accounts(statement);
        }
    }
}

/// Whether two tests on one key can never hold together.
fn exclude(first: &Test<'_>, second: &Test<'_>) -> bool {
    use Comparison::{Arn, Bool, Date, Equals, Ip, Like, Null, Numeric};
    let (Some(a), Some(b)) = (first.operator, second.operator) else { return false };
    if a.quantifier.is_some() || b.quantifier.is_some() {
        return false;
    }
    let null = |test: &Test<'_>| {
        let says_so = |text: &str| text.eq_ignore_ascii_case("true");
        test.values.len() == 1 && test.values.iter().all(|value| value.text.known().is_some_and(says_so))
    };
    // Where the key is absent, both would hold.
    let both_hold_without = a.when_absent() && b.when_absent();
    match (a.test, b.test) {
        (Null, Null) => false,
        (Null, _) => null(first) && !b.when_absent(),
        (_, Null) => null(second) && !a.when_absent(),
        _ if both_hold_without => false,
        (Equals | Like, Equals | Like) | (Arn, Arn) => match (a.negated, b.negated) {
            (false, false) => disjoint(first, second),
            (false, true) => covered(first, second),
            (true, false) => covered(second, first),
            (true, true) => false,
        },
        (Bool, Bool) => disjoint(first, second),
        (Ip, Ip) => match (a.negated, b.negated) {
            (false, true) => within(first, second),
            (true, false) => within(second, first),
            _ => false,
        },
        (Numeric(_), Numeric(_)) if !a.negated && !b.negated => apart(first, second, Decimal::parse),
        (Date(_), Date(_)) if !a.negated && !b.negated => apart(first, second, date),
        _ => false,
    }
}

/// The values of a test as patterns, where all are known.
fn patterns(test: &Test<'_>) -> Option<Vec<Vec<Token>>> {
    let wild = test.operator.is_some_and(Operator::has_wildcards)
        || test.operator.is_some_and(|operator| operator.test == Comparison::Arn);
    let fold = test.operator.is_some_and(|operator| operator.test == Comparison::Bool);
    let read = |text: &str| if wild { pattern(text) } else { literal(text) };
    let known = test.values.iter().map(|value| {
        let text = value.text.known().filter(|text| !text.contains("${") && value.under.is_always())?;
        Some(if fold { read(&text.to_ascii_lowercase()) } else { read(text) })
    });
    known.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
}

fn disjoint(first: &Test<'_>, second: &Test<'_>) -> bool {
    let (Some(left), Some(right)) = (patterns(first), patterns(second)) else { return false };
    left.iter().all(|a| right.iter().all(|b| arn::tokens(a, b) == Tri::No && arn::tokens(b, a) == Tri::No))
}

/// Whether every value of a test is one that the other excludes.
fn covered(wanted: &Test<'_>, excluded: &Test<'_>) -> bool {
    let (Some(wanted), Some(excluded)) = (patterns(wanted), patterns(excluded)) else { return false };
    wanted.iter().all(|one| excluded.iter().any(|other| crate::iam::glob::contains(other, one)))
}

/// Whether every network of a test lies in one that the other excludes.
fn within(wanted: &Test<'_>, excluded: &Test<'_>) -> bool {
    let read = |test: &Test<'_>| -> Option<Vec<Network>> {
        test.values.iter().map(|value| value.text.known().and_then(Network::parse)).collect()
    };
    let (Some(wanted), Some(excluded)) = (read(wanted), read(excluded)) else { return false };
    !wanted.is_empty() && wanted.iter().all(|one| excluded.iter().any(|other| other.covers(*one)))
}

/// Whether bounds leave nothing between them.
fn apart<T: Ord>(first: &Test<'_>, second: &Test<'_>, read: impl Fn(&str) -> Option<T>) -> bool {
    // Of several values one suffices, so the widest counts.
    let bound = |test: &Test<'_>| -> Option<(Order, T, T)> {
        let (Comparison::Numeric(order) | Comparison::Date(order)) = test.operator?.test else { return None };
        let values = || test.values.iter().map(|value| read(value.text.known()?));
        let (lowest, highest) =
            (values().collect::<Option<Vec<T>>>()?, values().collect::<Option<Vec<T>>>()?);
        Some((order, lowest.into_iter().min()?, highest.into_iter().max()?))
    };
    let (Some(first), Some(second)) = (bound(first), bound(second)) else { return false };
    let above = |upper: &(Order, T, T), lower: &(Order, T, T)| {
        let (at_most, strict_upper) = match upper.0 {
            Order::Less => (&upper.2, true),
            Order::LessOrEqual | Order::Equal => (&upper.2, false),
            Order::Greater | Order::GreaterOrEqual => return false,
        };
        let (at_least, strict_lower) = match lower.0 {
            Order::Greater => (&lower.1, true),
            Order::GreaterOrEqual | Order::Equal => (&lower.1, false),
            Order::Less | Order::LessOrEqual => return false,
        };
        at_least > at_most || at_least == at_most && (strict_upper || strict_lower)
    };
    above(&first, &second) || above(&second, &first)
}
