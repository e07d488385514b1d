//! Ways to gain more than one was given.

use super::Catalog;

const METHOD: usize = 20;

/// A set of actions that together raise their holder's privileges.
#[derive(Clone, Copy, Debug)]
pub struct Method<'c> {
    catalog: &'c Catalog,
    at: usize,
}

/// How a method works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// It changes what its holder may do.
    SelfEscalation,
    /// It gives access to another principal.
    PrincipalAccess,
    /// It passes a role to a service that does what its holder says.
    PassedRole,
    /// It makes something that has a role already do what its holder says.
    ExistingRole,
    /// It opens something to others; no escalation by itself.
    Exposure,
}

impl Catalog {
    /// All methods.
    pub fn methods(&self) -> impl Iterator<Item = Method<'_>> {
        (0..self.at.methods.count).map(|at| Method { catalog: self, at })
    }
}

impl<'c> Method<'c> {
    fn u32(self, column: usize) -> u32 {
        self.catalog.table.u32(self.catalog.at.methods, METHOD * self.at + 4 * column)
    }

    fn text(self, column: usize) -> &'c str {
        self.catalog.table.string(self.u32(column))
    }

    /// The full names of its actions.
    pub fn actions(self) -> impl Iterator<Item = &'c str> {
        self.text(0).lines()
    }

    /// How it works.
    pub fn kind(self) -> MethodKind {
        match self.text(1) {
            "self-escalation" => MethodKind::SelfEscalation,
            "principal-access" => MethodKind::PrincipalAccess,
            "new-passrole" => MethodKind::PassedRole,
            "exposure" => MethodKind::Exposure,
            _ => MethodKind::ExistingRole,
        }
    }

    /// The service principal that the role is passed to.
    pub fn passed_to(self) -> Option<&'c str> {
        Some(self.text(2)).filter(|text| !text.is_empty())
    }

    /// What happens, for people; empty where the actions say it.
    pub fn does(self) -> &'c str {
        self.text(3)
    }

    /// Whether it goes through Systems Manager.
    pub fn is_ssm(self) -> bool {
        self.u32(4) & 1 != 0
    }

    /// Whether no other method's actions are among its own.
    pub fn is_minimal(self) -> bool {
        self.u32(4) & 2 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn methods_name_actions_that_exist() {
        let catalog = embedded();
        let mut passed = 0;
        for method in catalog.methods() {
            assert!(method.actions().next().is_some());
            passed += usize::from(method.kind() == MethodKind::PassedRole && method.passed_to().is_some());
            for action in method.actions() {
                assert!(catalog.action(action).is_some(), "{action}");
            }
        }
        assert!(passed > 50);
    }
}
