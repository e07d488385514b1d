//! A baseline: the findings of an earlier run, which are accepted as they are.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::check::Finding;
use crate::document::{Code, Diagnostic};

/// The findings of a JSON report.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The files that had a finding, by its fingerprint.
    known: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Report {
    version: u32,
    findings: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    fingerprint: String,
    file: Option<String>,
}

impl Baseline {
    /// Reads a baseline: a report that `rolecall check --format json` wrote.
    pub fn read(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let name = path.to_string_lossy().replace('\\', "/");
        let refuse = |message: String| {
            let made = Diagnostic::new(Code::Configuration, message).in_file(&*name);
            Box::new(made.help("write it with `rolecall check --format json=FILE`"))
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| refuse(format!("the baseline cannot be read: {error}")))?;
        let report: Report = serde_json::from_str(&text)
            .map_err(|error| refuse(format!("the baseline is not a JSON report: {error}")))?;
        if report.version != 1 {
            return Err(refuse(format!("the baseline has version {}, not 1", report.version)));
        }
        let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in report.findings {
            known.entry(one.fingerprint).or_default().push(one.file.unwrap_or_default());
        }
        Ok(Self { known })
    }

    /// Whether the earlier run had this finding in this file.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.known
            .get(&finding.fingerprint.to_string())
            .is_some_and(|files| files.iter().any(|file| file == finding.file()))
    }
}
