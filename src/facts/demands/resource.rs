//! Resources that roles need, as text for people and as patterns for the evaluation.

use crate::document::{HoleKind, NodeId, Piece, Tree, View};
use crate::iam::glob::{Token, push_pattern};
use crate::iam::resource::Target;
use crate::iam::text::{Part, Text, token};
use crate::ssm::statement::{ACCOUNT, PARTITION, REGION};

/// A resource that an action must be allowed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// The ARN, with holes as `${…}`.
    pub arn: String,
    /// The ways in which a policy may write it; none where the holes are such that it may be any.
    ways: Vec<Vec<Token>>,
}

impl Resource {
    /// A resource of which all that the input decides is in its ARN.
    pub fn of(arn: String) -> Self {
        let mut way = Vec::new();
        let mut rest = arn.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            push_pattern(&mut way, before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            match place_of(name) {
                Some(kind) => way.push(token(&kind, "")),
                None => return Self { arn, ways: Vec::new() },
            }
            rest = tail;
        }
        push_pattern(&mut way, rest);
        Self { arn, ways: vec![way] }
    }

    /// A bucket that a value names, or objects in it: what comes behind is literal, or the value of a node.
    pub(super) fn bucket(tree: &Tree, name: NodeId, below: &[Below<'_>]) -> Self {
        Self::named(tree, name, &format!("arn:{PARTITION}:s3:::"), below)
    }

    /// A key that a value names.
    pub(super) fn key(tree: &Tree, name: NodeId) -> Self {
        Self::named(tree, name, &format!("arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/"), &[])
    }

    /// A log group that a value names, with its streams.
    pub(super) fn log_group(tree: &Tree, name: NodeId) -> Self {
        let mut made = Self::named(
            tree,
            name,
            &format!("arn:{PARTITION}:logs:{REGION}:{ACCOUNT}:log-group:"),
            &[Below::Text(":*")],
        );
        // The ARN of a declared log group ends as that of its streams.
        if let Some(HoleKind::Name { resource }) = whole(tree, name) {
            let arn = HoleKind::Arn { resource: *resource, service: "logs" };
            made.ways.push(vec![token(&arn, "")]);
        }
        made
    }

    /// What a value names, by its ARN or behind the start of one; and what comes behind.
    fn named(tree: &Tree, name: NodeId, start: &str, below: &[Below<'_>]) -> Self {
        let shown = tree.display(name);
        let is_arn = shown.starts_with("arn:") || matches!(whole(tree, name), Some(HoleKind::Arn { .. }));
        let mut tail = String::new();
        let mut tokens = Vec::new();
        for part in below {
            match part {
                Below::Text(text) => {
                    tail.push_str(text);
                    push_pattern(&mut tokens, text);
                }
                Below::Node(node) => {
                    tail.push_str(tree.display(*node).trim_matches('/'));
                    push(tree, *node, true, &mut tokens);
                }
            }
        }
        let with_tail = |mut way: Vec<Token>| {
            way.extend(&tokens);
            way
        };
        let start = if is_arn { "" } else { start };
        let mut own = Self::of(start.to_owned()).ways.pop().unwrap_or_default();
        push(tree, name, false, &mut own);
        let mut ways = vec![with_tail(own)];
        if let Some(HoleKind::Name { resource }) = whole(tree, name) {
            let arn = HoleKind::Arn { resource: *resource, service: "" };
            ways.push(with_tail(vec![token(&arn, "")]));
        }
        Self { arn: format!("{start}{shown}{tail}"), ways }
    }

    /// What the evaluation is asked: each way, in each of some places, which are a partition, a Region and an account.
    pub(super) fn targets(&self, places: &[[String; 3]]) -> Vec<Target> {
        if self.ways.is_empty() {
            return vec![Target::any()];
        }
        let holes = [HoleKind::Partition, HoleKind::Region, HoleKind::Account].map(|kind| token(&kind, ""));
        let mut out = Vec::new();
        for way in &self.ways {
            out.push(Target::of_tokens(way.clone()));
            if !way.iter().any(|token| holes.contains(token)) {
                continue;
            }
            for place in places {
                let mut filled = Vec::with_capacity(way.len() + 24);
                for token in way {
                    let known = holes.iter().position(|hole| hole == token).and_then(|at| place.get(at));
                    // What a place does not say stays open.
                    match known.filter(|known| !known.is_empty()) {
                        Some(known) => push_pattern(&mut filled, known),
                        None => filled.push(*token),
                    }
                }
                out.push(Target::of_tokens(filled));
            }
        }
        out
    }
}

/// The kind of the hole that a name of CloudFormation for a place is.
fn place_of(name: &str) -> Option<HoleKind> {
    match name {
        "AWS::Partition" => Some(HoleKind::Partition),
        "AWS::Region" => Some(HoleKind::Region),
        "AWS::AccountId" => Some(HoleKind::Account),
        _ => None,
    }
}

/// A part of what comes behind a bucket's name.
pub(super) enum Below<'a> {
    Text(&'a str),
    Node(NodeId),
}

/// The hole that is the whole of a text.
fn whole(tree: &Tree, node: NodeId) -> Option<&HoleKind> {
    match tree.view(node) {
        View::Text([Piece::Hole(hole)]) => Some(&hole.kind),
        _ => None,
    }
}

/// Adds the tokens of a value, perhaps without slashes around it.
fn push(tree: &Tree, node: NodeId, bare: bool, out: &mut Vec<Token>) {
    let Some(text) = Text::of(tree, node) else { return };
    let parts = text.parts();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Part::Known(mut known) => {
                if bare && index == 0 {
                    known = known.trim_start_matches('/');
                }
                if bare && index == last {
                    known = known.trim_end_matches('/');
                }
                push_pattern(out, known);
            }
            Part::Hole(_, token) => out.push(token),
        }
    }
}
