//! Where nodes write to and fetch from: buckets, log groups, keys.

use std::sync::LazyLock;

use regex::Regex;

use crate::document::{HoleKind, NodeId, Piece, Tree, View};
use crate::model::Entity;

use crate::ssm::statement::{ACCOUNT, PARTITION, REGION};

use super::nodes::values;
use super::resource::{Below, Resource};
use super::{Demand, Need, Purpose, Scope};

/// Where the output of an association or a task goes.
pub(super) fn written(tree: &Tree, entity: &Entity, by: &str) -> Vec<Demand> {
    let mut out = Vec::new();
    if let Some(bucket) = entity.get("output_bucket").filter(|node| !is_empty(tree, *node)) {
        out.push(to_bucket(tree, bucket, entity.get("output_prefix"), by));
    }
    out.extend(entity.get("log_group").filter(|node| !is_empty(tree, *node)).map(|g| to_group(tree, g, by)));
    out
}

/// What the preferences of sessions say, which are the inputs of their document.
pub(super) fn session(tree: &Tree, inputs: NodeId, by: &str) -> Vec<Demand> {
    let get = |name: &str| tree.get(inputs, name).filter(|node| !is_empty(tree, *node));
    let mut out = Vec::new();
    if let Some(bucket) = get("s3BucketName") {
        out.push(to_bucket(tree, bucket, get("s3KeyPrefix"), by));
        if get("s3EncryptionEnabled").is_none_or(|node| tree.scalar(node) != Some("false")) {
            let on = scope(tree, bucket, "bucket", |name| vec![Resource::bucket(tree, name, &[])]);
            out.push(Demand {
                purpose: Purpose::Output,
                needs: vec![Need::of("s3:GetEncryptionConfiguration", on)],
                by: by.to_owned(),
                place: bucket,
                why: format!("`{by}` has the agent check that the bucket {} encrypts", tree.display(bucket)),
                inferred: get("s3EncryptionEnabled").and_then(|node| tree.scalar(node)) != Some("true"),
            });
        }
    }
    out.extend(get("cloudWatchLogGroupName").map(|group| to_group(tree, group, by)));
    if let Some(key) = get("kmsKeyId") {
        let needs = vec![Need::of("kms:Decrypt", key_scope(tree, key))];
        let why = format!("`{by}` encrypts sessions with the key {}", tree.display(key));
        out.push(Demand {
            purpose: Purpose::SessionKey,
            needs,
            by: by.to_owned(),
            place: key,
            why,
            inferred: false,
        });
    }
    out
}

fn is_empty(tree: &Tree, node: NodeId) -> bool {
    tree.string(node).is_some_and(str::is_empty) || matches!(tree.view(node), View::Null)
}

/// What is made of each value that a node can be; what is not known, where it may be something else.
fn scope(tree: &Tree, node: NodeId, what: &str, make: impl Fn(NodeId) -> Vec<Resource>) -> Scope {
    match values(tree, node) {
        Some(all) if !all.is_empty() => Scope::These(all.into_iter().flat_map(make).collect()),
        _ => Scope::Unknown(format!("the {what} is not known: {}", tree.display(node))),
    }
}

fn to_bucket(tree: &Tree, bucket: NodeId, prefix: Option<NodeId>, by: &str) -> Demand {
    let prefixes = prefix.and_then(|node| values(tree, node)).unwrap_or_default();
    let on = scope(tree, bucket, "bucket", |name| {
        // A prefix that is not known may be any.
        if prefixes.is_empty() {
            return vec![Resource::bucket(tree, name, &[Below::Text("/*")])];
        }
        let below = |prefix: &NodeId| match tree.string(*prefix).map(|text| text.trim_matches('/')) {
            Some("") => Resource::bucket(tree, name, &[Below::Text("/*")]),
            _ => Resource::bucket(tree, name, &[Below::Text("/"), Below::Node(*prefix), Below::Text("/*")]),
        };
        prefixes.iter().map(below).collect()
    });
    Demand {
        purpose: Purpose::Output,
        needs: vec![Need::of("s3:PutObject", on)],
        by: by.to_owned(),
        place: bucket,
        why: format!("`{by}` writes to the bucket {}", tree.display(bucket)),
        inferred: false,
    }
}

fn to_group(tree: &Tree, group: NodeId, by: &str) -> Demand {
    let on = scope(tree, group, "log group", |name| vec![Resource::log_group(tree, name)]);
    let streams = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];
    let mut needs: Vec<Need> = streams.iter().map(|action| Need::of(action, on.clone())).collect();
    needs.insert(2, Need::anywhere("logs:DescribeLogGroups"));
    Demand {
        purpose: Purpose::Output,
        needs,
        by: by.to_owned(),
        place: group,
        why: format!("`{by}` writes to the log group {}", tree.display(group)),
        inferred: false,
    }
}

/// The key that a value names: by its ARN, its id, or a reference to one of these.
fn key_scope(tree: &Tree, node: NodeId) -> Scope {
    let is_arn = match tree.view(node) {
        View::Text([Piece::Hole(hole)]) => match hole.kind {
            HoleKind::Arn { .. } => true,
            HoleKind::Name { .. } => false,
            _ => hole.name.to_ascii_lowercase().ends_with("arn"),
        },
        _ => false,
    };
    if tree.display(node).contains("alias/") {
        return Scope::Unknown(format!("the key is not known: {}", tree.display(node)));
    }
    scope(tree, node, "key", |name| {
        if let View::Text([Piece::Hole(hole)]) = tree.view(name)
            && matches!(hole.kind, HoleKind::Arn { .. } | HoleKind::Name { .. })
        {
            return vec![Resource::key(tree, name)];
        }
        let name = tree.display(name);
        let arn = if is_arn || name.starts_with("arn:") {
            name
        } else {
            format!("arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{name}")
        };
        vec![Resource::of(arn)]
    })
}

/// Buckets that scripts and lists are fetched from, as they are named in the parameters or steps below a value.
pub(super) fn fetched(tree: &Tree, root: NodeId, by: &str) -> Vec<Demand> {
    const BUCKET: &str = r"(\$\{[^}]+\}|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])";
    static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let forms = [
            format!(r#"s3://{BUCKET}/([^\s"'{{}}\\]*)"#),
            format!(r#"https://s3[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?/{BUCKET}/([^\s"'{{}}\\]*)"#),
            format!(r#"https://{BUCKET}\.s3[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?/([^\s"'{{}}\\]*)"#),
        ];
        forms.iter().filter_map(|form| Regex::new(form).ok()).collect()
    });
    let mut out: Vec<Demand> = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::String(_) | View::Text(_) if !tree.is_sensitive(node) => {
                let text = tree.display(node);
                for found in FORMS.iter().flat_map(|form| form.captures_iter(&text)) {
                    let [bucket, key] = [1, 2].map(|at| found.get(at).map_or("", |part| part.as_str()));
                    let bucket = format!("arn:{PARTITION}:s3:::{bucket}");
                    let object = if key.is_empty() || key.ends_with('/') {
                        format!("{bucket}/{key}*")
                    } else {
                        format!("{bucket}/{key}")
                    };
                    let need = Need::on("s3:GetObject", vec![object.clone()]);
                    if out.iter().any(|known| known.needs.contains(&need)) {
                        continue;
                    }
                    out.push(Demand {
                        purpose: Purpose::Scripts,
                        why: format!("`{by}` fetches from {}", object.rsplit(":::").next().unwrap_or("")),
                        needs: vec![need, Need::on("s3:ListBucket", vec![bucket])],
                        by: by.to_owned(),
                        place: node,
                        inferred: true,
                    });
                }
            }
            _ => {}
        }
    }
    out.reverse();
    out
}
