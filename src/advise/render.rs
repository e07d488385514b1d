//! Advice as bytes.

mod human;
mod json;
mod markdown;

use std::io::{self, Write};

use crate::document::Location;
use crate::ssm::statement::{Place, Statement};

use super::{RoleAdvice, Style};

/// How advice is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

/// The advice about one input.
#[derive(Clone, Debug)]
pub struct Advised {
    /// The path as the user gave it.
    pub input: String,
    /// How holes are written.
    pub style: Style,
    /// What its roles need.
    pub roles: Vec<RoleAdvice>,
}

/// Writes advice.
pub fn render(
    all: &[Advised],
    format: Format,
    quota: usize,
    place: &Place,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render(all, quota, place, out),
        Format::Json => json::render(all, quota, place, out),
        Format::Markdown => markdown::render(all, quota, place, out),
    }
}

pub(super) use json::arn;

/// A statement as lines: its actions, and what they are on.
pub(super) fn lines(statement: &Statement, place: &Place) -> Vec<String> {
    let mut out = vec![statement.actions.join(", ")];
    if statement.resources != ["*"] {
        out.extend(statement.resources.iter().map(|arn| format!("  on {}", place.fill(arn))));
    }
    for (operator, key, values) in &statement.conditions {
        let values: Vec<String> = values.iter().map(|value| place.fill(value)).collect();
        out.push(format!("  if {key} {operator} {}", values.join(", ")));
    }
    out
}

/// A place as people write it: file, line, column.
pub(super) fn shown(place: &Location) -> String {
    let position = place.source.lines().position(place.source.text(), place.start);
    format!("{}:{}:{}", place.source.name(), position.line, position.column)
}

/// What a role is, in words.
pub(super) fn described(role: &RoleAdvice) -> String {
    let nodes = match role.nodes {
        0 => String::new(),
        1 => ", 1 node".to_owned(),
        more => format!(", {more} nodes"),
    };
    let kind = match (role.of_nodes, role.features.iter().any(|feature| feature.name == "automation")) {
        (true, true) => "role of nodes and automations",
        (true, false) => "role of nodes",
        (false, _) => "role of automations",
    };
    format!("{kind}{nodes}")
}
