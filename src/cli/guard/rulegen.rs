//! `rulegen`: rules that say what a template is like now.

use std::fmt::Write as _;

use crate::document::{NodeId, Tree, View};

use super::data::Data;
use super::parse_tree::write;
use super::{Failure, RulegenArgs, Streams, files};

const BAD_TEMPLATE: u8 = 1;

/// A resource type with the values of its properties.
struct Kind<'t> {
    name: &'t str,
    properties: Vec<(&'t str, Vec<String>)>,
}

pub(super) fn run(args: &RulegenArgs, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    files::must_exist(&args.template)?;
    let text = files::read(&args.template)?;
    let name = args.template.display().to_string();
    let data = match Data::read_test(&name, &text) {
        Ok(data) => data,
        Err(error) => {
            writeln!(streams.err, "Parsing error handling template file, Error = {error}")?;
            return Ok(BAD_TEMPLATE);
        }
    };
    let tree = &data.tree;
    if tree.tagged().next().is_some() {
        writeln!(
            streams.err,
            "the template has short forms of functions, which rules cannot be generated from"
        )?;
        return Ok(BAD_TEMPLATE);
    }
    let Some(resources) = tree.get(data.root, "Resources").and_then(|node| tree.map(node)) else {
        writeln!(streams.err, "Template lacks a Resources section")?;
        return Ok(BAD_TEMPLATE);
    };
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for (_, id, resource) in resources.iter() {
        let Some(ty) = tree.get(resource, "Type").and_then(|ty| tree.string(ty)) else {
            writeln!(streams.err, "the resource `{id}` has no type, and is left out")?;
            continue;
        };
        collect(tree, ty, resource, &mut kinds);
    }
    let text: String = kinds.iter().map(rule).collect();
    match &args.output {
        Some(path) => write(path, &text)?,
        None => streams.out.write_all(text.as_bytes())?,
    }
    Ok(0)
}

fn collect<'t>(tree: &'t Tree, ty: &'t str, resource: NodeId, kinds: &mut Vec<Kind<'t>>) {
    let position = kinds.iter().position(|kind| kind.name == ty).unwrap_or_else(|| {
        kinds.push(Kind { name: ty, properties: Vec::new() });
        kinds.len() - 1
    });
    let Some(kind) = kinds.get_mut(position) else { return };
    let properties = tree.get(resource, "Properties").and_then(|node| tree.map(node));
    for (_, key, value) in properties.into_iter().flat_map(crate::document::Map::iter) {
        let spelled = spell(tree, value);
        match kind.properties.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) if values.contains(&spelled) => {}
            Some((_, values)) => values.push(spelled),
            None => kind.properties.push((key, vec![spelled])),
        }
    }
}

/// A value as a literal of the language.
fn spell(tree: &Tree, value: NodeId) -> String {
    match tree.view(value) {
        View::String(text) => quoted(text),
        View::List(list) => {
            let elements: Vec<String> = list.iter().map(|element| spell(tree, element)).collect();
            format!("[{}]", elements.join(","))
        }
        View::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(_, key, value)| format!("{}:{}", quoted(key), spell(tree, value))).collect();
            format!("{{{}}}", entries.join(","))
        }
        View::Null => "null".to_owned(),
        _ => tree.scalar(value).unwrap_or("null").to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

fn rule(kind: &Kind<'_>) -> String {
    let name = kind.name.replace("::", "_").to_lowercase();
    let variable = format!("{name}_resources");
    let mut out = format!("let {variable} = Resources.*[ Type == '{}' ]\n", kind.name);
    let _ = writeln!(out, "rule {name} when %{variable} !empty {{");
    for (property, values) in &kind.properties {
        let plain = property.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && property.starts_with(|c: char| c.is_ascii_alphabetic());
        let key = if plain { (*property).to_owned() } else { format!("'{property}'") };
        let _ = match values.as_slice() {
            [only] => writeln!(out, "  %{variable}.Properties.{key} == {only}"),
            many => writeln!(out, "  %{variable}.Properties.{key} IN [{}]", many.join(", ")),
        };
    }
    out.push_str("}\n");
    out
}
