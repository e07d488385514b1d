//! From what a rule says can be done about a finding to edits of the text.
//!
//! A fix is offered only where it can be written without touching anything else. Where it cannot, the finding says why.

mod change;
mod target;

use std::sync::Arc;

use crate::document::Location;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::edit;
use crate::document::edit::Change;
use crate::ingest::InputKind;
use crate::rules;

/// What can be done about a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Whether it changes nothing but what is wrong. Others change what is allowed or done, and want to be looked at.
    pub safe: bool,
    /// What it does: "replace `x` by `y`".
    pub message: String,
    /// The edits that do it. They do not overlap.
    pub edits: Vec<FixEdit>,
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
pub(super) struct Mender<'t> {
    pub(super) tree: &'t Tree,
    pub(super) kind: InputKind,
    /// Whether every fix is held against the law that nothing but the value changes.
    pub(super) verify: bool,
}

/// The fixes of a check, or else why there is none although the rule has one.
pub(super) struct Mended {
    pub(super) fixes: Vec<Fix>,
    pub(super) obstacle: Option<String>,
}

impl Mender<'_> {
    /// Writes the fixes of a check.
    pub(super) fn mend(&self, node: NodeId, declared: &[rules::Fix]) -> Mended {
        let mut out = Mended { fixes: Vec::new(), obstacle: None };
        if declared.is_empty() {
            return out;
        }
        if let Some(obstacle) = unfit(self.kind) {
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
        let edits = edit::plan(self.tree, &made.change).map_err(|refusal| refusal.to_string())?;
        if self.verify {
            self.hold(&made.change, &edits)?;
        }
        let edits: Option<Vec<FixEdit>> = edits
            .into_iter()
            .map(|edit| {
                let source = self.tree.source(edit.span.file)?;
                let place = Location::new(Arc::clone(source), edit.span);
                Some(FixEdit { place, text: edit.text })
            })
            .collect();
        let edits = edits.ok_or_else(|| edit::Refusal::Derived.to_string())?;
        Ok(Fix { safe: declared.safe && !made.elsewhere, message: made.message, edits })
    }

    /// That the text reads as before, except for the change.
    fn hold(&self, change: &Change, edits: &[edit::Edit]) -> Result<(), String> {
        let file = edits.first().map(|edit| edit.span.file);
        let Some(source) = file.and_then(|file| self.tree.source(file)) else {
            return Err(edit::Refusal::Derived.to_string());
        };
        let new = edit::apply(source.text(), edits);
        if edit::holds(self.tree, change, source.text(), &new) {
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
