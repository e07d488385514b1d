//! SARIF 2.1.0: the part of it that code scanning services read. Columns count UTF-16 units.

use std::io::{self, Write};

use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::check::{Finding, FindingChange, FindingStatus, Fix, RuleInfo, Run, Severity};
use crate::document::{Diagnostic, Level, Location};

/// Writes the report.
pub(super) fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let indexes: FxHashMap<&str, usize> =
        run.rules.iter().enumerate().map(|(index, rule)| (&*rule.id, index)).collect();
    let complete = run.diagnostics.iter().all(|one| one.level != Level::Error);
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rolecall",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": run.rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": [{
                "executionSuccessful": complete,
                "toolExecutionNotifications": run.diagnostics.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": run.findings.iter().map(|finding| result(finding, &indexes)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn rule(rule: &RuleInfo) -> Value {
    let text = if rule.title.is_empty() { &rule.name } else { &rule.title };
    let mut made = json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"security-severity": score(rule.severity), "tags": ["security"], "maps": rule.maps},
    });
    if !rule.remediation.is_empty()
        && let Some(made) = made.as_object_mut()
    {
        made.insert("help".to_owned(), json!({"text": rule.remediation}));
    }
    if !rule.description.is_empty()
        && let Some(made) = made.as_object_mut()
    {
        made.insert("fullDescription".to_owned(), json!({"text": rule.description}));
    }
    made
}

fn result(finding: &Finding, indexes: &FxHashMap<&str, usize>) -> Value {
    let message = if finding.message.is_empty() { finding.title.as_ref() } else { &finding.message };
    let unknown = finding.status == FindingStatus::Unknown;
    let mut location = json!({"logicalLocations": [{
        "name": finding.entity,
        "fullyQualifiedName": finding.details.construct.as_deref().unwrap_or(&finding.entity),
        "kind": finding.entity_kind,
    }]});
    if let (Some(place), Some(location)) = (&finding.place, location.as_object_mut()) {
        location.insert("physicalLocation".to_owned(), physical(place));
    }
    let mut made = json!({
        "ruleId": &*finding.rule,
        "ruleIndex": indexes.get(&*finding.rule).map_or(-1, |&index| i64::try_from(index).unwrap_or(-1)),
        "kind": if unknown { "open" } else { "fail" },
        "level": if unknown { "none" } else { level(finding.severity) },
        "message": {"text": message},
        "locations": [location],
        "relatedLocations": finding.related.iter().map(related).collect::<Vec<_>>(),
        "partialFingerprints": {"rolecall/v1": finding.fingerprint.to_string()},
        "properties": {"pointer": finding.pointer, "under": finding.under},
    });
    if !finding.details.flow.is_empty()
        && let Some(made) = made.as_object_mut()
    {
        let steps: Vec<Value> =
            finding.details.flow.iter().map(|step| json!({"location": related(step)})).collect();
        made.insert("codeFlows".to_owned(), json!([{"threadFlows": [{"locations": steps}]}]));
    }
    if !finding.fixes.is_empty()
        && let Some(made) = made.as_object_mut()
    {
        made.insert("fixes".to_owned(), finding.fixes.iter().map(fix).collect());
    }
    let state = finding.change.map(|change| match change {
        FindingChange::New => "new",
        FindingChange::Existing => "unchanged",
    });
    if let (Some(state), Some(made)) = (state, made.as_object_mut()) {
        made.insert("baselineState".to_owned(), json!(state));
    }
    made
}

/// A fix: for each file, what becomes of which part of it.
fn fix(fix: &Fix) -> Value {
    let mut files: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let replacement =
            json!({"deletedRegion": region(&edit.place), "insertedContent": {"text": edit.text}});
        let name = edit.place.source.name();
        match files.iter_mut().find(|(file, _)| *file == name) {
            Some((_, replacements)) => replacements.push(replacement),
            None => files.push((name, vec![replacement])),
        }
    }
    let changes = files.into_iter().map(
        |(file, replacements)| json!({"artifactLocation": {"uri": uri(file)}, "replacements": replacements}),
    );
    json!({
        "description": {"text": fix.message},
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": {"safe": fix.safe},
    })
}

fn related((place, why): &(Location, String)) -> Value {
    json!({"message": {"text": why}, "physicalLocation": physical(place)})
}

fn notification(diagnostic: &Diagnostic) -> Value {
    let mut made = json!({
        "descriptor": {"id": diagnostic.code.id()},
        "level": diagnostic.level.as_str(),
        "message": {"text": diagnostic.message},
    });
    let location = match (&diagnostic.place, &diagnostic.file) {
        (Some(place), _) => physical(place),
        (None, Some(file)) => json!({"artifactLocation": {"uri": uri(file)}}),
        (None, None) => return made,
    };
    if let Some(made) = made.as_object_mut() {
        made.insert("locations".to_owned(), json!([{"physicalLocation": location}]));
    }
    made
}

fn physical(place: &Location) -> Value {
    json!({"artifactLocation": {"uri": uri(place.source.name())}, "region": region(place)})
}

fn region(place: &Location) -> Value {
    let (text, lines) = (place.source.text(), place.source.lines());
    let start = lines.position_utf16(text, place.start);
    let end = lines.position_utf16(text, place.end);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a relative URI: what a URI does not allow is escaped.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'.'
            | b'-'
            | b'_'
            | b'~'
            | b'@'
            | b'+'
            | b'='
            | b',' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The score that GitHub sorts by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
