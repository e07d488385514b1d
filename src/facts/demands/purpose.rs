//! What roles are asked for.

use crate::ssm::features::Feature;

/// What a demand is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Something that nodes are used for.
    Feature(Feature),
    /// Output of commands and sessions is written to a bucket or log group.
    Output,
    /// Sessions are encrypted with a key.
    SessionKey,
    /// Scripts and lists are fetched from a bucket.
    Scripts,
    /// Buckets of AWS are reached through an endpoint.
    AwsBuckets,
    /// The user data of nodes reads stored parameters.
    UserData,
    /// A patch policy of Quick Setup.
    PatchPolicy,
    /// Default host management.
    HostManagement,
    /// The steps of a runbook.
    Automation,
}

impl Purpose {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.name(),
            Self::Output => "output",
            Self::SessionKey => "session-key",
            Self::Scripts => "scripts",
            Self::AwsBuckets => "aws-buckets",
            Self::UserData => "user-data",
            Self::PatchPolicy => "patch-policy",
            Self::HostManagement => "host-management",
            Self::Automation => "automation",
        }
    }

    /// The name of its statements.
    pub fn sid(self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.sid(),
            Self::Output => "Output",
            Self::SessionKey => "SessionKey",
            Self::Scripts => "Scripts",
            Self::AwsBuckets => "BucketsOfAws",
            Self::UserData => "UserData",
            Self::PatchPolicy => "PatchPolicy",
            Self::HostManagement => "HostManagement",
            Self::Automation => "Runbook",
        }
    }

    /// The name by which rules ask for what is lacking: what the agent itself calls is one thing.
    pub fn judged_as(self) -> &'static str {
        match self {
            Self::Feature(Feature::DomainJoin | Feature::CloudWatchAgent | Feature::Snapshots) => self.name(),
            Self::Feature(_) => "agent",
            other => other.name(),
        }
    }

    /// The AWS managed policies that were made for it; none where only statements of one's own will do.
    pub fn managed_policies(self) -> &'static [&'static str] {
        match self {
            Self::Feature(feature) => feature.managed_policies(),
            Self::PatchPolicy => &["AmazonSSMPatchAssociation", "AWSQuickSetupPatchPolicyBaselineAccess"],
            Self::HostManagement => &["AmazonSSMManagedEC2InstanceDefaultPolicy"],
            Self::Output
            | Self::SessionKey
            | Self::Scripts
            | Self::AwsBuckets
            | Self::UserData
            | Self::Automation => &[],
        }
    }
}
