//! The kinds of entity.

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal;)+) => {
        /// What an entity is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])+ $name,)+ }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name that findings and the rule language use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

kinds! {
    /// An IAM role.
    Role = "role";
    /// An IAM user.
    User = "user";
    /// An IAM group.
    Group = "group";
    /// An IAM instance profile.
    InstanceProfile = "instance_profile";
    /// A customer managed IAM policy.
    ManagedPolicy = "managed_policy";
    /// A policy that belongs to one or more roles, users or groups.
    InlinePolicy = "inline_policy";
    /// A resource that only ties a policy to roles, users or groups.
    Attachment = "policy_attachment";
    /// A role that an AWS service creates for itself.
    ServiceLinkedRole = "service_linked_role";
    /// A policy of an organisation (service or resource control policy).
    OrganizationPolicy = "organization_policy";
    /// Anything that launches nodes: an instance, a launch template, a node group.
    Node = "node";
    /// A resource that gives a role to a service: a function, a task definition, a state machine.
    RoleUser = "role_user";
    /// An SSM document.
    Document = "ssm_document";
    /// A State Manager association.
    Association = "ssm_association";
    /// A maintenance window.
    MaintenanceWindow = "maintenance_window";
    /// The targets of a maintenance window.
    WindowTarget = "window_target";
    /// A task of a maintenance window.
    WindowTask = "window_task";
    /// A Parameter Store parameter.
    Parameter = "ssm_parameter";
    /// A Parameter Store parameter that the configuration reads.
    ParameterRead = "parameter_read";
    /// A hybrid activation.
    Activation = "ssm_activation";
    /// A resource data sync of inventory or operational items.
    DataSync = "resource_data_sync";
    /// A patch baseline.
    PatchBaseline = "patch_baseline";
    /// A patch group.
    PatchGroup = "patch_group";
    /// A service setting of Systems Manager.
    ServiceSetting = "service_setting";
    /// A policy on a resource of a service (bucket, key, document, parameter).
    ResourcePolicy = "resource_policy";
    /// A VPC endpoint.
    VpcEndpoint = "vpc_endpoint";
    /// An S3 bucket.
    Bucket = "bucket";
    /// A CloudWatch Logs log group.
    LogGroup = "log_group";
    /// A KMS key.
    Key = "kms_key";
    /// A CloudTrail trail.
    Trail = "trail";
    /// An AWS Config recorder.
    ConfigRecorder = "config_recorder";
    /// An AWS Config rule.
    ConfigRule = "config_rule";
    /// The remediation of an AWS Config rule.
    Remediation = "config_remediation";
    /// Something that starts automations or commands: an event rule, a schedule.
    Trigger = "trigger";
    /// A long-lived access key or console password of a user.
    Credential = "credential";
    /// The account's password policy.
    PasswordPolicy = "password_policy";
    /// A Quick Setup configuration.
    QuickSetup = "quick_setup";
}
