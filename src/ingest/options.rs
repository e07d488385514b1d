//! What the caller knows that the input does not say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog;
use crate::document::Limits;
use crate::model::{Change, Date};

use super::ChangeSet;

/// Whether files that an input names may be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Files {
    /// Local files: nested templates and snippets.
    #[default]
    Local,
    /// None.
    None,
}

/// Settings for reading inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values for template parameters, by name.
    pub parameters: BTreeMap<String, String>,
    /// The Region of the deployment.
    pub region: Option<String>,
    /// The account of the deployment: twelve digits.
    pub account: Option<String>,
    /// The partition of the deployment: `aws`, `aws-cn`, …
    pub partition: Option<String>,
    /// The name of the stack that the template is deployed as.
    pub stack_name: Option<String>,
    /// The day that dates are compared with; that of the run by default.
    pub today: Option<Date>,
    /// Whether nothing runs the documents of the input but what the input declares.
    pub closed_world: bool,
    /// The folder with the Terraform configuration that plans were made from: values that a plan leaves open are looked
    /// for there.
    pub configuration: Option<PathBuf>,
    /// The change set that the template is deployed with.
    pub change_set: Option<ChangeSet>,
    /// Whether files that an input names may be read.
    pub files: Files,
    /// Texts of files, by the names under which they are known: these are read instead of the files themselves.
    pub texts: Arc<BTreeMap<Box<str>, Vec<u8>>>,
    /// Only the inventory is asked for, and never the document itself: parts of a plan that say the same again are then
    /// not kept.
    pub facts_only: bool,
    /// So many resources of a plan are declared at a time, on several threads; 0 where the size of the plan is to decide.
    /// What is read does not depend on it.
    pub at_a_time: usize,
    /// How large inputs may be.
    pub limits: Limits,
}

impl Options {
    /// What the deployment does to a resource of the main template.
    pub(crate) fn change_of(&self, id: &str, is_main: bool) -> Change {
        match &self.change_set {
            Some(set) if is_main => set.changes.get(id).copied().unwrap_or(Change::NoOp),
            _ => Change::Declared,
        }
    }

    /// The partition of the deployment: as the caller gives it, or that of the Region.
    pub(crate) fn partition(&self) -> Option<&str> {
        let of_region = || self.region.as_deref().map(catalog::region_partition);
        self.partition.as_deref().or_else(of_region)
    }

    /// The value of a template parameter: as the caller gives it, or as the change set has it.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let given = self.parameters.get(name);
        given.or_else(|| self.change_set.as_ref()?.parameters.get(name)).map(String::as_str)
    }
}
