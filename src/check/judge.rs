//! One unit: its facts, the rules' answers, and the findings that are left of them.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::document::{Code, Condition, Conditions, Diagnostic, NodeId, Tree};
use crate::facts;
use crate::ingest::Unit;
use crate::model::Inventory;
use crate::rules::{self, Problem, Program, RuleId, Status, Worlds};

use super::permissions::{self, PermissionChange};
use super::pipeline::Request;
use super::present::{About, Presenter, Raised};
use super::waive::{self, Waivers};
use super::{Finding, FindingChange, FindingStatus};

/// What judging a unit gives.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) suppressed: usize,
    /// What the rules said of the state before the deployment, and do not say of the state after it.
    pub(super) fixed: Vec<Finding>,
    /// What the deployment changes for principals, and how many are too many to be compared.
    pub(super) permissions: (Vec<PermissionChange>, usize),
}

/// Judges a unit.
pub(super) fn unit(
    mut unit: Unit,
    program: &Program,
    asked: &[RuleId],
    request: &Request,
    waivers: &Waivers<'_>,
) -> Judged {
    let tree = Arc::new(std::mem::take(&mut unit.tree));
    let mut conditions = std::mem::take(&mut unit.conditions);
    let mut judged = Judged { diagnostics: std::mem::take(&mut unit.diagnostics), ..Judged::default() };
    let mut judge = Judge { unit: &unit, tree: &tree, conditions: &mut conditions, program, request, asked };
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
        judged.fixed = compare(&mut findings, earlier);
        // Where there was nothing, everything is new.
        if !before.entities().is_empty() {
            judged.permissions = permissions::of_deployment(&tree, before, &unit.inventory);
        }
    }
    waive_findings(findings, &unit, &tree, program, waivers, &mut judged);
    judged
}

/// Says of every finding whether it is new, and returns those that are gone.
fn compare(findings: &mut [Finding], earlier: Vec<Finding>) -> Vec<Finding> {
    let known: FxHashSet<&str> = earlier.iter().map(|finding| &*finding.fingerprint).collect();
    for finding in findings.iter_mut() {
        let existed = known.contains(&*finding.fingerprint);
        finding.change = Some(if existed { FindingChange::Existing } else { FindingChange::New });
    }
    let now: FxHashSet<&str> = findings.iter().map(|finding| &*finding.fingerprint).collect();
    let is_gone =
        |finding: &Finding| finding.status == FindingStatus::Fail && !now.contains(&*finding.fingerprint);
    earlier.into_iter().filter(is_gone).collect()
}

/// Judges the inventories of a unit.
struct Judge<'u> {
    unit: &'u Unit,
    tree: &'u Arc<Tree>,
    conditions: &'u mut Conditions,
    program: &'u Program,
    request: &'u Request,
    asked: &'u [RuleId],
}

impl Judge<'_> {
    /// That a rule cannot be evaluated on this input.
    fn problem(&self, rule: RuleId, problem: &Problem, tree: &Tree) -> Diagnostic {
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

    fn inventory(&mut self, inventory: &Inventory, diagnostics: &mut Vec<Diagnostic>) -> Vec<Finding> {
        let facts = facts::build(self.tree, self.conditions, inventory);
        let worlds = Worlds::new(std::mem::take(self.conditions));
        let input = rules::Input {
            tree: &facts.tree,
            document: Some(self.unit.root),
            dialect: rules::Dialect::Validate,
            facts: Some(&facts),
            worlds: &worlds,
        };
        let answers = rules::evaluate(self.program, &input, self.asked);
        *self.conditions = worlds.into_inner();
        let mut raised = Vec::new();
        for answer in answers {
            let problem = answer.problem.as_ref();
            diagnostics.extend(problem.map(|problem| self.problem(answer.rule, problem, &facts.tree)));
            raised.extend(answer.checks.into_iter().map(|check| Raised {
                rule: answer.rule,
                check,
                others: Vec::new(),
            }));
        }
        let about = About { unit: self.unit, inventory, facts: &facts, program: self.program };
        let mut presenter = Presenter::new(about, self.conditions, self.request);
        let raised = merge(raised, &mut presenter);
        let raised = leave_out_superseded(raised, &mut presenter);
        let mut findings = presenter.findings(raised);
        Presenter::number(&mut findings);
        findings
    }
}

/// One finding for each defect: the same value may be judged for several entities that share it.
fn merge(raised: Vec<Raised>, presenter: &mut Presenter<'_>) -> Vec<Raised> {
    let mut out: Vec<Raised> = Vec::with_capacity(raised.len());
    let mut known: FxHashMap<(RuleId, Status, NodeId, u64), Vec<usize>> = FxHashMap::default();
    for mut one in raised {
        one.check.under = presenter.when(&one.check);
        if one.check.under.is_never() {
            continue;
        }
        let place = presenter.written(one.check.node);
        // Without a message of its own, a rule says the same everywhere.
        let message = FxBuildHasher.hash_one(&one.check.message);
        let here = known.entry((one.rule, one.check.status, place, message)).or_default();
        let same = |index: &usize| {
            out.get(*index).is_some_and(|first: &Raised| first.check.message == one.check.message)
        };
        let first = here.iter().copied().find(same);
        if let Some(first) = first.and_then(|index| out.get_mut(index)) {
            first.check.under = presenter.either(first.check.under, one.check.under);
            first.check.severity = first.check.severity.max(one.check.severity);
            if one.check.entity != first.check.entity {
                first.others.extend(one.check.entity);
            }
        } else {
            here.push(out.len());
            out.push(one);
        }
    }
    out
}

/// Leaves out what a more specific rule says of the same place.
fn leave_out_superseded(raised: Vec<Raised>, presenter: &mut Presenter<'_>) -> Vec<Raised> {
    // Where the specific rules have found something: at the value, and at everything around it.
    let mut at: FxHashMap<(&str, NodeId), Vec<Condition>> = FxHashMap::default();
    let mut around: FxHashMap<(&str, NodeId), Vec<Condition>> = FxHashMap::default();
    for one in raised.iter().filter(|one| one.check.status == Status::Fail) {
        let Some(rule) = presenter.about.program.rule(one.rule) else { continue };
        if rule.metadata().supersedes.is_empty() {
            continue;
        }
        let place = presenter.extent(one.check.node);
        let within = presenter.within_resource(place);
        for superseded in &rule.metadata().supersedes {
            for &node in &within {
                around.entry((superseded, node)).or_default().push(one.check.under);
            }
            let node = presenter.written(place);
            at.entry((superseded, node)).or_default().push(one.check.under);
        }
    }
    if at.is_empty() {
        return raised;
    }
    let mut out = Vec::with_capacity(raised.len());
    for one in raised {
        let id = presenter.about.program.rule(one.rule).map_or("", |rule| rule.id());
        let node = presenter.written(one.check.node);
        let mut whens: Vec<Condition> = around.get(&(id, node)).cloned().unwrap_or_default();
        for ancestor in presenter.within_resource(one.check.node) {
            whens.extend(at.get(&(id, ancestor)).into_iter().flatten());
        }
        let said = whens.into_iter().any(|when| presenter.implies(one.check.under, when));
        if !said {
            out.push(one);
        }
    }
    out
}

fn waive_findings(
    findings: Vec<Finding>,
    unit: &Unit,
    tree: &Tree,
    program: &Program,
    waivers: &Waivers<'_>,
    judged: &mut Judged,
) {
    let (mut inline, refused) = waive::of_unit(unit, tree, waivers.today());
    judged.diagnostics.extend(refused);
    for finding in findings {
        let mut covered = false;
        for one in inline.iter_mut().filter(|one| one.covers(&finding)) {
            one.used = true;
            covered = true;
        }
        if covered || waivers.cover(&finding) {
            judged.suppressed += 1;
        } else {
            judged.findings.push(finding);
        }
    }
    if !inline.is_empty() {
        let asked: FxHashSet<&str> = program.rules().iter().map(rules::Rule::id).collect();
        let complaints = inline.iter().filter_map(|one| one.complaint(&|rule| asked.contains(rule)));
        judged.diagnostics.extend(complaints);
    }
}
