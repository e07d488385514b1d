//! What resources of S3 a statement names: buckets or the objects in them. Actions are asked of one or the other.

use rustc_hash::FxHashSet;

use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::{Inventory, Kind};

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

/// Buckets of the input that say that their objects have access control lists: their names, and their resources.
#[derive(Debug, Default)]
pub(super) struct Listed {
    names: FxHashSet<String>,
    resources: FxHashSet<NodeId>,
}

impl Listed {
    fn of(tree: &Tree, inventory: &Inventory) -> Self {
        let mut out = Self::default();
        for bucket in inventory.of_kind(Kind::Bucket).iter().filter_map(|id| inventory.entity(*id)) {
            let ownership = bucket.get("object_ownership").and_then(|node| tree.string(node));
            if !ownership.is_some_and(|own| WITH_LISTS.contains(&own)) {
                continue;
            }
            out.names.extend(bucket.get("name").and_then(|name| tree.string(name)).map(str::to_owned));
            out.resources.extend(inventory.resource(bucket.resource).map(|resource| resource.node));
        }
        out
    }
}

/// Whether a bucket of the input that a resource names says that its objects have access control lists.
fn has_lists(maker: &Maker<'_>, node: NodeId) -> bool {
    let tree = &maker.tree;
    let listed = maker.listed.get_or_init(|| Listed::of(tree, maker.inventory));
    match tree.view(node) {
        View::Text(pieces) => pieces.iter().any(|piece| match piece {
            Piece::Hole(hole) => match &hole.kind {
                HoleKind::Name { resource } | HoleKind::Arn { resource, .. } => {
                    listed.resources.contains(resource)
                }
                _ => false,
            },
            Piece::Literal(_) => false,
        }),
        _ => tree.string(node).and_then(bucket_of).is_some_and(|name| listed.names.contains(name)),
    }
}

fn bucket_of(arn: &str) -> Option<&str> {
    arn.split_once(":::")?.1.split('/').next()
}
