//! The AWS managed policies that are about Systems Manager, and when a role has no use for them.

/// A policy, and why a role of nodes does not need it where nothing in the input does.
const OF_NODES: &[(&str, &str)] = &[
    ("AmazonEC2RoleforSSM", "it opens every S3 bucket of the account, and was replaced in 2019"),
    ("AmazonSSMManagedInstanceCore", "nothing in the input has its nodes managed by Systems Manager"),
    ("AmazonSSMManagedEC2InstanceDefaultPolicy", "it was made for default host management"),
    ("AmazonSSMFullAccess", "it is for administrators: a node that has it can command every other"),
    ("AmazonSSMReadOnlyAccess", "it is for people: a node that has it can read every stored parameter"),
    ("AmazonSSMDirectoryServiceAccess", "nothing in the input joins a directory"),
    ("CloudWatchAgentServerPolicy", "nothing in the input sets up the CloudWatch agent"),
    ("CloudWatchAgentAdminPolicy", "only who stores the configuration of the CloudWatch agent needs it"),
    ("AWSEC2VssSnapshotPolicy", "nothing in the input makes VSS snapshots"),
    ("AmazonSSMPatchAssociation", "the input has no patch policy of Quick Setup"),
    ("AWSQuickSetupPatchPolicyBaselineAccess", "the input has no patch policy of Quick Setup"),
    ("AmazonSSMAutomationRole", "it is for automations"),
    ("AmazonSSMMaintenanceWindowRole", "it is for maintenance windows"),
];

/// Policies that are too much for a runbook whose needs are known.
const OF_AUTOMATIONS: &[&str] =
    &["AdministratorAccess", "PowerUserAccess", "AmazonSSMFullAccess", "AmazonSSMAutomationRole"];

/// Why a role of nodes does not need a policy that nothing in the input calls for; nothing for policies that are about
/// something else.
pub(super) fn not_for_nodes(name: &str) -> Option<&'static str> {
    OF_NODES.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Whether a policy is one that people give automations instead of what they need.
pub(super) fn is_broad_for_automations(name: &str) -> bool {
    OF_AUTOMATIONS.contains(&name)
}
