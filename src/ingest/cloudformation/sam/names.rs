//! Names that the transform looks up or makes up.

use crate::catalog;

use super::super::template::{Declared, Template};
use crate::document::Tree;

/// The path of a policy that AWS manages, without the slash before it.
pub(super) fn path_of(name: &str) -> Option<&'static str> {
    let path = catalog::embedded().managed_policy(name)?.path();
    Some(path.strip_prefix('/').unwrap_or(path))
}

/// The resource for which the transform makes one with this logical id: a version, an alias, a stage, a permission.
pub(crate) fn generated_by<'t>(tree: &Tree, template: &'t Template, id: &str) -> Option<&'t Declared> {
    let serverless = |declared: &&Declared| declared.ty(tree).starts_with("AWS::Serverless::");
    let mut all = template.resources.iter().filter(serverless);
    if IMPLICIT.iter().any(|start| id.starts_with(start)) {
        return all.next();
    }
    all.filter(|declared| {
        let rest = id.strip_prefix(&*declared.id);
        rest.is_some_and(|rest| rest.starts_with(|first: char| first == '.' || first.is_ascii_alphanumeric()))
    })
    .max_by_key(|declared| declared.id.len())
}

/// Starts of the names of resources that all functions of a template share.
const IMPLICIT: &[&str] =
    &["ServerlessRestApi", "ServerlessHttpApi", "ServerlessWebSocketApi", "ServerlessDeploymentApplication"];
