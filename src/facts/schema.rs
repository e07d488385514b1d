//! The types of the predeclared variables.
//!
//! A table, so that the rule compiler can say "did you mean", `rolecall model` can print it, and the reference can be
//! generated from it.

mod documents;
mod flaws;
mod needs;
mod resources;
mod tables;

/// All kinds of entity.
pub fn kinds() -> &'static [Kind] {
    tables::KINDS
}

/// The kind whose entities a predeclared variable holds.
pub fn variable(name: &str) -> Option<&'static Kind> {
    kinds().iter().find(|kind| kind.variable == name)
}

/// The position of a kind among all. A kind is told by its name: a table may stand in memory more than once.
pub fn position(kind: &Kind) -> Option<usize> {
    kinds().iter().position(|known| known.variable == kind.variable)
}

/// The kind with this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().iter().find(|kind| kind.name == name)
}

/// A kind of entity: what a variable such as `%roles` holds.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name of the variable, without `%`.
    pub variable: &'static str,
    /// What one of them is called, as in a finding's `entity_kind`.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What can be asked of it.
    pub attributes: &'static [Attribute],
}

/// Something that can be asked of an entity or a record.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Its name in rules.
    pub name: &'static str,
    /// What its values are.
    pub ty: Type,
    /// What it means, in which unit, and when it is absent.
    pub doc: &'static str,
}

/// The type of an attribute's values. Any of them may be absent, unknown or one of several alternatives.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string, possibly with holes.
    Text,
    /// A truth value.
    Bool,
    /// A number.
    Number,
    /// A list.
    List(&'static Type),
    /// An entity of another kind, by the kind's name.
    Entity(&'static str),
    /// A part with attributes of its own.
    Record(&'static [Attribute]),
    /// A map from names that the user chose to values of one type.
    Map(&'static Type),
    /// Whatever the input has there, as it was written.
    Raw,
}

impl Type {
    /// The attributes that values of this type have; nothing where any key may be asked for.
    pub fn attributes(self) -> Option<&'static [Attribute]> {
        match self {
            Self::Entity(name) => kind(name).map(|kind| kind.attributes),
            Self::Record(attributes) => Some(attributes),
            Self::Text | Self::Bool | Self::Number => Some(&[]),
            Self::List(_) | Self::Map(_) | Self::Raw => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: Type, path: &str) {
        match ty {
            Type::Entity(name) => assert!(kind(name).is_some(), "{path}: no kind `{name}`"),
            Type::List(inner) | Type::Map(inner) => check(*inner, path),
            Type::Record(attributes) => check_all(attributes, path),
            Type::Text | Type::Bool | Type::Number | Type::Raw => {}
        }
    }

    fn check_all(attributes: &[Attribute], path: &str) {
        let mut names: Vec<_> = attributes.iter().map(|attribute| attribute.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), attributes.len(), "{path}: attributes repeat");
        for attribute in attributes {
            let path = format!("{path}.{}", attribute.name);
            assert!(attribute.doc.len() > 5, "{path}: no doc");
            check(attribute.ty, &path);
        }
    }

    #[test]
    fn kinds_are_found_wherever_they_stand() {
        for (position, kind) in kinds().iter().enumerate() {
            let copy = *kind;
            assert_eq!(super::position(&copy), Some(position), "{}", kind.variable);
        }
    }

    #[test]
    fn every_type_exists_and_is_documented() {
        for kind in kinds() {
            assert!(kind.doc.len() > 5, "{}", kind.variable);
            check_all(kind.attributes, kind.variable);
        }
    }
}
