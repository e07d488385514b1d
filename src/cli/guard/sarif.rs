//! The peer's SARIF report.

use serde_json::{Value, json};

use crate::rules::Status;

use super::judge::{Verdict, overall};
use super::report;

/// The report of all data files.
pub(super) fn report(files: &[(&str, Vec<&Verdict>)]) -> Value {
    let mut artifacts = Vec::new();
    let mut results = Vec::new();
    for (name, verdicts) in files {
        if overall(verdicts.iter().copied()) != Status::Fail {
            continue;
        }
        let uri = name.strip_prefix('/').unwrap_or(name);
        artifacts.push(json!({ "location": { "uri": uri } }));
        for verdict in verdicts.iter().filter(|verdict| verdict.status == Status::Fail) {
            let id = verdict.name.split('.').next().unwrap_or("").to_uppercase();
            for message in report::messages(&verdict.checks) {
                let (line, column) = message.location.unwrap_or((0, 0));
                results.push(json!({
                    "ruleId": id,
                    "level": "error",
                    "message": { "text": format!("{} {}", message.error, message.custom) },
                    "locations": [{
                        "physicalLocation": {
                            "artifactLocation": { "uri": uri },
                            "region": { "startLine": line.max(1), "startColumn": column.max(1) },
                        }
                    }],
                }));
            }
        }
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "fullName": concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
                "shortDescription": { "text": env!("CARGO_PKG_DESCRIPTION") },
            } },
            "artifacts": artifacts,
            "results": results,
        }],
    })
}
