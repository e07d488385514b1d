//! `rolecall model`: what rules can ask of an input, with places.

use std::io::{self, Write};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Code, Conditions, Diagnostic, NodeId, Tree, View};
use crate::facts;
use crate::ingest;
use crate::model::EntityId;
use crate::report::{self, Look};

use super::args::ModelArgs;
use super::{Exit, bytes, options};

/// Runs the command.
pub(super) fn run(args: &ModelArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let name = if args.path.as_os_str() == "-" {
        "<stdin>".into()
    } else {
        args.path.to_string_lossy().into_owned()
    };
    let read = bytes(&args.path).map_err(|error| {
        Box::new(
            Diagnostic::new(Code::Unreadable, format!("the file cannot be read: {error}"))
                .in_file(name.as_str()),
        )
    });
    let unit = match read.and_then(|bytes| ingest::read(&name, bytes, &options(&args.input)?)) {
        Ok(unit) => unit,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Incomplete);
        }
    };
    report::diagnostics(&unit.diagnostics, Look::default(), err)?;
    let mut conditions = unit.conditions;
    let made = facts::build(&Arc::new(unit.tree), &mut conditions, &unit.inventory);
    let printer =
        Printer { tree: &made.tree, conditions: &conditions, entities: &made.entities, file: &name };
    for (_, variable, list) in made.tree.map(made.root).into_iter().flat_map(crate::document::Map::iter) {
        let wanted = match &args.only {
            Some(only) => only == variable,
            None => made.tree.list(list).is_some_and(|list| !list.is_empty()),
        };
        if wanted {
            printer.entry(out, variable, list, 0)?;
        }
    }
    Ok(Exit::Clean)
}

/// Prints facts as a person reads YAML, with the place of each value behind it.
struct Printer<'t> {
    tree: &'t Tree,
    conditions: &'t Conditions,
    entities: &'t FxHashMap<NodeId, EntityId>,
    file: &'t str,
}

impl Printer<'_> {
    fn entry(&self, out: &mut dyn Write, key: &str, value: NodeId, depth: usize) -> io::Result<()> {
        let indent = "  ".repeat(depth);
        match self.tree.view(value) {
            View::List(list) if list.is_empty() => writeln!(out, "{indent}{key}: []"),
            View::List(list) => {
                writeln!(out, "{indent}{key}:")?;
                list.iter().try_for_each(|element| self.element(out, element, depth + 1))
            }
            View::Map(map) if map.is_empty() => writeln!(out, "{indent}{key}: {{}}"),
            View::Map(_) if depth > 0 && self.entities.contains_key(&value) => {
                writeln!(out, "{indent}{key}: {}{}", self.reference(value), self.place(value))
            }
            View::Map(map) => {
                writeln!(out, "{indent}{key}:{}", self.place(value))?;
                map.iter().try_for_each(|(_, key, inner)| self.entry(out, key, inner, depth + 1))
            }
            View::Choice(alternatives) => {
                writeln!(out, "{indent}{key}: one of")?;
                alternatives.iter().try_for_each(|one| {
                    writeln!(out, "{indent}  - when {}", self.when(one.condition))?;
                    match one.value {
                        Some(inner) => self.entry(out, "  value", inner, depth + 1),
                        None => writeln!(out, "{indent}    (absent)"),
                    }
                })
            }
            _ => writeln!(out, "{indent}{key}: {}{}", self.scalar(value), self.place(value)),
        }
    }

    fn element(&self, out: &mut dyn Write, value: NodeId, depth: usize) -> io::Result<()> {
        let indent = "  ".repeat(depth);
        match self.tree.view(value) {
            View::Map(_) if depth > 1 && self.entities.contains_key(&value) => {
                writeln!(out, "{indent}- {}{}", self.reference(value), self.place(value))
            }
            View::Map(map) => {
                writeln!(out, "{indent}-{}", self.place(value))?;
                map.iter().try_for_each(|(_, key, inner)| self.entry(out, key, inner, depth + 1))
            }
            View::List(list) => {
                writeln!(out, "{indent}-")?;
                list.iter().try_for_each(|inner| self.element(out, inner, depth + 1))
            }
            View::Choice(alternatives) => alternatives.iter().try_for_each(|one| match one.value {
                Some(inner) => {
                    writeln!(out, "{indent}# when {}", self.when(one.condition))?;
                    self.element(out, inner, depth)
                }
                None => Ok(()),
            }),
            _ => writeln!(out, "{indent}- {}{}", self.scalar(value), self.place(value)),
        }
    }

    /// An entity that is printed elsewhere.
    fn reference(&self, entity: NodeId) -> String {
        let text =
            |key: &str| self.tree.get(entity, key).and_then(|node| self.tree.scalar(node)).unwrap_or("");
        format!("<{} {}>", text("kind"), text("id"))
    }

    fn scalar(&self, value: NodeId) -> String {
        match self.tree.view(value) {
            View::Unknown(unknown) if !unknown.blocker.is_empty() => {
                format!("({}: `{}`)", unknown.reason.phrase(), unknown.blocker)
            }
            View::String(text) if text.contains('\n') => format!("{text:?}"),
            _ => self.tree.display(value),
        }
    }

    fn when(&self, condition: crate::document::Condition) -> String {
        let parts = self.conditions.example(condition);
        parts
            .iter()
            .map(|(question, answer)| format!("{question} = {answer}"))
            .collect::<Vec<_>>()
            .join(" and ")
    }

    fn place(&self, node: NodeId) -> String {
        let Some(place) = self.tree.place(node) else { return String::new() };
        let Some(source) = self.tree.source(place.span.file) else { return String::new() };
        let position = source.lines().position(source.text(), place.span.start);
        let file = if source.name() == self.file { "" } else { source.name() };
        format!("  # {file}:{}:{}", position.line, position.column)
    }
}
