//! Who can gain more than was given: escalation methods against what principals are granted.

use std::sync::LazyLock;

use crate::catalog;
use crate::catalog::ActionId;
use crate::catalog::Catalog;
use crate::catalog::Method;
use crate::catalog::MethodKind;
use crate::document::NodeId;

use super::actions::ActionSet;
use super::arn::Arn;
use super::effective::Grant;
use super::effective::Grants;
use super::glob::Token;
use super::glob::contains;
use super::glob::is_everything;
use super::operator::Comparison;
use super::policy::Scalar;
use super::resource::Target;
use super::text::Text;

/// A role that could be passed or taken over.
#[derive(Clone, Debug)]
pub struct Reachable {
    /// Which one it is, in the caller's own numbering.
    pub id: usize,
    /// The token that stands for its ARN, where texts refer to it.
    pub reference: Option<Token>,
    /// The resource part of its ARN, where its name is known: `role/path/name`.
    pub name: Option<Vec<Token>>,
    /// The service principals that it trusts.
    pub services: Vec<String>,
    /// What it may do.
    pub actions: ActionSet,
}

/// A way to gain more.
#[derive(Clone, Debug)]
pub struct Escalation<'c> {
    /// The method.
    pub method: Method<'c>,
    /// The pattern of the first action that is not `iam:PassRole`, and the position of its policy.
    pub place: (NodeId, usize),
    /// The pattern that grants `iam:PassRole`, and the position of its policy.
    pub pass: Option<(NodeId, usize)>,
    /// Whether every action is granted on every resource.
    pub open: bool,
    /// Whether the first action that is not `iam:PassRole` is granted on named resources only, never on all of a type.
    pub limited: bool,
    /// The roles that can be passed to the service, of those that are known.
    pub roles: Vec<usize>,
}

/// The methods of a catalogue with their actions looked up, for many questions.
#[derive(Clone, Debug)]
pub struct Methods<'c> {
    all: Vec<(Method<'c>, Vec<ActionId>)>,
    pass: Option<ActionId>,
    command: Option<ActionId>,
}

impl<'c> Methods<'c> {
    /// Looks the methods up.
    pub fn new(catalog: &'c Catalog) -> Self {
        let makes = |method: &Method<'_>| {
            method.actions().any(|name| matches!(name, "iam:CreateRole" | "iam:CreateUser"))
        };
        let wanted =
            catalog.methods().filter(|method| method.is_minimal() || method.is_ssm() || makes(method));
        let all = wanted.filter_map(|method| {
            let ids: Option<Vec<_>> =
                method.actions().map(|name| catalog.action(name).map(|action| action.id)).collect();
            Some((method, ids?))
        });
        Self {
            all: all.collect(),
            pass: catalog.action("iam:PassRole").map(|action| action.id),
            command: catalog.action("ssm:SendCommand").map(|action| action.id),
        }
    }
}

impl Methods<'static> {
    /// Those of the embedded catalogue, looked up once.
    pub fn embedded() -> &'static Self {
        static METHODS: LazyLock<Methods<'static>> = LazyLock::new(|| Methods::new(catalog::embedded()));
        &METHODS
    }
}

/// The ways to gain more that a principal has. Only what is granted whatever the context counts; `iam:PassRole` counts
/// where it lets a role through to the service that the method needs.
pub fn escalations<'c>(
    catalog: &'c Catalog,
    methods: &Methods<'c>,
    grants: &Grants<'_, '_>,
    roles: &[Reachable],
) -> Vec<Escalation<'c>> {
    let some = grants.actions(catalog, true);
    let sure = grants.actions(catalog, false);
    let open = grants.open(catalog);
    let mut out = Vec::new();
    for (method, ids) in &methods.all {
        let is_pass = |id: &ActionId| Some(*id) == methods.pass;
        if !ids.iter().all(|id| if is_pass(id) { some.has(*id) } else { sure.has(*id) }) {
            continue;
        }
        let plain: Vec<ActionId> = ids.iter().copied().filter(|id| !is_pass(id)).collect();
        let mut through = Vec::new();
        let mut any_role = true;
        let mut pass_place = None;
        if let Some(pass) = ids.iter().find(|id| is_pass(id)) {
            let service = method.passed_to();
            let letting: Vec<_> = grants.of(*pass).filter(|grant| lets_through(grant, service)).collect();
            any_role = letting.iter().any(|grant| grant.is_open());
            through = passable(&letting, roles, service);
            if !any_role && through.is_empty() {
                continue;
            }
            let named = |grant: &&&Grant<'_, '_>| {
                roles.iter().any(|role| through.contains(&role.id) && covers(grant, role))
            };
            let by = letting.iter().find(named).or(letting.first());
            pass_place = by.map(|grant| (grant.place("iam:PassRole"), grant.policy));
        }
        let Some(&first) = plain.first() else { continue };
        let is_command = methods.command == Some(first);
        let counts =
            |grant: &&Grant<'_, '_>| grant.is_unconditional() && (!is_command || runs_anything(grant));
        let Some(grant) = grants.of(first).find(counts) else { continue };
        out.push(Escalation {
            method: *method,
            place: (grant.place(catalog.action_at(first).full_name()), grant.policy),
            pass: pass_place,
            open: any_role && plain.iter().all(|id| open.has(*id)),
            limited: grants.of(first).filter(counts).all(is_limited),
            roles: through,
        });
    }
    out
}

/// Whether a grant of `iam:PassRole` lets roles through to a service.
pub fn lets_through(grant: &Grant<'_, '_>, service: Option<&str>) -> bool {
    if grant.statement.open || !grant.statement.under.is_always() {
        return false;
    }
    grant.statement.conditions.iter().all(|test| {
        if !test.key.eq_ignore_ascii_case("iam:PassedToService") {
            return false;
        }
        let Some(operator) = test.operator.filter(|operator| !operator.negated) else { return false };
        let Some(service) = service else { return true };
        test.values.iter().any(|value| match (&value.text, operator.test) {
            (Text::Known(text), Comparison::Equals | Comparison::EqualsIgnoreCase) => *text == service,
            (Text::Known(text), Comparison::Like) => {
                super::glob::contains(&super::glob::pattern(text), &super::glob::literal(service))
            }
            _ => true,
        })
    })
}

/// Whether each resource of a grant is named, or at least how its name begins or ends.
fn is_limited(grant: &Grant<'_, '_>) -> bool {
    let Some(resources) = grant.statement.resources.as_ref().filter(|one| !one.negated) else { return false };
    resources.values.iter().all(|value| match Arn::split(&Target::of(&value.text).tokens) {
        Arn::Everything => false,
        Arn::Whole(_) => true,
        Arn::Fields(fields) => fields.get(5).is_some_and(|name| {
            let tail = name.iter().position(|token| matches!(token, Token::Unit(0x2F | 0x3A)));
            let tail = tail.and_then(|at| name.get(at + 1..)).unwrap_or(name);
            !is_everything(tail)
        }),
    })
}

/// Documents of AWS that run what their caller says.
const RUNNERS: &[&str] =
    &["AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-RunRemoteScript", "AWS-RunDocument"];

/// Whether a grant of `ssm:SendCommand` covers a document that runs whatever its caller says: one that only covers
/// documents of the account's own lets their authors decide.
fn runs_anything(grant: &Grant<'_, '_>) -> bool {
    let Some(resources) = &grant.statement.resources else { return false };
    let runs = |value: &Scalar<'_>| {
        let pattern = Target::of(&value.text).tokens;
        match Arn::split(&pattern) {
            Arn::Everything => true,
            Arn::Whole(_) => false,
            Arn::Fields(fields) => fields.get(5).is_some_and(|resource| {
                let covered =
                    |name: &&str| contains(resource, &super::glob::literal(&format!("document/{name}")));
                RUNNERS.iter().any(covered)
            }),
        }
    };
    resources.negated || resources.values.iter().any(runs)
}

/// The known roles that grants of `iam:PassRole` let through to a service that they trust.
fn passable(letting: &[&Grant<'_, '_>], roles: &[Reachable], service: Option<&str>) -> Vec<usize> {
    let trusts =
        |role: &Reachable| service.is_none_or(|service| role.services.iter().any(|own| own == service));
    roles
        .iter()
        .filter(|role| trusts(role) && letting.iter().any(|grant| covers(grant, role)))
        .map(|role| role.id)
        .collect()
}

/// Whether the resources of a grant cover a role.
pub fn covers(grant: &Grant<'_, '_>, role: &Reachable) -> bool {
    let Some(resources) = &grant.statement.resources else { return false };
    resources.negated != resources.values.iter().any(|value| covers_value(value, role))
}

/// Whether one pattern covers a role.
pub fn covers_value(value: &Scalar<'_>, role: &Reachable) -> bool {
    let pattern = Target::of(&value.text).tokens;
    match Arn::split(&pattern) {
        Arn::Everything => true,
        Arn::Whole(_) => role.reference.is_some_and(|token| pattern == [token]),
        // In the account `aws` are only policies of AWS.
        Arn::Fields(fields)
            if fields.get(4).is_some_and(|account| *account == super::glob::literal("aws")) =>
        {
            false
        }
        // The account is that of the role, or the pattern would be of no use.
        Arn::Fields(fields) => match (fields.get(5), &role.name) {
            (Some(resource), Some(name)) => contains(resource, name),
            (Some(resource), None) => is_everything(resource) || contains(resource, &pattern_of_any_role()),
            (None, _) => fields.len() > 1,
        },
    }
}

fn pattern_of_any_role() -> Vec<Token> {
    super::glob::pattern("role/*")
}

/// Actions that make another service start runbooks and commands.
const STARTERS: &[&str] = &[
    "events:PutTargets",
    "config:PutRemediationConfigurations",
    "ssm-incidents:CreateResponsePlan",
    "fis:CreateExperimentTemplate",
    "scheduler:CreateSchedule",
];

/// What kind of method it is, for rules.
pub fn family(method: Method<'_>) -> &'static str {
    let names: Vec<&str> = method.actions().collect();
    let has = |name: &str| names.contains(&name);
    if has("iam:DeleteRolePermissionsBoundary")
        || has("iam:PutRolePermissionsBoundary")
        || has("iam:DeleteUserPermissionsBoundary")
        || has("iam:PutUserPermissionsBoundary")
    {
        return "boundary";
    }
    if has("iam:CreateRole") || has("iam:CreateUser") {
        return "creator";
    }
    if STARTERS.iter().any(|name| has(name)) {
        return "starter";
    }
    if method.kind() == MethodKind::Exposure {
        return "exposure";
    }
    if method.is_ssm() {
        return ssm_family(&names, method);
    }
    if names.len() == 1 && matches!(method.kind(), MethodKind::SelfEscalation | MethodKind::PrincipalAccess) {
        return if has("sts:AssumeRole") { "assume" } else { "single" };
    }
    "combination"
}

fn ssm_family(names: &[&str], method: Method<'_>) -> &'static str {
    let has = |name: &str| names.contains(&name);
    let any = |list: &[&str]| list.iter().any(|name| has(name));
    if any(&["ssm:CreateActivation", "ssm:UpdateManagedInstanceRole", "ssm:UpdateServiceSetting"]) {
        "hybrid"
    } else if method.kind() == MethodKind::PassedRole && method.passed_to() == Some("ssm.amazonaws.com") {
        "runbook"
    } else if any(&["ssm:SendCommand", "ssm:StartSession", "ssm:ResumeSession"]) {
        "nodes"
    } else if any(&[
        "ssm:UpdateDocument",
        "ssm:UpdateDocumentDefaultVersion",
        "ssm:CreateAssociation",
        "ssm:CreateAssociationBatch",
        "ssm:UpdateAssociation",
        "ssm:UpdateMaintenanceWindowTask",
    ]) {
        "documents"
    } else {
        "combination"
    }
}
