//! From a layer out to the file: what is written inside a string is encoded as the string is.

use crate::document::tree::{NodeId, Style, Tree};

use super::layer::Layer;
use super::{Edit, Refusal, Splice, scalar};

/// Strings inside strings beyond this depth are not edited.
const DEPTH: usize = 8;

impl Layer<'_> {
    /// The edit of the file that a splice of the layer's text is.
    pub(super) fn outward(&self, splice: Splice) -> Result<Edit, Refusal> {
        let span = self.tree.unframed(&self.frame, splice.start, splice.end).ok_or(Refusal::Style)?;
        let mut text = splice.text;
        let mut literal = self.frame.literal;
        for _ in 0..DEPTH {
            let Some(inside) = literal else { return Ok(Edit { span, text }) };
            if self.tree.written(inside) != Some(inside) {
                // Offsets in a text that was worked out are none in what was written.
                return Err(Refusal::Derived);
            }
            text = encoded(self.tree, inside, &text)?;
            literal = self.tree.frame(inside).and_then(|frame| frame.literal);
        }
        Err(Refusal::Style)
    }
}

/// A part of the content of a string, as it is written.
fn encoded(tree: &Tree, literal: NodeId, text: &str) -> Result<String, Refusal> {
    let has_break = text.contains(['\n', '\r']);
    match tree.style(literal).ok_or(Refusal::Derived)? {
        Style::Json | Style::DoubleQuoted => Ok(scalar::escaped(text)),
        Style::SingleQuoted if !has_break => Ok(text.replace('\'', "''")),
        Style::Plain if !has_break && !text.contains(": ") && !text.contains(" #") => Ok(text.to_owned()),
        Style::FoldedBlock if !has_break => Ok(text.to_owned()),
        Style::LiteralBlock => {
            let layer = Layer::of(tree, literal).ok_or(Refusal::Derived)?;
            let indent = layer.block_indent(literal).ok_or(Refusal::Style)?;
            let unix = text.replace("\r\n", "\n");
            Ok(unix.replace('\n', &format!("{}{indent}", layer.eol)))
        }
        _ => Err(Refusal::Style),
    }
}
