//! Who can become whom: steps from principal to principal, and the paths that they make.
//!
//! A step is a way to act with the rights of somebody else: to assume a role, to pass it to a service, to command what has
//! it, or to change who may use it. Steps that somebody planned (a role that names who may assume it) make no finding by
//! themselves, but others can lead on from there.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::Condition;
use crate::document::NodeId;
use crate::document::Tri;
use crate::iam::ActionSet;
use crate::iam::Policy;
use crate::iam::actions;
use crate::iam::effective::Grant;
use crate::iam::effective::Grants;
use crate::iam::escalation;
use crate::iam::escalation::Escalation;
use crate::iam::escalation::Reachable;
use crate::iam::glob::Token;
use crate::iam::policy::Effect;
use crate::iam::policy::PrincipalType;
use crate::iam::resource::Target;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;

/// What steps are found from.
pub(super) struct Ground<'g> {
    pub(super) inventory: &'g Inventory,
    /// The entities, by position; all other lists have the same order.
    pub(super) ids: &'g [EntityId],
    pub(super) grants: &'g [Grants<'g, 'g>],
    /// How texts name each principal; nothing for policies that nobody has.
    pub(super) known: &'g [Option<Reachable>],
    /// The trust policies of roles.
    pub(super) trusts: &'g [Option<Policy<'g>>],
    /// The escalations of each.
    pub(super) found: &'g [Vec<Escalation<'static>>],
    pub(super) administrators: &'g FxHashMap<EntityId, Condition>,
    /// Those that have a permissions boundary.
    pub(super) bounded: &'g [bool],
    /// How texts name the managed policies of the input.
    pub(super) policies: &'g FxHashMap<EntityId, Reachable>,
    /// Links that are not there, by where they start and the value that makes them.
    pub(super) absent: &'g FxHashSet<(EntityId, NodeId)>,
    /// Where a person changes a grant.
    pub(super) place: &'g (dyn Fn(usize, NodeId, usize) -> NodeId + Sync),
}

/// How somebody acts with the rights of somebody else.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// Its trust policy names the principal.
    Trusted,
    /// It trusts its account, and the principal may assume it.
    Assume,
    /// It is passed to a service.
    Pass { actions: String, service: Option<String>, pass: Option<NodeId> },
    /// Something that has it is told what to do.
    Use { actions: String, user: Option<EntityId> },
    /// Who may use it is changed.
    TakeOver { action: &'static str },
    /// The principal puts itself into the group.
    Join,
    /// The principal gives somebody that it is, or becomes, every permission.
    Raise { action: &'static str },
}

impl How {
    /// The word of rules for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Trusted | Self::Assume => "assume",
            Self::Pass { .. } => "pass",
            Self::Use { user: None, .. } => "command",
            Self::Use { .. } => "use",
            Self::TakeOver { .. } => "take_over",
            Self::Join => "join",
            Self::Raise { .. } => "raise",
        }
    }
}

/// What one principal may do more than another.
#[derive(Clone, Debug)]
pub(super) enum More {
    Actions(ActionSet),
    Everything,
}

/// A step to some principals.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) how: How,
    /// What allows it.
    pub(super) place: NodeId,
    /// Whether that is a grant on every resource.
    pub(super) wide: bool,
    pub(super) to: Vec<usize>,
}

impl Step {
    /// Whether somebody planned it.
    pub(super) fn is_planned(&self) -> bool {
        matches!(self.how, How::Trusted) || (matches!(self.how, How::Assume) && !self.wide)
    }
}

/// The steps of all principals.
pub(super) struct Graph {
    pub(super) steps: Vec<Vec<Step>>,
    /// The principals that some step leads to.
    reachable: FxHashSet<usize>,
}

/// Actions that let their holder use the identity that they name.
const TAKE_OVER_ROLE: &[&str] = &["iam:UpdateAssumeRolePolicy"];
const TAKE_OVER_USER: &[&str] = &["iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateAccessKey"];
/// Actions that change what the identity that they name may do.
const RAISE: &[(Kind, &[&str])] = &[
    (Kind::Role, &["iam:PutRolePolicy", "iam:AttachRolePolicy"]),
    (Kind::User, &["iam:PutUserPolicy", "iam:AttachUserPolicy"]),
    (Kind::Group, &["iam:PutGroupPolicy", "iam:AttachGroupPolicy"]),
];

/// Actions that change what a managed policy says, or which of its versions counts.
const REWRITE: &[&str] = &["iam:CreatePolicyVersion"];

/// The resource types whose instances run with a role, by the service of the action that commands them.
const RUNNERS: &[(&str, &[&str])] = &[
    ("lambda", &["AWS::Lambda::Function", "AWS::Serverless::Function", "aws_lambda_function"]),
    (
        "states",
        &["AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine", "aws_sfn_state_machine"],
    ),
    ("codebuild", &["AWS::CodeBuild::Project", "aws_codebuild_project"]),
    ("glue", &["AWS::Glue::DevEndpoint", "aws_glue_dev_endpoint"]),
    ("sagemaker", &["AWS::SageMaker::NotebookInstance", "aws_sagemaker_notebook_instance"]),
    ("apprunner", &["AWS::AppRunner::Service", "aws_apprunner_service"]),
];

impl Graph {
    /// Finds the steps of all principals.
    pub(super) fn of(ground: &Ground<'_>) -> Self {
        let trusted = Trusted::of(ground);
        let count = ground.ids.len();
        let mut steps: Vec<Vec<Step>> = (0..count)
            .map(|index| {
                let mut out = Vec::new();
                if ground.known.get(index).is_some_and(Option::is_some) && !ground.is_administrator(index) {
                    ground.steps(index, &trusted, &mut out);
                }
                out
            })
            .collect();
        // Each principal is led to once, by the first of the ways.
        for (index, own) in steps.iter_mut().enumerate() {
            let mut seen = FxHashSet::from_iter([index]);
            for step in own.iter_mut() {
                step.to.retain(|to| seen.insert(*to));
            }
            own.retain(|step| !step.to.is_empty());
        }
        let reachable = steps.iter().flatten().flat_map(|step| step.to.iter().copied()).collect();
        Self { steps, reachable }
    }

    /// All that a principal reaches, each with the one before it and the step from there, the nearest first.
    pub(super) fn from(&self, start: usize) -> Vec<(usize, usize, usize)> {
        let mut out = Vec::new();
        let all = self.reachable.len() - usize::from(self.reachable.contains(&start));
        let mut seen = vec![false; self.steps.len() + 1];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            // Where everybody can become everybody, the first step finds all of them.
            if out.len() >= all {
                break;
            }
            for (number, step) in self.steps.get(at).into_iter().flatten().enumerate() {
                for &to in &step.to {
                    if to == start {
                        continue;
                    }
                    if let Some(seen) = seen.get_mut(to).filter(|seen| !**seen) {
                        *seen = true;
                        out.push((to, at, number));
                        queue.push_back(to);
                    }
                }
            }
        }
        out
    }
}

/// Whom roles trust.
struct Trusted {
    /// Roles that anybody in the account may assume whose policies let him.
    open: Vec<usize>,
    /// By principal: the roles that name it, and where.
    named: FxHashMap<usize, Vec<(usize, NodeId)>>,
}

impl Trusted {
    fn of(ground: &Ground<'_>) -> Self {
        let mut by_reference = FxHashMap::default();
        let mut by_name: FxHashMap<&[Token], usize> = FxHashMap::default();
        for (index, known) in ground.known.iter().enumerate() {
            let Some(known) = known else { continue };
            by_reference.extend(known.reference.map(|token| (token, index)));
            by_name.extend(known.name.as_deref().map(|name| (name, index)));
        }
        let mut out = Self { open: Vec::new(), named: FxHashMap::default() };
        for (role, trust) in ground.trusts.iter().enumerate() {
            let Some(trust) = trust else { continue };
            for statement in trust.statements.iter().filter(|one| one.effect == Effect::Allow) {
                let assumes = actions::covers(&statement.actions, "sts:AssumeRole") == Tri::Yes;
                let Some(principals) = statement.principals.as_ref().filter(|all| !all.negated) else {
                    continue;
                };
                if !assumes || !statement.is_unconditional() {
                    continue;
                }
                for principal in principals.values.iter().filter(|one| one.ty == PrincipalType::Aws) {
                    if !principal.value.under.is_always() {
                        continue;
                    }
                    let tokens = Target::of(&principal.value.text).tokens;
                    let of = match crate::iam::arn::Arn::split(&tokens) {
                        crate::iam::arn::Arn::Everything => None,
                        crate::iam::arn::Arn::Whole(_) => match tokens.as_slice() {
                            [token] => by_reference.get(token).copied(),
                            _ => continue,
                        },
                        crate::iam::arn::Arn::Fields(fields) => match (fields.get(4), fields.get(5)) {
                            (Some(account), Some(name)) if is_root(name) => {
                                if !is_own(account) {
                                    continue;
                                }
                                None
                            }
                            (_, Some(name)) => match by_name.get(name) {
                                Some(&index) => Some(index),
                                None => continue,
                            },
                            _ => continue,
                        },
                    };
                    match of {
                        Some(index) => {
                            out.named.entry(index).or_default().push((role, principal.value.node));
                        }
                        None if out.open.last() != Some(&role) => out.open.push(role),
                        None => {}
                    }
                }
            }
        }
        out
    }
}

fn is_root(name: &[Token]) -> bool {
    *name == crate::iam::glob::literal("root")
}

/// Whether the account of an ARN is that of the deployment.
fn is_own(account: &[Token]) -> bool {
    let own = crate::iam::text::token(&crate::document::HoleKind::Account, "");
    matches!(account, [token] if *token == own)
}

impl Ground<'_> {
    pub(super) fn is_administrator(&self, index: usize) -> bool {
        self.ids.get(index).is_some_and(|id| self.administrators.contains_key(id))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.inventory.entity(*self.ids.get(index)?).map(|entity| entity.kind)
    }

    fn steps(&self, index: usize, trusted: &Trusted, out: &mut Vec<Step>) {
        for (role, place) in trusted.named.get(&index).into_iter().flatten() {
            out.push(Step { how: How::Trusted, place: *place, wide: false, to: vec![*role] });
        }
        for (place, wide, to) in self.covered(index, "sts:AssumeRole", &trusted.open) {
            out.push(Step { how: How::Assume, place, wide, to });
        }
        self.escalations(index, out);
        self.take_overs(index, out);
        self.raises(index, out);
    }

    /// The places of unconditional grants of an action, and which of some principals each covers.
    fn covered(&self, index: usize, action: &str, among: &[usize]) -> Vec<(NodeId, bool, Vec<usize>)> {
        let catalog = catalog::embedded();
        let (Some(grants), Some(id)) = (self.grants.get(index), catalog.action(action)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for grant in grants.of(id.id).filter(|grant| grant.is_unconditional()) {
            let wide = grant.is_open();
            let to: Vec<usize> = if wide {
                among.to_vec()
            } else {
                among.iter().copied().filter(|one| self.covers(grant, *one)).collect()
            };
            if !to.is_empty() {
                out.push(((self.place)(index, grant.place(action), grant.policy), wide, to));
            }
        }
        out
    }

    fn covers(&self, grant: &Grant<'_, '_>, index: usize) -> bool {
        let known = self.known.get(index).and_then(Option::as_ref);
        known.is_some_and(|known| escalation::covers(grant, known))
    }

    /// Passing roles to services, and commanding what has one.
    fn escalations(&self, index: usize, out: &mut Vec<Step>) {
        for one in self.found.get(index).into_iter().flatten() {
            let place = (self.place)(index, one.place.0, one.place.1);
            let names: Vec<String> = one.method.actions().map(|name| format!("`{name}`")).collect();
            let actions = names.join(", ");
            if !one.roles.is_empty() {
                let pass = one.pass.map(|(node, policy)| (self.place)(index, node, policy));
                let plain: Vec<&String> = names.iter().filter(|name| *name != "`iam:PassRole`").collect();
                let actions = plain.into_iter().cloned().collect::<Vec<_>>().join(", ");
                let service = one.method.passed_to().map(str::to_owned);
                out.push(Step {
                    how: How::Pass { actions, service, pass },
                    place,
                    wide: one.open,
                    to: one.roles.clone(),
                });
                continue;
            }
            if !one.open {
                continue;
            }
            if escalation::family(one.method) == "nodes" {
                let to: Vec<usize> = self.roles().filter(|role| self.has_nodes(*role)).collect();
                out.push(Step { how: How::Use { actions, user: None }, place, wide: true, to });
            } else if one.method.kind() == crate::catalog::MethodKind::ExistingRole {
                for (role, user) in self.runners(one) {
                    let how = How::Use { actions: actions.clone(), user: Some(user) };
                    out.push(Step { how, place, wide: true, to: vec![role] });
                }
            }
        }
    }

    fn roles(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.ids.len()).filter(|&index| self.kind(index) == Some(Kind::Role))
    }

    fn is_there(&self, link: &Link) -> bool {
        !self.absent.contains(&(link.from, link.value))
    }

    fn has_nodes(&self, role: usize) -> bool {
        let id = self.ids.get(role);
        id.is_some_and(|id| self.inventory.links_to(*id, Relation::Contains).any(|link| self.is_there(link)))
    }

    /// Functions, state machines and the like of the input that an action commands, with their roles.
    fn runners(&self, one: &Escalation<'_>) -> Vec<(usize, EntityId)> {
        let service = one.method.actions().next().and_then(|name| name.split(':').next()).unwrap_or("");
        let types = RUNNERS.iter().find(|(name, _)| *name == service).map_or(&[][..], |(_, types)| types);
        let mut out = Vec::new();
        if types.is_empty() {
            return out;
        }
        for role in self.roles() {
            let Some(id) = self.ids.get(role) else { continue };
            let links = self.inventory.links_to(*id, Relation::Passes).filter(|link| self.is_there(link));
            let user = { links }.find(|link| {
                let resource = self.inventory.entity(link.from).map(|entity| entity.resource);
                let resource = resource.and_then(|id| self.inventory.resource(id));
                resource.is_some_and(|resource| types.contains(&&*resource.ty))
            });
            out.extend(user.map(|link| (role, link.from)));
        }
        out
    }

    /// Changing who may use a role, getting at a user's credentials, joining a group.
    fn take_overs(&self, index: usize, out: &mut Vec<Step>) {
        let of_kind =
            |kind: Kind| (0..self.ids.len()).filter(move |&one| self.kind(one) == Some(kind)).collect();
        for (kind, names) in [(Kind::Role, TAKE_OVER_ROLE), (Kind::User, TAKE_OVER_USER)] {
            for &action in names {
                if self.has(index, action) {
                    let among: Vec<usize> = of_kind(kind);
                    for (place, wide, to) in self.covered(index, action, &among) {
                        out.push(Step { how: How::TakeOver { action }, place, wide, to });
                    }
                }
            }
        }
        if self.kind(index) == Some(Kind::User) && self.has(index, "iam:AddUserToGroup") {
            let groups: Vec<usize> = of_kind(Kind::Group);
            for (place, wide, to) in self.covered(index, "iam:AddUserToGroup", &groups) {
                out.push(Step { how: How::Join, place, wide, to });
            }
        }
    }

    fn has(&self, index: usize, action: &str) -> bool {
        let id = catalog::embedded().action(action).map(|action| action.id);
        let grants = self.grants.get(index);
        grants.zip(id).is_some_and(|(grants, id)| grants.of(id).next().is_some())
    }

    /// Giving more to itself, or to somebody that trusts it.
    fn raises(&self, index: usize, out: &mut Vec<Step>) {
        let mut names = RAISE.iter().flat_map(|(_, names)| *names).chain(REWRITE);
        if !names.any(|name| self.has(index, name)) {
            return;
        }
        let everything = self.ids.len();
        let own_groups: Vec<usize> = self
            .ids
            .get(index)
            .into_iter()
            .flat_map(|id| self.inventory.links_from(*id, Relation::Member))
            .filter(|link| self.is_there(link))
            .filter_map(|link| match link.to {
                crate::model::Target::Entity(group, Tri::Yes) => self.ids.iter().position(|id| *id == group),
                _ => None,
            })
            .collect();
        // Those that it is now, or becomes by a step that is found already.
        let mut own: Vec<usize> = vec![index];
        own.extend(own_groups);
        own.extend(out.iter().filter(|step| step.is_planned()).flat_map(|step| step.to.iter().copied()));
        for (kind, names) in RAISE {
            let among: Vec<usize> = own
                .iter()
                .copied()
                .filter(|&one| {
                    self.kind(one) == Some(*kind) && !self.bounded.get(one).copied().unwrap_or(false)
                })
                .collect();
            if among.is_empty() {
                continue;
            }
            for &action in *names {
                if let Some((place, wide, _)) = self.covered(index, action, &among).into_iter().next() {
                    out.push(Step { how: How::Raise { action }, place, wide, to: vec![everything] });
                    return;
                }
            }
        }
        for &action in REWRITE {
            if let Some((place, wide)) = self.rewrites(index, action, &own) {
                out.push(Step { how: How::Raise { action }, place, wide, to: vec![everything] });
                return;
            }
        }
    }

    /// The place of a grant to change a managed policy that one of these principals has.
    fn rewrites(&self, index: usize, action: &str, holders: &[usize]) -> Option<(NodeId, bool)> {
        let action_id = catalog::embedded().action(action)?.id;
        let free = |one: &&usize| !self.bounded.get(**one).copied().unwrap_or(false);
        let attached: Vec<&Reachable> = holders
            .iter()
            .filter(free)
            .filter_map(|one| self.ids.get(*one))
            .flat_map(|id| self.inventory.links_from(*id, Relation::Attached))
            .filter(|link| self.is_there(link))
            .filter_map(|link| match link.to {
                crate::model::Target::Entity(policy, Tri::Yes) => self.policies.get(&policy),
                _ => None,
            })
            .collect();
        let grants = self.grants.get(index)?;
        let mut all = grants.of(action_id).filter(|grant| grant.is_unconditional());
        let grant = all.find(|grant| attached.iter().any(|policy| escalation::covers(grant, policy)))?;
        Some(((self.place)(index, grant.place(action), grant.policy), grant.is_open()))
    }

    /// What a principal may do that another may not.
    pub(super) fn excess(&self, strong: &ActionSet, own: usize, other: usize) -> More {
        if other >= self.ids.len() || self.is_administrator(other) {
            return More::Everything;
        }
        let catalog = catalog::embedded();
        match (self.grants.get(own), self.grants.get(other)) {
            (Some(own), Some(other)) => {
                More::Actions(crate::iam::strength::excess(catalog, strong, own, other))
            }
            _ => More::Actions(ActionSet::none(catalog)),
        }
    }
}
