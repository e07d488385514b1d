//! What a node is used for, and what its role must be able to do for that.

use super::Document;
use super::statement::{ACCOUNT, PARTITION, REGION};

/// Something that a node is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// It is managed at all: heartbeat, commands, sessions.
    Core,
    /// The messages of agents before 3.3.40.0.
    Messages,
    /// Associations of State Manager.
    Associations,
    /// Documents that the agent fetches.
    Documents,
    /// Stored parameters in documents.
    Parameters,
    /// Inventory.
    Inventory,
    /// Patching.
    Patching,
    /// Packages of Distributor.
    Packages,
    /// Joining a directory.
    DomainJoin,
    /// The CloudWatch agent.
    CloudWatchAgent,
    /// VSS snapshots.
    Snapshots,
}

impl Feature {
    /// All features.
    pub const ALL: [Self; 11] = [
        Self::Core,
        Self::Messages,
        Self::Associations,
        Self::Documents,
        Self::Parameters,
        Self::Inventory,
        Self::Patching,
        Self::Packages,
        Self::DomainJoin,
        Self::CloudWatchAgent,
        Self::Snapshots,
    ];

    /// The name in facts and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Messages => "older-messages",
            Self::Associations => "associations",
            Self::Documents => "documents",
            Self::Parameters => "parameters",
            Self::Inventory => "inventory",
            Self::Patching => "patching",
            Self::Packages => "packages",
            Self::DomainJoin => "domain-join",
            Self::CloudWatchAgent => "cloudwatch-agent",
            Self::Snapshots => "snapshots",
        }
    }

    /// The feature with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The name of its statements.
    pub fn sid(self) -> &'static str {
        match self {
            Self::Core => "Heartbeat",
            Self::Messages => "OlderMessages",
            Self::Associations => "Associations",
            Self::Documents => "Documents",
            Self::Parameters => "Parameters",
            Self::Inventory => "Inventory",
            Self::Patching => "Patching",
            Self::Packages => "Packages",
            Self::DomainJoin => "DomainJoin",
            Self::CloudWatchAgent => "CloudWatchAgent",
            Self::Snapshots => "Snapshots",
        }
    }

    /// What the role must be able to do.
    pub fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Core => &[
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            Self::Messages => &[
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
            ],
            Self::Associations => &[
                "ssm:ListAssociations",
                "ssm:ListInstanceAssociations",
                "ssm:DescribeAssociation",
                "ssm:GetDocument",
                "ssm:DescribeDocument",
                "ssm:UpdateAssociationStatus",
                "ssm:UpdateInstanceAssociationStatus",
            ],
            Self::Documents => &["ssm:GetDocument", "ssm:DescribeDocument"],
            Self::Parameters => &["ssm:GetParameters"],
            Self::Inventory => &["ssm:PutInventory"],
            Self::Patching => {
                &["ssm:GetDeployablePatchSnapshotForInstance", "ssm:PutComplianceItems", "ssm:PutInventory"]
            }
            Self::Packages => &["ssm:GetManifest", "ssm:PutConfigurePackageResult", "ssm:GetDocument"],
            Self::DomainJoin => &["ds:CreateComputer", "ds:DescribeDirectories"],
            Self::CloudWatchAgent => &["cloudwatch:PutMetricData", "logs:PutLogEvents"],
            Self::Snapshots => &["ec2:CreateSnapshots", "ec2:CreateTags"],
        }
    }

    /// What it needs beside that for all that it can do: without these it still does what it is for.
    pub fn more(self) -> &'static [&'static str] {
        match self {
            Self::CloudWatchAgent => &[
                "ec2:DescribeTags",
                "ec2:DescribeVolumes",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutRetentionPolicy",
                "ssm:GetParameter",
            ],
            Self::Snapshots => &["ec2:DescribeInstanceAttribute", "ec2:DescribeSnapshots"],
            _ => &[],
        }
    }

    /// What it needs an action on, where that is not whatever the action takes.
    pub fn resources(self, action: &str) -> Vec<String> {
        match (self, action) {
            (Self::Snapshots, "ec2:CreateTags") => {
                vec![format!("arn:{PARTITION}:ec2:{REGION}::snapshot/*")]
            }
            (Self::CloudWatchAgent, "ssm:GetParameter") => {
                vec![format!("arn:{PARTITION}:ssm:{REGION}:{ACCOUNT}:parameter/AmazonCloudWatch-*")]
            }
            _ => Vec::new(),
        }
    }

    /// The AWS managed policies that were made for it.
    pub fn managed_policies(self) -> &'static [&'static str] {
        match self {
            Self::DomainJoin => &["AmazonSSMDirectoryServiceAccess"],
            Self::CloudWatchAgent => &["CloudWatchAgentServerPolicy"],
            Self::Snapshots => &["AWSEC2VssSnapshotPolicy"],
            _ => &["AmazonSSMManagedInstanceCore"],
        }
    }
}

/// What a document of AWS uses on a node.
pub fn of_aws_document(name: &str) -> &'static [Feature] {
    match name {
        "AWS-RunPatchBaseline" | "AWS-RunPatchBaselineAssociation" | "AWS-RunPatchBaselineWithHooks" => {
            &[Feature::Patching]
        }
        "AWS-GatherSoftwareInventory" => &[Feature::Inventory],
        "AWS-ConfigureAWSPackage" => &[Feature::Packages],
        "AWS-JoinDirectoryServiceDomain" => &[Feature::DomainJoin],
        "AmazonCloudWatch-ManageAgent" => &[Feature::CloudWatchAgent],
        "AWSEC2-CreateVssSnapshot" | "AWSEC2-ManageVssIO" => &[Feature::Snapshots],
        "AWS-RunDocument" | "AWS-RunRemoteScript" => &[Feature::Documents],
        _ => &[],
    }
}

/// What a package is for.
pub fn of_package(name: &str) -> Option<Feature> {
    match name {
        "AmazonCloudWatchAgent" => Some(Feature::CloudWatchAgent),
        "AwsVssComponents" => Some(Feature::Snapshots),
        _ => None,
    }
}

/// The names of the stored parameters that a document of the input refers to.
pub fn stored_parameters(tree: &crate::document::Tree, document: &Document) -> Vec<String> {
    let below = |inputs| super::script::uses_below(tree, inputs);
    let uses = document.steps.iter().filter_map(|step| step.inputs).flat_map(below);
    let mut out: Vec<String> = uses
        .filter_map(|found| match found.reference.target {
            super::reference::Target::Store(name) => Some(name.split(':').next().unwrap_or("").to_owned()),
            _ => None,
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

/// What a document of the input uses on a node.
pub fn of_document(tree: &crate::document::Tree, document: &Document) -> Vec<Feature> {
    let mut found = Vec::new();
    for step in &document.steps {
        match &*step.action {
            "aws:runDocument" => found.push(Feature::Documents),
            "aws:softwareInventory" => found.push(Feature::Inventory),
            "aws:configurePackage" => {
                found.push(Feature::Packages);
                found.extend(step.text(tree, "name").and_then(of_package));
            }
            "aws:domainJoin" => found.push(Feature::DomainJoin),
            _ => {}
        }
        let stored = step.inputs.map(|inputs| super::script::uses_below(tree, inputs)).unwrap_or_default();
        if stored.iter().any(|found| matches!(found.reference.target, super::reference::Target::Store(_))) {
            found.push(Feature::Parameters);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
