//! One unit of work: inputs that are judged together, and what was made of them.

use crate::document::{Conditions, Diagnostic, NodeId, Piece, Tree};
use crate::model::Inventory;

use super::Configuration;
use super::InputKind;

/// A template with its nested stacks, a plan, a document: read, resolved and called by roll.
#[derive(Debug)]
pub struct Unit {
    /// The path as the user gave it, or `<stdin>`.
    pub name: Box<str>,
    /// What the input is.
    pub kind: InputKind,
    /// All nodes: as written, inside strings, and resolved.
    pub tree: Tree,
    /// The root of the main document.
    pub root: NodeId,
    /// The conditions that values and entities exist under.
    pub conditions: Conditions,
    /// What must hold for the input to be deployed at all.
    pub premise: crate::document::Condition,
    /// Names of conditions that a person knows, for findings.
    pub condition_names: Vec<(Box<str>, crate::document::Condition)>,
    /// What the input declares, after the deployment.
    pub inventory: Inventory,
    /// What there was before the deployment, where the input says so.
    pub before: Option<Inventory>,
    /// Whether the deployment changes nothing: what there was before is what there is after.
    pub unchanged: bool,
    /// The configuration that a plan was made from, where it was given: for places that a person can change.
    pub configuration: Option<std::sync::Arc<Configuration>>,
    /// The files of the templates that it nests.
    pub nested: Vec<Box<str>>,
    /// The inputs that were read as one, where there are several, each with its resources in the inventory.
    pub parts: Vec<(Box<str>, std::ops::Range<usize>)>,
    /// What the template exports for others.
    pub exports: Vec<super::Export>,
    /// The names of exports that it uses, and that are not at hand.
    pub imports: Vec<Vec<Piece>>,
    /// Defects of the input.
    pub diagnostics: Vec<Diagnostic>,
}
