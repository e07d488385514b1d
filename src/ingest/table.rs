//! From resource types to entities, as tables.
//!
//! Most types need no code: a [`Row`] says which entity a type declares, where its fields stand, and which of its
//! properties tie it to others. A type that needs more names a function.

use crate::document::{Alternative, Condition, NodeId, View};
use crate::model::{EntityId, Kind, Relation, ResourceId};

use super::assembly::{Assembly, End, Tie};
use super::{inside, project};

/// What a resource type declares.
pub(crate) struct Row {
    /// The type, as the format spells it.
    pub(crate) ty: &'static str,
    /// What it declares.
    pub(crate) kind: Kind,
    /// Its fields.
    pub(crate) fields: &'static [Field],
    /// What ties it to others.
    pub(crate) ties: &'static [Wire],
    /// What a table cannot say.
    pub(crate) more: Option<More>,
}

/// Code for what a table cannot say.
pub(crate) type More = fn(&mut Assembly, &mut dyn Properties, EntityId);

/// A field of an entity.
pub(crate) struct Field {
    /// Its normalised name.
    pub(crate) name: &'static str,
    /// The dotted path from the resource's properties.
    pub(crate) path: &'static str,
    /// How to read what stands there.
    pub(crate) read: Read,
}

/// How to read a field.
#[derive(Clone, Copy)]
pub(crate) enum Read {
    /// As it is.
    Value,
    /// A policy document: a map, or JSON in a string.
    Policy,
    /// The value of an SSM parameter and the like: used, never shown.
    Secret,
    /// A list whose elements become records with these attributes.
    Records(&'static [Field]),
    /// The same for all resources of the type; the path does not matter.
    Constant(&'static str),
    /// Likewise, a truth value.
    Flag(bool),
}

/// A property that ties a resource to another.
pub(crate) struct Wire {
    /// What the tie means.
    pub(crate) relation: Relation,
    /// The dotted path from the resource's properties to the value that names the other.
    pub(crate) path: &'static str,
    /// What the other may be.
    pub(crate) kinds: &'static [Kind],
    /// The other is where the relation starts.
    pub(crate) reversed: bool,
}

/// A field that is read as it is.
pub(crate) const fn value(name: &'static str, path: &'static str) -> Field {
    Field { name, path, read: Read::Value }
}

/// A field that holds a policy document.
pub(crate) const fn policy(name: &'static str, path: &'static str) -> Field {
    Field { name, path, read: Read::Policy }
}

/// A field that must never be shown.
pub(crate) const fn secret(name: &'static str, path: &'static str) -> Field {
    Field { name, path, read: Read::Secret }
}

/// A field that holds a list of records.
pub(crate) const fn records(name: &'static str, path: &'static str, columns: &'static [Field]) -> Field {
    Field { name, path, read: Read::Records(columns) }
}

/// A field that is the same for all resources of the type.
pub(crate) const fn constant(name: &'static str, text: &'static str) -> Field {
    Field { name, path: "", read: Read::Constant(text) }
}

/// A truth value that is the same for all resources of the type.
pub(crate) const fn flag(name: &'static str, known: bool) -> Field {
    Field { name, path: "", read: Read::Flag(known) }
}

/// A tie from this resource to the other.
pub(crate) const fn to(relation: Relation, path: &'static str, kinds: &'static [Kind]) -> Wire {
    Wire { relation, path, kinds, reversed: false }
}

/// A tie from the other to this resource.
pub(crate) const fn from(relation: Relation, path: &'static str, kinds: &'static [Kind]) -> Wire {
    Wire { relation, path, kinds, reversed: true }
}

/// The properties of one resource, resolved as they are asked for.
pub(crate) trait Properties {
    /// The value of a top-level property; nothing where it is absent.
    fn property(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId>;

    /// The resource.
    fn resource(&self) -> ResourceId;

    /// Whether a person set a property, where the input tells that from what was filled in.
    fn is_configured(&self, _assembly: &Assembly, _name: &str) -> bool {
        false
    }

    /// The secret that a top-level property is made of, as it is referred to.
    fn secret(&mut self, _assembly: &Assembly, _name: &str) -> Option<String> {
        None
    }

    /// The value at a dotted path that names something of these kinds.
    fn link(&mut self, assembly: &mut Assembly, path: &str, _kinds: &[Kind]) -> Option<NodeId> {
        self.at(assembly, path)
    }

    /// The value at a dotted path.
    fn at(&mut self, assembly: &mut Assembly, path: &str) -> Option<NodeId> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let value = self.property(assembly, name)?;
        let found = project::project(&mut assembly.tree, value, rest)?;
        (!matches!(assembly.tree.view(found), View::Null)).then_some(found)
    }
}

/// Declares what a row says.
pub(crate) fn declare(assembly: &mut Assembly, properties: &mut dyn Properties, row: &Row) -> EntityId {
    let resource = properties.resource();
    let entity = assembly.declare(row.kind, resource);
    for field in row.fields {
        let found = match field.read {
            Read::Constant(_) | Read::Flag(_) => read_constant(assembly, resource, field.read),
            _ => properties.at(assembly, field.path).map(|found| read(assembly, found, field.read)),
        };
        assembly.set(entity, field.name, found);
    }
    for wire in row.ties {
        if let Some(found) = properties.link(assembly, wire.path, wire.kinds) {
            let (here, there) = (End::Entity(entity), End::Value(found, wire.kinds));
            let (from, to) = if wire.reversed { (there, here) } else { (here, there) };
            let under = Condition::ALWAYS;
            assembly.add_tie(Tie { relation: wire.relation, from, to, value: None, resource, under });
        }
    }
    if let Some(more) = row.more {
        more(assembly, properties, entity);
    }
    entity
}

fn read_constant(assembly: &mut Assembly, resource: ResourceId, how: Read) -> Option<NodeId> {
    let place = assembly.inventory.resource(resource)?.node;
    match how {
        Read::Constant(text) => Some(assembly.tree.derive_string(place, text)),
        Read::Flag(known) => Some(assembly.tree.derive_bool(place, known)),
        _ => None,
    }
}

/// A value as a field has it.
pub(crate) fn read(assembly: &mut Assembly, found: NodeId, how: Read) -> NodeId {
    match how {
        Read::Policy => inside::policy(assembly, found),
        Read::Secret => {
            let copy = assembly.tree.derive_copy(found, found);
            assembly.tree.mark_sensitive(copy);
            copy
        }
        Read::Records(columns) => {
            each(assembly, found, &mut |assembly, element| record(assembly, element, columns))
        }
        Read::Value | Read::Constant(_) | Read::Flag(_) => found,
    }
}

/// Every element of a list, also where it is one of several alternatives, as something else.
pub(crate) fn each(
    assembly: &mut Assembly,
    list: NodeId,
    make: &mut dyn FnMut(&mut Assembly, NodeId) -> NodeId,
) -> NodeId {
    match assembly.tree.view(list) {
        View::List(elements) => {
            let elements: Vec<_> = elements.iter().collect();
            let mapped: Vec<_> = elements.into_iter().map(|element| each(assembly, element, make)).collect();
            assembly.tree.derive_list(list, &mapped)
        }
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let mapped = all
                .into_iter()
                .map(|one| Alternative { value: one.value.map(|value| each(assembly, value, make)), ..one })
                .collect();
            assembly.tree.derive_choice(list, mapped)
        }
        _ => make(assembly, list),
    }
}

/// A map with the attributes that the columns find in another.
fn record(assembly: &mut Assembly, element: NodeId, columns: &'static [Field]) -> NodeId {
    if !matches!(assembly.tree.view(element), View::Map(_)) {
        return element;
    }
    let mut entries = Vec::with_capacity(columns.len() * 2);
    for column in columns {
        let found = project::project(&mut assembly.tree, element, column.path);
        if let Some(found) = found.filter(|&found| !matches!(assembly.tree.view(found), View::Null)) {
            let value = read(assembly, found, column.read);
            entries.extend([assembly.tree.key(column.name), value]);
        }
    }
    assembly.tree.derive_map(element, &entries)
}
