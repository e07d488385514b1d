//! What is known of a query's results before there is a document.

use crate::facts::schema::{self, Attribute, Type};

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ty {
    /// Nothing is known: a document as it is written.
    Any,
    /// A value of the facts.
    Of(Type),
}

impl Ty {
    /// What a predeclared variable holds.
    pub(super) fn entity(kind: &schema::Kind) -> Self {
        Self::Of(Type::Entity(kind.name))
    }

    /// The type of a list's elements; of anything else, itself. Lists of the facts spread by themselves.
    pub(super) fn element(self) -> Self {
        match self {
            Self::Of(Type::List(inner)) => Self::Of(*inner).element(),
            other => other,
        }
    }

    /// The type of what `.*` gives.
    pub(super) fn values(self) -> Self {
        match self {
            Self::Of(Type::List(inner) | Type::Map(inner)) => Self::Of(*inner),
            Self::Of(Type::Entity(_) | Type::Record(_)) => Self::Of(Type::Raw),
            other => other,
        }
    }

    /// The type of what `[*]` gives.
    pub(super) fn indices(self) -> Self {
        match self {
            Self::Of(Type::List(inner)) => Self::Of(*inner),
            other => other,
        }
    }

    /// The attributes that can be asked for; nothing where any key may be.
    pub(super) fn attributes(self) -> Option<&'static [Attribute]> {
        match self.element() {
            Self::Of(ty) => ty.attributes(),
            Self::Any => None,
        }
    }

    /// The type of an attribute or key.
    pub(super) fn key(self, name: &str) -> Result<Self, &'static [Attribute]> {
        match self.element() {
            Self::Of(Type::Map(inner)) => Ok(Self::Of(*inner)),
            Self::Of(Type::Raw) => Ok(Self::Of(Type::Raw)),
            Self::Any => Ok(Self::Any),
            Self::Of(ty) => match ty.attributes() {
                Some(attributes) => {
                    let found = attributes.iter().find(|attribute| attribute.name == name);
                    found.map(|attribute| Self::Of(attribute.ty)).ok_or(attributes)
                }
                None => Ok(Self::Of(Type::Raw)),
            },
        }
    }

    /// What a person calls it.
    pub(super) fn describe(self) -> String {
        match self.element() {
            Self::Any | Self::Of(Type::Raw | Type::Map(_)) => "a value".to_owned(),
            Self::Of(Type::Text) => "a text".to_owned(),
            Self::Of(Type::Bool) => "a truth value".to_owned(),
            Self::Of(Type::Number) => "a number".to_owned(),
            Self::Of(Type::List(_)) => "a list".to_owned(),
            Self::Of(Type::Record(_)) => "a part of an entity".to_owned(),
            Self::Of(Type::Entity(name)) => format!("an entity of kind `{name}`"),
        }
    }
}
