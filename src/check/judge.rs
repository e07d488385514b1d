//! One unit: its facts, the rules' answers, and the findings that are left of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::document::{Code, Conditions, Diagnostic, Tree};
use crate::facts;
use crate::ingest::Unit;
use crate::model::{Change, Inventory};
use crate::rules::{self, Problem, Program, RuleId, Worlds};

use super::draft::{Draft, Stance};
use super::parts::Parts;
use super::permissions::{self, PermissionChange};
use super::pipeline::Request;
use super::present::AllTexts;
use super::under::Names;
use super::waive::{self, Waivers};
use super::{Finding, FindingChange, FindingStatus, Findings, Fingerprint, fingerprint};

/// What judging a unit gives.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Findings,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) suppressed: usize,
    /// What the rules said of the state before the deployment, and do not say of the state after it.
    pub(super) fixed: Findings,
    /// What the deployment changes for principals, and how many are too many to be compared.
    pub(super) permissions: (Vec<PermissionChange>, usize),
}

/// The rules that are asked, and what their findings say.
#[derive(Clone, Copy)]
pub(super) struct Asked<'p> {
    pub(super) program: &'p Program,
    pub(super) rules: &'p [RuleId],
    pub(super) texts: &'p AllTexts,
    /// The attributes that the rules ask for, or findings show; nothing where they may ask for any.
    pub(super) wanted: Option<&'p BTreeSet<Box<str>>>,
}

/// Judges a unit.
pub(super) fn unit(mut unit: Unit, rules: Asked<'_>, request: &Request, waivers: &Waivers<'_>) -> Judged {
    let Asked { program, rules: asked, texts, wanted } = rules;
    let tree = Arc::new(std::mem::take(&mut unit.tree));
    let mut conditions = std::mem::take(&mut unit.conditions);
    let mut judged = Judged { diagnostics: std::mem::take(&mut unit.diagnostics), ..Judged::default() };
    let conditions_of = &mut conditions;
    let mut judge =
        Judge { unit: &unit, tree: &tree, conditions: conditions_of, program, request, asked, texts, wanted };
    let mut findings = judge.inventory(&unit.inventory, &mut judged.diagnostics);
    // A rule about the document itself has nothing to say of the state before, and what the others say of it is no
    // defect of this input.
    let of_facts = |id: &&RuleId| program.rule(**id).is_some_and(|rule| !rule.reads().document);
    let asked: Vec<RuleId> = asked.iter().filter(of_facts).copied().collect();
    if unit.unchanged {
        let ids: FxHashSet<&str> =
            asked.iter().filter_map(|id| program.rule(*id)).map(rules::Rule::id).collect();
        for finding in &mut findings {
            let existed = ids.contains(&*finding.rule);
            finding.change = Some(if existed { FindingChange::Existing } else { FindingChange::New });
        }
    } else if let Some(before) = &unit.before {
        let mut judge = Judge { asked: &asked, ..judge };
        let earlier = judge.inventory(before, &mut Vec::new());
        judged.fixed = compare(&mut findings, earlier, &forgotten(before));
        // Where there was nothing, everything is new.
        if !before.entities().is_empty() {
            judged.permissions = permissions::of_deployment(
                &tree,
                &mut conditions,
                &unit.condition_names,
                [before, &unit.inventory],
            );
        }
    }
    waive_findings(findings, &unit, &tree, program, waivers, &mut judged);
    if tree.len() > LARGE {
        // Nobody waits for it.
        rayon::spawn(move || drop((unit, tree)));
    }
    judged
}

/// Inputs with more nodes than this are given back beside other work.
const LARGE: usize = 1 << 20;

/// The resources that a plan no longer manages: they stay as they are.
fn forgotten(before: &Inventory) -> FxHashSet<&str> {
    let all = before.resources().iter().filter(|resource| resource.change == Change::Forget);
    all.map(|resource| &*resource.id).collect()
}

/// Says of every finding whether it is new, and returns those that are gone.
fn compare(findings: &mut Findings, earlier: Findings, forgotten: &FxHashSet<&str>) -> Findings {
    let known: FxHashSet<Fingerprint> = earlier.iter().map(|finding| finding.fingerprint).collect();
    for finding in findings.iter_mut() {
        let existed = known.contains(&finding.fingerprint);
        finding.change = Some(if existed { FindingChange::Existing } else { FindingChange::New });
    }
    let now: FxHashSet<Fingerprint> = findings.iter().map(|finding| finding.fingerprint).collect();
    let is_gone = |finding: &Finding| {
        finding.status == FindingStatus::Fail
            && !now.contains(&finding.fingerprint)
            && !forgotten.contains(&*finding.entity)
    };
    earlier.into_iter().filter(|finding| is_gone(finding)).collect()
}

/// Judges the inventories of a unit.
pub(super) struct Judge<'u> {
    pub(super) unit: &'u Unit,
    pub(super) tree: &'u Arc<Tree>,
    conditions: &'u mut Conditions,
    pub(super) program: &'u Program,
    pub(super) request: &'u Request,
    pub(super) asked: &'u [RuleId],
    pub(super) texts: &'u AllTexts,
    pub(super) wanted: Option<&'u BTreeSet<Box<str>>>,
}

impl Judge<'_> {
    /// That a rule cannot be evaluated on this input.
    pub(super) fn problem(&self, rule: RuleId, problem: &Problem, tree: &Tree) -> Diagnostic {
        let rule = self.program.rule(rule);
        let id = rule.map_or("", rules::Rule::id);
        let message = format!("the rule `{id}` cannot be evaluated: {}", problem.message);
        let made = Diagnostic::new(Code::RuleEvaluation, message).in_file(&*self.unit.name);
        let made = match problem.node.and_then(|node| tree.location(node)) {
            Some(place) => made.at(place),
            None => made,
        };
        match rule {
            Some(rule) => made.related(rule.place(), "the rule is here"),
            None => made,
        }
    }

    fn inventory(&mut self, inventory: &Inventory, diagnostics: &mut Vec<Diagnostic>) -> Findings {
        let ground = facts::Groundwork::new(self.tree, self.conditions, inventory);
        let worlds = Worlds::new(std::mem::take(self.conditions));
        let stance = Stance::new(self.program, self.asked);
        let conditional = !self.unit.premise.is_always()
            || inventory.resources().iter().any(|resource| !resource.under.is_always());
        let judged = Parts { judge: self, inventory, worlds: &worlds, stance: &stance, conditional };
        let mut drafts = judged.all(ground, diagnostics);
        stance.leave_out_superseded(&mut drafts, &worlds);
        *self.conditions = worlds.into_inner();
        let mut names = Names { unit: self.unit, conditions: self.conditions };
        let under: Vec<Vec<String>> = drafts.iter().map(|draft| names.of(draft.under)).collect();
        let (program, config) = (self.program, &self.request.config);
        let finish = |(draft, under): (Box<Draft>, _)| draft.finish(under, program, config);
        fingerprint::number(drafts.into_par_iter().zip(under).map(finish).collect())
    }
}

fn waive_findings(
    mut findings: Findings,
    unit: &Unit,
    tree: &Tree,
    program: &Program,
    waivers: &Waivers<'_>,
    judged: &mut Judged,
) {
    let (mut inline, refused) = waive::of_unit(unit, tree, waivers.today());
    judged.diagnostics.extend(refused);
    findings.retain(|finding| {
        let mut covered = false;
        for one in inline.iter_mut().filter(|one| one.covers(finding)) {
            one.used = true;
            covered = true;
        }
        let stays = !covered && !waivers.cover(finding);
        judged.suppressed += usize::from(!stays);
        stays
    });
    judged.findings = findings;
    if !inline.is_empty() {
        let asked: FxHashSet<&str> = program.rules().iter().map(rules::Rule::id).collect();
        let complaints = inline.iter().filter_map(|one| one.complaint(&|rule| asked.contains(rule)));
        judged.diagnostics.extend(complaints);
    }
}
