//! What is retired, or about to be.

use crate::ssm::sink::{Call, reach};

use super::{Finder, Topic};

/// Runtimes of scripts that no longer run, or soon will not.
const RUNTIMES: &[&str] = &["python3.6", "python3.7", "python3.8", "PowerShell Core 6.0", "PowerShell 7.0"];
/// Plugins that nothing maintains.
const PLUGINS: &[(&str, &str)] = &[("aws:cloudWatch", "the CloudWatch agent")];
/// Documents that others have replaced.
const DOCUMENTS: &[(&str, &str)] = &[
    ("AWS-ApplyPatchBaseline", "AWS-RunPatchBaseline"),
    ("AWS-InstallMissingWindowsUpdates", "AWS-RunPatchBaseline"),
    ("AWS-InstallSpecificWindowsUpdates", "AWS-RunPatchBaseline"),
    ("AWS-FindWindowsUpdates", "AWS-RunPatchBaseline"),
    ("AWS-ConfigureCloudWatch", "AmazonCloudWatch-ManageAgent"),
    ("AWS-ListWindowsInventory", "AWS-GatherSoftwareInventory"),
    ("AWS-RunAnsiblePlaybook", "AWS-ApplyAnsiblePlaybooks"),
];

/// The replacement of a document that is retired.
fn replacement(document: &str) -> Option<&'static str> {
    DOCUMENTS.iter().find(|(name, _)| *name == document).map(|(_, by)| *by)
}

pub(super) fn find(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    if document.schema_version.as_deref() == Some("1.2")
        && let Some(node) = tree.get(document.root, "schemaVersion")
    {
        finder.add(
            Topic::Retired,
            "schema",
            node,
            "schema 1.2 is retired: documents of it cannot be updated",
        );
    }
    for step in &document.steps {
        if let Some(node) = step.input(tree, "Runtime")
            && let Some(runtime) = tree.string(node)
            && RUNTIMES.contains(&runtime)
        {
            finder.add(Topic::Retired, "runtime", node, format!("the runtime `{runtime}` is retired"));
            finder.suggest(if runtime.starts_with("python") { "python3.11" } else { "PowerShell 7.4" });
        }
        if let Some((name, by)) = PLUGINS.iter().find(|(name, _)| *name == &*step.action) {
            let node = tree.get(step.node, "action").unwrap_or(step.node);
            finder.add(Topic::Retired, "plugin", node, format!("`{name}` is retired: use {by}"));
        }
        if let Some(Call { document: name, .. }) = reach(tree, document, step).call
            && let Some(by) = tree.string(name).and_then(replacement)
        {
            finder.add(Topic::Retired, "document", name, format!("the document is retired: use `{by}`"));
            finder.suggest(by);
        }
    }
}
