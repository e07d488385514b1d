//! Whether one principal may do more than another.

use std::sync::LazyLock;

use crate::catalog;
use crate::catalog::Access;
use crate::catalog::ActionId;
use crate::catalog::Catalog;

use super::actions::ActionSet;
use super::arn;
use super::effective::Grant;
use super::effective::Grants;
use super::resource::Target;
use crate::document::Tri;

/// The actions that make their holder stronger: those that change something, and those that return credentials.
pub fn strong_actions(catalog: &Catalog) -> ActionSet {
    let mut set = ActionSet::none(catalog);
    for index in 0..catalog.action_count() {
        let action = catalog.action_at(ActionId::from_index(index));
        let changes = [Access::Write, Access::Tagging, Access::PermissionsManagement];
        if changes.into_iter().any(|access| action.is(access)) || action.returns_credentials() {
            set.insert(action.id);
        }
    }
    set
}

/// The strong actions of the embedded catalogue, worked out once.
pub fn embedded_strong_actions() -> &'static ActionSet {
    static STRONG: LazyLock<ActionSet> = LazyLock::new(|| strong_actions(catalog::embedded()));
    &STRONG
}

/// The strong actions that `other` has, on resources where `own` has none.
pub fn excess(
    catalog: &Catalog,
    strong: &ActionSet,
    own: &Grants<'_, '_>,
    other: &Grants<'_, '_>,
) -> ActionSet {
    let open = own.open(catalog);
    let mut out = ActionSet::none(catalog);
    for grant in other.all.iter().filter(|grant| grant.is_unconditional()) {
        let mut rest = grant.actions.clone().into_owned();
        rest.intersect_with(strong);
        rest.subtract(&open);
        for mine in own.all.iter().filter(|mine| mine.is_unconditional()) {
            if rest.is_empty() {
                break;
            }
            if rest.meets(&mine.actions) && reaches_as_far(mine, grant) {
                rest.subtract(&mine.actions);
            }
        }
        out.union_with(&rest);
    }
    out
}

/// Whether the resources of a grant meet all of those of another: what they have in common is not more.
fn reaches_as_far(mine: &Grant<'_, '_>, other: &Grant<'_, '_>) -> bool {
    let (Some(own), Some(theirs)) = (&mine.statement.resources, &other.statement.resources) else {
        return false;
    };
    if own.negated || theirs.negated {
        return own.negated == theirs.negated || own.negated;
    }
    theirs.values.iter().all(|value| {
        let wanted = Target::of(&value.text).tokens;
        own.values.iter().any(|mine| {
            let mine = Target::of(&mine.text).tokens;
            mine == wanted || arn::compare(&mine, &wanted) == Tri::Yes
        })
    })
}
