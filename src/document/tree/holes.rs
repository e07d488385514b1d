//! Documents inside texts with holes.
//!
//! `Fn::Sub` over a YAML block gives a text of which some parts are not known, and that text is a document. It is
//! rendered with one private character for each hole, read, and the scalars that hold such characters become texts with
//! holes again. Places inside it are those of the string that was written.

use std::ops::Range;

use super::node::{Extent, Flags};
use super::{Embedded, Hole, Kind, NodeId, Piece, Tree, View};

/// The private-use plane whose characters stand for holes.
const FIRST: u32 = 0xF_0000;
const LAST: u32 = 0xF_FFFD;

/// A part of a rendered text that stands in the written string as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stitch {
    rendered: u32,
    written: u32,
    length: u32,
}

/// A text with holes, made readable.
#[derive(Debug)]
pub struct Rendered {
    /// A string with a private character for each hole; to be read by a reader's `read_inside`.
    pub literal: NodeId,
    holes: Vec<Hole>,
}

impl Tree {
    /// Makes a string of a text with holes, so that it can be read as a document. Nothing where the node is no text,
    /// or has more holes than can be told apart.
    pub fn render(&mut self, text: NodeId) -> Option<Rendered> {
        let View::Text(pieces) = self.view(text) else { return None };
        let mut out = String::new();
        let mut holes = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Hole(hole) => {
                    let code = FIRST + u32::try_from(holes.len()).ok()?;
                    out.push(char::from_u32(code).filter(|_| code <= LAST)?);
                    holes.push(hole.clone());
                }
            }
        }
        let literal = self.derive_string(text, &out);
        Some(Rendered { literal, holes })
    }

    /// Turns the private characters of a document that was read from a rendered text back into holes. `written` is the
    /// string in which the known parts stand, if there is one.
    pub fn fill(&mut self, rendered: &Rendered, written: Option<NodeId>) {
        let Some(embedded) = self.side.embedded.iter().rposition(|e| e.literal == rendered.literal) else {
            return;
        };
        let Some(&Embedded { first, end, .. }) = self.side.embedded.get(embedded) else { return };
        if let Some(stitches) = written.and_then(|written| self.stitch(rendered.literal, written)) {
            self.side.stitches.push(stitches.into());
            let index = u32::try_from(self.side.stitches.len() - 1).ok();
            if let Some(embedded) = self.side.embedded.get_mut(embedded) {
                embedded.stitches = index;
                embedded.literal = written.unwrap_or(embedded.literal);
            }
        }
        for node in (first.index()..end.index()).map(NodeId::from_index) {
            let Some(pieces) = self.scalar(node).and_then(|content| split(content, &rendered.holes)) else {
                continue;
            };
            self.side.texts.push(pieces.into());
            let index = u32::try_from(self.side.texts.len() - 1).unwrap_or(u32::MAX);
            let Some(Extent { end, .. }) = self.owner(node).map(|(tree, cell)| tree.extent(cell)) else {
                continue;
            };
            let cell = node.0.checked_sub(self.first).and_then(|own| self.cells.get_mut(own as usize));
            if let Some(cell) = cell {
                cell.kind = Kind::Text;
                cell.flags = cell.flags.with(Flags::PLAIN);
                cell.widen(Extent { end, a: index, b: 0 }, &mut self.extents);
            }
        }
    }

    /// Says of the document that was read from a text where its parts stand in the string that `Fn::Sub` made the text of.
    pub fn place_as_in(&mut self, text: NodeId, written: NodeId) {
        let Some(embedded) = self.side.embedded.iter().rposition(|one| one.literal == text) else { return };
        let Some(stitches) = self.stitch_known(text, written) else { return };
        self.side.stitches.push(stitches.into());
        let index = u32::try_from(self.side.stitches.len() - 1).ok();
        if let Some(embedded) = self.side.embedded.get_mut(embedded) {
            embedded.stitches = index;
            embedded.literal = written;
        }
    }

    /// Which parts of a template, those between its references, stand in order in the text that was made of it.
    fn stitch_known(&self, text: NodeId, written: NodeId) -> Option<Vec<Stitch>> {
        let (text, template) = (self.string(text)?, self.string(written)?);
        let (mut stitches, mut from, mut at) = (Vec::new(), 0, 0);
        let mut stitch = |part: Range<usize>, from: &mut usize| {
            let found = text.get(*from..)?.find(template.get(part.clone())?)?;
            let start = *from + found;
            *from = start + part.len();
            let [rendered, written, length] = [start, part.start, part.len()].map(u32::try_from);
            stitches.push(Stitch { rendered: rendered.ok()?, written: written.ok()?, length: length.ok()? });
            Some(())
        };
        while let Some(open) = template.get(at..)?.find("${").map(|found| at + found) {
            stitch(at..open, &mut from)?;
            let escaped = template.get(open + 2..)?.starts_with('!');
            if escaped {
                // `${!name}` is `${name}` in the text.
                stitch(open..open + 2, &mut from)?;
                at = open + 3;
            } else {
                at = open + template.get(open..)?.find('}')? + 1;
            }
        }
        stitch(at..template.len(), &mut from)?;
        Some(stitches)
    }

    /// Which parts of the rendered text stand, in order, in the written string; of a template, some of whose references are
    /// known, only its own parts do.
    fn stitch(&self, literal: NodeId, written: NodeId) -> Option<Vec<Stitch>> {
        let (rendered, text) = (self.string(literal)?, self.string(written)?);
        let (mut stitches, mut complete) = (Vec::new(), true);
        let (mut from, mut at) = (0, 0);
        for part in rendered.split(is_private) {
            match text.get(from..)?.find(part) {
                Some(found) => {
                    let start = from + found;
                    let [rendered, written, length] = [at, start, part.len()].map(u32::try_from);
                    stitches.push(Stitch {
                        rendered: rendered.ok()?,
                        written: written.ok()?,
                        length: length.ok()?,
                    });
                    from = start + part.len();
                }
                None => complete = false,
            }
            at += part.len() + 4;
        }
        let known = if complete { None } else { self.stitch_known(literal, written) };
        Some(known.unwrap_or(stitches))
    }

    /// Offsets in a rendered text to offsets in the written string.
    pub(super) fn unstitch(&self, embedded: Embedded, start: u32, end: u32) -> (u32, u32) {
        let mut tree = self;
        while embedded.first.0 < tree.first {
            match tree.below.as_deref() {
                Some(below) => tree = below,
                None => return (start, end),
            }
        }
        let stitches = embedded.stitches.and_then(|index| tree.side.stitches.get(index as usize));
        let Some(stitches) = stitches else { return (start, end) };
        let map = |offset: u32| {
            let after = stitches.partition_point(|stitch| stitch.rendered <= offset);
            match after.checked_sub(1).and_then(|index| stitches.get(index)) {
                Some(stitch) => stitch.written + (offset - stitch.rendered).min(stitch.length),
                None => 0,
            }
        };
        // An end inside a hole ends where the next known part starts.
        let next = stitches.iter().find(|stitch| stitch.rendered >= end).map(|stitch| stitch.written);
        let inside = stitches.iter().any(|s| s.rendered <= end && end <= s.rendered + s.length);
        (map(start), if inside { map(end) } else { next.unwrap_or_else(|| map(end)) })
    }
}

fn is_private(character: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(character))
}

/// The pieces of a content with private characters; nothing where it has none.
fn split(content: &str, holes: &[Hole]) -> Option<Vec<Piece>> {
    if !content.contains(is_private) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut literal = String::new();
    for character in content.chars() {
        let hole =
            is_private(character).then(|| holes.get((u32::from(character) - FIRST) as usize)).flatten();
        match hole {
            Some(hole) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal).into()));
                }
                pieces.push(Piece::Hole(hole.clone()));
            }
            None => literal.push(character),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal.into()));
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use crate::document::{Hole, HoleKind, Limits, Piece, Source, Tree, View, yaml};

    #[test]
    fn a_document_with_holes_keeps_them_and_its_places() {
        let text = "Content: !Sub |\n  role: arn:${AWS::Partition}:iam::x\n  after: \"é ok\"\n";
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.yaml", text));
        let schema = yaml::Schema::CloudFormation;
        let root = yaml::read(&mut tree, file, text, schema, Limits::default()).unwrap()[0];
        let written = tree.get(root, "Content").unwrap();
        let hole = Piece::Hole(Hole { kind: HoleKind::Partition, name: "AWS::Partition".into() });
        let (before, after) = ("role: arn:", ":iam::x\nafter: \"é ok\"\n");
        let pieces = vec![Piece::Literal(before.into()), hole.clone(), Piece::Literal(after.into())];
        let value = tree.derive_text(written, pieces);
        let rendered = tree.render(value).unwrap();
        let inner =
            yaml::read_inside(&mut tree, rendered.literal, schema, Limits::default()).unwrap().unwrap();
        tree.fill(&rendered, Some(written));
        let role = tree.get(inner, "role").unwrap();
        let View::Text(pieces) = tree.view(role) else { panic!("a text") };
        assert_eq!(pieces, [Piece::Literal("arn:".into()), hole, Piece::Literal(":iam::x".into())]);
        let place = |node| tree.place(node).unwrap().span.slice(text).to_owned();
        assert_eq!(place(role), "arn:${AWS::Partition}:iam::x");
        assert_eq!(place(tree.get(inner, "after").unwrap()), "\"é ok\"");
        assert_eq!(tree.pointer(role), "/Content#/role");
    }
}
