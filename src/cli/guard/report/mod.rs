//! Reports in the peer's formats, made from what happened.

mod checks;
mod failures;
mod json;
pub(super) mod junit;
mod lines;
mod outline;
mod paint;
mod pretty;
mod resources;
mod sarif;
mod source_lines;
mod table;
mod tree;
mod whole;

use std::io::{self, Write};

use serde::Serialize;

use super::trace::{Event, Told};
use super::value::Val;

pub(super) use json::FileReport;
pub(super) use paint::Paint;
pub(super) use sarif::Log;
pub(super) use source_lines::SourceLines;
pub(super) use table::Shown;
pub(super) use tree::write as write_tree;
pub(super) use whole::{Tail, write_failures, write_head, write_tail};

use resources::{Input, Kind};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Lines,
    Json,
    Yaml,
    Junit,
    Sarif,
}

/// What a report on the console is about.
pub(super) struct Console<'e, 'w> {
    /// The data file's name.
    pub(super) data: &'e str,
    pub(super) lines: &'e SourceLines<'e>,
    pub(super) rules: &'e str,
    pub(super) root: Val<'w>,
    pub(super) told: &'e Told<'w>,
}

/// Writes what the console shows about one rule file and one data file.
pub(super) fn console(
    out: &mut dyn Write,
    paint: Paint,
    shown: Shown,
    format: Format,
    about: &Console<'_, '_>,
) -> io::Result<()> {
    let Console { data, rules, root, told, .. } = *about;
    let event = &told.event;
    if !shown.nothing() {
        table::write(out, paint, shown, (data, rules), event, told.status)?;
    }
    if format != Format::Lines {
        let report = FileReport::new(data, [told]);
        return write_data(out, format, &report);
    }
    let kind = if root.get("Resources").is_some() {
        Some(Kind::CloudFormation)
    } else {
        root.get("resource_changes").map(|_| Kind::Terraform)
    };
    if let Some(kind) = kind
        && grouped(out, paint, kind, about, event)?
    {
        return Ok(());
    }
    lines::write(out, shown, (data, rules), event)
}

fn grouped(
    out: &mut dyn Write,
    paint: Paint,
    kind: Kind,
    about: &Console<'_, '_>,
    event: &Event<'_>,
) -> io::Result<bool> {
    let failures = failures::failures(&event.inner);
    let Console { data, lines, rules, root, .. } = *about;
    let input = Input { data, lines, rules, root, failures: &failures };
    resources::write(out, paint, kind, &input)
}

/// Writes data as JSON or YAML, without a line break behind JSON, as the peer does.
pub(super) fn write_data(out: &mut dyn Write, format: Format, data: &impl Serialize) -> io::Result<()> {
    if format == Format::Yaml {
        return serde_yaml::to_writer(out, data).map_err(io::Error::other);
    }
    serde_json::to_writer_pretty(out, data).map_err(io::Error::other)
}
