//! Service principals, and whether they say for whom they act.

use super::{Catalog, search};

const PRINCIPAL: usize = 16;

/// A service principal, such as `ssm.amazonaws.com`.
#[derive(Clone, Copy, Debug)]
pub struct ServicePrincipal<'c> {
    catalog: &'c Catalog,
    at: usize,
}

/// Whether a service sends `aws:SourceArn` and `aws:SourceAccount` when it assumes a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sends {
    /// Both.
    Both,
    /// `aws:SourceAccount` only.
    Account,
    /// `aws:SourceArn` only.
    Arn,
    /// Neither: a condition on them makes the role unusable.
    Never,
    /// Not known.
    Unknown,
}

impl Catalog {
    /// All service principals that are known, by name.
    pub fn service_principals(&self) -> impl Iterator<Item = ServicePrincipal<'_>> {
        (0..self.at.principals.count).map(|at| ServicePrincipal { catalog: self, at })
    }

    /// The service principal with this name.
    pub fn service_principal(&self, name: &str) -> Option<ServicePrincipal<'_>> {
        let at = |at: usize| ServicePrincipal { catalog: self, at };
        search(self.at.principals.count, |index| at(index).name().cmp(name)).map(at)
    }
}

impl<'c> ServicePrincipal<'c> {
    fn text(self, column: usize) -> &'c str {
        let table = &self.catalog.table;
        table.string(table.u32(self.catalog.at.principals, PRINCIPAL * self.at + 4 * column))
    }

    /// Its name.
    pub fn name(self) -> &'c str {
        self.text(0)
    }

    /// Whether it says for whom it acts.
    pub fn sends(self) -> Sends {
        match self.text(1) {
            "sends" => Sends::Both,
            "account-only" => Sends::Account,
            "arn-only" => Sends::Arn,
            "never" => Sends::Never,
            _ => Sends::Unknown,
        }
    }

    /// Whether AWS's documentation says so.
    pub fn is_documented(self) -> bool {
        self.text(2) == "doc"
    }

    /// For each use of a role by the service: its name, and the form of `aws:SourceArn`, in which `{p}`, `{r}` and
    /// `{a}` stand for partition, Region and account.
    pub fn source_arns(self) -> impl Iterator<Item = (&'c str, &'c str)> {
        self.text(3).lines().filter_map(|line| line.split_once('\t'))
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn some_services_say_for_whom_they_act() {
        let ssm = embedded().service_principal("ssm.amazonaws.com").unwrap();
        assert_eq!(ssm.sends(), Sends::Both);
        assert!(ssm.source_arns().any(|(_, arn)| arn.contains("automation-execution")));
        assert_eq!(embedded().service_principal("ec2.amazonaws.com").unwrap().sends(), Sends::Never);
        assert!(embedded().service_principal("ssm.amazon.com").is_none());
    }
}
