//! The configuration file, `rolecall.yaml`.
//!
//! What stands in the file is read into a [`Config`] in one step: unknown keys and values of the wrong kind are refused at
//! their place. A flag on the command line wins over the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::document::yaml::Schema;
use crate::document::{Code, Diagnostic, Limits, Location, Source, Tree, parse};

use super::run::{Gate, Unknowns};
use super::waive::Suppression;
use super::{Severity, pattern};
use crate::model::Date;

/// The name of the file that is looked for.
pub const FILE_NAME: &str = "rolecall.yaml";

/// What the configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Rule files and folders, relative to the file's folder made absolute to it.
    pub rules: Vec<PathBuf>,
    /// Whether the built-in packs are used.
    pub builtin: Option<bool>,
    /// The built-in packs to use; all if empty.
    pub packs: Vec<String>,
    /// Patterns of ids of rules that are not asked.
    pub disable: Vec<String>,
    /// Severities by pattern of rule ids; the first pattern that fits wins.
    pub severity: Vec<(String, Severity)>,
    /// The threshold of exit code 1.
    pub fail_on: Option<Severity>,
    /// What to make of open questions.
    pub unknown: Option<Unknowns>,
    /// Which findings count.
    pub gate: Option<Gate>,
    /// Values for template parameters.
    pub parameters: BTreeMap<String, String>,
    /// The Region of the deployment.
    pub region: Option<String>,
    /// The account of the deployment.
    pub account: Option<String>,
    /// The partition of the deployment.
    pub partition: Option<String>,
    /// Globs of files, relative to the file's folder, that are not read in folders.
    pub exclude: Vec<String>,
    /// Waivers.
    pub suppress: Vec<Suppression>,
}

impl Config {
    /// The severity that the configuration gives a rule.
    pub fn severity_of(&self, rule: &str) -> Option<Severity> {
        self.severity.iter().find(|(wanted, _)| pattern::matches(wanted, rule)).map(|(_, severity)| *severity)
    }

    /// Whether a rule is switched off.
    pub fn is_disabled(&self, rule: &str) -> bool {
        self.disable.iter().any(|wanted| pattern::matches(wanted, rule))
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    rules: Vec<PathBuf>,
    builtin: Option<bool>,
    packs: Vec<String>,
    disable: Vec<String>,
    severity: serde_yaml::Mapping,
    fail_on: Option<Severity>,
    unknown: Option<Unknowns>,
    gate: Option<Gate>,
    parameters: BTreeMap<String, Text>,
    region: Option<String>,
    account: Option<Text>,
    partition: Option<String>,
    exclude: Vec<String>,
    suppress: Vec<RawSuppression>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuppression {
    rule: String,
    entity: Option<String>,
    file: Option<String>,
    reason: String,
    expires: Option<String>,
}

/// A text that may be written as a number or truth value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Words(String),
    Number(u64),
    Bool(bool),
}

impl Text {
    fn into_string(self) -> String {
        match self {
            Self::Words(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
        }
    }
}

/// The configuration file that applies in a folder: the nearest one upwards, as a path from there.
pub fn find(folder: &Path) -> Option<PathBuf> {
    let upwards = folder.ancestors().enumerate();
    let found = upwards.map(|(up, above)| (up, above.join(FILE_NAME))).find(|(_, path)| path.is_file());
    found.map(|(up, _)| std::iter::repeat_n("..", up).collect::<PathBuf>().join(FILE_NAME))
}

/// Reads a configuration file.
pub fn read(path: &Path) -> Result<Config, Box<Diagnostic>> {
    let name = path.to_string_lossy().replace('\\', "/");
    let bytes = std::fs::read(path).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        Box::new(Diagnostic::new(Code::Configuration, message).in_file(&*name))
    })?;
    let source = Source::decode(&*name, bytes)
        .map_err(|error| Box::new(Diagnostic::new(Code::Configuration, error.to_string()).in_file(&*name)))?;
    from_source(&source, path.parent().unwrap_or(Path::new("")))
}

fn from_source(source: &Arc<Source>, folder: &Path) -> Result<Config, Box<Diagnostic>> {
    if source.text().trim().is_empty() {
        return Ok(Config::default());
    }
    let raw: Raw = serde_yaml::from_str(source.text()).map_err(|error| Box::new(refused(source, &error)))?;
    let mut severity = Vec::with_capacity(raw.severity.len());
    for (rule, value) in raw.severity {
        let rule = rule.as_str().unwrap_or("").to_owned();
        let given = value.as_str().and_then(Severity::from_name);
        let Some(given) = given else {
            let message = format!("the severity of `{rule}` is not a severity");
            let made = Diagnostic::new(Code::Configuration, message);
            let made = made.help("use one of `info`, `low`, `medium`, `high`, `critical`");
            return Err(Box::new(place(made, source, &["severity", &rule])));
        };
        severity.push((rule, given));
    }
    let suppress = suppressions(raw.suppress, source)?;
    Ok(Config {
        rules: raw.rules.into_iter().map(|path| folder.join(path)).collect(),
        builtin: raw.builtin,
        packs: raw.packs,
        disable: raw.disable,
        severity,
        fail_on: raw.fail_on,
        unknown: raw.unknown,
        gate: raw.gate,
        parameters: raw.parameters.into_iter().map(|(key, value)| (key, value.into_string())).collect(),
        region: raw.region,
        account: raw.account.map(Text::into_string),
        partition: raw.partition,
        exclude: raw.exclude,
        suppress,
    })
}

fn suppressions(raw: Vec<RawSuppression>, source: &Arc<Source>) -> Result<Vec<Suppression>, Box<Diagnostic>> {
    let mut out = Vec::with_capacity(raw.len());
    for (index, one) in raw.into_iter().enumerate() {
        let index = index.to_string();
        let refuse = |what: &str, message: &str, help: &str| {
            let made = Diagnostic::new(Code::Configuration, message).help(help);
            Box::new(place(made, source, &["suppress", &index, what]))
        };
        if one.reason.trim().is_empty() {
            return Err(refuse("reason", "a suppression needs a reason", "say why the finding is accepted"));
        }
        let expires = match one.expires.as_deref() {
            None => None,
            Some(text) => Some(Date::parse(text).ok_or_else(|| {
                refuse("expires", "this is not a day", "write it as `YYYY-MM-DD`, such as `2030-01-31`")
            })?),
        };
        let here = locate(source, &["suppress", &index]);
        out.push(Suppression { rule: one.rule, entity: one.entity, file: one.file, expires, place: here });
    }
    Ok(out)
}

fn refused(source: &Arc<Source>, error: &serde_yaml::Error) -> Diagnostic {
    let text = error.to_string();
    // The reader appends the place, which the diagnostic shows itself.
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before).to_owned();
    let mut made = Diagnostic::new(Code::Configuration, message).in_file(source.name());
    if let Some(at) = error.location() {
        made =
            made.at(Location::at(Arc::clone(source), at.index().min(source.text().len().saturating_sub(1))));
    }
    made.help("`docs/configuration.schema.json` says what the file may hold")
}

fn place(made: Diagnostic, source: &Arc<Source>, path: &[&str]) -> Diagnostic {
    match locate(source, path) {
        Some(location) => made.at(location),
        None => made.in_file(source.name()),
    }
}

/// The place of the value at the end of a path of keys and positions.
fn locate(source: &Arc<Source>, path: &[&str]) -> Option<Location> {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(source));
    let parsed = parse(&mut tree, file, source.text(), Schema::Core, Limits::default()).ok()?;
    let root = *parsed.roots.first()?;
    let node = path.iter().try_fold(root, |at, step| match tree.list(at) {
        Some(list) => list.get(step.parse().ok()?),
        None => tree.get(at, step),
    })?;
    Some(Location::new(Arc::clone(source), tree.place(node)?.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Box<Diagnostic>> {
        from_source(&Source::from_text("rolecall.yaml", text), Path::new("base"))
    }

    #[test]
    fn everything_is_read() {
        let config = read(
            "rules: [own]\npacks: [ssm]\ndisable: ['IAM-*']\nseverity: {SSM-DOC-03: high}\nfail_on: low\n\
             unknown: fail\nparameters: {Count: 3, On: true}\naccount: 111122223333\nexclude: ['**/vendor/**']\n\
             suppress:\n  - {rule: SSM-*, entity: Node*, reason: known, expires: 2030-01-31}\n",
        )
        .unwrap();
        assert_eq!(config.rules, [PathBuf::from("base/own")]);
        assert_eq!(config.severity_of("SSM-DOC-03"), Some(Severity::High));
        assert!(config.is_disabled("IAM-PRM-01") && !config.is_disabled("SSM-DOC-03"));
        assert_eq!(config.parameters["Count"], "3");
        assert_eq!(config.account.as_deref(), Some("111122223333"));
        assert_eq!(config.suppress[0].expires, Date::parse("2030-01-31"));
        assert!(read("\n").is_ok());
    }

    #[test]
    fn what_is_wrong_is_refused_at_its_place() {
        for (text, line, message) in [
            ("packs: []\nfail_onn: low\n", 2, "unknown field `fail_onn`"),
            ("severity:\n  X: grave\n", 2, "the severity of `X` is not a severity"),
            ("suppress:\n  - rule: X\n    reason: ' '\n", 3, "a suppression needs a reason"),
            ("suppress:\n  - rule: X\n    reason: y\n    expires: soon\n", 4, "this is not a day"),
            ("suppress:\n  - rule: X\n", 2, "missing field `reason`"),
        ] {
            let refused = read(text).unwrap_err();
            let place = refused.place.as_ref().unwrap();
            let position = place.source.lines().position(text, place.start);
            assert!(refused.message.contains(message), "{}", refused.message);
            assert_eq!(position.line, line, "{text}");
        }
    }
}
