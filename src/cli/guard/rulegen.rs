//! `rulegen`: rules that a template keeps, as a start for one's own.
//!
//! One rule for each resource type, with one clause for each property: its value, or the list of its values. Unlike the
//! peer's, the order is the template's, and names and values are quoted so that the rules can be read.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use crate::document::{Limits, Source, Tree, parse, yaml};
use crate::rules;

use super::args::Rulegen;
use super::exit;
use super::fault::{self, Fault};
use super::input;
use super::validate::Streams;
use super::value::{self, Dialect, Kind, Text, Val};

/// Runs the command.
pub(super) fn run(args: &Rulegen, to: &mut Streams<'_>) -> Result<u8, Fault> {
    let text = input::text(&args.template)?;
    let source = Source::from_text(args.template.display().to_string(), text);
    match generate(&source, to.err) {
        Ok(rules) => {
            let made = Source::from_text("<generated>", rules.as_str());
            match rules::parse(&made) {
                Ok(_) => to.out.write_all(rules.as_bytes())?,
                Err(diagnostic) => {
                    let error = fault::syntax("", &diagnostic);
                    writeln!(to.err, "Parsing error with generated rules file, Error = {error}")?;
                    to.diagnostic(&diagnostic)?;
                }
            }
            Ok(0)
        }
        Err(why) => {
            writeln!(to.err, "{why}")?;
            Ok(exit::TEST_ERROR)
        }
    }
}

/// Properties of the resources of a type, each with its values.
type Properties = Vec<(String, Vec<String>)>;

fn generate(source: &Arc<Source>, err: &mut dyn Write) -> Result<String, String> {
    let bad = |what: &str| format!("Parsing error handling template file, Error = {what}");
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(source));
    let parsed = parse(&mut tree, file, source.text(), yaml::Schema::Core, Limits::default());
    let parsed = parsed.map_err(|error| {
        let at = source.lines().position(source.text(), u32::try_from(error.offset).unwrap_or(0));
        bad(&format!("{} at line {} column {}", error.message, at.line, at.column))
    })?;
    if let Some(tagged) = tree.tagged().min() {
        let tag = tree.tag(tagged).unwrap_or("");
        let start = tree.place(tagged).map_or(0, |place| place.span.start);
        let at = source.lines().position(source.text(), start);
        let what = format!(
            "the short form `!{tag}` at line {} column {} is not taken: write the function out",
            at.line, at.column
        );
        return Err(bad(&what));
    }
    let root = parsed.roots.first().copied().ok_or_else(|| bad("the file holds no document"))?;
    let text = Text::new(source.text());
    let arena = value::read(&tree, root, &text, Dialect::Test).map_err(|what| bad(&what))?;
    if !arena.root().is_map() {
        return Err(bad("invalid type: expected a map"));
    }
    let resources = arena.root().get("Resources").ok_or("Template lacks a Resources section")?;
    let Some(resources) = resources.map() else {
        return Err("Template Resources section has an invalid structure: expected a map".to_owned());
    };
    let mut types: Vec<(String, Properties)> = Vec::new();
    for (name, resource) in resources {
        let Some(properties) = resource.get("Properties").and_then(Val::map) else { continue };
        let Some(kind) = resource.get("Type").and_then(Val::string) else {
            let name = name.string().unwrap_or("");
            let _ = writeln!(err, "warning: the resource `{name}` is left out: it has no `Type`");
            continue;
        };
        for (property, value) in properties {
            let known = entry(&mut types, kind);
            let values = entry(known, property.string().unwrap_or(""));
            let value = literal(value, true);
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    Ok(write(&types))
}

fn entry<'l, T: Default>(list: &'l mut Vec<(String, T)>, key: &str) -> &'l mut T {
    let at = list.iter().position(|(known, _)| known == key).unwrap_or(list.len());
    if at == list.len() {
        list.push((key.to_owned(), T::default()));
    }
    #[expect(clippy::indexing_slicing, reason = "the entry was found or made just now")]
    &mut list[at].1
}

/// A value as the language spells it.
fn literal(value: Val<'_>, outer: bool) -> String {
    match value.kind() {
        Kind::String(text) => {
            let text = if outer { text.trim().replace('\n', "") } else { text.to_string() };
            format!("\"{}\"", text.replace('"', "\\\""))
        }
        Kind::List(_) => {
            let elements: Vec<String> =
                value.list().into_iter().flatten().map(|one| literal(one, false)).collect();
            format!("[{}]", elements.join(","))
        }
        Kind::Map(_) => {
            let entries = value.map().into_iter().flatten();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}:{}", literal(key, false), literal(value, false)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        _ => serde_json::to_string(&value::Json(value)).unwrap_or_default(),
    }
}

/// A property as a step of a query.
fn step(name: &str) -> String {
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "\\'")) }
}

fn write(types: &[(String, Properties)]) -> String {
    let mut out = String::new();
    for (kind, properties) in types {
        let name: String = kind
            .replace("::", "_")
            .to_lowercase()
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect();
        let _ =
            writeln!(out, "let {name}_resources = Resources.*[ Type == '{}' ]", kind.replace('\'', "\\'"));
        let _ = writeln!(out, "rule {name} when %{name}_resources !empty {{");
        for (property, values) in properties {
            let step = step(property);
            let _ = match values.as_slice() {
                [one] => writeln!(out, "  %{name}_resources.Properties.{step} == {one}"),
                several => {
                    writeln!(out, "  %{name}_resources.Properties.{step} IN [{}]", several.join(", "))
                }
            };
        }
        out.push_str("}\n");
    }
    out
}
