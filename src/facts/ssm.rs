//! Facts about what Systems Manager uses: buckets of AWS, secrets in values, and parameters that fit no document.

use crate::catalog;
use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::iam::actions;
use crate::iam::glob::matches_bytes;
use crate::model::{Entity, EntityId, Kind};
use crate::ssm::buckets;
use crate::ssm::secrets::{has_password, is_literal, is_marked, says_secret};

use super::arguments;
use super::around;
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
        "bucket_suffix",
        ":s3:::",
        "^arn:[^:]*:s3:::(patch-baseline-snapshot|aws-patch-manager|aws-patchmanager-macos)-[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}-?[*?]",
    ),
    (
        "bucket_region",
        ":s3:::",
        "^arn:[^:]*:s3:::((aws-ssm|amazon-ssm|amazon-ssm-packages|aws-windows-downloads|aws-ssm-document-attachments\
         |aws-ssm-distributor-file|patch-baseline-snapshot|aws-patch-manager|aws-patchmanager-macos)(-[a-z]*)*[*?]\
         |[*?][a-z0-9-]*birdwatcher-prod|[a-z-]+[*?][a-z0-9*?-]*birdwatcher-prod)",
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
        found.extend(of_bucket(&shown, bucket).into_iter().map(|(kind, message)| (node, kind, message)));
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
        if let Some(suggestion) = suggestion(kind, &maker.tree.display(node)) {
            inner.text(&mut maker.tree, "suggestion", &suggestion);
        }
        list.push(inner.finish(&mut maker.tree));
    }
    if !list.is_empty() {
        record.list(&mut maker.tree, "resource_problems", &list);
    }
}

/// What else there is to say of a bucket of AWS in an ARN.
fn of_bucket(arn: &str, bucket: &str) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    out.extend(buckets::retired(bucket).map(|why| ("bucket_retired", why.to_owned())));
    let Some((region, _)) = buckets::region_of(bucket) else { return out };
    let partition = catalog::region_partition(region);
    let written = arn.split(':').nth(1).unwrap_or("");
    if catalog::is_partition(written) && written != partition {
        out.push(("bucket_partition", format!("{region} is in the partition `{partition}`")));
    }
    out
}

/// What should stand there instead of a resource, where that is known.
fn suggestion(kind: &str, arn: &str) -> Option<String> {
    let mut fields: Vec<&str> = arn.splitn(6, ':').collect();
    let resource = *fields.get(5)?;
    let (name, below) = resource.split_once('/').unwrap_or((resource, ""));
    let slash = if resource.contains('/') { "/" } else { "" };
    let made = match kind {
        "bucket_name" => format!("{}{slash}{below}", buckets::meant(name)?),
        // What the wildcard covers are the objects.
        "bucket_suffix" if below.is_empty() => format!("{}/*", buckets::meant(name)?),
        "bucket_suffix" => format!("{}/{below}", buckets::meant(name)?),
        "bucket_region" => {
            let head = name.strip_suffix("-*")?;
            let plain = ["aws-ssm", "amazon-ssm", "aws-windows-downloads"].contains(&head);
            if !plain {
                return None;
            }
            let below = if below.is_empty() { "*" } else { below };
            format!("{head}-${{AWS::Region}}/{below}")
        }
        "bucket_partition" => {
            *fields.get_mut(1)? = catalog::region_partition(buckets::region_of(name)?.0);
            resource.to_owned()
        }
        "document_account" => {
            *fields.get_mut(4)? = "";
            resource.to_owned()
        }
        "parameter" => {
            let rest = resource.strip_prefix("parameters").or_else(|| resource.strip_prefix("parameter"))?;
            format!("parameter/{}", rest.trim_start_matches('/'))
        }
        _ => return None,
    };
    *fields.get_mut(5)? = &made;
    Some(fields.join(":"))
}

/// The single values of a value.
pub(super) fn scalars(tree: &Tree, node: NodeId) -> Vec<NodeId> {
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

/// The texts below a node, known or with holes.
fn all_texts(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().rev().filter_map(|one| one.value)),
            View::String(_) | View::Text(_) => out.push(node),
            _ => {}
        }
    }
    out
}

/// The known texts below a node.
pub(super) fn texts(tree: &Tree, node: NodeId) -> Vec<(NodeId, String)> {
    let known = |node: NodeId| Some((node, tree.string(node)?.to_owned()));
    all_texts(tree, node).into_iter().filter_map(known).collect()
}

/// The texts below a node of which a part is not known, with a reference for that.
pub(super) fn texts_with_holes(tree: &Tree, node: NodeId) -> Vec<(NodeId, String)> {
    let shown = |piece: &Piece| match piece {
        Piece::Literal(text) => text.to_string(),
        Piece::Hole(_) => "${}".to_owned(),
    };
    let open = |node: NodeId| match tree.view(node) {
        View::Text(pieces) => Some((node, pieces.iter().map(shown).collect())),
        _ => None,
    };
    all_texts(tree, node).into_iter().filter_map(open).collect()
}

/// Adds what is special to entities of a kind.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    match entity.kind {
        Kind::VpcEndpoint => blocked_buckets(maker, record, entity),
        Kind::Parameter => {
            likely_name(maker, record, entity);
            parameter(maker, record, entity);
        }
        Kind::Association | Kind::WindowTask | Kind::Trigger | Kind::Remediation => {
            arguments::add(maker, record, id, entity);
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
    let service = entity.get("service_name").map(|node| tree.display(node)).unwrap_or_default();
    let service = if service.contains("${AWS::Region}") { ".s3" } else { &service };
    let region = service.rsplit('.').nth(1).unwrap_or("");
    // What holds in one Region holds in the Region of the deployment, where the policy names that one too.
    let (region, here) = if region.is_empty() { ("eu-west-1", true) } else { (region, false) };
    let (Some(document), Some(needed)) = (entity.get("document"), buckets::required(region)) else { return };
    if here && !around::is_beside(maker, entity, &["ssm", "ssmmessages"]) {
        return;
    }
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
        let resource = known.iter().any(|(_, text)| matches_bytes(text.as_bytes(), object.as_bytes()))
            || here && resources.is_some_and(|node| names_here(tree, node, region, &object));
        // What is not known may open it.
        let open = resources.is_none_or(|node| {
            known.len() < count(tree, node) - if here { in_region(tree, node) } else { 0 }
        }) || tree.get(statement, "NotAction").is_some();
        allow && (open || action && resource)
    };
    let blocked: Vec<String> = needed
        .into_iter()
        // How the name of this one ends depends on the Region.
        .filter(|bucket| !(here && bucket.starts_with("aws-patch-manager-")))
        .filter(|bucket| !list.iter().any(|statement| opens(*statement, bucket)))
        .collect();
    let nodes: Vec<NodeId> =
        blocked.iter().map(|bucket| maker.tree.derive_string(document, bucket)).collect();
    record.list(&mut maker.tree, "blocked_buckets", &nodes);
    if !here && !blocked.is_empty() {
        let arns: Vec<String> = blocked.iter().map(|bucket| format!("arn:aws:s3:::{bucket}/*")).collect();
        let statement = serde_json::json!({
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": arns
        });
        record.text(&mut maker.tree, "missing_statement", &statement.to_string());
    }
}

/// The resources that only the Region and the partition of the deployment leave open, with these put in.
fn here(tree: &Tree, node: NodeId, region: &str) -> Vec<String> {
    let texts = scalars(tree, node).into_iter().filter(|node| matches!(tree.view(*node), View::Text(_)));
    let put = texts
        .map(|node| tree.display(node).replace("${AWS::Region}", region).replace("${AWS::Partition}", "aws"));
    put.filter(|text| !text.contains("${")).collect()
}

/// Whether one of these is an object.
fn names_here(tree: &Tree, node: NodeId, region: &str, object: &str) -> bool {
    here(tree, node, region).iter().any(|text| matches_bytes(text.as_bytes(), object.as_bytes()))
}

/// How many of these there are.
fn in_region(tree: &Tree, node: NodeId) -> usize {
    here(tree, node, "").len()
}

/// How many values a value is.
fn count(tree: &Tree, node: NodeId) -> usize {
    tree.list(node).map_or(1, crate::document::List::len)
}

fn parameter(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let Some(value) = entity.get("value") else { return };
    // Parts of a name that are not known say nothing, the others do.
    let name = entity.get("name").map_or(String::new(), |node| known_of(&maker.tree, node));
    let looks = |tree: &Tree, value: NodeId| {
        tree.string(value).is_some_and(|text| {
            is_marked(text)
                || has_password(text)
                || says_secret(&name) && !name.starts_with("/aws/") && is_literal(text)
        })
    };
    let answers: [(&'static str, Answer<'_>); 3] = [
        ("looks_secret", &looks),
        ("secret", &is_hidden_parameter),
        ("activation_code", &is_activation_code),
    ];
    for (attribute, answer) in answers {
        let made = each(&mut maker.tree, record.place(), value, answer);
        record.put(&mut maker.tree, attribute, Some(made));
    }
}

/// What is known of a text.
fn known_of(tree: &Tree, node: NodeId) -> String {
    let known = |piece: &Piece| match piece {
        Piece::Literal(text) => Some(text.to_string()),
        Piece::Hole(_) => None,
    };
    match tree.view(node) {
        View::Text(pieces) => pieces.iter().filter_map(known).collect(),
        _ => tree.string(node).unwrap_or("").to_owned(),
    }
}

/// A question about a value.
type Answer<'a> = &'a dyn Fn(&Tree, NodeId) -> bool;

/// The answer for each of the values that a value may be.
fn each(tree: &mut Tree, place: NodeId, value: NodeId, answer: Answer<'_>) -> NodeId {
    let View::Choice(all) = tree.view(value) else {
        let holds = answer(tree, value);
        return tree.derive_bool(place, holds);
    };
    let mut all = all.to_vec();
    for one in &mut all {
        let holds = one.value.is_some_and(|value| answer(tree, value));
        one.value = Some(tree.derive_bool(place, holds));
    }
    tree.derive_choice(place, all)
}

/// What a stack would be called: no name that begins as those of AWS.
const STACK: &str = "stack";

/// Adds a name with the name of the stack in it, where it has one: that a stack can be called as things of AWS are does not
/// leave open what is said of the name.
pub(super) fn likely_name(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    if let Some(name) = entity.get("name") {
        let name = with_stack(&mut maker.tree, name);
        record.put(&mut maker.tree, "likely_name", Some(name));
    }
}

fn with_stack(tree: &mut Tree, name: NodeId) -> NodeId {
    let is_stack = |piece: &Piece| matches!(piece, Piece::Hole(hole) if hole.kind == HoleKind::StackName);
    match tree.view(name) {
        View::Text(pieces) if pieces.iter().any(is_stack) => {
            let known = |piece: &Piece| {
                if is_stack(piece) { Piece::Literal(STACK.into()) } else { piece.clone() }
            };
            let pieces: Vec<Piece> = pieces.iter().map(known).collect();
            tree.derive_text(name, pieces)
        }
        View::Choice(all) => {
            let mut all = all.to_vec();
            for one in &mut all {
                one.value = one.value.map(|value| with_stack(tree, value));
            }
            tree.derive_choice(name, all)
        }
        _ => name,
    }
}

/// Whether a value is, or holds, the code of an activation.
fn is_activation_code(tree: &Tree, value: NodeId) -> bool {
    match tree.view(value) {
        View::Text(pieces) => pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Hole(hole) if hole.name.ends_with(".activation_code"))),
        View::Unknown(unknown) => unknown.blocker.ends_with(".activation_code"),
        _ => false,
    }
}

/// Whether a template parameter is in a value that the template itself marks as hidden (`NoEcho`).
fn is_hidden_parameter(tree: &Tree, value: NodeId) -> bool {
    hidden_parameter(tree, value).is_some()
}

/// The first template parameter in a value that the template itself marks as hidden (`NoEcho`), and where it stands.
pub(super) fn hidden_parameter(tree: &Tree, value: NodeId) -> Option<(NodeId, String)> {
    let written = tree.written(value)?;
    let root = *tree.ancestors(written).first()?;
    let declared = tree.map(tree.get(root, "Parameters")?)?;
    let is_hidden =
        |parameter: NodeId| tree.get(parameter, "NoEcho").and_then(|node| tree.scalar(node)) == Some("true");
    let hidden: Vec<&str> =
        declared.iter().filter(|(.., node)| is_hidden(*node)).map(|(_, name, _)| name).collect();
    if hidden.is_empty() {
        return None;
    }
    let mut stack = vec![(written, None)];
    while let Some((node, function)) = stack.pop() {
        let tag = tree.tag(node).or(function);
        match (tree.view(node), tree.scalar(node)) {
            (View::Map(map), _) => stack.extend(
                map.iter().map(|(_, key, value)| (value, Some(key.strip_prefix("Fn::").unwrap_or(key)))),
            ),
            (View::List(list), _) => {
                stack.extend(list.iter().map(|one| (one, tag.filter(|tag| *tag == "Sub"))));
            }
            (_, Some(text)) => {
                let names = match tag {
                    Some("Ref") => vec![text],
                    Some("Sub") => {
                        text.split("${").skip(1).filter_map(|part| part.split('}').next()).collect()
                    }
                    _ => Vec::new(),
                };
                if let Some(name) = names.into_iter().find(|name| hidden.contains(name)) {
                    return Some((node, name.to_owned()));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether sessions, commands or inventory are written to a bucket or log group: something names it, or its name says so.
fn is_destination(maker: &Maker<'_>, entity: &Entity) -> bool {
    let tree = &maker.tree;
    let name = entity.get("name").and_then(|node| tree.string(node)).unwrap_or("");
    let words: Vec<&str> = name.split(['-', '_', '/', '.']).collect();
    if words.contains(&"ssm") || name.contains("session-manager") || name.contains("sessionmanager") {
        return true;
    }
    let names_it = |node: NodeId| names(maker, node, entity);
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

/// Whether a value is the name of an entity, or a reference to it.
fn names(maker: &Maker<'_>, node: NodeId, entity: &Entity) -> bool {
    let tree = &maker.tree;
    let name = entity.get("name").and_then(|node| tree.string(node)).unwrap_or("");
    let resource = maker.inventory.resource(entity.resource).map(|resource| resource.node);
    match tree.view(node) {
        View::String(text) => !text.is_empty() && text == name,
        View::Text([Piece::Hole(hole)]) => match hole.kind {
            HoleKind::Name { resource: to } | HoleKind::Attribute { resource: to, .. } => {
                Some(to) == resource
            }
            _ => false,
        },
        _ => false,
    }
}

/// Adds what the preferences of sessions lead to: the log group that they are written to, and whether policies name the
/// document.
pub(super) fn session(maker: &mut Maker<'_>, record: &mut Record, document: &Entity, inputs: Option<NodeId>) {
    let group = inputs.and_then(|inputs| maker.tree.get(inputs, "cloudWatchLogGroupName"));
    let groups = maker.inventory.of_kind(Kind::LogGroup).iter().copied();
    let found = group.and_then(|group| {
        let mut named =
            groups.filter(|&id| maker.inventory.entity(id).is_some_and(|entity| names(maker, group, entity)));
        named.next()
    });
    if let Some(found) = found {
        let node = maker.entity(found);
        record.put(&mut maker.tree, "log_group", Some(node));
    }
    let named = is_in_policies(maker, document);
    record.bool(&mut maker.tree, "named_in_policies", named);
}

/// Whether a policy of the input names a document as a resource.
fn is_in_policies(maker: &Maker<'_>, document: &Entity) -> bool {
    let tree = &maker.tree;
    let name = document.get("name").and_then(|node| tree.string(node)).unwrap_or("");
    let resource = maker.inventory.resource(document.resource).map(|resource| resource.node);
    let names_it = |node: NodeId| match tree.view(node) {
        View::String(text) => {
            !name.is_empty() && text.split_once(":document/").is_some_and(|(_, own)| own == name)
        }
        View::Text(pieces) => pieces.iter().any(|piece| match piece {
            Piece::Hole(hole) => matches!(
                hole.kind,
                HoleKind::Name { resource: to } | HoleKind::Arn { resource: to, .. } if Some(to) == resource
            ),
            Piece::Literal(text) => {
                !name.is_empty() && text.split_once(":document/").is_some_and(|(_, own)| own == name)
            }
        }),
        _ => false,
    };
    let kinds = [Kind::InlinePolicy, Kind::ManagedPolicy].into_iter();
    let policies =
        kinds.flat_map(|kind| maker.inventory.of_kind(kind)).filter_map(|id| maker.inventory.entity(*id));
    let statements = policies.filter_map(|policy| tree.get(policy.get("document")?, "Statement"));
    let each = statements.flat_map(|node| match tree.list(node) {
        Some(list) => list.iter().collect(),
        None => vec![node],
    });
    let mut resources = each.filter_map(|statement| tree.get(statement, "Resource"));
    resources.any(|node| scalars(tree, node).into_iter().any(names_it))
}
