//! ARNs and patterns of ARNs, field by field.

use super::glob::Token;
use super::glob::contains;
use super::glob::intersects;
use super::glob::is_everything;
use crate::document::Tri;

/// The fields of an ARN before the resource.
pub const FIELDS: usize = 6;

const COLON: Token = Token::Unit(0x3A);

/// A pattern of an ARN, split at its first five colons.
#[derive(Clone, Debug)]
pub enum Arn<'p> {
    /// `*` alone: everything.
    Everything,
    /// The fields; fewer than six where the text is shorter.
    Fields(Fields<'p>),
    /// A text whose unknown parts may hold colons.
    Whole(&'p [Token]),
}

/// The fields of an ARN, at least one and at most six.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'p> {
    all: [&'p [Token]; FIELDS],
    count: usize,
}

impl<'p> std::ops::Deref for Fields<'p> {
    type Target = [&'p [Token]];

    fn deref(&self) -> &Self::Target {
        self.all.get(..self.count).unwrap_or_default()
    }
}

impl<'p> Arn<'p> {
    /// Splits a pattern.
    pub fn split(tokens: &'p [Token]) -> Self {
        if is_everything(tokens) {
            return Self::Everything;
        }
        // A hole at the start may be the whole beginning of an ARN; elsewhere it is a part of its field.
        if matches!(tokens.first(), Some(Token::Opaque(_))) {
            return Self::Whole(tokens);
        }
        let mut fields = Fields { all: [&[]; FIELDS], count: 0 };
        let mut rest = tokens;
        for field in &mut fields.all {
            fields.count += 1;
            let end = rest.iter().position(|&token| token == COLON).filter(|_| fields.count < FIELDS);
            let Some(end) = end else {
                *field = rest;
                break;
            };
            let (own, tail) = rest.split_at(end);
            *field = own;
            rest = tail.get(1..).unwrap_or_default();
        }
        Self::Fields(fields)
    }

    /// Whether it has all six fields.
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Fields(fields) => fields.len() == FIELDS,
            _ => true,
        }
    }
}

/// Whether what `right` describes is described by `left`: all of it, some of it, none of it. Both have six fields, or
/// the missing ones are open.
pub fn compare(left: &[Token], right: &[Token]) -> Tri {
    match (Arn::split(left), Arn::split(right)) {
        (Arn::Everything, _) => Tri::Yes,
        (_, Arn::Everything) => Tri::Maybe,
        (Arn::Fields(a), Arn::Fields(b)) => {
            let mut answer = Tri::Yes;
            let open: &[Token] = &[Token::Any];
            for index in 0..FIELDS {
                let (a, b) = (a.get(index).copied().unwrap_or(open), b.get(index).copied().unwrap_or(open));
                answer = answer.and(tokens(a, b));
                if answer == Tri::No {
                    return Tri::No;
                }
            }
            answer
        }
        _ => tokens(left, right),
    }
}

/// Whether all, some or none of the texts of `right` are texts of `left`.
pub fn tokens(left: &[Token], right: &[Token]) -> Tri {
    if contains(left, right) {
        Tri::Yes
    } else if intersects(left, right) {
        Tri::Maybe
    } else {
        Tri::No
    }
}

#[cfg(test)]
mod tests {
    use super::super::glob::literal;
    use super::super::glob::pattern;
    use super::*;

    #[test]
    fn wildcards_do_not_cross_fields() {
        let ask = |left: &str, right: &str| compare(&pattern(left), &literal(right));
        assert_eq!(ask("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z"), Tri::Yes);
        assert_eq!(ask("arn:aws:ec2:*:instance/i", "arn:aws:ec2:eu-west-1:1:instance/i"), Tri::No);
        assert_eq!(ask("arn:*", "arn:aws:ec2:eu-west-1:1:instance/i"), Tri::Yes);
        assert_eq!(ask("*", "arn:aws:ec2:eu-west-1:1:instance/i"), Tri::Yes);
        assert_eq!(compare(&pattern("arn:aws:s3:::b/x*"), &pattern("arn:aws:s3:::b/*")), Tri::Maybe);
    }

    #[test]
    fn a_hole_at_the_start_may_be_any_arn() {
        let hole = Token::Opaque(9);
        let own = [vec![hole], pattern("/*")].concat();
        let object = [vec![hole], literal("/k")].concat();
        assert_eq!(compare(&own, &object), Tri::Yes);
        assert_eq!(compare(&own, &literal("arn:aws:s3:::b/k")), Tri::Maybe);
        assert_eq!(compare(&own, &literal("arn:aws:s3:::b")), Tri::No);
    }
}
