//! What the steps of a runbook act on, where their inputs say so: ARNs with the names of a place as holes.

use crate::catalog::{Action, Use};
use crate::document::{NodeId, Tree, View};

use super::statement::{ACCOUNT, PARTITION, REGION, open_form};
use super::step::Step;

/// The texts that an input is, where all of them are known before the runbook runs.
pub(super) fn literals(tree: &Tree, node: NodeId) -> Option<Vec<String>> {
    match tree.view(node) {
        View::List(list) => {
            let all: Option<Vec<Vec<String>>> = list.iter().map(|one| literals(tree, one)).collect();
            all.map(|all| all.concat())
        }
        View::String(_) | View::Number(_) | View::Text(_) => {
            let text = tree.display(node);
            (!text.contains("{{") && !text.is_empty()).then(|| vec![text])
        }
        _ => None,
    }
}

/// The known texts of an input of a step.
pub(super) fn of_input(tree: &Tree, step: &Step, name: &str) -> Option<Vec<String>> {
    literals(tree, step.input(tree, name)?).filter(|all| !all.is_empty())
}

/// ARNs of what an input names: those that it gives, and those that are made of its names.
pub(super) fn named(tree: &Tree, step: &Step, input: &str, arn: impl Fn(&str) -> String) -> Vec<String> {
    let all = of_input(tree, step, input).unwrap_or_default();
    all.iter().map(|one| if one.starts_with("arn:") { one.clone() } else { arn(one) }).collect()
}

/// An ARN in the place of the deployment.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The ARN of a document: those of AWS belong to no account.
pub fn document(name: &str) -> String {
    if is_of_aws(name) {
        format!("arn:{PARTITION}:ssm:{REGION}::document/{name}")
    } else {
        arn("ssm", &format!("document/{name}"))
    }
}

/// The ARN of an automation by its document, in all versions.
pub fn automation(name: &str) -> String {
    if is_of_aws(name) {
        format!("arn:{PARTITION}:ssm:{REGION}::automation-definition/{name}:*")
    } else {
        arn("ssm", &format!("automation-definition/{name}:*"))
    }
}

fn is_of_aws(name: &str) -> bool {
    name.starts_with("AWS") || name.starts_with("Amazon")
}

/// The nodes that ids name.
pub(super) fn nodes(ids: &[String]) -> Vec<String> {
    let one = |id: &String| {
        if id.starts_with("mi-") {
            arn("ssm", &format!("managed-instance/{id}"))
        } else {
            arn("ec2", &format!("instance/{id}"))
        }
    };
    ids.iter().map(one).collect()
}

/// What an API call acts on: the kinds of resource of its action, with the names that its inputs give. None where no
/// input says.
pub(super) fn of_call(action: Action<'_>, inputs: &[(&str, Vec<String>)]) -> Vec<String> {
    let service = action.service().prefix();
    let mut found: Vec<String> = Vec::new();
    let mut left: Vec<String> = Vec::new();
    for used in action.uses() {
        let Some(ty) = Use::ty(used) else { continue };
        let own = filled(service, ty.arn(), inputs);
        if own.is_empty() && used.required() {
            left.push(open_form(ty.arn()));
        }
        found.extend(own);
    }
    if found.is_empty() {
        return Vec::new();
    }
    found.extend(left);
    found.sort();
    found.dedup();
    found
}

/// The ARNs of a form, with what inputs say in its holes.
fn filled(service: &str, form: &str, inputs: &[(&str, Vec<String>)]) -> Vec<String> {
    // An input that is an ARN of this form says all of it.
    let head = form.splitn(6, ':').collect::<Vec<_>>();
    let kind = head.get(5).and_then(|resource| resource.split("${").next()).unwrap_or("");
    let of_service = head.get(2).copied().unwrap_or("");
    let is_of_form = |text: &&String| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        text.starts_with("arn:")
            && parts.get(2) == Some(&of_service)
            && parts.get(5).is_some_and(|resource| resource.starts_with(kind))
            && (!kind.is_empty() || parts.get(5).is_some_and(|resource| !resource.contains(['/', ':'])))
    };
    let given: Vec<String> = inputs.iter().flat_map(|(_, all)| all).filter(is_of_form).cloned().collect();
    if !given.is_empty() {
        return given;
    }
    let mut out = vec![String::new()];
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        rest = tail;
        let place = match name {
            "Partition" => Some(PARTITION),
            "Region" => Some(REGION),
            "Account" => Some(ACCOUNT),
            _ => None,
        };
        let values: Vec<String> = match place {
            Some(place) => vec![place.to_owned()],
            None => match inputs.iter().find(|(input, _)| means(service, name, input)) {
                Some((_, all)) => all.iter().flat_map(|value| spelt(name, value)).collect(),
                None => return Vec::new(),
            },
        };
        out = out
            .iter()
            .flat_map(|start| values.iter().map(move |value| format!("{start}{before}{value}")))
            .collect();
    }
    out.iter().map(|start| format!("{start}{rest}")).collect()
}

/// Whether an input of a call is what a hole of an ARN stands for.
fn means(service: &str, hole: &str, input: &str) -> bool {
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let plural = |text: &str| format!("{text}s");
    if same(hole, input) || same(&plural(hole), input) {
        return true;
    }
    match (service, hole) {
        ("s3", "BucketName") => same(input, "Bucket"),
        ("s3", "ObjectName") => same(input, "Key"),
        ("ssm", "ParameterNameWithoutLeadingSlash" | "DocumentName") => {
            same(input, "Name") || same(input, "Names")
        }
        ("iam", _) => hole.strip_suffix("WithPath").is_some_and(|hole| same(hole, input)),
        // `TopicName` by `Name`, where the call is about nothing else.
        _ => hole.strip_suffix("Name").is_some_and(|hole| same(hole, input)),
    }
}

/// A value as ARNs have it.
fn spelt(hole: &str, value: &str) -> Vec<String> {
    match hole {
        "ParameterNameWithoutLeadingSlash" => vec![value.trim_start_matches('/').to_owned()],
        // The path of a name that is alone is not known.
        _ if hole.ends_with("WithPath") => vec![value.to_owned(), format!("*/{value}")],
        _ => vec![value.to_owned()],
    }
}
