//! How the holes of a policy are written for the tool that deploys it.

use crate::ingest::InputKind;
use crate::ssm::statement::Place;

/// Whose way of writing is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `${AWS::Partition}`: to be put into `Fn::Sub`.
    #[default]
    CloudFormation,
    /// `${data.aws_partition.current.partition}`.
    Terraform,
}

impl Style {
    /// That of an input.
    pub fn of(kind: InputKind) -> Self {
        if kind.as_str().contains("terraform") { Self::Terraform } else { Self::CloudFormation }
    }

    /// A place with the names of what is not known.
    pub fn place(self, known: &Place) -> Place {
        match self {
            Self::CloudFormation => known.clone(),
            Self::Terraform => {
                let or = |known: &Option<String>, name: &str| {
                    Some(known.clone().unwrap_or_else(|| name.to_owned()))
                };
                Place {
                    partition: or(&known.partition, "${data.aws_partition.current.partition}"),
                    region: or(&known.region, "${data.aws_region.current.region}"),
                    account: or(&known.account, "${data.aws_caller_identity.current.account_id}"),
                }
            }
        }
    }
}
