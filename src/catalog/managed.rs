//! The policies that AWS manages: documents, versions, status and successors.

use super::{Catalog, Table, search};

const POLICY: usize = 32;

/// A policy that AWS manages.
#[derive(Clone, Copy, Debug)]
pub struct Managed<'c> {
    catalog: &'c Catalog,
    at: usize,
}

/// Whether a managed policy can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It can be attached.
    Active,
    /// AWS has withdrawn it: it stays where it is attached, and cannot be attached again.
    Withdrawn,
    /// Only a service-linked role can have it.
    ServiceLinked,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u16);

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Days since 2010-01-01, counted in years that start in March (civil-from-days).
        let days = i64::from(self.0) + 14_610 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Catalog {
    /// All managed policies, by name.
    pub fn managed_policies(&self) -> impl Iterator<Item = Managed<'_>> {
        (0..self.at.policies.count).map(|at| Managed { catalog: self, at })
    }

    /// The managed policy with this name.
    pub fn managed_policy(&self, name: &str) -> Option<Managed<'_>> {
        let at = search(self.at.policies.count, |at| Managed { catalog: self, at }.name().cmp(name))?;
        Some(Managed { catalog: self, at })
    }
}

impl<'c> Managed<'c> {
    fn policies(self) -> &'c Table {
        &self.catalog.managed
    }

    fn u32(self, offset: usize) -> u32 {
        self.policies().u32(self.catalog.at.policies, POLICY * self.at + offset)
    }

    fn u16(self, offset: usize) -> u16 {
        self.policies().u16(self.catalog.at.policies, POLICY * self.at + offset)
    }

    fn flags(self) -> u8 {
        self.policies().u8(self.catalog.at.policies, POLICY * self.at + 27)
    }

    fn date(self, offset: usize) -> Option<Date> {
        Some(self.u16(offset)).filter(|&days| days != 0).map(Date)
    }

    /// Its name.
    pub fn name(self) -> &'c str {
        self.policies().string(self.u32(0))
    }

    /// Its path, with slashes: `/service-role/`.
    pub fn path(self) -> &'c str {
        self.policies().string(self.u32(4))
    }

    /// Its ARN in a partition.
    pub fn arn(self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path(), self.name())
    }

    /// Its document, as JSON.
    pub fn document(self) -> &'c str {
        self.policies().text(self.catalog.at.documents, self.u32(8) as usize, self.u32(12) as usize)
    }

    /// The number of the version that the document is.
    pub fn version(self) -> u16 {
        self.u16(16)
    }

    /// When it was made.
    pub fn created(self) -> Option<Date> {
        self.date(18)
    }

    /// When the document was last changed.
    pub fn updated(self) -> Option<Date> {
        self.date(20)
    }

    /// When AWS withdrew it, and whether that is only the latest possible day.
    pub fn withdrawn(self) -> Option<(Date, bool)> {
        Some((self.date(22)?, self.flags() & 4 != 0))
    }

    /// Whether it can be used.
    pub fn status(self) -> Status {
        match self.flags() & 3 {
            1 => Status::Withdrawn,
            2 => Status::ServiceLinked,
            _ => Status::Active,
        }
    }

    /// Whether AWS's documentation advises to use its successors instead.
    pub fn is_advised_against(self) -> bool {
        self.flags() & 16 != 0
    }

    /// The names of the policies that took its place.
    pub fn successors(self) -> impl Iterator<Item = &'c str> {
        let first = usize::from(self.u16(24));
        let count = usize::from(self.policies().u8(self.catalog.at.policies, POLICY * self.at + 26));
        let (table, section) = (self.policies(), self.catalog.at.successors);
        (first..first + count).map(move |at| table.string(table.u32(section, 4 * at)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn a_managed_policy_says_what_became_of_it() {
        let catalog = embedded();
        let core = catalog.managed_policy("AmazonSSMManagedInstanceCore").unwrap();
        assert_eq!(core.status(), Status::Active);
        assert_eq!(core.arn("aws-cn"), "arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore");
        assert!(core.document().contains("ssmmessages:OpenDataChannel"));
        let legacy = catalog.managed_policy("AmazonEC2RoleforSSM").unwrap();
        assert_eq!((legacy.path(), legacy.version()), ("/service-role/", 8));
        assert!(legacy.is_advised_against());
        assert!(legacy.successors().any(|name| name == "AmazonSSMManagedInstanceCore"));
        let gone = catalog.managed_policy("AWSBackupAdminPolicy").unwrap();
        assert_eq!(gone.status(), Status::Withdrawn);
        assert_eq!(
            gone.withdrawn().map(|(date, latest)| (date.to_string(), latest)),
            Some(("2021-04-02".into(), true))
        );
        assert!(catalog.managed_policy("amazonssmmanagedinstancecore").is_none());
        assert_eq!(Date(0).to_string(), "2010-01-01");
    }
}
