//! What the caller knows that the input does not say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::document::Limits;

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
    /// The folder with the Terraform configuration that plans were made from: values that a plan leaves open are looked
    /// for there.
    pub configuration: Option<PathBuf>,
    /// How large inputs may be.
    pub limits: Limits,
}
