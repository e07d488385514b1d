//! What the caller knows that the input does not say.

use std::collections::BTreeMap;

use crate::document::Limits;
use crate::model::Change;

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
    /// Whether files that an input names may be read.
    pub files: Files,
    /// How large inputs may be.
    pub limits: Limits,
}

impl Options {
    /// What a deployment does to a resource of the main template.
    pub(crate) fn change_of(&self, _id: &str, _is_main: bool) -> Change {
        Change::Declared
    }
}
