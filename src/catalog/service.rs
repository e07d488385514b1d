//! Services and the types of their resources.

use rustc_hash::FxHashMap;

use super::action::{Action, ActionId};
use super::key::{Key, KeyId};
use super::names::{Found, Names};
use super::table::without_case;
use super::{Catalog, search};

/// A service, by the prefix of its actions.
#[derive(Clone, Copy, Debug)]
pub struct Service<'c> {
    catalog: &'c Catalog,
    at: usize,
}

const SERVICE: usize = 24;
const TYPE: usize = 12;

/// A resource type, by its position in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(super) u16);

impl TypeId {
    /// The position.
    pub fn index(self) -> usize {
        self.0.into()
    }
}

/// A type of resource that actions can be limited to.
#[derive(Clone, Copy, Debug)]
pub struct ResourceType<'c> {
    catalog: &'c Catalog,
    /// Its position in the catalogue.
    pub id: TypeId,
}

impl Catalog {
    /// All services, by prefix.
    pub fn services(&self) -> impl Iterator<Item = Service<'_>> {
        (0..self.at.services.count).map(|at| Service { catalog: self, at })
    }

    /// The service with this prefix, in any case.
    pub fn service(&self, prefix: &str) -> Option<Service<'_>> {
        if let Some(&at) = self.prefixes().get(prefix) {
            return Some(Service { catalog: self, at });
        }
        let at = search(self.at.services.count, |at| {
            without_case(Service { catalog: self, at }.prefix(), prefix)
        })?;
        Some(Service { catalog: self, at })
    }

    /// The positions of the services.
    fn prefixes(&self) -> &FxHashMap<Box<str>, usize> {
        let all = || self.services().map(|service| (service.prefix().into(), service.at)).collect();
        self.prefixes.get_or_init(all)
    }

    /// The service that an action belongs to.
    pub(super) fn service_of(&self, action: ActionId) -> Service<'_> {
        let owners = self.owners.get_or_init(|| {
            let mut owners = vec![0; self.action_count()];
            for (at, service) in (0u16..).zip(self.services()) {
                owners.get_mut(service.range()).unwrap_or_default().fill(at);
            }
            owners
        });
        Service { catalog: self, at: owners.get(action.index()).copied().unwrap_or(0).into() }
    }

    fn names(&self, service: usize) -> Option<&Names> {
        let all = || (0..self.at.services.count).map(|_| Names::default()).collect();
        self.names.get_or_init(all).get(service)
    }

    /// The resource types whose ARNs have this service field; nothing where no type has it.
    pub fn types_of_arn_service(&self, service: &str) -> &[TypeId] {
        let all = self.arn_services();
        let found = all.binary_search_by(|(name, _)| name.as_str().cmp(service)).ok();
        found.and_then(|at| all.get(at)).map_or(&[], |(_, types)| types)
    }

    /// The service fields that ARNs can have.
    pub fn arn_service_names(&self) -> impl Iterator<Item = &str> {
        self.arn_services().iter().map(|(name, _)| name.as_str())
    }

    fn arn_services(&self) -> &[(String, Vec<TypeId>)] {
        self.arn_services.get_or_init(|| {
            let mut all: std::collections::BTreeMap<&str, Vec<TypeId>> = std::collections::BTreeMap::new();
            for ty in self.types().map(|id| self.resource_type(id)) {
                if let Some(service) = ty.arn().split(':').nth(2) {
                    all.entry(service).or_default().push(ty.id);
                }
            }
            all.into_iter().map(|(name, types)| (name.to_owned(), types)).collect()
        })
    }

    /// All types of resource.
    pub fn types(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..u16::try_from(self.at.types.count).unwrap_or(u16::MAX)).map(TypeId)
    }

    /// The resource type with an id.
    pub fn resource_type(&self, id: TypeId) -> ResourceType<'_> {
        ResourceType { catalog: self, id }
    }
}

impl<'c> Service<'c> {
    fn u32(self, offset: usize) -> u32 {
        self.catalog.table.u32(self.catalog.at.services, SERVICE * self.at + offset)
    }

    fn u16(self, offset: usize) -> u16 {
        self.catalog.table.u16(self.catalog.at.services, SERVICE * self.at + offset)
    }

    /// The prefix of its actions, such as `ssm`.
    pub fn prefix(self) -> &'c str {
        self.catalog.table.string(self.u32(0))
    }

    /// The name for people, such as `AWS Systems Manager`.
    pub fn name(self) -> &'c str {
        self.catalog.table.string(self.u32(4))
    }

    /// The positions of its actions.
    pub fn range(self) -> std::ops::Range<usize> {
        let first = self.u32(8) as usize;
        first..first + usize::from(self.u16(12))
    }

    /// Its actions, by name.
    pub fn actions(self) -> impl Iterator<Item = Action<'c>> {
        let catalog = self.catalog;
        self.range().map(move |index| catalog.action_at(ActionId::from_index(index)))
    }

    /// The action with this name, in any case.
    pub fn action(self, name: &str) -> Option<Action<'c>> {
        match self.catalog.names(self.at)?.find(name, self.actions().map(Action::name)) {
            Found::Nowhere => None,
            Found::Unknown => self.seek(name),
            Found::Perhaps(offset) => {
                let found = self.catalog.action_at(ActionId::from_index(self.range().start + offset));
                if found.name().eq_ignore_ascii_case(name) { Some(found) } else { self.seek(name) }
            }
        }
    }

    /// The action with this name, in any case: for who asks every service, as nothing is made ready for the next one.
    pub fn seek(self, name: &str) -> Option<Action<'c>> {
        let range = self.range();
        let at = |offset: usize| self.catalog.action_at(ActionId::from_index(range.start + offset));
        search(range.len(), |offset| without_case(at(offset).name(), name)).map(at)
    }

    /// The full name of one of its actions.
    pub(super) fn full_name(self, action: Action<'c>) -> &'c str {
        let position = action.id.index().saturating_sub(self.range().start);
        let full = |names: &'c Names| names.full(position, self.prefix(), self.actions().map(Action::name));
        self.catalog.names(self.at).map_or("", full)
    }

    /// The types of its resources.
    pub fn types(self) -> impl Iterator<Item = ResourceType<'c>> {
        let first = self.u16(16);
        let count = self.u16(14);
        let catalog = self.catalog;
        (first..first.saturating_add(count)).map(move |id| ResourceType { catalog, id: TypeId(id) })
    }

    /// The condition keys that it defines.
    pub fn keys(self) -> impl Iterator<Item = Key<'c>> {
        let catalog = self.catalog;
        catalog.key_list(self.u16(20)).map(move |id| catalog.key_at(KeyId(id)))
    }

    /// Whether resource control policies apply to it.
    pub fn has_resource_control(self) -> bool {
        self.u16(22) & 1 != 0
    }

    /// Whether AWS has withdrawn the whole service.
    pub fn withdrawn(self) -> bool {
        self.u16(22) & 2 != 0
    }
}

impl<'c> ResourceType<'c> {
    fn u32(self, offset: usize) -> u32 {
        self.catalog.table.u32(self.catalog.at.types, TYPE * usize::from(self.id.0) + offset)
    }

    /// Its name, such as `document`.
    pub fn name(self) -> &'c str {
        self.catalog.table.string(self.u32(0))
    }

    /// The form of its ARNs: `arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}`.
    pub fn arn(self) -> &'c str {
        self.catalog.table.string(self.u32(4))
    }

    /// The condition keys that requests on such resources carry.
    pub fn keys(self) -> impl Iterator<Item = KeyId> + 'c {
        let at = TYPE * usize::from(self.id.0) + 8;
        self.catalog.key_list(self.catalog.table.u16(self.catalog.at.types, at)).map(KeyId)
    }
}
