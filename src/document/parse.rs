//! JSON or YAML? The text decides, not the name.

use super::limits::Limits;
use super::tree::{NodeId, Tree};
use super::yaml::Schema;
use super::{FileId, SyntaxError, json, yaml};

/// How a document was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML that is not JSON.
    Yaml,
}

/// What a text holds.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// How it was written.
    pub format: Format,
    /// The root of each document; JSON has one.
    pub roots: Vec<NodeId>,
}

/// Reads the text of the source `file`: as JSON where it is JSON, else as YAML. An error is that of the format that
/// the text looks like.
pub fn parse(
    tree: &mut Tree,
    file: FileId,
    text: &str,
    schema: Schema,
    limits: Limits,
) -> Result<Parsed, SyntaxError> {
    let mark = tree.mark();
    let json_error = if looks_like_json(text) {
        match whole_json(tree, file, text, limits) {
            Ok(root) => return Ok(Parsed { format: Format::Json, roots: vec![root] }),
            Err(error) if error.limit.is_some() => return Err(error),
            Err(error) => Some(error),
        }
    } else {
        None
    };
    tree.reset(&mark);
    match yaml::read(tree, file, text, schema, limits) {
        Ok(roots) => Ok(Parsed { format: Format::Yaml, roots }),
        Err(error) => {
            tree.reset(&mark);
            Err(json_error.unwrap_or(error))
        }
    }
}

fn whole_json(tree: &mut Tree, file: FileId, text: &str, limits: Limits) -> Result<NodeId, SyntaxError> {
    let (root, end) = json::read(tree, file, text, 0, limits)?;
    let rest = text.get(end..).unwrap_or("");
    match rest.find(|c: char| !matches!(c, ' ' | '\n' | '\r' | '\t')) {
        Some(at) => Err(SyntaxError::new(end + at, "expected the end of the document after the JSON value")),
        None => Ok(root),
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
