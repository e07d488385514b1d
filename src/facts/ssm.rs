//! Facts about what Systems Manager uses: buckets of AWS, secrets in values, and parameters that fit no document.

use crate::catalog;
use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::iam::actions;
use crate::iam::glob::matches_bytes;
use crate::model::{Entity, EntityId, Kind, Relation, Target};
use crate::ssm::problems::why_refused;
use crate::ssm::secrets::{is_literal, is_marked, says_secret};
use crate::ssm::signatures;
use crate::ssm::solver::Solver;
use crate::ssm::{Document, buckets};

use super::build::Maker;
use super::record::Record;

/// Forms of resources that match nothing, or more than is meant, whatever their holes are; each with what it is.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "document_account",
        ":ssm:",
        "^arn:[^:]*:ssm:[^:]*:[^:*]+:(document|automation-definition)/(AWS|Amazon)[A-Za-z0-9]*-",
    ),
    (
        "parameter",
        ":parameter",
        "^arn:[^:]*:ssm:[^:]*:[^:]*:(parameter//.|parameter[A-Za-z0-9_.-]|parameters/.)",
    ),
    (
        "bucket_region",
        ":s3:::",
        "^arn:[^:]*:s3:::((aws-ssm|amazon-ssm|amazon-ssm-packages|aws-windows-downloads|aws-ssm-document-attachments\
         |aws-ssm-distributor-file|patch-baseline-snapshot|aws-patch-manager|aws-patchmanager-macos)-([a-z]{2,4}-)?[*?]\
         |[*?][a-z0-9-]*birdwatcher-prod)",
    ),
];

/// Adds what is surely wrong with the resources of a statement: names of AWS's buckets, slips in ARNs.
pub(super) fn resource_problems(maker: &mut Maker<'_>, record: &mut Record, resources: Option<NodeId>) {
    let mut found: Vec<(NodeId, &'static str, String)> = Vec::new();
    for node in resources.map(|node| scalars(&maker.tree, node)).unwrap_or_default() {
        let tree = &maker.tree;
        let shown = tree.display(node);
        let bucket = shown.split(":s3:::").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("");
        found.extend(buckets::problem(bucket).map(|message| (node, "bucket_name", message)));
        for (kind, _, form) in SLIPS.iter().filter(|(_, part, _)| shown.contains(part)) {
            if tree.text_matches(node, form) == Tri::Yes {
                found.push((node, kind, String::new()));
            }
        }
    }
    let mut list = Vec::with_capacity(found.len());
    for (node, kind, message) in found {
        let mut inner = Record::new(node);
        inner.put(&mut maker.tree, "value", Some(node));
        inner.text(&mut maker.tree, "problem", kind);
        inner.text(&mut maker.tree, "message", &message);
        list.push(inner.finish(&mut maker.tree));
    }
    if !list.is_empty() {
        record.list(&mut maker.tree, "resource_problems", &list);
    }
}

/// The single values of a value.
fn scalars(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Choice(all) => stack.extend(all.iter().rev().filter_map(|one| one.value)),
            View::String(_) | View::Text(_) => out.push(node),
            _ => {}
        }
    }
    out
}

/// The known texts below a node.
fn texts(tree: &Tree, node: NodeId) -> Vec<(NodeId, String)> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().rev().filter_map(|one| one.value)),
            View::String(text) => out.push((node, text.to_owned())),
            _ => {}
        }
    }
    out
}

/// Adds what is special to entities of a kind.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    match entity.kind {
        Kind::VpcEndpoint => blocked_buckets(maker, record, entity),
        Kind::Parameter => parameter(maker, record, entity),
        Kind::Association | Kind::WindowTask | Kind::Trigger | Kind::Remediation => {
            arguments(maker, record, id, entity);
        }
        Kind::LogGroup | Kind::Bucket => {
            let used = is_destination(maker, entity);
            record.bool(&mut maker.tree, "for_systems_manager", used);
        }
        _ => {}
    }
}

/// The buckets of AWS that the policy of an S3 endpoint keeps away.
fn blocked_buckets(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let tree = &maker.tree;
    let service = entity.get("service_name").and_then(|node| tree.string(node)).unwrap_or("");
    let region = service.rsplit('.').nth(1).unwrap_or("");
    let (Some(document), Some(needed)) = (entity.get("document"), buckets::required(region)) else { return };
    let Some(statements) = tree.get(document, "Statement") else { return };
    let list: Vec<NodeId> =
        tree.list(statements).map_or_else(|| vec![statements], |list| list.iter().collect());
    let opens = |statement: NodeId, bucket: &str| {
        let allow = tree.get(statement, "Effect").and_then(|node| tree.string(node)) == Some("Allow");
        let actions = tree.get(statement, "Action").map(|node| texts(tree, node)).unwrap_or_default();
        let action = actions.iter().any(|(_, text)| actions::matches(text, "s3:GetObject"));
        let object = format!("arn:aws:s3:::{bucket}/x");
        let resources = tree.get(statement, "Resource");
        let known = resources.map(|node| texts(tree, node)).unwrap_or_default();
        let resource = known.iter().any(|(_, text)| matches_bytes(text.as_bytes(), object.as_bytes()));
        // What is not known may open it.
        let open = resources.is_none_or(|node| known.len() < count(tree, node))
            || tree.get(statement, "NotAction").is_some();
        allow && (open || action && resource)
    };
    let blocked: Vec<String> =
        needed.into_iter().filter(|bucket| !list.iter().any(|statement| opens(*statement, bucket))).collect();
    let nodes: Vec<NodeId> =
        blocked.iter().map(|bucket| maker.tree.derive_string(document, bucket)).collect();
    record.list(&mut maker.tree, "blocked_buckets", &nodes);
}

/// How many values a value is.
fn count(tree: &Tree, node: NodeId) -> usize {
    tree.list(node).map_or(1, crate::document::List::len)
}

fn parameter(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let Some(value) = entity.get("value") else { return };
    let tree = &maker.tree;
    let name = entity.get("name").and_then(|node| tree.string(node)).unwrap_or("");
    let looks = tree.string(value).is_some_and(|text| {
        is_marked(text) || says_secret(name) && !name.starts_with("/aws/") && is_literal(text)
    });
    let secret = is_hidden_parameter(tree, value);
    record.bool(&mut maker.tree, "looks_secret", looks);
    record.bool(&mut maker.tree, "secret", secret);
}

/// Whether a value is a template parameter that the template itself marks as hidden (`NoEcho`).
fn is_hidden_parameter(tree: &Tree, value: NodeId) -> bool {
    let Some(written) = tree.written(value) else { return false };
    let short = (tree.tag(written) == Some("Ref")).then(|| tree.scalar(written)).flatten();
    let long = tree.get(written, "Ref").and_then(|node| tree.string(node));
    let Some(name) = short.or(long) else { return false };
    let hidden = |root: NodeId| {
        tree.at(root, &["Parameters", name, "NoEcho"]).and_then(|node| tree.scalar(node)) == Some("true")
    };
    tree.ancestors(written).first().is_some_and(|root| hidden(*root))
}

/// A value that a document refuses, why, and the name that is probably meant.
type Misfit = (NodeId, String, Option<String>);

/// What is wrong with the values that something gives to a document.
fn arguments(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    let Some(parameters) = entity.get("parameters") else { return };
    let tree = &maker.tree;
    let Some(map) = tree.map(parameters) else { return };
    let given: Vec<(NodeId, String, NodeId)> =
        map.iter().map(|(key, name, value)| (key, name.to_owned(), value)).collect();
    let secret = |name: &str, text: &str| is_marked(text) || says_secret(name) && is_literal(text);
    let secrets: Vec<NodeId> = given
        .iter()
        .flat_map(|(_, name, value)| {
            texts(tree, *value).into_iter().map(move |(node, text)| (node, name, text))
        })
        .filter(|(_, name, text)| secret(name, text))
        .map(|(node, ..)| node)
        .collect();
    let problems = problems(maker, id, entity, parameters, &given);
    record.list(&mut maker.tree, "secret_parameters", &secrets);
    let mut list = Vec::with_capacity(problems.len());
    for (node, message, suggestion) in problems {
        let mut inner = Record::new(node);
        inner.text(&mut maker.tree, "message", &message);
        if let Some(suggestion) = suggestion {
            inner.text(&mut maker.tree, "suggestion", &suggestion);
        }
        list.push(inner.finish(&mut maker.tree));
    }
    record.list(&mut maker.tree, "parameter_problems", &list);
}

fn problems(
    maker: &Maker<'_>,
    id: EntityId,
    entity: &Entity,
    at: NodeId,
    given: &[(NodeId, String, NodeId)],
) -> Vec<Misfit> {
    let tree = &maker.tree;
    let run = maker.inventory.links_from(id, Relation::Runs).find_map(|link| match link.to {
        Target::Entity(document, _) => maker.analyses().get(&document)?.first(),
        _ => None,
    });
    let targeted = entity.get("automation_target_parameter").and_then(|node| tree.string(node));
    if let Some(analysis) = run {
        return of_document(tree, &analysis.document, at, given, targeted);
    }
    let name = entity.get("document_name").or_else(|| entity.get("task"));
    let name = name.and_then(|node| tree.string(node)).unwrap_or("");
    let bare = name.rsplit('/').next().unwrap_or(name);
    let Some(signature) = signatures::of_aws_document(bare) else { return Vec::new() };
    let mut out = Vec::new();
    for (key, own, _) in given {
        if !signature.iter().any(|(known, _)| known == own) {
            let near = catalog::nearest(own, signature.iter().map(|(known, _)| *known));
            out.push((*key, format!("`{bare}` has no parameter `{own}`"), near.map(str::to_owned)));
        }
    }
    for (known, required) in signature {
        if *required && targeted != Some(*known) && !given.iter().any(|(_, own, _)| own == known) {
            out.push((at, format!("`{bare}` needs the parameter `{known}`"), None));
        }
    }
    out
}

fn of_document(
    tree: &Tree,
    document: &Document,
    at: NodeId,
    given: &[(NodeId, String, NodeId)],
    targeted: Option<&str>,
) -> Vec<Misfit> {
    let mut out = Vec::new();
    for (key, name, value) in given {
        let Some(parameter) = document.parameter(name) else {
            let near = catalog::nearest(name, document.parameters.iter().map(|one| &*one.name));
            out.push((*key, format!("the document has no parameter `{name}`"), near.map(str::to_owned)));
            continue;
        };
        for (node, text) in texts(tree, *value) {
            if text.contains("{{") || text == "RESOURCE_ID" {
                continue;
            }
            if let Some(problem) = why_refused(parameter, &text, Solver::shared()) {
                out.push((node, format!("the value of `{name}` {problem}"), None));
            }
        }
    }
    for parameter in &document.parameters {
        if parameter.default.is_none()
            && targeted != Some(&*parameter.name)
            && !given.iter().any(|(_, name, _)| **name == *parameter.name)
        {
            out.push((at, format!("the document needs the parameter `{}`", parameter.name), None));
        }
    }
    out
}

/// Whether sessions, commands or inventory are written to a bucket or log group: something names it, or its name says so.
fn is_destination(maker: &Maker<'_>, entity: &Entity) -> bool {
    let tree = &maker.tree;
    let name = entity.get("name").and_then(|node| tree.string(node)).unwrap_or("");
    let words: Vec<&str> = name.split(['-', '_', '/', '.']).collect();
    if words.contains(&"ssm") || name.contains("session-manager") || name.contains("sessionmanager") {
        return true;
    }
    let Some(resource) = maker.inventory.resource(entity.resource) else { return false };
    let names_it = |node: NodeId| match tree.view(node) {
        View::String(text) => !text.is_empty() && text == name,
        View::Text([Piece::Hole(hole)]) => {
            matches!(hole.kind, HoleKind::Name { resource: to } | HoleKind::Attribute { resource: to, .. } if to == resource.node)
        }
        _ => false,
    };
    let users = [Kind::Association, Kind::WindowTask, Kind::DataSync].into_iter();
    let fields =
        users.flat_map(|kind| maker.inventory.of_kind(kind)).filter_map(|id| maker.inventory.entity(*id));
    let outputs = fields.flat_map(|user| {
        ["output_bucket", "log_group", "bucket"].into_iter().filter_map(|name| user.get(name))
    });
    let sessions = maker.analyses().values().flatten().flat_map(|analysis| {
        let inputs = tree.get(analysis.document.root, "inputs");
        let names = ["s3BucketName", "cloudWatchLogGroupName"];
        names.into_iter().filter_map(move |name| tree.get(inputs?, name))
    });
    let mut all = outputs.chain(sessions);
    all.any(names_it)
}
