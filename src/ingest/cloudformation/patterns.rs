//! Which texts a parameter can be.
//!
//! `AllowedPattern` is a regular expression that the whole value must match. As the language of a hole it stands in the
//! middle of other text, so anchors at its ends are taken off; a pattern that looks around elsewhere says nothing.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The pattern without anchors at its ends, for the whole of a value. Nothing where it cannot be said so.
pub(super) fn whole(pattern: &str) -> Option<Box<str>> {
    let hir = ParserBuilder::new().build().parse(pattern).ok()?;
    let bare = without(without(hir, Side::Start), Side::End);
    bare.properties().look_set().is_empty().then(|| bare.to_string().into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

impl Side {
    fn is_anchor(self, look: Look) -> bool {
        match self {
            Self::Start => look == Look::Start,
            Self::End => look == Look::End,
        }
    }
}

/// The expression without the anchors at one side.
fn without(hir: Hir, side: Side) -> Hir {
    match hir.into_kind() {
        HirKind::Look(look) if side.is_anchor(look) => Hir::empty(),
        HirKind::Concat(mut parts) => {
            let at = if side == Side::Start { 0 } else { parts.len().saturating_sub(1) };
            if at < parts.len() {
                let part = parts.remove(at);
                parts.insert(at, without(part, side));
            }
            Hir::concat(parts)
        }
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(|part| without(part, side)).collect())
        }
        HirKind::Capture(mut capture) => {
            capture.sub = Box::new(without(*capture.sub, side));
            Hir::capture(capture)
        }
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
    }
}

/// Whether a text that matches a pattern may hold another: surely not where no part of the pattern takes its first
/// character.
pub(super) fn may_hold(pattern: &str, text: &str) -> bool {
    let Some(first) = text.chars().next() else { return true };
    ParserBuilder::new().build().parse(pattern).map_or(true, |hir| takes(&hir, first))
}

fn takes(hir: &Hir, wanted: char) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).map_or(true, |literal| literal.contains(wanted))
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted))
        }
        HirKind::Class(Class::Bytes(_)) => true,
        HirKind::Repetition(repetition) => takes(&repetition.sub, wanted),
        HirKind::Capture(capture) => takes(&capture.sub, wanted),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(|part| takes(part, wanted)),
    }
}

/// What the values of a parameter type look like.
pub(super) fn of_type(ty: &str) -> Option<&'static str> {
    Some(match ty {
        "Number" => "-?[0-9]+(?:\\.[0-9]+)?",
        "AWS::EC2::VPC::Id" => "vpc-[0-9a-f]+",
        "AWS::EC2::Subnet::Id" => "subnet-[0-9a-f]+",
        "AWS::EC2::SecurityGroup::Id" => "sg-[0-9a-f]+",
        "AWS::EC2::Instance::Id" => "i-[0-9a-f]+",
        "AWS::EC2::Image::Id" => "ami-[0-9a-f]+",
        "AWS::EC2::Volume::Id" => "vol-[0-9a-f]+",
        "AWS::EC2::AvailabilityZone::Name" => "[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}[a-z]",
        "AWS::Route53::HostedZone::Id" => "[A-Z0-9]+",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn what_a_pattern_can_hold_is_seen_from_its_parts() {
        for (pattern, text, expected) in [
            ("[a-z]+", "/", false),
            ("a|b/", "/", true),
            ("(?s:.*)", "x", true),
            ("[0-9]{12}", ":", false),
            ("(", "x", true),
        ] {
            assert_eq!(super::may_hold(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn anchors_at_the_ends_are_taken_off() {
        for (pattern, expected) in [
            ("^[a-z]+$", Some("(?:[a-z]+)")),
            ("[a-z]", Some("[a-z]")),
            ("^(a|b)$", Some("([a-b])")),
            ("(^x$)|(^$)", Some("(?:(x)|((?:)))")),
            ("a$|b", Some("[a-b]")),
            ("a^b", None),
            ("\\bx", None),
            ("(?!no)x", None),
        ] {
            let found = whole(pattern);
            let same = |found: &str, expected: &str| {
                let full = |pattern: &str| regex::Regex::new(&format!("\\A(?:{pattern})\\z")).unwrap();
                ["", "a", "b", "x", "abc", "ax", "^a"]
                    .iter()
                    .all(|text| full(found).is_match(text) == full(expected).is_match(text))
            };
            match (&found, expected) {
                (Some(found), Some(expected)) => assert!(same(found, expected), "{pattern}: {found}"),
                _ => assert_eq!(found.as_deref(), expected, "{pattern}"),
            }
        }
    }
}
