//! Fixes to texts, and texts to bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::FixEdit;
use crate::document::Encoding;
use crate::document::FileId;
use crate::document::Source;
use crate::document::Span;
use crate::document::edit;

/// The texts after the edits, by the names of their files; and how they are encoded.
pub(super) fn apply(edits: &[&FixEdit]) -> BTreeMap<Box<str>, (String, Encoding)> {
    let mut files: BTreeMap<Box<str>, (Arc<Source>, Vec<edit::Edit>)> = BTreeMap::new();
    for one in edits {
        let source = &one.place.source;
        let (_, all) = files.entry(source.name().into()).or_insert_with(|| (Arc::clone(source), Vec::new()));
        let span = Span::new(FileId(0), one.place.start, one.place.end);
        all.push(edit::Edit { span, text: one.text.clone() });
    }
    let done = files
        .into_iter()
        .map(|(name, (source, edits))| (name, (edit::apply(source.text(), &edits), source.encoding())));
    done.collect()
}

/// Whether two edits touch the same text.
pub(super) fn overlap(left: &FixEdit, right: &FixEdit) -> bool {
    let (a, b) = (&left.place, &right.place);
    a.source.name() == b.source.name()
        && (a.start < b.end && b.start < a.end || a.start == b.start || a.end == b.end)
}

/// The bytes of a text, as those of the file were encoded.
pub(super) fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le => units(text, u16::to_le_bytes),
        Encoding::Utf16Be => units(text, u16::to_be_bytes),
    }
}

fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_encoding() {
        for encoding in [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be] {
            let source = Source::decode("t", encode("{\"é\": \"𝄞\"}", encoding)).unwrap();
            assert_eq!((source.text(), source.encoding()), ("{\"é\": \"𝄞\"}", encoding));
        }
    }
}
