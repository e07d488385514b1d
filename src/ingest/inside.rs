//! Documents inside strings: policies and SSM documents.
//!
//! A value that should be a document may be a map already, a string to be read, or a text with holes. What cannot be
//! read is reported where it stands, and stays what it was.

use crate::document::yaml::Schema;
use crate::document::{
    Alternative, Code, Diagnostic, Limits, Location, NodeId, Piece, Source, SyntaxError, Tree, View, json,
    yaml,
};

use super::alternatives;
use super::assembly::Assembly;

/// How a document inside a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// JSON only: policies.
    Json,
    /// JSON or YAML: SSM documents.
    Either,
}

/// A policy document: the map that a value is or holds.
pub(crate) fn policy(assembly: &mut Assembly, value: NodeId) -> NodeId {
    let document = document(assembly, value, Written::Json);
    alternatives::of_policy(assembly, document)
}

/// The document that a value is or holds; the value itself where there is none.
pub(crate) fn document(assembly: &mut Assembly, value: NodeId, written: Written) -> NodeId {
    match assembly.tree.view(value) {
        View::String(text) if text.trim().is_empty() => value,
        View::String(_) => {
            if let Some(&known) = assembly.documents.get(&value) {
                return known;
            }
            let root = match read(&mut assembly.tree, value, written) {
                Ok(root) => {
                    let tree = &mut assembly.tree;
                    if let Some(template) = template_of(tree, value) {
                        tree.place_as_in(value, template);
                    }
                    root.unwrap_or(value)
                }
                Err(error) => {
                    report(assembly, value, &error, written);
                    value
                }
            };
            assembly.documents.insert(value, root);
            root
        }
        View::Text(_) => with_holes(assembly, value, written).unwrap_or(value),
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let read = all
                .into_iter()
                .map(|one| Alternative {
                    value: one.value.map(|inner| document(assembly, inner, written)),
                    ..one
                })
                .collect();
            assembly.tree.derive_choice(value, read)
        }
        _ => value,
    }
}

/// The document that a value is or holds; the value itself where there is none, which is no defect.
pub(crate) fn quietly(assembly: &mut Assembly, value: NodeId) -> NodeId {
    let before = assembly.diagnostics.len();
    let read = document(assembly, value, Written::Json);
    assembly.diagnostics.truncate(before);
    read
}

/// The template in a string, where it is known.
pub(crate) fn template(tree: &mut Tree, value: NodeId) -> Option<NodeId> {
    match tree.view(value) {
        View::Map(map) => map.get("Resources").map(|_| value),
        View::String(_) => read(tree, value, Written::Either).ok().flatten(),
        View::Text(_) => {
            let rendered = tree.render(value)?;
            let root = read(tree, rendered.literal, Written::Either).ok().flatten()?;
            tree.fill(&rendered, None);
            Some(root)
        }
        _ => None,
    }
    .filter(|&root| tree.get(root, "Resources").is_some())
}

fn read(tree: &mut Tree, literal: NodeId, written: Written) -> Result<Option<NodeId>, SyntaxError> {
    let limits = Limits::default();
    let looks_like_json = tree.string(literal).is_some_and(|text| text.trim_start().starts_with(['{', '[']));
    match written {
        Written::Json => json::read_inside(tree, literal, limits).map(Some),
        Written::Either if looks_like_json => match json::read_inside(tree, literal, limits) {
            Ok(root) => Ok(Some(root)),
            Err(json_error) => {
                yaml::read_inside(tree, literal, Schema::CloudFormation, limits).map_err(|_| json_error)
            }
        },
        Written::Either => yaml::read_inside(tree, literal, Schema::CloudFormation, limits),
    }
}

fn with_holes(assembly: &mut Assembly, text: NodeId, written: Written) -> Option<NodeId> {
    let tree = &mut assembly.tree;
    let View::Text(pieces) = tree.view(text) else { return None };
    let known = pieces.iter().find_map(|piece| match piece {
        Piece::Literal(literal) => literal.trim_start().chars().next(),
        Piece::Hole(_) => None,
    });
    // A document that is nothing but a reference is not known at all.
    let starts_with_hole = matches!(pieces.first(), Some(Piece::Hole(_)));
    if known.is_none() || starts_with_hole && written == Written::Json {
        return None;
    }
    let template = template_of(tree, text);
    let rendered = tree.render(text)?;
    match read(tree, rendered.literal, written) {
        Ok(root) => {
            tree.fill(&rendered, template);
            root
        }
        Err(error) => {
            // The place inside the rendered text means nothing to anybody.
            let error = SyntaxError { offset: 0, ..error };
            report(assembly, text, &error, written);
            None
        }
    }
}

/// The string that `Fn::Sub` made a text of.
fn template_of(tree: &Tree, text: NodeId) -> Option<NodeId> {
    let derivation = tree.derivation(text).filter(|derivation| derivation.by == "Fn::Sub");
    derivation.and_then(|derivation| derivation.from.first().copied())
}

fn report(assembly: &mut Assembly, value: NodeId, error: &SyntaxError, written: Written) {
    let what = match written {
        Written::Json => "the string is not a JSON document",
        Written::Either => "the string is neither a JSON nor a YAML document",
    };
    let mut made = Diagnostic::new(Code::Embedded, format!("{what}: {}", error.message));
    if let Some(place) = place_inside(&assembly.tree, value, error.offset) {
        made = made.at(place);
    }
    if let Some(help) = &error.help {
        made = made.help(help.clone());
    }
    assembly.diagnostics.push(made);
}

fn place_inside(tree: &Tree, value: NodeId, offset: usize) -> Option<Location> {
    let span =
        tree.place_within(value, offset, offset + 1).or_else(|| tree.place(value).map(|place| place.span))?;
    let source: &std::sync::Arc<Source> = tree.source(span.file)?;
    Some(Location::new(std::sync::Arc::clone(source), span))
}
