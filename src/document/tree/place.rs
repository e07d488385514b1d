//! Where a node stands: in which file, from where to where, and under which keys.
//!
//! Nothing here is stored. A node inside a policy inside a JSON string knows only its offset in the string's content;
//! the way back through the escapes is worked out when something is printed.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use super::node::Flags;
use super::{Embedded, Kind, NodeId, Part, Style, Tree};
use crate::document::inside;
use crate::document::{FileId, Location, Span};

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes of the value itself.
    pub span: Span,
    /// The node that was written there.
    pub node: NodeId,
}

/// A text that nodes were read from: a source, or what stands inside a string.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'t> {
    /// The text.
    pub text: &'t str,
    /// The string that it stands in, for a document inside a string.
    pub literal: Option<NodeId>,
    /// Whether holes stand for a part of it: the text is that of `Fn::Sub`.
    pub holes: bool,
    file: FileId,
    inside: Option<Embedded>,
}

/// One step from a document's root to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'t> {
    /// Into a map.
    Key(&'t str),
    /// Into a list, from 0.
    Index(usize),
    /// Into the document inside a string.
    Inside,
}

impl Tree {
    /// The place of a node; of derived values, the place of what was written. Nothing for values without a place.
    pub fn place(&self, node: NodeId) -> Option<Place> {
        let node = self.written(node)?;
        let (tree, cell) = self.owner(node)?;
        let end = tree.extent(cell).end;
        let span = match self.embedding(node) {
            Some(embedded) if !embedded.direct => {
                let (start, end) = (cell.start - embedded.base, end - embedded.base);
                let (start, end) = self.unstitch(embedded, start, end);
                self.outward(embedded.literal, start, end)?
            }
            _ => Span::new(cell.file, cell.start, end),
        };
        Some(Place { span, node })
    }

    /// The place of a node with its source at hand, to be shown; of what is about a part of a scalar, that part.
    pub fn location(&self, node: NodeId) -> Option<Location> {
        let span = self.part_of(node).or_else(|| Some(self.place(node)?.span))?;
        Some(Location::new(Arc::clone(self.source(span.file)?), span))
    }

    /// The place of a part of a scalar's content: bytes `start..end` of it.
    pub fn place_within(&self, node: NodeId, start: usize, end: usize) -> Option<Span> {
        let node = self.written(node)?;
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        self.outward(node, start, end)
    }

    /// The place of the part of a scalar that a derived node is about.
    fn part_of(&self, node: NodeId) -> Option<Span> {
        let mut at = node;
        let part = loop {
            let (tree, _) = self.owner(at)?;
            match tree.side.parts.get(&at) {
                Some(part) => break part,
                None => at = self.derived_at(at)?,
            }
        };
        match part {
            Part::Content(start, end) => self.place_within(at, *start, *end),
            Part::Words(words) => {
                let frame = self.frame(at)?;
                let (start, end) = self.framed(&frame, at)?;
                let found = start + frame.text.get(start..end)?.find(&**words)?;
                self.unframed(&frame, found, found + words.len())
            }
        }
    }

    /// Whether a node is about a part of a scalar, not about all of it.
    pub fn is_part(&self, node: NodeId) -> bool {
        self.part_of(node).is_some()
    }

    /// The text that a written node was read from.
    pub fn frame(&self, node: NodeId) -> Option<Frame<'_>> {
        let node = self.written(node)?;
        let (tree, cell) = self.owner(node)?;
        let source = self.source(cell.file)?.text();
        let Some(inside) = self.embedding(node) else {
            return Some(Frame { text: source, literal: None, holes: false, file: cell.file, inside: None });
        };
        let whole = if inside.direct { source } else { tree.decoded.as_str() };
        let text = whole.get(inside.base as usize..(inside.base + inside.length) as usize)?;
        let holes = inside.stitches.is_some();
        Some(Frame { text, literal: Some(inside.literal), holes, file: cell.file, inside: Some(inside) })
    }

    /// Where a written node stands in its frame.
    pub fn framed(&self, frame: &Frame<'_>, node: NodeId) -> Option<(usize, usize)> {
        let (tree, cell) = self.owner(self.written(node)?)?;
        let base = frame.inside.map_or(0, |inside| inside.base);
        let end = tree.extent(cell).end;
        Some((cell.start.checked_sub(base)? as usize, end.checked_sub(base)? as usize))
    }

    /// The bytes of the file that bytes of a frame stand in.
    pub fn unframed(&self, frame: &Frame<'_>, start: usize, end: usize) -> Option<Span> {
        let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        match frame.inside {
            None => Some(Span::new(frame.file, start, end)),
            Some(inside) if inside.direct => {
                Some(Span::new(frame.file, inside.base + start, inside.base + end))
            }
            Some(inside) => {
                let (start, end) = self.unstitch(inside, start, end);
                self.outward(inside.literal, start, end)
            }
        }
    }

    /// How a written scalar is quoted.
    pub fn style(&self, node: NodeId) -> Option<Style> {
        let node = self.written(node)?;
        let (tree, _) = self.owner(node)?;
        if let Some((style, _)) = tree.side.styles.get(&node) {
            return Some(*style);
        }
        let frame = self.frame(node)?;
        let (start, end) = self.framed(&frame, node)?;
        Some(match frame.text.get(start..end)?.chars().next() {
            Some('"') => Style::Json,
            Some('\'') => Style::SingleQuoted,
            _ => Style::Plain,
        })
    }

    /// The node that was written where `node` stands: itself unless it was derived.
    pub fn written(&self, node: NodeId) -> Option<NodeId> {
        let mut at = node;
        loop {
            self.owner(at)?;
            match self.derived_at(at) {
                Some(next) => at = next,
                None => return Some(at),
            }
        }
    }

    /// The node at whose place a node was derived, which may be derived too; nothing for what was written.
    pub fn derived_at(&self, node: NodeId) -> Option<NodeId> {
        let (_, cell) = self.owner(node)?;
        cell.flags.has(Flags::DERIVED).then_some(NodeId(cell.start))
    }

    /// The node whose place a derived node takes; nothing for what was written.
    pub fn stands_at(&self, node: NodeId) -> Option<NodeId> {
        let (_, cell) = self.owner(node)?;
        cell.flags.has(Flags::DERIVED).then_some(NodeId(cell.start)).filter(|place| place.0 != u32::MAX)
    }

    /// The text of a document inside a string, by its root, and the nodes that were read from it. Equal texts give equal
    /// nodes in equal order. Nothing where the text had holes or is sensitive.
    pub fn inside(&self, root: NodeId) -> Option<(&str, Range<NodeId>)> {
        let (_, cell) = self.owner(root).filter(|(_, cell)| !cell.flags.has(Flags::SENSITIVE))?;
        let embedded = self.embedding(root).filter(|one| one.first == root && one.stitches.is_none())?;
        if cell.flags.has(Flags::DERIVED) {
            return None;
        }
        let frame = self.frame(root)?;
        Some((frame.text, embedded.first..embedded.end))
    }

    /// The string in which the document stands that a node belongs to, as it was read.
    pub fn literal_around(&self, node: NodeId) -> Option<NodeId> {
        Some(self.embedding(self.written(node)?)?.literal)
    }

    /// The steps from the root of the file to a written node.
    pub fn steps(&self, node: NodeId) -> Vec<Step<'_>> {
        self.trail(node).into_iter().filter_map(|(step, _)| step).collect()
    }

    /// The nodes on the way from the root of the file to a written node, both included.
    pub fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        let Some(node) = self.written(node) else { return Vec::new() };
        let (mut nodes, root) = match self.embedding(node) {
            Some(embedded) => (self.ancestors(embedded.literal), Some(embedded.first)),
            None => (Vec::new(), self.root_of(node)),
        };
        let Some(mut at) = root else { return nodes };
        nodes.push(at);
        while at != node {
            let Some((_, child)) = self.towards(at, node) else { break };
            nodes.push(child);
            at = child;
        }
        nodes
    }

    /// The nodes on the way from the root of the file to a written node, both included, each with the step that leads to
    /// it.
    pub fn trail(&self, node: NodeId) -> Vec<(Option<Step<'_>>, NodeId)> {
        let Some(node) = self.written(node) else { return Vec::new() };
        let (mut trail, root) = if let Some(embedded) = self.embedding(node) {
            let mut outer = self.trail(embedded.literal);
            outer.push((Some(Step::Inside), embedded.first));
            (outer, Some(embedded.first))
        } else {
            let root = self.root_of(node);
            (Vec::from_iter(root.map(|root| (None, root))), root)
        };
        let Some(mut at) = root else { return trail };
        while at != node {
            let Some((step, child)) = self.towards(at, node) else { break };
            trail.push((Some(step), child));
            at = child;
        }
        trail
    }

    /// The key under which a written node stands in its map.
    pub fn key_of(&self, node: NodeId) -> Option<NodeId> {
        let around = self.ancestors(node);
        let parent = around.iter().rev().nth(1).copied()?;
        let (tree, cell) = self.owner(parent)?;
        let edges = tree.edges_of(cell);
        let at = if tree.side.aliases {
            edges.iter().position(|&edge| edge == node)?
        } else {
            edges.partition_point(|&edge| edge < node)
        };
        (cell.kind == Kind::Map && at % 2 == 1 && edges.get(at) == Some(&node))
            .then(|| edges.get(at - 1).copied())?
    }

    /// A JSON pointer (RFC 6901) to a written node; `#` marks the way into a document inside a string. What is inside
    /// something sensitive is not told apart: its keys are sensitive as well.
    pub fn pointer(&self, node: NodeId) -> String {
        self.pointer_of(&self.trail(node))
    }

    /// The pointer to the end of a trail.
    pub fn pointer_of(&self, trail: &[(Option<Step<'_>>, NodeId)]) -> String {
        let length = |step: &Step<'_>| match step {
            Step::Key(key) => key.len() + 1,
            Step::Index(index) => 2 + index.checked_ilog10().unwrap_or(0) as usize,
            Step::Inside => 1,
        };
        let mut out =
            String::with_capacity(trail.iter().filter_map(|(step, _)| step.as_ref()).map(length).sum());
        for (step, to) in trail.iter().filter_map(|(step, to)| Some((step.as_ref()?, *to))) {
            match step {
                Step::Key(key) => {
                    out.push('/');
                    if key.contains(['~', '/']) {
                        out.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    } else {
                        out.push_str(key);
                    }
                }
                Step::Index(index) => {
                    let _ = write!(out, "/{index}");
                }
                Step::Inside => out.push('#'),
            }
            if self.is_sensitive(to) {
                break;
            }
        }
        out
    }

    /// The root of the file that a written node, not inside a string, belongs to.
    fn root_of(&self, node: NodeId) -> Option<NodeId> {
        let mut tree = self;
        while node.0 < tree.first {
            tree = tree.below.as_deref()?;
        }
        let after = tree.side.roots.partition_point(|root| *root <= node);
        tree.side.roots.get(after.checked_sub(1)?).copied()
    }

    /// The child of `at` that is, or contains, `node`: children's ids grow, so it is the last one not larger.
    fn towards(&self, at: NodeId, node: NodeId) -> Option<(Step<'_>, NodeId)> {
        let (tree, cell) = self.owner(at)?;
        let edges = tree.edges_of(cell);
        let best = if tree.side.aliases {
            // Aliases refer backwards: they are no children by place.
            (0..edges.len())
                .filter(|&i| edges.get(i).is_some_and(|&child| child > at && child <= node))
                .max_by_key(|&i| edges.get(i).copied())?
        } else {
            edges.partition_point(|&child| child <= node).checked_sub(1)?
        };
        let child = edges.get(best).copied()?;
        match cell.kind {
            Kind::Map => {
                let key = edges.get(best / 2 * 2).and_then(|&key| self.scalar(key)).unwrap_or("");
                Some((Step::Key(key), child))
            }
            _ => Some((Step::Index(best), child)),
        }
    }

    /// The document inside a string that a written node belongs to, if any.
    fn embedding(&self, node: NodeId) -> Option<Embedded> {
        let (tree, _) = self.owner(node)?;
        let after = tree.side.embedded.partition_point(|embedded| embedded.first <= node);
        tree.side.embedded.get(after.checked_sub(1)?).copied().filter(|embedded| node < embedded.end)
    }

    /// Bytes `start..end` of a scalar's content, as bytes of a file.
    fn outward(&self, literal: NodeId, start: u32, end: u32) -> Option<Span> {
        let literal = self.written(literal)?;
        let (tree, cell) = self.owner(literal)?;
        if let Some(embedded) = self.embedding(literal).filter(|embedded| !embedded.direct) {
            let raw = tree.decoded.get(cell.start as usize..tree.extent(cell).end as usize)?;
            let (start, end) = self.translate(literal, raw, start, end);
            let shift = cell.start - embedded.base;
            let (start, end) = self.unstitch(embedded, shift + start, shift + end);
            return self.outward(embedded.literal, start, end);
        }
        let end_of_raw = tree.extent(cell).end as usize;
        let raw = self.source(cell.file)?.text().get(cell.start as usize..end_of_raw)?;
        let (start, end) = self.translate(literal, raw, start, end);
        Some(Span::new(cell.file, cell.start + start, cell.start + end))
    }

    /// Offsets in a scalar's content to offsets in what was written for it.
    fn translate(&self, literal: NodeId, raw: &str, start: u32, end: u32) -> (u32, u32) {
        let Some((tree, cell)) = self.owner(literal) else { return (start, end) };
        let extent = tree.extent(cell);
        if !matches!(cell.kind, Kind::String | Kind::Number) {
            return (0, extent.end - cell.start);
        }
        // Inside a document inside a string, content is decoded but may stand there as it is.
        let nested = self.embedding(literal).is_some_and(|embedded| !embedded.direct);
        let as_written = nested && extent.a >= cell.start && extent.a + extent.b <= extent.end;
        if !cell.flags.has(Flags::DECODED) || as_written {
            let lead = extent.a.saturating_sub(cell.start);
            return (lead + start, lead + end);
        }
        let (style, prefixed) = tree.side.styles.get(&literal).copied().unwrap_or((Style::Json, false));
        let content = tree.content(cell);
        let written = inside::Written { raw, style, prefixed };
        let (start, end) = inside::raw_range(written, content, start as usize, end as usize);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        (offset(start), offset(end))
    }

    /// The file that a written node belongs to.
    pub fn file_of(&self, node: NodeId) -> Option<FileId> {
        self.place(node).map(|place| place.span.file)
    }
}
