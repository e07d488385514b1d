//! The JSON report, version 1. Its schema is `docs/report.schema.json`; a test holds the two together.

use std::borrow::Cow;
use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;
use serde::Serializer;

use crate::catalog;
use crate::check::permissions::PermissionChange;
use crate::check::{Finding, FindingChange, FindingStatus, Fingerprint, Fix, FixEdit, InputStatus, Run};
use crate::document::{Diagnostic, Location};
use crate::iam::compare::Witness;

#[derive(Serialize)]
struct Report<'r> {
    version: u32,
    tool: Tool,
    inputs: Vec<Input<'r>>,
    /// Written one by one.
    findings: [(); 0],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<FindingDto<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    permissions: Vec<PermissionDto<'r>>,
    diagnostics: Vec<DiagnosticDto<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct PermissionDto<'r> {
    entity: &'r str,
    entity_kind: &'static str,
    file: &'r str,
    grants_more: bool,
    gained: Vec<WitnessDto<'r>>,
    lost: Vec<WitnessDto<'r>>,
    trust_gained: &'r [String],
    trust_lost: &'r [String],
}

#[derive(Serialize)]
struct WitnessDto<'r> {
    actions: Vec<Cow<'r, str>>,
    resource: &'r str,
    sure: bool,
    conditions: &'r [String],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Input<'r> {
    path: &'r str,
    kind: Option<&'static str>,
    status: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    within: &'r [Box<str>],
}

#[derive(Serialize)]
struct FindingDto<'r> {
    rule: &'r str,
    name: &'r str,
    status: &'static str,
    severity: &'static str,
    title: &'r str,
    message: &'r str,
    entity: &'r str,
    entity_kind: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    construct: Option<&'r str>,
    file: Option<&'r str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    pointer: &'r str,
    evidence: &'r str,
    under: &'r [String],
    related: Vec<Related<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flow: Vec<Related<'r>>,
    remediation: &'r str,
    fixes: Vec<FixDto<'r>>,
    fingerprint: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
}

#[derive(Serialize)]
struct FixDto<'r> {
    safe: bool,
    message: &'r str,
    edits: Vec<EditDto<'r>>,
}

#[derive(Serialize)]
struct EditDto<'r> {
    file: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    text: &'r str,
}

#[derive(Serialize)]
struct Related<'r> {
    file: &'r str,
    line: u32,
    message: &'r str,
}

#[derive(Serialize)]
struct DiagnosticDto<'r> {
    severity: &'static str,
    code: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'r str>,
    file: Option<&'r str>,
    line: Option<u32>,
    column: Option<u32>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    entities: usize,
    rules: usize,
    fail: usize,
    unknown: usize,
    suppressed: usize,
}

/// Writes the report.
pub(super) fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        version: 1,
        tool: Tool { name: "rolecall", version: env!("CARGO_PKG_VERSION") },
        inputs: run.inputs.iter().map(input).collect(),
        findings: [],
        fixed: run.fixed.iter().map(|one| finding(one)).collect(),
        permissions: run.permissions.iter().map(|(file, change)| permission(file, change)).collect(),
        diagnostics: run.diagnostics.iter().map(diagnostic).collect(),
        summary: Summary {
            files: run.inputs.iter().filter(|input| input.status == InputStatus::Checked).count(),
            entities: run.entities(),
            rules: run.rules.len(),
            fail: run.count(FindingStatus::Fail),
            unknown: run.count(FindingStatus::Unknown),
            suppressed: run.suppressed,
        },
    };
    let around = serde_json::to_string_pretty(&report)?;
    // In a text, the quotes would be escaped.
    let (before, after) = around.split_once(NO_FINDINGS).unwrap_or((&around, ""));
    out.write_all(before.as_bytes())?;
    if run.findings.is_empty() {
        out.write_all(NO_FINDINGS.as_bytes())?;
    } else {
        out.write_all(b"\"findings\": [\n")?;
        findings(&run.findings, out)?;
        out.write_all(b"\n  ]")?;
    }
    writeln!(out, "{after}")
}

const NO_FINDINGS: &str = "\"findings\": []";

/// So many findings become text at a time on each thread, and so many together before they are written.
const TEXT: usize = 256;
const WRITTEN: usize = 8192;

/// Writes findings, two levels deep.
fn findings(all: &[Box<Finding>], out: &mut dyn Write) -> io::Result<()> {
    let text = |some: &[Box<Finding>]| serde_json::to_vec_pretty(&[Findings(some)]);
    let mut is_first = true;
    for together in all.chunks(WRITTEN) {
        let texts: Vec<_> = together.par_chunks(TEXT).map(text).collect();
        for text in texts {
            let text = text?;
            let inner = text.strip_prefix(b"[\n  [\n").and_then(|text| text.strip_suffix(b"\n  ]\n]"));
            if !std::mem::take(&mut is_first) {
                out.write_all(b",\n")?;
            }
            out.write_all(inner.unwrap_or(&text))?;
        }
    }
    Ok(())
}

/// Findings, each made when it is written.
struct Findings<'r>(&'r [Box<Finding>]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|one| finding(one)))
    }
}

/// Writes every finding as an object on a line of its own, then every diagnostic.
pub(super) fn render_lines(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for one in &run.findings {
        serde_json::to_writer(&mut *out, &finding(one))?;
        writeln!(out)?;
    }
    for one in &run.diagnostics {
        serde_json::to_writer(&mut *out, &diagnostic(one))?;
        writeln!(out)?;
    }
    Ok(())
}

/// Actions, those of a service as a whole as one: `s3:*`.
fn by_service(actions: &[String]) -> Vec<Cow<'_, str>> {
    let prefix = |action: &String| action.split(':').next().unwrap_or("").to_owned();
    let mut out = Vec::new();
    for group in actions.chunk_by(|left, right| prefix(left) == prefix(right)) {
        let service = group.first().map(prefix).unwrap_or_default();
        let whole =
            catalog::embedded().service(&service).is_some_and(|known| known.actions().count() == group.len());
        if whole && group.len() > 1 {
            out.push(Cow::Owned(format!("{service}:*")));
        } else {
            out.extend(group.iter().map(|action| Cow::Borrowed(action.as_str())));
        }
    }
    out
}

fn permission<'r>(file: &'r str, change: &'r PermissionChange) -> PermissionDto<'r> {
    let witnesses = |all: &'r [Witness]| {
        all.iter()
            .map(|one| WitnessDto {
                actions: by_service(&one.actions),
                resource: &one.resource,
                sure: one.sure,
                conditions: &one.conditions,
            })
            .collect()
    };
    PermissionDto {
        entity: &change.entity,
        entity_kind: change.kind,
        file,
        grants_more: change.grants_more,
        gained: witnesses(&change.difference.gained),
        lost: witnesses(&change.difference.lost),
        trust_gained: &change.trust_gained,
        trust_lost: &change.trust_lost,
    }
}

fn input(input: &crate::check::Input) -> Input<'_> {
    let status = match input.status {
        InputStatus::Checked => "checked",
        InputStatus::Failed => "failed",
    };
    Input { path: &input.path, kind: input.kind, status, within: &input.within }
}

fn finding(finding: &Finding) -> FindingDto<'_> {
    let place = finding.place.as_ref();
    let (start, end) =
        (place.map(|place| position(place, place.start)), place.map(|place| position(place, place.end)));
    FindingDto {
        rule: &finding.rule,
        name: &finding.name,
        status: finding.status.as_str(),
        severity: finding.severity.as_str(),
        title: &finding.title,
        message: &finding.message,
        entity: &finding.entity,
        entity_kind: &finding.entity_kind,
        construct: finding.details.construct.as_deref(),
        file: place.map(|place| place.source.name()),
        line: start.map(|at| at.0),
        column: start.map(|at| at.1),
        end_line: end.map(|at| at.0),
        end_column: end.map(|at| at.1),
        pointer: &finding.pointer,
        evidence: &finding.evidence,
        under: &finding.under,
        related: finding.related.iter().map(related).collect(),
        flow: finding.details.flow.iter().map(related).collect(),
        remediation: &finding.remediation,
        fixes: finding.fixes.iter().map(fix).collect(),
        fingerprint: finding.fingerprint,
        change: finding.change.map(FindingChange::as_str),
    }
}

fn fix(fix: &Fix) -> FixDto<'_> {
    FixDto { safe: fix.safe, message: &fix.message, edits: fix.edits.iter().map(edit).collect() }
}

fn edit(edit: &FixEdit) -> EditDto<'_> {
    let place = &edit.place;
    let (start, end) = (position(place, place.start), position(place, place.end));
    EditDto {
        file: place.source.name(),
        line: start.0,
        column: start.1,
        end_line: end.0,
        end_column: end.1,
        text: &edit.text,
    }
}

fn related((place, message): &(Location, String)) -> Related<'_> {
    Related { file: place.source.name(), line: position(place, place.start).0, message }
}

fn diagnostic(diagnostic: &Diagnostic) -> DiagnosticDto<'_> {
    let start = diagnostic.place.as_ref().map(|place| position(place, place.start));
    DiagnosticDto {
        severity: diagnostic.level.as_str(),
        code: diagnostic.code.id(),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        file: diagnostic.file.as_deref(),
        line: start.map(|at| at.0),
        column: start.map(|at| at.1),
    }
}

fn position(place: &Location, offset: u32) -> (u32, u32) {
    let position = place.source.lines().position(place.source.text(), offset);
    (position.line, position.column)
}
