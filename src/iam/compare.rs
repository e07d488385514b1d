//! Two sets of policies: what the second grants that the first does not, and the other way round.
//!
//! Actions that the same statements speak of are alike, and are compared once. For each kind of action every resource
//! that either side names is tried, so that each difference has a witness: an action and a resource on which
//! [`decide`] answers differently.

use std::collections::BTreeMap;

use crate::catalog::ActionId;
use crate::catalog::Catalog;
use crate::document::Tri;

use super::actions::ActionSet;
use super::actions::expansion;
use super::context::Context;
use super::evaluate::Policies;
use super::evaluate::Request;
use super::evaluate::decide;
use super::evaluate::statement_matches;
use super::policy::Policy;
use super::policy::PrincipalType;
use super::policy::Statement;
use super::policy::Test;
use super::principal::Caller;
use super::resource::Target;

/// A difference, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// The actions, in AWS's spelling.
    pub actions: Vec<String>,
    /// The resource.
    pub resource: String,
    /// Whether it is granted on all of the resource, whatever the context.
    pub sure: bool,
    /// The conditions under which it is granted, or withheld.
    pub conditions: Vec<String>,
}

/// What changes from one set of policies to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What only the second grants.
    pub gained: Vec<Witness>,
    /// What only the first grants.
    pub lost: Vec<Witness>,
}

impl Difference {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// Compares what two sets of identity policies grant.
pub fn compare(catalog: &Catalog, old: &[Policy<'_>], new: &[Policy<'_>]) -> Difference {
    let mut out = Difference::default();
    let context = Context::open();
    let caller = Caller::Arn("arn:aws:iam::000000000000:role/compared".to_owned());
    for (speaking, actions) in alike(catalog, old, new) {
        let Some(&sample) = actions.first() else { continue };
        let all = old.iter().chain(new).flat_map(|policy| &policy.statements);
        let about = all.zip(&speaking).filter(|(_, speaks)| **speaks).map(|(statement, _)| statement);
        for (text, target) in targets(catalog, sample, about) {
            let name = catalog.action_at(sample).full_name();
            let request = Request {
                caller: &caller,
                action: name,
                target: &target,
                resource_account: None,
                context: &context,
                any_session: false,
            };
            let (before, after) = (answer(catalog, old, &request), answer(catalog, new, &request));
            let (was, is) = (granted(catalog, old, &request), granted(catalog, new, &request));
            let names =
                || actions.iter().map(|&id| catalog.action_at(id).full_name().to_owned()).collect::<Vec<_>>();
            // Where both depend on conditions, the conditions are compared.
            let other_conditions = before == Tri::Maybe && after == Tri::Maybe && was != is;
            if after > before || (other_conditions && is.iter().any(|one| !was.contains(one))) {
                out.gained.push(witness(names(), &text, after, &is));
            }
            if before > after || (other_conditions && was.iter().any(|one| !is.contains(one))) {
                out.lost.push(witness(names(), &text, before, &was));
            }
        }
    }
    for list in [&mut out.gained, &mut out.lost] {
        list.sort();
        list.dedup();
    }
    out
}

fn witness(actions: Vec<String>, resource: &str, answer: Tri, conditions: &[String]) -> Witness {
    let sure = answer == Tri::Yes;
    let named = conditions.iter().filter(|one| !sure && one.contains(" if ")).cloned();
    Witness { actions, resource: resource.to_owned(), sure, conditions: named.collect() }
}

fn answer(catalog: &Catalog, policies: &[Policy<'_>], request: &Request<'_>) -> Tri {
    decide(catalog, &Policies { identity: policies, ..Policies::default() }, request).tri()
}

/// The conditions of the statements that apply to a request, each in one spelling.
fn granted(catalog: &Catalog, policies: &[Policy<'_>], request: &Request<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for policy in policies {
        for statement in &policy.statements {
            if statement_matches(catalog, policy, statement, request) != Tri::No {
                out.push(format!("{:?} {}", statement.effect, conditions(statement)));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

fn conditions(statement: &Statement<'_>) -> String {
    let mut all: Vec<String> = statement.conditions.iter().map(test).collect();
    all.sort();
    if all.is_empty() { "always".to_owned() } else { format!("if {}", all.join(" and ")) }
}

fn test(test: &Test<'_>) -> String {
    let mut values: Vec<String> = test.values.iter().map(|value| value.text.display()).collect();
    values.sort();
    format!("{} {} {}", test.operator_name, test.key, values.join(", "))
}

/// Actions that the same statements speak of, with which statements these are. Actions of different services, and those
/// with and without resources, are told apart.
fn alike(catalog: &Catalog, old: &[Policy<'_>], new: &[Policy<'_>]) -> Vec<(Vec<bool>, Vec<ActionId>)> {
    let statements = old.iter().chain(new).flat_map(|policy| &policy.statements);
    let sets: Vec<ActionSet> = statements.map(|one| expansion(catalog, &one.actions).possible).collect();
    let mut groups: BTreeMap<(usize, bool, Vec<bool>), Vec<ActionId>> = BTreeMap::new();
    for (position, service) in catalog.services().enumerate() {
        for index in service.range() {
            let id = ActionId::from_index(index);
            if !sets.iter().any(|set| set.has(id)) {
                continue;
            }
            let action = catalog.action_at(id);
            if !action.withdrawn() {
                let speaking = sets.iter().map(|set| set.has(id)).collect();
                groups.entry((position, action.without_resources(), speaking)).or_default().push(id);
            }
        }
    }
    groups.into_iter().map(|((_, _, speaking), ids)| (speaking, ids)).collect()
}

/// The resources that statements name, for an action: `*` for one that takes none.
fn targets<'p, 't: 'p>(
    catalog: &Catalog,
    action: ActionId,
    statements: impl Iterator<Item = &'p Statement<'t>>,
) -> Vec<(String, Target)> {
    let mut out = BTreeMap::new();
    let takes = !catalog.action_at(action).without_resources();
    out.insert("*".to_owned(), if takes { Target::any() } else { Target::parse("*") });
    for statement in statements.filter(|_| takes) {
        for value in statement.resources.iter().flat_map(|all| &all.values) {
            out.insert(value.text.display(), Target::of(&value.text));
        }
    }
    out.into_iter().collect()
}

/// Who may do what by the policy of a resource or role: a line each.
pub fn trusted(policies: &[Policy<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for statement in policies.iter().flat_map(|policy| &policy.statements) {
        let actions: Vec<String> =
            statement.actions.values.iter().map(|value| value.text.display()).collect();
        let Some(principals) = &statement.principals else { continue };
        for principal in &principals.values {
            let ty = match principal.ty {
                PrincipalType::Service => "service ",
                PrincipalType::Federated => "provider ",
                _ => "",
            };
            let not = if principals.negated { "everybody but " } else { "" };
            for action in &actions {
                out.push(format!(
                    "{:?} {not}{ty}{} {action} {}",
                    statement.effect,
                    principal.value.text.display(),
                    conditions(statement)
                ));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}
