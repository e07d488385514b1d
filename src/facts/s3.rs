//! What resources of S3 a statement names: buckets or the objects in them. Actions are asked of one or the other.

use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::Kind;

use super::build::Maker;
use super::record::Record;
use super::ssm::scalars;

/// The ARN of a bucket.
const BUCKET: &str = "^arn:[^:]*:s3:::[^/*]+$";
/// The ARN of objects of buckets.
const OBJECTS: &str = "^arn:[^:]*:s3:::[^/]+/.";
/// Ownership under which objects have access control lists.
const WITH_LISTS: &[&str] = &["BucketOwnerPreferred", "ObjectWriter"];

/// Adds the resources of S3 that are surely one or the other.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, resources: Option<NodeId>) {
    let mut list = Vec::new();
    for node in resources.map(|node| scalars(&maker.tree, node)).unwrap_or_default() {
        let tree = &maker.tree;
        if !tree.display(node).contains(":s3:::") {
            continue;
        }
        let level = if tree.text_matches(node, BUCKET) == Tri::Yes {
            "bucket"
        } else if tree.text_matches(node, OBJECTS) == Tri::Yes {
            "objects"
        } else {
            continue;
        };
        let other = tree.string(node).map(|text| match text.split_once(":::") {
            Some((head, name)) if level == "objects" => {
                format!("{head}:::{}", name.split('/').next().unwrap_or(name))
            }
            _ => format!("{text}/*"),
        });
        let lists = has_lists(maker, node);
        let tree = &mut maker.tree;
        let mut inner = Record::new(node);
        inner.put(tree, "value", Some(node));
        inner.text(tree, "level", level);
        if let Some(other) = other {
            inner.text(tree, "other", &other);
        }
        inner.bool(tree, "lists", lists);
        list.push(inner.finish(tree));
    }
    if !list.is_empty() {
        record.list(&mut maker.tree, "s3_resources", &list);
    }
}

/// Whether a bucket of the input that a resource names says that its objects have access control lists.
fn has_lists(maker: &Maker<'_>, node: NodeId) -> bool {
    let tree = &maker.tree;
    let named = |name: &str| tree.string(node).is_some_and(|text| bucket_of(text) == Some(name));
    let buckets = maker.inventory.of_kind(Kind::Bucket).iter().filter_map(|id| maker.inventory.entity(*id));
    let mut with_lists = buckets.filter(|bucket| {
        let ownership = bucket.get("object_ownership").and_then(|node| tree.string(node));
        ownership.is_some_and(|own| WITH_LISTS.contains(&own))
    });
    with_lists.any(|bucket| {
        let resource = maker.inventory.resource(bucket.resource).map(|resource| resource.node);
        bucket.get("name").and_then(|name| tree.string(name)).is_some_and(named)
            || resource.is_some_and(|resource| refers_to(tree, node, resource))
    })
}

fn bucket_of(arn: &str) -> Option<&str> {
    arn.split_once(":::")?.1.split('/').next()
}

fn refers_to(tree: &Tree, node: NodeId, resource: NodeId) -> bool {
    let View::Text(pieces) = tree.view(node) else { return false };
    pieces.iter().any(|piece| match piece {
        Piece::Hole(hole) => matches!(
            hole.kind,
            HoleKind::Name { resource: to } | HoleKind::Arn { resource: to, .. } if to == resource
        ),
        Piece::Literal(_) => false,
    })
}
