//! The reports that group failures by resource: for CloudFormation templates, and for Terraform plans.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use rustc_hash::FxHashMap;

use crate::cli::guard::value::Val;

use super::checks::Printer;
use super::failures::Failure;
use super::outline::{Outline, Owners};
use super::paint::Paint;
use super::source_lines::SourceLines;

/// What a document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    CloudFormation,
    Terraform,
}

/// What the report is made of.
pub(super) struct Input<'e, 'w> {
    pub(super) data: &'e str,
    pub(super) lines: &'e SourceLines<'e>,
    pub(super) rules: &'e str,
    pub(super) root: Val<'w>,
    pub(super) failures: &'e [Failure<'e, 'w>],
}

/// A resource with failures.
struct Resource<'w> {
    name: String,
    kind: &'w str,
    cdk_path: Option<&'w str>,
    /// The rule names on the ways to its failures, each once.
    rules: BTreeSet<u32>,
}

/// Failures by the path of a value that they are about, each with the number of the rule names on the way to it.
struct Paths<'e, 'w> {
    by_path: BTreeMap<String, Vec<(u32, &'e Failure<'e, 'w>)>>,
    /// Rule names behind one another.
    rules: Vec<String>,
}

impl<'e, 'w> Paths<'e, 'w> {
    fn of(failures: &'e [Failure<'e, 'w>]) -> Self {
        let mut out = Self { by_path: BTreeMap::new(), rules: vec![String::new()] };
        for failure in failures {
            out.add(failure, 0);
        }
        out
    }

    fn add(&mut self, failure: &'e Failure<'e, 'w>, rules: u32) {
        match failure {
            Failure::Rule { name, checks, .. } => {
                let before = self.rules.get(rules as usize).map_or("", |rules| rules);
                let all = format!("{before}/{name}");
                let number = u32::try_from(self.rules.len()).unwrap_or(0);
                self.rules.push(all);
                for check in checks {
                    self.add(check, number);
                }
            }
            Failure::Any(checks) => {
                for check in checks {
                    self.add(check, rules);
                }
            }
            Failure::Block { .. } | Failure::Absent { .. } | Failure::Clause { .. } => {
                for value in [failure.from(), failure.to()].into_iter().flatten() {
                    self.by_path.entry(value.path()).or_default().push((rules, failure));
                }
            }
        }
    }
}

/// Writes the report; says whether it could be made. It cannot where a failure belongs to no resource.
pub(super) fn write(
    out: &mut dyn Write,
    paint: Paint,
    kind: Kind,
    input: &Input<'_, '_>,
) -> io::Result<bool> {
    if input.failures.is_empty() {
        return Ok(true);
    }
    let paths = Paths::of(input.failures);
    let first = match kind {
        Kind::CloudFormation => "/Resources",
        Kind::Terraform => "/resource_changes/",
    };
    let mut resources: Vec<Resource<'_>> = Vec::new();
    let mut known: FxHashMap<String, u32> = FxHashMap::default();
    let mut owners = Owners::default();
    for (path, failures) in paths.by_path.range(first.to_owned()..) {
        let found = match kind {
            Kind::CloudFormation => of_template(input.root, path),
            Kind::Terraform => of_plan(input.root, path),
        };
        let Some(found) = found else { return Ok(false) };
        let next = u32::try_from(resources.len()).unwrap_or(u32::MAX);
        let at = *known.entry(found.name.clone()).or_insert(next);
        if at == next {
            resources.push(found);
        }
        if let Some(resource) = resources.get_mut(at as usize) {
            resource.rules.extend(failures.iter().map(|(rules, _)| rules));
        }
        for (_, failure) in failures {
            owners.add(failure, at);
        }
    }
    let outline = Outline::new(input.failures, &owners);
    writeln!(out, "Evaluating data {} against rules {}", input.data, input.rules)?;
    writeln!(out, "Number of non-compliant resources {}", paint.bold(&resources.len().to_string()))?;
    let code = (kind == Kind::CloudFormation).then_some(input.lines);
    for (number, resource) in (0u32..).zip(&resources) {
        head(out, paint, resource)?;
        let printer = Printer { paint, code, shown: &|failure| outline.shown(failure, number) };
        for failure in input.failures {
            let Failure::Rule { name, .. } = failure else { continue };
            let prefix = format!("/{name}");
            let mut rules = resource.rules.iter().filter_map(|&number| paths.rules.get(number as usize));
            if rules.any(|rules| rules.starts_with(&prefix)) {
                printer.write(out, failure, "  ")?;
            }
        }
        writeln!(out, "}}")?;
    }
    if kind == Kind::CloudFormation {
        let mut rest = Vec::new();
        input.failures.iter().for_each(|failure| unattributed(failure, &mut rest));
        if !rest.is_empty() {
            writeln!(out, "Could not be evaluated:")?;
        }
        for (context, message) in rest {
            writeln!(out, "  {context}\n    {message}")?;
        }
    }
    Ok(true)
}

fn head(out: &mut dyn Write, paint: Paint, resource: &Resource<'_>) -> io::Result<()> {
    writeln!(out, "Resource = {} {{", paint.resource(&resource.name))?;
    writeln!(out, "  {:<10}= {}", "Type", resource.kind)?;
    if let Some(path) = resource.cdk_path.filter(|path| !path.is_empty()) {
        writeln!(out, "  {:<10}= {path}", "CDK-Path")?;
    }
    Ok(())
}

/// The value at a path; keys may hold slashes.
fn at<'w>(value: Val<'w>, path: &str) -> Option<Val<'w>> {
    let Some(rest) = path.strip_prefix('/') else { return path.is_empty().then_some(value) };
    if value.is_list() {
        let end = rest.find('/').unwrap_or(rest.len());
        let element = value.element(rest.get(..end)?.parse().ok()?)?;
        return at(element, rest.get(end..)?);
    }
    let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().find_map(|end| at(value.get(rest.get(..end)?)?, rest.get(end..)?))
}

/// The resource of a template that a path leads into: of several that could be meant, the one with the longest name.
fn of_template<'w>(root: Val<'w>, path: &str) -> Option<Resource<'w>> {
    let rest = path.strip_prefix("/Resources/")?;
    let ends = rest.match_indices('/').map(|(at, _)| at).rev();
    let ends: Vec<usize> = if rest.contains('/') { ends.collect() } else { vec![rest.len()] };
    ends.into_iter().find_map(|end| {
        let name = rest.get(..end)?;
        let resource = at(root, &format!("/Resources/{name}"))?;
        let kind = resource.get("Type")?.string()?;
        let cdk_path = resource.get("Metadata").and_then(|metadata| metadata.get("aws:cdk:path"));
        let cdk_path = cdk_path.and_then(Val::string);
        Some(Resource { name: name.to_owned(), kind, cdk_path, rules: BTreeSet::new() })
    })
}

/// The resource of a plan that a path leads into.
fn of_plan<'w>(root: Val<'w>, path: &str) -> Option<Resource<'w>> {
    let rest = path.strip_prefix("/resource_changes/")?;
    let index = rest.split('/').next()?;
    let resource = at(root, &format!("/resource_changes/{index}"))?;
    let address = resource.get("address")?.string()?;
    let (kind, name) = address.split_once('.').unwrap_or(("", address));
    Some(Resource { name: name.to_owned(), kind, cdk_path: None, rules: BTreeSet::new() })
}

/// Failures that are about no value.
fn unattributed(failure: &Failure<'_, '_>, out: &mut Vec<(String, String)>) {
    match failure {
        Failure::Block { context, error } => out.push((context.to_string(), (*error).to_owned())),
        Failure::Rule { name, custom, checks } => {
            if let Some(custom) = custom.filter(|_| checks.is_empty()) {
                out.push((format!("rule {name}"), custom.to_owned()));
            }
            for check in checks {
                unattributed(check, out);
            }
        }
        Failure::Any(checks) => {
            for check in checks {
                unattributed(check, out);
            }
        }
        Failure::Absent { .. } | Failure::Clause { .. } => {}
    }
}
