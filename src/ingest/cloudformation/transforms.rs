//! Macros: `AWS::Include` with a local file is read; all others run in the account, and what they make is not known.

use crate::document::{Code, Diagnostic, NodeId, Reason, Tree, View};
use crate::ingest::Options;

use super::call::Argument;
use super::defects;
use super::files::{self, Missing};
use super::resolve::{Resolver, Shared};
use super::template::{Declared, Template};

/// Transforms that AWS runs, and that change nothing about identities but what is worked out here.
const KNOWN: &[&str] = &[
    "AWS::CodeDeployBlueGreen",
    "AWS::CodeStar",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::Serverless-2016-10-31",
    "AWS::ServiceCatalog",
];

/// Adds the sections and resources that snippets bring in, and says which macros cannot be run. Returns whether something
/// was brought in.
pub(super) fn include(
    tree: &mut Tree,
    template: &mut Template,
    options: &Options,
    shared: &mut Shared,
) -> bool {
    let Some(root) = template.root else { return false };
    let mut merged = false;
    if let Some(transform) = tree.get(root, "Transform") {
        let all: Vec<_> = tree.list(transform).map_or_else(|| vec![transform], |list| list.iter().collect());
        for one in all {
            match read(tree, one, options) {
                Ok(root) => {
                    template.merge(tree, root);
                    merged = true;
                }
                Err(name) if KNOWN.contains(&name.as_str()) => {}
                Err(name) => tell(tree, shared, one, &name),
            }
        }
    }
    let before = template.resources.len();
    let calls: Vec<_> =
        template.resources.iter().filter(|declared| &*declared.id == "Fn::Transform").cloned().collect();
    for Declared { node, .. } in calls {
        match read(tree, node, options) {
            Ok(root) => {
                template.add_resources(tree, root);
                merged = true;
            }
            Err(name) => tell(tree, shared, node, &name),
        }
    }
    template.resources.retain(|declared| &*declared.id != "Fn::Transform");
    merged |= template.resources.len() != before;
    if merged {
        template.index();
    }
    merged
}

/// The name of a macro: `Name`, or `{Name: …}`; several one after the other work on what the one before has made.
fn name_of(tree: &Tree, transform: NodeId) -> String {
    if let Some(list) = tree.list(transform) {
        return list.iter().map(|one| name_of(tree, one)).collect::<Vec<_>>().join(", ");
    }
    let name = tree.string(transform).or_else(|| tree.string(tree.get(transform, "Name")?));
    name.unwrap_or("Fn::Transform").to_owned()
}

/// The root of the snippet that a transform includes; the name of one that cannot be read.
fn read(tree: &mut Tree, transform: NodeId, options: &Options) -> Result<NodeId, String> {
    let transform = match tree.list(transform) {
        Some(list) if list.len() == 1 => list.get(0).unwrap_or(transform),
        _ => transform,
    };
    let name = name_of(tree, transform);
    if name != "AWS::Include" {
        return Err(name);
    }
    let location = tree.at(transform, &["Parameters", "Location"]).and_then(|node| tree.string(node));
    let Some(location) = location.map(str::to_owned) else { return Err(name) };
    match files::read(tree, transform, &location, options) {
        Ok((root, _)) => Ok(root),
        Err(Missing::Unreadable(reason)) => Err(format!("AWS::Include of `{location}`: {reason}")),
        Err(Missing::Remote | Missing::Refused) => Err(format!("AWS::Include of `{location}`")),
    }
}

/// Says once that a macro cannot be run.
fn tell(tree: &Tree, shared: &mut Shared, node: NodeId, name: &str) {
    if shared.told.insert(node) {
        let message =
            format!("the macro {name} runs in the account: what it makes of the template is not known");
        let made = Diagnostic::new(Code::NotEvaluated, message);
        let made = made.help(
            "check the processed template: `aws cloudformation get-template --template-stage Processed`",
        );
        shared.diagnostics.push(defects::at(tree, node, made));
    }
}

impl Resolver<'_> {
    /// A transform where a value is asked for.
    pub(super) fn transform(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        match self.snippet(argument.node) {
            Ok(root) => self.resolve(root),
            Err(name) => Some(self.unknown(node, Reason::Macro, &name)),
        }
    }

    /// The snippet that a transform includes; the name of a macro that cannot be run.
    pub(super) fn snippet(&mut self, transform: NodeId) -> Result<NodeId, String> {
        if let Some(known) = self.state.snippets.get(&transform) {
            return known.clone();
        }
        let found = read(self.tree, transform, self.options);
        if let Err(name) = &found {
            tell(self.tree, self.shared, transform, name);
        }
        self.state.snippets.insert(transform, found.clone());
        found
    }

    /// The entries of a snippet among those of the map that includes it.
    pub(super) fn expand_snippet(&mut self, transform: NodeId, out: &mut Vec<NodeId>) -> bool {
        let Ok(root) = self.snippet(transform) else { return true };
        let entries: Vec<_> = match self.tree.view(root) {
            View::Map(map) => map.iter().map(|(key, _, value)| (key, value)).collect(),
            _ => return true,
        };
        for (key, value) in entries {
            if let Some(value) = self.resolve(value) {
                out.extend([key, value]);
            }
        }
        true
    }
}
