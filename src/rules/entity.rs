//! The functions over entities: what they are called, what they take, and what they say.
//!
//! A table, as the schema of the facts is one: the compiler checks calls against it, and the reference is printed from it.

use EntityFunction as F;

/// A function that asks what principals may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityFunction {
    /// `access_levels(actions)`.
    AccessLevels,
    /// `allows(principal, action, resource)`.
    Allows,
    /// `expands(actions)`.
    Expands,
    /// `grants(statement, action)`.
    Grants,
    /// `is_action(action)`.
    IsAction,
    /// `is_aws_managed(arn)`.
    IsAwsManaged,
    /// `reaches(principal, role)`.
    Reaches,
    /// `trusts(role, who)`.
    Trusts,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An element of `%roles`, `%users` or `%groups`.
    Principal,
    /// An element of `%roles`.
    Role,
    /// An element of `statements` or `trust` of an entity.
    Statement,
    /// Names or patterns of actions.
    Action,
    /// Other texts.
    Text,
}

impl Wanted {
    /// What a person calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Principal => "a role, user or group",
            Self::Role => "a role",
            Self::Statement => "a statement",
            Self::Action => "actions",
            Self::Text => "a text",
        }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the reference.
    pub name: &'static str,
    /// What it takes.
    pub wanted: Wanted,
    /// Whether it may be left out.
    pub optional: bool,
}

const fn one(name: &'static str, wanted: Wanted) -> Parameter {
    Parameter { name, wanted, optional: false }
}

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// The function.
    pub function: EntityFunction,
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// Whether it says true or false, and so can be a clause; otherwise it gives texts.
    pub is_predicate: bool,
    /// What it says.
    pub doc: &'static str,
}

/// All of them, by name.
pub const SIGNATURES: &[Signature] = &[
    Signature {
        function: F::AccessLevels,
        name: "access_levels",
        parameters: &[one("actions", Wanted::Action)],
        is_predicate: false,
        doc: "the access levels of the actions that names and patterns match, each once: `List`, `Read`, `Write`, \
              `Tagging`, `Permissions management`",
    },
    Signature {
        function: F::Allows,
        name: "allows",
        parameters: &[
            one("principal", Wanted::Principal),
            one("action", Wanted::Action),
            Parameter { name: "resource", wanted: Wanted::Text, optional: true },
        ],
        is_predicate: true,
        doc: "whether all policies of the principal together, those of its groups and of AWS included, less what a Deny or \
              its boundary takes away, allow one of the actions. A resource with wildcards stands for all that it matches; \
              without a resource, any will do. Not decided where it depends on the context of a request, on a part of \
              the resources, or on a policy that the input only names",
    },
    Signature {
        function: F::Expands,
        name: "expands",
        parameters: &[one("actions", Wanted::Action)],
        is_predicate: false,
        doc: "the full names of all actions that names and patterns match, as the service spells them",
    },
    Signature {
        function: F::Grants,
        name: "grants",
        parameters: &[one("statement", Wanted::Statement), one("action", Wanted::Action)],
        is_predicate: true,
        doc: "whether the statement alone allows one of the actions, on some resource and under its conditions",
    },
    Signature {
        function: F::IsAction,
        name: "is_action",
        parameters: &[one("action", Wanted::Text)],
        is_predicate: true,
        doc: "whether there is an action of that name, or, for a pattern, one that it matches",
    },
    Signature {
        function: F::IsAwsManaged,
        name: "is_aws_managed",
        parameters: &[one("arn", Wanted::Text)],
        is_predicate: true,
        doc: "whether the ARN is that of a policy that AWS manages, whether or not there is one of that name",
    },
    Signature {
        function: F::Reaches,
        name: "reaches",
        parameters: &[one("principal", Wanted::Principal), one("role", Wanted::Role)],
        is_predicate: true,
        doc: "whether the principal can act with the rights of the role, by itself or through others that it can become: \
              by assuming it, by passing it to a service, by changing its trust or its policies, or by commanding what \
              has it",
    },
    Signature {
        function: F::Trusts,
        name: "trusts",
        parameters: &[one("role", Wanted::Role), one("who", Wanted::Text)],
        is_predicate: true,
        doc: "whether a statement of the role's trust policy names the service, account, ARN, identity provider or, \
              with `*`, everybody, under whatever conditions",
    },
];

impl EntityFunction {
    /// The function with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        SIGNATURES.iter().find(|one| one.name == name).map(|one| one.function)
    }

    /// What is known of it.
    pub fn signature(self) -> Option<&'static Signature> {
        SIGNATURES.iter().find(|one| one.function == self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.signature().map_or("", |one| one.name)
    }
}

impl Signature {
    /// As it is called: `allows(principal, action, [resource])`.
    pub fn usage(&self) -> String {
        let parameters = self
            .parameters
            .iter()
            .map(|one| if one.optional { format!("[{}]", one.name) } else { one.name.to_owned() });
        format!("{}({})", self.name, parameters.collect::<Vec<_>>().join(", "))
    }

    /// How many arguments it takes at least and at most.
    pub fn arity(&self) -> (usize, usize) {
        (self.parameters.iter().filter(|one| !one.optional).count(), self.parameters.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_unlike_those_of_guard_and_documented() {
        assert!(SIGNATURES.windows(2).all(|pair| matches!(pair, [one, next] if one.name < next.name)));
        for one in SIGNATURES {
            assert_eq!(EntityFunction::from_name(one.name), Some(one.function));
            assert!(super::super::functions::FunctionName::from_name(one.name).is_none(), "{}", one.name);
            assert!(one.doc.len() > 20, "{}", one.name);
        }
    }
}
