//! The reports that group failures by resource: for CloudFormation templates, and for Terraform plans.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::cli::guard::value::Val;

use super::checks::{Code, Printer};
use super::failures::Failure;
use super::paint::Paint;

/// What a document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    CloudFormation,
    Terraform,
}

/// What the report is made of.
pub(super) struct Input<'e, 'w> {
    pub(super) data: (&'e str, &'e str),
    pub(super) rules: &'e str,
    pub(super) root: Val<'w>,
    pub(super) failures: &'e [Failure<'e, 'w>],
}

/// A resource with failures.
struct Resource<'e, 'w> {
    name: String,
    kind: &'w str,
    cdk_path: Option<&'w str>,
    /// Its failures, each with the rule names on the way to it.
    failures: Vec<(String, &'e Failure<'e, 'w>)>,
}

/// Failures by the path of a value that they are about.
type Paths<'e, 'w> = BTreeMap<String, Vec<(String, &'e Failure<'e, 'w>)>>;

fn by_path<'e, 'w>(failure: &'e Failure<'e, 'w>, rules: &str, out: &mut Paths<'e, 'w>) {
    match failure {
        Failure::Rule { name, checks, .. } => {
            let rules = format!("{rules}/{name}");
            for check in checks {
                by_path(check, &rules, out);
            }
        }
        Failure::Any(checks) => {
            for check in checks {
                by_path(check, rules, out);
            }
        }
        Failure::Block { .. } | Failure::Absent { .. } | Failure::Clause { .. } => {
            for value in [failure.from(), failure.to()].into_iter().flatten() {
                out.entry(value.path()).or_default().push((rules.to_owned(), failure));
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
    let mut paths = Paths::new();
    for failure in input.failures {
        by_path(failure, "", &mut paths);
    }
    let first = match kind {
        Kind::CloudFormation => "/Resources",
        Kind::Terraform => "/resource_changes/",
    };
    let mut resources: Vec<Resource<'_, '_>> = Vec::new();
    for (path, failures) in paths.range(first.to_owned()..) {
        let found = match kind {
            Kind::CloudFormation => of_template(input.root, path),
            Kind::Terraform => of_plan(input.root, path),
        };
        let Some(found) = found else { return Ok(false) };
        let at = resources.iter().position(|known| known.name == found.name);
        let at = at.unwrap_or_else(|| {
            resources.push(found);
            resources.len() - 1
        });
        if let Some(resource) = resources.get_mut(at) {
            resource.failures.extend(failures.iter().cloned());
        }
    }
    let (data, text) = input.data;
    writeln!(out, "Evaluating data {data} against rules {}", input.rules)?;
    writeln!(out, "Number of non-compliant resources {}", paint.bold(&resources.len().to_string()))?;
    for resource in &resources {
        let code = (kind == Kind::CloudFormation).then(|| Code::new(text));
        one(out, paint, code.as_ref(), resource, input.failures)?;
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

fn one(
    out: &mut dyn Write,
    paint: Paint,
    code: Option<&Code<'_>>,
    resource: &Resource<'_, '_>,
    failures: &[Failure<'_, '_>],
) -> io::Result<()> {
    writeln!(out, "Resource = {} {{", paint.resource(&resource.name))?;
    writeln!(out, "  {:<10}= {}", "Type", resource.kind)?;
    if let Some(path) = resource.cdk_path.filter(|path| !path.is_empty()) {
        writeln!(out, "  {:<10}= {path}", "CDK-Path")?;
    }
    let own = |failure: &Failure<'_, '_>| {
        resource.failures.iter().any(|(_, known)| std::ptr::addr_eq(*known, failure))
    };
    let printer = Printer { paint, code, shown: &own };
    for failure in failures {
        let Failure::Rule { name, .. } = failure else { continue };
        let prefix = format!("/{name}");
        if resource.failures.iter().any(|(rules, _)| rules.starts_with(&prefix)) {
            printer.write(out, failure, "  ")?;
        }
    }
    writeln!(out, "}}")
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
fn of_template<'e, 'w>(root: Val<'w>, path: &str) -> Option<Resource<'e, 'w>> {
    let rest = path.strip_prefix("/Resources/")?;
    let ends = rest.match_indices('/').map(|(at, _)| at).rev();
    let ends: Vec<usize> = if rest.contains('/') { ends.collect() } else { vec![rest.len()] };
    ends.into_iter().find_map(|end| {
        let name = rest.get(..end)?;
        let resource = at(root, &format!("/Resources/{name}"))?;
        let kind = resource.get("Type")?.string()?;
        let cdk_path = resource.get("Metadata").and_then(|metadata| metadata.get("aws:cdk:path"));
        let cdk_path = cdk_path.and_then(Val::string);
        Some(Resource { name: name.to_owned(), kind, cdk_path, failures: Vec::new() })
    })
}

/// The resource of a plan that a path leads into.
fn of_plan<'e, 'w>(root: Val<'w>, path: &str) -> Option<Resource<'e, 'w>> {
    let rest = path.strip_prefix("/resource_changes/")?;
    let index = rest.split('/').next()?;
    let resource = at(root, &format!("/resource_changes/{index}"))?;
    let address = resource.get("address")?.string()?;
    let (kind, name) = address.split_once('.').unwrap_or(("", address));
    Some(Resource { name: name.to_owned(), kind, cdk_path: None, failures: Vec::new() })
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
