//! From what a rule says can be done about a finding to edits of the text.
//!
//! A fix is offered only where it can be written without touching anything else. Where it cannot, the finding says why.

mod ask;
mod change;
mod copy;
mod declare;
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
use crate::rules::FixKind;

use ask::Asked;
use ask::Form;
use change::Made;
use change::What;
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
    /// What stands in that change for values which only whoever deploys knows. No later fix may write it.
    pub stand_ins: Vec<String>,
}

/// A range of a file that becomes another text.
#[derive(Clone, Debug)]
pub struct FixEdit {
    /// The range.
    pub place: Location,
    /// The text.
    pub text: String,
}

/// Why a fix that is for another kind of input is not made.
const ELSEWHERE: &[&str] = &[declare::ELSEWHERE, change::IN_TERRAFORM];

/// What is needed to write fixes.
#[derive(Clone, Copy)]
pub(super) struct Mender<'t, 'u> {
    pub(super) tree: &'u Tree,
    pub(super) kind: InputKind,
    /// The configuration that a plan was made from, and the address of the resource.
    pub(super) configuration: Option<(&'t Configuration, &'t str)>,
    /// Fixes of texts up to this length are held against the law that nothing but the value changes.
    pub(super) verify: usize,
    /// Whether a plan is changed only to see what would be said of it.
    pub(super) proving: bool,
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
                // That a fix is for other inputs says least.
                Err(obstacle) if out.obstacle.as_deref().is_none_or(|known| ELSEWHERE.contains(&known)) => {
                    out.obstacle = Some(obstacle);
                }
                Err(_) => {}
            }
        }
        if !out.fixes.is_empty() {
            out.obstacle = None;
        }
        out
    }

    fn one(&self, node: NodeId, declared: &rules::Fix) -> Result<Fix, String> {
        let mut asked = Vec::new();
        let Some((configuration, address)) = self.configuration else {
            let root = self.root(node)?;
            let made = self.changes(node, declared, Form::Template(root), &mut asked)?;
            let mut changes: Vec<Change> = made.iter().filter_map(|one| one.what.change().cloned()).collect();
            changes.extend(self.parameters(root, &asked));
            let edits = self.together(changes)?;
            let safe = declared.safe && !made.iter().any(|one| one.elsewhere);
            return Ok(Fix { safe, message: said(&made), edits, proof: Vec::new(), stand_ins: Vec::new() });
        };
        let made = self.changes(node, declared, Form::Configuration(configuration, address), &mut asked)?;
        let (mut edits, mut safe): (Vec<FixEdit>, bool) = (Vec::new(), declared.safe);
        for one in &made {
            let found = match &one.what {
                What::Change(change) => configuration.edit(self.tree, change, address)?,
                What::Declare(new) => configuration.declare(address, &new.ty, &new.name, &new.body)?,
                What::Undeclare => configuration.undeclare(address)?,
            };
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let place = Location {
                source: found.source,
                start: offset(found.range.start),
                end: offset(found.range.end),
            };
            safe &= !one.elsewhere && !found.shared;
            let is_new = matches!(one.what, What::Declare(_));
            let gone = |edit: &&mut FixEdit| is_new && edit.text.is_empty() && is_inside(&place, &edit.place);
            match edits.iter_mut().find(gone) {
                // What comes in place of a resource stands where that stood.
                Some(gone) => {
                    gone.place.end = place.end;
                    found.text.trim_start().clone_into(&mut gone.text);
                }
                None => edits.push(FixEdit { place, text: found.text }),
            }
        }
        // A value that the plan leaves open stands in the configuration alone, and is worked out from it again.
        let own = edits.first().map_or("", |edit| edit.place.source.name()).to_owned();
        let of_plan = |edit: &FixEdit| edit.place.source.name() != own;
        let prover = Self { proving: true, ..*self };
        let mut standing = Vec::new();
        let proof = prover
            .changes(node, declared, Form::Plan, &mut standing)
            .and_then(|made| self.together(self.known_now(&made)));
        let proof = proof.ok().filter(|edits| edits.iter().all(of_plan)).unwrap_or_default();
        edits.extend(Self::variables(&edits, &asked));
        let stand_ins = standing.into_iter().map(Asked::into_name).collect();
        Ok(Fix { safe, message: said(&made), edits, proof, stand_ins })
    }

    /// What a fix does, one thing after the other.
    fn changes(
        &self,
        node: NodeId,
        declared: &rules::Fix,
        form: Form<'_>,
        asked: &mut Vec<Asked>,
    ) -> Result<Vec<Made>, String> {
        let mut out = Vec::new();
        for step in &declared.steps {
            let step = self.asking(step, form, asked);
            if let Form::Template(root) = form {
                self.hold_references(root, &step, asked)?;
            }
            match step.kind {
                FixKind::Declare => out.extend(self.declare(node, &step, form)?),
                FixKind::Undeclare => out.extend(self.undeclare(node, form)?),
                _ => out.push(self.change(node, &step)?),
            }
        }
        Ok(out)
    }

    /// The changes of a plan, and what it does not call unknown any more.
    fn known_now(&self, made: &[Made]) -> Vec<Change> {
        let mut out: Vec<Change> = made.iter().filter_map(|one| one.what.change().cloned()).collect();
        let unknown: Vec<Change> = out.iter().filter_map(|change| self.no_longer_unknown(change)).collect();
        out.extend(unknown);
        out
    }

    fn no_longer_unknown(&self, change: &Change) -> Option<Change> {
        let tree = self.tree;
        let (map, name) = match change {
            Change::Insert { map, key, .. } => (*map, key.as_str()),
            Change::Replace { node, .. } => {
                let around = tree.ancestors(*node);
                (*around.iter().rev().nth(1)?, tree.string(tree.key_of(*node)?)?)
            }
            _ => return None,
        };
        let around = tree.ancestors(map);
        let resource = around.iter().rev().nth(1).copied()?;
        let is_whole = tree.key_of(map).and_then(|key| tree.string(key)) == Some("after");
        let node = tree.get(tree.get(resource, "after_unknown").filter(|_| is_whole)?, name)?;
        Some(Change::Remove { node })
    }

    /// The root of the document that a value is in.
    fn root(&self, node: NodeId) -> Result<NodeId, String> {
        let written = self.tree.written(target::value(self.tree, node)).ok_or("the value stands nowhere")?;
        let root = self.tree.ancestors(written).first().copied();
        root.ok_or_else(|| "the value stands nowhere".to_owned())
    }

    /// The edits of several changes at once. What is added goes before what is there where the end is touched already.
    fn together(&self, changes: Vec<Change>) -> Result<Vec<FixEdit>, String> {
        let mut edits: Vec<FixEdit> = Vec::new();
        for change in changes {
            let mut made = self.written(&change)?;
            if let [one] = made.as_slice()
                && let Some(other) = edits.iter_mut().find(|other| is_same_gap(one, other))
            {
                // What is added at one place is added there in turn.
                other.text.push_str(&one.text);
                continue;
            }
            if touch(&edits, &made)
                && let Change::Insert { map, first, key, value } = change
            {
                made = self.written(&Change::Insert { map, first: !first, key, value })?;
            }
            if touch(&edits, &made) {
                return Err("the parts of the fix touch each other".to_owned());
            }
            edits.extend(made);
        }
        Ok(edits)
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
        let before = self.known.reading(file, source.text());
        let holds = |before: &edit::Reading| before.holds_edited(self.tree, change, source.text(), edits);
        if before.as_ref().as_ref().is_some_and(holds) {
            Ok(())
        } else {
            Err("the text would read otherwise in another place too".to_owned())
        }
    }
}

/// Whether something is added within a range that goes.
fn is_inside(place: &Location, gone: &Location) -> bool {
    place.source.name() == gone.source.name()
        && place.start == place.end
        && gone.start < place.start
        && place.end <= gone.end
}

/// Whether two edits add something at one place.
fn is_same_gap(one: &FixEdit, other: &FixEdit) -> bool {
    let (a, b) = (&one.place, &other.place);
    a.source.name() == b.source.name() && [a.start, a.end, b.start] == [b.end; 3]
}

/// Whether some edits touch others, or stand next to them.
fn touch(edits: &[FixEdit], made: &[FixEdit]) -> bool {
    let near = |(one, other): (&FixEdit, &FixEdit)| {
        let (a, b) = (&one.place, &other.place);
        a.source.name() == b.source.name() && a.start <= b.end && b.start <= a.end
    };
    made.iter().any(|one| edits.iter().any(|other| near((one, other))))
}

/// What changes do, in words.
fn said(made: &[Made]) -> String {
    let all = made.iter().map(|one| one.message.as_str()).filter(|message| !message.is_empty());
    all.collect::<Vec<_>>().join(", and ")
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
