//! From what a rule says can be done about a finding to edits of the text.
//!
//! A fix is offered only where it can be written without touching anything else. Where it cannot, the finding says why.

mod change;
mod known;
mod target;

use std::sync::Arc;

use crate::document::Location;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::edit;
use crate::document::edit::Change;
use crate::ingest::Configuration;
use crate::ingest::InputKind;
use crate::rules;

pub(super) use known::Known;

/// What can be done about a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Whether it changes nothing but what is wrong. Others change what is allowed or done, and want to be looked at.
    pub safe: bool,
    /// What it does: "replace `x` by `y`".
    pub message: String,
    /// The edits that do it. They do not overlap.
    pub edits: Vec<FixEdit>,
    /// The same change of a plan, where the edits are of the configuration that it was made from: what a new plan would
    /// say. Only to be checked, never to be written.
    pub proof: Vec<FixEdit>,
}

/// A range of a file that becomes another text.
#[derive(Clone, Debug)]
pub struct FixEdit {
    /// The range.
    pub place: Location,
    /// The text.
    pub text: String,
}

/// What is needed to write fixes.
#[derive(Clone, Copy)]
pub(super) struct Mender<'t, 'u> {
    pub(super) tree: &'u Tree,
    pub(super) kind: InputKind,
    /// The configuration that a plan was made from, and the address of the resource.
    pub(super) configuration: Option<(&'t Configuration, &'t str)>,
    /// Fixes of texts up to this length are held against the law that nothing but the value changes.
    pub(super) verify: usize,
    pub(super) known: &'t Known<'u>,
}

/// The fixes of a check, or else why there is none although the rule has one.
pub(super) struct Mended {
    pub(super) fixes: Vec<Fix>,
    pub(super) obstacle: Option<String>,
}

impl Mender<'_, '_> {
    /// Writes the fixes of a check.
    pub(super) fn mend(&self, node: NodeId, declared: &[rules::Fix]) -> Mended {
        let mut out = Mended { fixes: Vec::new(), obstacle: None };
        if declared.is_empty() {
            return out;
        }
        if let Some(obstacle) = unfit(self.kind).filter(|_| self.configuration.is_none()) {
            out.obstacle = Some(obstacle.to_owned());
            return out;
        }
        for fix in declared {
            match self.one(node, fix) {
                Ok(fix) => out.fixes.push(fix),
                Err(obstacle) if out.obstacle.is_none() => out.obstacle = Some(obstacle),
                Err(_) => {}
            }
        }
        if !out.fixes.is_empty() {
            out.obstacle = None;
        }
        out
    }

    fn one(&self, node: NodeId, declared: &rules::Fix) -> Result<Fix, String> {
        let made = self.change(node, declared)?;
        let Some((configuration, address)) = self.configuration else {
            let edits = self.written(&made.change)?;
            let (safe, proof) = (declared.safe && !made.elsewhere, Vec::new());
            return Ok(Fix { safe, message: made.message, edits, proof });
        };
        let found = configuration.edit(self.tree, &made.change, address)?;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let place =
            Location { source: found.source, start: offset(found.range.start), end: offset(found.range.end) };
        // A value that the plan leaves open stands in the configuration alone, and is worked out from it again.
        let of_plan = |edit: &FixEdit| edit.place.source.name() != place.source.name();
        let proof = self.written(&made.change).ok().filter(|edits| edits.iter().all(of_plan));
        let safe = declared.safe && !made.elsewhere && !found.shared;
        let edits = vec![FixEdit { place, text: found.text }];
        Ok(Fix { safe, message: made.message, edits, proof: proof.unwrap_or_default() })
    }

    /// The edits of a change of what the input itself says.
    fn written(&self, change: &Change) -> Result<Vec<FixEdit>, String> {
        let edits = edit::plan(self.tree, change).map_err(|refusal| refusal.to_string())?;
        self.hold(change, &edits)?;
        let edits: Option<Vec<FixEdit>> = edits
            .into_iter()
            .map(|edit| {
                let source = self.tree.source(edit.span.file)?;
                let place = Location::new(Arc::clone(source), edit.span);
                Some(FixEdit { place, text: edit.text })
            })
            .collect();
        edits.ok_or_else(|| edit::Refusal::Derived.to_string())
    }

    /// That the text reads as before, except for the change.
    fn hold(&self, change: &Change, edits: &[edit::Edit]) -> Result<(), String> {
        let file = edits.first().map(|edit| edit.span.file);
        let Some((file, source)) = file.and_then(|file| Some((file, self.tree.source(file)?))) else {
            return Err(edit::Refusal::Derived.to_string());
        };
        if source.text().len() > self.verify {
            return Ok(());
        }
        let new = edit::apply(source.text(), edits);
        let before = self.known.reading(file, source.text());
        if before.as_ref().as_ref().is_some_and(|before| before.holds(self.tree, change, &new)) {
            Ok(())
        } else {
            Err("the text would read otherwise in another place too".to_owned())
        }
    }
}

/// Why inputs of a kind are not edited.
fn unfit(kind: InputKind) -> Option<&'static str> {
    match kind {
        InputKind::CloudFormation | InputKind::Sam | InputKind::SsmDocument | InputKind::IamPolicy => None,
        InputKind::TerraformPlan => {
            Some("a plan is made from a configuration: give its folder with `--hcl` to mend that")
        }
        InputKind::TerraformState => Some("a state is no file that a person changes"),
        InputKind::ChangeSet => Some("a change set is made from a template: check that to mend it"),
        InputKind::AuthorizationDetails => Some("the input is a listing of an account"),
    }
}
