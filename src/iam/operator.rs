//! Condition operators: their names, and what the parts of a name mean.

/// A condition operator with its prefix and suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub quantifier: Option<Quantifier>,
    /// What is compared.
    pub test: Comparison,
    /// Whether it holds where the comparison does not.
    pub negated: bool,
    /// Whether it holds where the request lacks the key.
    pub if_exists: bool,
}

/// How an operator treats several values in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `ForAllValues`: each must pass; true where there are none.
    All,
    /// `ForAnyValue`: one must pass; false where there are none.
    Any,
}

/// What an operator compares, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Texts, character by character.
    Equals,
    /// Texts without case.
    EqualsIgnoreCase,
    /// Texts with wildcards.
    Like,
    /// Numbers.
    Numeric(Order),
    /// Points in time.
    Date(Order),
    /// Truth values.
    Bool,
    /// Bytes.
    Binary,
    /// Addresses and networks.
    Ip,
    /// ARNs, field by field, with wildcards.
    Arn,
    /// Whether the request has the key.
    Null,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less or the same.
    LessOrEqual,
    /// More.
    Greater,
    /// More or the same.
    GreaterOrEqual,
}

impl Order {
    /// Whether an ordering fits.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// The names of the operators, without prefix and suffix.
const NAMES: &[(&str, Comparison, bool)] = &[
    ("StringEquals", Comparison::Equals, false),
    ("StringNotEquals", Comparison::Equals, true),
    ("StringEqualsIgnoreCase", Comparison::EqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::EqualsIgnoreCase, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("NumericEquals", Comparison::Numeric(Order::Equal), false),
    ("NumericNotEquals", Comparison::Numeric(Order::Equal), true),
    ("NumericLessThan", Comparison::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Comparison::Numeric(Order::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Numeric(Order::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    ("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Order::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::Ip, false),
    ("NotIpAddress", Comparison::Ip, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Null", Comparison::Null, false),
];

impl Operator {
    /// The operator with a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (None, name),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Some(Quantifier::All), rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(Quantifier::Any), rest)
            }
            Some(_) => return None,
        };
        let find = |name: &str| NAMES.iter().find(|(own, _, _)| own.eq_ignore_ascii_case(name));
        let cut = rest.len().checked_sub("IfExists".len());
        let suffixed = cut.and_then(|at| rest.split_at_checked(at));
        let (found, if_exists) = match (find(rest), suffixed) {
            (Some(found), _) => (found, false),
            (None, Some((base, suffix))) if suffix.eq_ignore_ascii_case("IfExists") => (find(base)?, true),
            _ => return None,
        };
        Some(Self { quantifier, test: found.1, negated: found.2, if_exists })
    }

    /// The names of all operators, without prefix and suffix.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|&(name, _, _)| name)
    }

    /// What the condition is where the request cannot have the key.
    pub fn when_absent(self) -> bool {
        match (self.quantifier, self.test) {
            // `Null` asks for the values; the caller decides.
            (_, Comparison::Null) => false,
            (Some(Quantifier::All), _) => true,
            (Some(Quantifier::Any), _) => self.if_exists,
            (None, _) => self.if_exists || self.negated,
        }
    }

    /// Whether `*` and `?` in its values are wildcards.
    pub fn has_wildcards(self) -> bool {
        matches!(self.test, Comparison::Like | Comparison::Arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_parts() {
        let all = Operator::parse("forallvalues:stringNOTlikeifexists").unwrap();
        assert_eq!(all.quantifier, Some(Quantifier::All));
        assert!(all.negated && all.if_exists && all.test == Comparison::Like);
        assert!(Operator::parse("ForSomeValues:StringEquals").is_none());
        assert!(Operator::parse("StringMatches").is_none());
        assert!(Operator::parse("").is_none() && Operator::parse("IfExists").is_none());
        for name in Operator::names() {
            assert!(Operator::parse(name).is_some() && Operator::parse(&format!("{name}IfExists")).is_some());
        }
    }

    #[test]
    fn a_missing_key_decides_by_the_operator_alone() {
        for (name, expected) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringNotEquals", false),
            ("Bool", false),
        ] {
            assert_eq!(Operator::parse(name).unwrap().when_absent(), expected, "{name}");
        }
    }
}
