//! Actions: what they do, on which resources, and under which condition keys.

use std::sync::Arc;

use super::Catalog;
use super::key::KeyId;
use super::service::{ResourceType, Service, TypeId};

/// An action, by its position in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(u32);

impl ActionId {
    /// The position, for sets of actions.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The action at a position.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// An action of a service.
#[derive(Clone, Copy, Debug)]
pub struct Action<'c> {
    catalog: &'c Catalog,
    /// Its position in the catalogue.
    pub id: ActionId,
}

/// A kind of resource that an action is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Use<'c> {
    catalog: &'c Catalog,
    at: usize,
}

/// What an action does, in AWS's words. AWS's own data gives some actions two levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Lists resources.
    List,
    /// Reads.
    Read,
    /// Changes something.
    Write,
    /// Changes tags only.
    Tagging,
    /// Changes who may do what.
    PermissionsManagement,
}

/// The service and the name of `service:name`.
pub fn split(full: &str) -> Option<(&str, &str)> {
    let colon = memchr::memchr(b':', full.as_bytes())?;
    Some((full.get(..colon)?, full.get(colon + 1..)?))
}

const ACTION: usize = 16;
const USE: usize = 6;

impl Catalog {
    /// How many actions there are: one more than the largest position.
    pub fn action_count(&self) -> usize {
        self.at.actions.count
    }

    /// The action at a position.
    pub fn action_at(&self, id: ActionId) -> Action<'_> {
        Action { catalog: self, id }
    }

    /// The actions that a pattern matches, which is worked out once.
    pub fn matching(&self, pattern: &str, find: impl FnOnce() -> Arc<[ActionId]>) -> Arc<[ActionId]> {
        self.matching.of(pattern, find)
    }

    /// The action with a full name such as `ssm:SendCommand`, in any case.
    pub fn action(&self, full: &str) -> Option<Action<'_>> {
        let (prefix, name) = split(full)?;
        self.service(prefix)?.action(name)
    }
}

impl<'c> Action<'c> {
    fn u32(self, offset: usize) -> u32 {
        self.catalog.table.u32(self.catalog.at.actions, ACTION * self.id.index() + offset)
    }

    fn u16(self, offset: usize) -> u16 {
        self.catalog.table.u16(self.catalog.at.actions, ACTION * self.id.index() + offset)
    }

    fn has(self, flag: u16) -> bool {
        self.u16(4) & flag != 0
    }

    /// Its name without the service.
    pub fn name(self) -> &'c str {
        self.catalog.table.string(self.u32(0))
    }

    /// Its service.
    pub fn service(self) -> Service<'c> {
        self.catalog.service_of(self.id)
    }

    /// Its full name in AWS's spelling, such as `ssm:SendCommand`.
    pub fn full_name(self) -> &'c str {
        self.service().full_name(self)
    }

    /// Whether it has an access level.
    pub fn is(self, access: Access) -> bool {
        self.has(match access {
            Access::List => 1,
            Access::Read => 2,
            Access::Write => 4,
            Access::Tagging => 8,
            Access::PermissionsManagement => 16,
        })
    }

    /// Whether it changes who may do what, by AWS's word or by that of a second source.
    pub fn manages_permissions(self) -> bool {
        // Some that only list carry the level by mistake.
        self.has(16 | 128) && !self.name().starts_with("List") && !self.name().starts_with("Describe")
    }

    /// Whether it only lists or reads.
    pub fn only_reads(self) -> bool {
        !self.has(4 | 8) && !self.manages_permissions()
    }

    /// Whether it cannot be limited to resources: only `*` matches.
    pub fn without_resources(self) -> bool {
        self.has(32)
    }

    /// Whether it returns credentials.
    pub fn returns_credentials(self) -> bool {
        self.has(256)
    }

    /// Whether it reads data or secrets.
    pub fn reads_secrets(self) -> bool {
        self.has(512)
    }

    /// Whether it can open a resource to others.
    pub fn exposes(self) -> bool {
        self.has(2048)
    }

    /// Whether AWS has withdrawn it.
    pub fn withdrawn(self) -> bool {
        self.has(1024)
    }

    /// The kinds of resource that it is checked against.
    pub fn uses(self) -> impl Iterator<Item = Use<'c>> {
        let first = self.u32(8) as usize;
        let catalog = self.catalog;
        (first..first + usize::from(self.u16(12))).map(move |at| Use { catalog, at })
    }

    /// The condition keys that every request for it carries or can carry, global ones aside.
    pub fn own_keys(self) -> impl Iterator<Item = KeyId> + 'c {
        self.catalog.key_list(self.u16(6)).map(KeyId)
    }

    /// Whether a request for it can carry a condition key that is not global: its own, or one of its resource types.
    pub fn carries(self, key: KeyId) -> bool {
        self.own_keys().any(|own| own == key) || self.uses().any(|one| one.carries(key))
    }

    /// Full names of the actions that its caller needs too.
    pub fn needs(self) -> impl Iterator<Item = &'c str> {
        let table = &self.catalog.table;
        let at = &self.catalog.at;
        let index = 4 * usize::from(self.u16(14));
        let (start, end) = (table.u32(at.need_offsets, index), table.u32(at.need_offsets, index + 4));
        (start..end).map(move |id| table.string(table.u32(at.need_values, 4 * id as usize)))
    }
}

impl<'c> Use<'c> {
    fn u16(self, offset: usize) -> u16 {
        self.catalog.table.u16(self.catalog.at.uses, USE * self.at + offset)
    }

    /// The resource type, where the catalogue defines it.
    pub fn ty(self) -> Option<ResourceType<'c>> {
        let id = self.u16(0);
        (id != u16::MAX).then(|| self.catalog.resource_type(TypeId(id)))
    }

    /// Whether every request names a resource of this type.
    pub fn required(self) -> bool {
        self.catalog.table.u8(self.catalog.at.uses, USE * self.at + 2) != 0
    }

    /// The condition keys that requests on such a resource carry for this action.
    pub fn keys(self) -> impl Iterator<Item = KeyId> + 'c {
        self.catalog.key_list(self.u16(4)).map(KeyId)
    }

    /// Whether requests on such a resource can carry a key.
    pub fn carries(self, key: KeyId) -> bool {
        self.keys().any(|own| own == key) || self.ty().is_some_and(|ty| ty.keys().any(|own| own == key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn an_action_says_what_it_is() {
        let action = embedded().action("SSM:startautomationexecution").unwrap();
        assert_eq!(action.full_name(), "ssm:StartAutomationExecution");
        assert!(action.is(Access::Write) && !action.only_reads() && !action.withdrawn());
        let required: Vec<_> = action.uses().filter(|one| one.required()).collect();
        let names: Vec<_> = required.iter().map(|one| one.ty().unwrap().name()).collect();
        assert_eq!(names, ["automation-execution", "document"]);
        assert!(embedded().action("ssm:ListDocumentsVersions").is_none());
        assert!(embedded().action("ssm:DescribeInstanceInformation").unwrap().only_reads());
    }

    #[test]
    fn every_action_is_found_by_its_name() {
        let catalog = embedded();
        for service in catalog.services() {
            for action in service.actions() {
                let name = action.name().to_uppercase();
                // However often it is asked.
                for _ in 0..40 {
                    assert_eq!(service.action(&name).unwrap().id, action.id);
                }
                assert_eq!(service.seek(&name).unwrap().id, action.id);
                assert_eq!(action.full_name(), format!("{}:{}", service.prefix(), action.name()));
                assert!(service.action(&format!("{name}/")).is_none());
                assert_eq!(catalog.service_of(action.id).prefix(), service.prefix());
            }
        }
    }
}
