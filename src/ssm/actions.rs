//! The actions of automations and the plugins of the agent: names and required inputs.

/// An action of an automation.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// The inputs without which it is refused.
    pub required: &'static [&'static str],
}

const fn action(name: &'static str, required: &'static [&'static str]) -> Action {
    Action { name, required }
}

/// What automations can do.
pub const AUTOMATION: &[Action] = &[
    action("aws:approve", &["Approvers"]),
    action("aws:assertAwsResourceProperty", &["Service", "Api", "PropertySelector", "DesiredValues"]),
    action("aws:branch", &["Choices"]),
    action("aws:changeInstanceState", &["InstanceIds", "DesiredState"]),
    action("aws:copyImage", &["SourceImageId", "SourceRegion", "ImageName"]),
    action("aws:createImage", &["InstanceId", "ImageName"]),
    action("aws:createStack", &["StackName"]),
    action("aws:createTags", &["ResourceIds", "Tags"]),
    action("aws:deleteImage", &["ImageId"]),
    action("aws:deleteStack", &["StackName"]),
    action("aws:executeAutomation", &["DocumentName"]),
    action("aws:executeAwsApi", &["Service", "Api"]),
    action("aws:executeScript", &["Runtime"]),
    action("aws:executeStateMachine", &["stateMachineArn"]),
    action("aws:invokeLambdaFunction", &["FunctionName"]),
    action("aws:invokeWebhook", &["IntegrationName"]),
    action("aws:loop", &["Steps"]),
    action("aws:pause", &[]),
    action("aws:runCommand", &["DocumentName"]),
    action("aws:runInstances", &["ImageId"]),
    action("aws:sleep", &[]),
    action("aws:updateVariable", &["Name", "Value"]),
    action("aws:waitForAwsResourceProperty", &["Service", "Api", "PropertySelector", "DesiredValues"]),
];

/// What the agent can do.
pub const PLUGINS: &[Action] = &[
    action("aws:applications", &["action", "source"]),
    action("aws:cloudWatch", &[]),
    action("aws:configureDaemon", &[]),
    action("aws:configureDocker", &["action"]),
    action("aws:configurePackage", &["name", "action"]),
    action("aws:domainJoin", &["directoryId", "directoryName"]),
    action("aws:downloadContent", &["sourceType"]),
    action("aws:psModule", &[]),
    action("aws:refreshAssociation", &[]),
    action("aws:runDockerAction", &["action"]),
    action("aws:runDocument", &["documentType"]),
    action("aws:runPowerShellScript", &["runCommand"]),
    action("aws:runShellScript", &["runCommand"]),
    action("aws:softwareInventory", &[]),
    action("aws:updateAgent", &["agentName"]),
    action("aws:updateSsmAgent", &["agentName"]),
];

/// Whether only an automation has this action.
pub fn is_automation_only(name: &str) -> bool {
    AUTOMATION.iter().any(|action| action.name == name)
}

/// The action with this name in a table.
pub fn find(table: &'static [Action], name: &str) -> Option<&'static Action> {
    table.iter().find(|action| action.name.eq_ignore_ascii_case(name))
}
