//! From a pattern's syntax tree to what automata are built of.
//!
//! The automaton of a pattern accepts the whole texts in which the pattern is found. Look-ahead right after `^` becomes a
//! further automaton, exactly; what no automaton can say (other look-around, back-references) is left out, which makes
//! the language larger, never smaller.

use regex_syntax::hir::{Class, Hir, Look, Repetition};

use super::{Node, anything};

/// Counts above this are taken as "or more": no question that is asked depends on them.
const COUNT: u32 = 80;

/// A language: texts that `matched` accepts whole and for which every guard says what it should.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// The pattern, with whatever may stand around it.
    pub(crate) matched: Hir,
    /// Look-ahead from the start of the text: a language, and whether the text must not be in it.
    pub(crate) guards: Vec<(Hir, bool)>,
    /// Whether this is the language itself, or a larger one.
    pub(crate) exact: bool,
}

/// The branches of a pattern that is searched for.
pub(super) fn branches(node: &Node) -> Vec<Branch> {
    let parts = match node {
        Node::Alternation(parts) if node.has_look() => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    parts.iter().map(branch).collect()
}

fn branch(node: &Node) -> Branch {
    let mut exact = true;
    let guards = leading_guards(node, &mut exact);
    let matched = around(node, !guards.is_empty(), &mut exact);
    Branch { matched: anchored(matched), guards, exact }
}

fn anchored(inner: Hir) -> Hir {
    Hir::concat(vec![Hir::look(Look::Start), inner, Hir::look(Look::End)])
}

/// Look-ahead that stands right after `^`.
fn leading_guards(node: &Node, exact: &mut bool) -> Vec<(Hir, bool)> {
    let Node::Concat(parts) = node else { return Vec::new() };
    let Some((Node::Start, rest)) = parts.split_first() else { return Vec::new() };
    let mut guards = Vec::new();
    for part in rest {
        match part {
            Node::Look { inner, ahead: true, negated } if !inner.has_look() => {
                let mut inner_exact = true;
                let prefix = Hir::concat(vec![lower(inner, &mut inner_exact), anything()]);
                // A negated guard must not be made larger.
                if inner_exact || !negated {
                    *exact &= inner_exact;
                    guards.push((anchored(prefix), *negated));
                } else {
                    *exact = false;
                }
            }
            Node::Empty | Node::Start => {}
            _ => break,
        }
    }
    guards
}

/// The pattern and whatever may stand before and after it.
fn around(node: &Node, guarded: bool, exact: &mut bool) -> Hir {
    match node {
        Node::Alternation(parts) => {
            Hir::alternation(parts.iter().map(|part| around(part, false, exact)).collect())
        }
        Node::Concat(parts) => {
            let mut out = Vec::with_capacity(parts.len() + 2);
            if !matches!(parts.first(), Some(Node::Start)) {
                out.push(anything());
            }
            let mut leading = guarded;
            for part in parts {
                leading &= matches!(part, Node::Start | Node::Empty | Node::Look { ahead: true, .. });
                if !(leading && matches!(part, Node::Look { inner, .. } if !inner.has_look())) {
                    out.push(lower(part, exact));
                }
            }
            if !matches!(parts.last(), Some(Node::End)) {
                out.push(anything());
            }
            Hir::concat(out)
        }
        Node::Start | Node::End => anything(),
        other => {
            let inner = lower(other, exact);
            Hir::concat(vec![anything(), inner, anything()])
        }
    }
}

fn lower(node: &Node, exact: &mut bool) -> Hir {
    match node {
        Node::Empty => Hir::empty(),
        Node::Class(class) => Hir::class(Class::Unicode(class.clone())),
        Node::Start => Hir::look(Look::Start),
        Node::End => Hir::look(Look::End),
        Node::LineStart => Hir::look(Look::StartLF),
        Node::LineEnd => Hir::look(Look::EndLF),
        Node::WordEdge { negated } => {
            Hir::look(if *negated { Look::WordAsciiNegate } else { Look::WordAscii })
        }
        Node::Concat(parts) => Hir::concat(parts.iter().map(|part| lower(part, exact)).collect()),
        Node::Alternation(parts) => Hir::alternation(parts.iter().map(|part| lower(part, exact)).collect()),
        Node::Repeat { inner, min, max } => {
            let inner = lower(inner, exact);
            let max = max.filter(|max| *max <= COUNT);
            repeat(inner, (*min).min(COUNT), max)
        }
        Node::Look { .. } => {
            *exact = false;
            Hir::empty()
        }
        Node::Again => {
            *exact = false;
            anything()
        }
    }
}

/// A repetition; greediness does not change a language.
pub(super) fn repeat(inner: Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(inner) })
}

impl Node {
    fn has_look(&self) -> bool {
        match self {
            Self::Look { .. } => true,
            Self::Concat(parts) | Self::Alternation(parts) => parts.iter().any(Self::has_look),
            Self::Repeat { inner, .. } => inner.has_look(),
            _ => false,
        }
    }
}
