//! What AWS's own policies use and its reference does not have.
//!
//! A name or a pair that a current AWS managed policy uses is undocumented rather than wrong: a check that would call it
//! a mistake lowers its voice.

use super::{Catalog, search};

/// What is missing from the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gap {
    /// An action of a known service.
    Action,
    /// A service prefix.
    Prefix,
    /// A condition key.
    Key,
    /// A withdrawn action or service, still in use.
    Withdrawn,
    /// An action that is written with ARNs of which none fits its types.
    Resource,
    /// An action and a condition key that its requests do not carry: `service:action key`, the key without its free part.
    Pair,
    /// The start of a resource that fits no type: `service:word`.
    Form,
}

impl Catalog {
    /// Whether a current AWS managed policy uses a name of this kind that the reference lacks.
    pub fn is_gap(&self, gap: Gap, name: &str) -> bool {
        let kind: u32 = match gap {
            Gap::Action => 0,
            Gap::Prefix => 1,
            Gap::Key => 2,
            Gap::Withdrawn => 3,
            Gap::Resource => 4,
            Gap::Pair => 5,
            Gap::Form => 6,
        };
        let name = name.to_ascii_lowercase();
        let cell = |at: usize, column: usize| self.table.u32(self.at.gaps, 8 * at + 4 * column);
        search(self.at.gaps.count, |at| {
            cell(at, 0).cmp(&kind).then_with(|| self.table.string(cell(at, 1)).cmp(name.as_str()))
        })
        .is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn what_aws_writes_itself_is_known() {
        let catalog = embedded();
        assert!(catalog.is_gap(Gap::Action, "budgets:CreateBudget"));
        assert!(catalog.is_gap(Gap::Prefix, "zocalo"));
        assert!(catalog.is_gap(Gap::Withdrawn, "deeplens"));
        assert!(!catalog.is_gap(Gap::Action, "ssm:ListDocumentsVersions"));
    }
}
