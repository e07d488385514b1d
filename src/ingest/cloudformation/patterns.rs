//! Which texts a parameter can be.
//!
//! `AllowedPattern` is a regular expression that the whole value must match
//! ([`Language`](crate::document::Language)); types of parameters say what their values look like.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

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
}
