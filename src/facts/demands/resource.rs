//! Resources that roles need, as text for people and as patterns for the evaluation.

use crate::document::{HoleKind, NodeId, Piece, Tree, View};
use crate::iam::glob::{Token, push_pattern};
use crate::iam::resource::Target;
use crate::iam::text::{Part, Text, token};
use crate::ssm::statement::PARTITION;

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
        let known = arn.replace(PARTITION, "aws");
        if known.contains("${") {
            return Self { arn, ways: Vec::new() };
        }
        let mut ways = vec![Vec::new()];
        if let Some(way) = ways.first_mut() {
            push_pattern(way, &known);
        }
        if let Some((before, after)) = arn.split_once(PARTITION) {
            let mut way = Vec::new();
            push_pattern(&mut way, before);
            way.push(token(&HoleKind::Partition, ""));
            push_pattern(&mut way, after);
            ways.push(way);
        }
        Self { arn, ways }
    }

    /// A bucket that a value names, or objects in it: what comes behind is literal, or the value of a node.
    pub(super) fn bucket(tree: &Tree, name: NodeId, below: &[Below<'_>]) -> Self {
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
                    push(tree, *node, &mut tokens);
                }
            }
        }
        let with_tail = |mut way: Vec<Token>| {
            way.extend(&tokens);
            way
        };
        let mut own = Vec::new();
        push(tree, name, &mut own);
        if is_arn {
            return Self { arn: format!("{shown}{tail}"), ways: vec![with_tail(own)] };
        }
        let mut ways = Vec::new();
        for partition in [None, Some(token(&HoleKind::Partition, ""))] {
            let mut way = Vec::new();
            push_pattern(&mut way, "arn:");
            match partition {
                Some(token) => way.push(token),
                None => push_pattern(&mut way, "aws"),
            }
            push_pattern(&mut way, ":s3:::");
            way.extend(&own);
            ways.push(with_tail(way));
        }
        if let Some(HoleKind::Name { resource }) = whole(tree, name) {
            let arn = HoleKind::Arn { resource: *resource, service: "s3" };
            ways.push(with_tail(vec![token(&arn, "")]));
        }
        Self { arn: format!("arn:{PARTITION}:s3:::{shown}{tail}"), ways }
    }

    /// What the evaluation is asked, each way once.
    pub(super) fn targets(&self) -> Vec<Target> {
        if self.ways.is_empty() {
            return vec![Target::any()];
        }
        self.ways.iter().map(|way| Target::of_tokens(way.clone())).collect()
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

/// Adds the tokens of a value, without slashes around it.
fn push(tree: &Tree, node: NodeId, out: &mut Vec<Token>) {
    let Some(text) = Text::of(tree, node) else { return };
    let parts = text.parts();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Part::Known(mut known) => {
                if index == 0 {
                    known = known.trim_start_matches('/');
                }
                if index == last {
                    known = known.trim_end_matches('/');
                }
                push_pattern(out, known);
            }
            Part::Hole(_, token) => out.push(token),
        }
    }
}
