//! The rules of a run: built-in packs and files of the user, compiled together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::{Code, Diagnostic, Source};
use crate::rules::{self, Program};

use super::config::Config;
use super::pipeline::Request;
use super::{RuleInfo, Severity, packs};

/// Whether a rule has a defect that makes asking it pointless.
pub(super) fn is_broken(rule: &rules::Rule, diagnostics: &[Diagnostic]) -> bool {
    let here = rule.extent();
    let inside = |one: &Diagnostic| {
        one.code == Code::RuleName
            && one.place.as_ref().is_some_and(|place| {
                Arc::ptr_eq(&place.source, &here.source) && here.start <= place.start && place.end <= here.end
            })
    };
    diagnostics.iter().any(inside)
}

/// Compiles the rules of a run. A file that cannot be used is reported, and the others are used.
pub fn load(request: &Request) -> (Program, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut files = Vec::new();
    if request.builtin {
        for unknown in request.packs.iter().filter(|pack| !packs::names().contains(&pack.as_str())) {
            let message = format!("there is no built-in pack `{unknown}`");
            let help = format!("the packs are `{}`", packs::names().join("`, `"));
            diagnostics.push(Diagnostic::new(Code::Flag, message).help(help));
        }
        files = packs::files(&request.packs);
    }
    let mut sources = Vec::new();
    for path in &request.rules {
        read(path, &mut sources, &mut diagnostics);
    }
    let (program, found) = Program::load_with(files, &sources, &import);
    diagnostics.extend(found);
    let wrong = diagnostics.iter().any(|one| one.level == crate::document::Level::Error);
    if program.rules().is_empty() && !wrong {
        let message = "there are no rules to check with";
        let help = match sources.len() {
            0 => "name rule files or folders with `--rules`",
            1 => "the rule file has no rules and no clauses",
            _ => "none of the rule files has rules or clauses",
        };
        diagnostics.push(Diagnostic::new(Code::NoRules, message).help(help));
    }
    (program, diagnostics)
}

/// The rule files that a path leads to.
fn read(path: &Path, sources: &mut Vec<Arc<Source>>, diagnostics: &mut Vec<Diagnostic>) {
    let files = if path.is_dir() { in_folder(path, diagnostics) } else { vec![path.to_owned()] };
    if files.is_empty() {
        let message = "no rule file in the folder";
        let made = Diagnostic::new(Code::NoRules, message).in_file(super::discover::shown(path));
        diagnostics.push(made.help("rule files end in `.guard` or `.ruleset`"));
    }
    for file in files {
        let name = super::discover::shown(&file);
        match std::fs::read(&file) {
            Ok(bytes) => match Source::decode(name.clone(), bytes) {
                Ok(source) => sources.push(source),
                Err(error) => {
                    diagnostics.push(Diagnostic::new(Code::RuleSyntax, error.to_string()).in_file(name));
                }
            },
            Err(error) => {
                let message = format!("the rule file cannot be read: {}", super::load::reason(&error));
                diagnostics.push(Diagnostic::new(Code::NoRules, message).in_file(name));
            }
        }
    }
}

/// Reads a rule file that another one imports.
pub(super) fn import(path: &str) -> Result<Arc<Source>, String> {
    rules::limits::file(Path::new(path))?;
    let bytes = std::fs::read(path).map_err(|error| super::load::reason(&error))?;
    Source::decode(path, bytes).map_err(|error| error.to_string())
}

fn in_folder(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut builder = ignore::WalkBuilder::new(folder);
    for entry in builder.sort_by_file_name(std::ffi::OsStr::cmp).require_git(false).build() {
        match entry {
            Ok(entry) => {
                let ending = entry.path().extension().and_then(|ending| ending.to_str());
                if matches!(ending, Some("guard" | "ruleset")) {
                    out.push(entry.into_path());
                }
            }
            Err(error) => {
                let message = format!("a rule folder cannot be read: {error}");
                diagnostics.push(Diagnostic::new(Code::NoRules, message));
            }
        }
    }
    out
}

/// What renderers need to know of the rules that a run asks.
pub fn info(program: &Program, config: &Config) -> Vec<RuleInfo> {
    let asked = program.rules().iter().filter(|rule| !config.is_disabled(rule.id()));
    asked
        .map(|rule| {
            let given = rule.metadata().severity;
            RuleInfo {
                id: rule.id().into(),
                name: rule.name().into(),
                title: rule.metadata().title.clone().unwrap_or_default(),
                description: rule.metadata().description.clone().unwrap_or_default(),
                severity: config.severity_of(rule.id()).or(given).unwrap_or(Severity::Medium),
                remediation: rule.metadata().remediation.clone().unwrap_or_default(),
                maps: rule.metadata().maps.clone(),
            }
        })
        .collect()
}
