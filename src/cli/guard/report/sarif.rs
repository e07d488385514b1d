//! SARIF 2.1.0 as the peer writes it: one result for each message, with the peer's own idea of where.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::cli::guard::trace::Status;

use super::failures::{Failure, Messages};
use super::json::FileReport;

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Place {
    uri: String,
}

#[derive(Serialize)]
struct Artifact {
    location: Place,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Place,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: String,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
}

/// The tool that wrote the report: readers of the peer's reports look for its name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    full_name: &'static str,
    organization: &'static str,
    download_uri: &'static str,
    information_uri: &'static str,
    short_description: Text,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Run<'r, 'e, 'w> {
    tool: Tool,
    artifacts: Vec<Artifact>,
    results: Findings<'r, 'e, 'w>,
}

#[derive(Serialize)]
pub(in crate::cli::guard) struct Log<'r, 'e, 'w> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r, 'e, 'w>; 1],
}

/// The results, worked out while they are written.
struct Findings<'r, 'e, 'w>(&'r [FileReport<'e, 'w>]);

impl Serialize for Findings<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut all = to.serialize_seq(None)?;
        for report in self.0.iter().filter(|report| report.status() == Status::Fail) {
            for failure in report.failures() {
                let mut messages = Vec::new();
                failure.messages(&mut messages);
                for message in messages {
                    all.serialize_element(&finding(report.name(), &failure, message))?;
                }
            }
        }
        all.end()
    }
}

fn uri(name: &str) -> Place {
    Place { uri: name.strip_prefix('/').unwrap_or(name).to_owned() }
}

fn finding(name: &str, failure: &Failure<'_, '_>, message: Messages) -> Finding {
    let rule = if let Failure::Rule { name, .. } = failure { *name } else { "" };
    let place = message.place.unwrap_or_default();
    let text = format!("{} {}", message.error.unwrap_or_default(), message.custom.unwrap_or_default());
    let region = Region { start_line: place.line.max(1), start_column: place.column.max(1) };
    Finding {
        rule_id: rule.split('.').next().unwrap_or("").to_uppercase(),
        level: "error",
        message: Text { text },
        locations: [Location { physical_location: Physical { artifact_location: uri(name), region } }],
    }
}

impl<'r, 'e, 'w> Log<'r, 'e, 'w> {
    pub(in crate::cli::guard) fn new(reports: &'r [FileReport<'e, 'w>]) -> Self {
        let mut seen = BTreeSet::new();
        let failed = reports.iter().filter(|report| report.status() == Status::Fail);
        let named = failed.map(FileReport::name).filter(|name| !name.is_empty() && seen.insert(*name));
        let artifacts = named.map(|name| Artifact { location: uri(name) }).collect();
        let home = "https://github.com/aws-cloudformation/cloudformation-guard";
        let about = "AWS CloudFormation Guard is an open-source general-purpose policy-as-code evaluation tool. It provides \
            developers with a simple-to-use, yet powerful and expressive domain-specific language (DSL) to define policies and \
            enables developers to validate JSON- or YAML- formatted structured data with those policies.";
        let driver = Driver {
            name: "cfn-guard",
            semantic_version: "3.2.1",
            full_name: "cfn-guard 3.2.1",
            organization: "Amazon Web Services",
            download_uri: home,
            information_uri: home,
            short_description: Text { text: about.to_owned() },
        };
        Self {
            schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [Run { tool: Tool { driver }, artifacts, results: Findings(reports) }],
        }
    }
}
