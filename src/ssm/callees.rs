//! What documents that AWS owns do with their parameters.

use super::sink::Class;

/// A parameter of a document that AWS owns, and what it reaches.
pub(super) struct Summary {
    document: &'static str,
    parameter: &'static str,
    pub(super) class: Class,
}

const fn summary(document: &'static str, parameter: &'static str, class: Class) -> Summary {
    Summary { document, parameter, class }
}

const SUMMARIES: &[Summary] = &[
    summary("AWS-RunShellScript", "commands", Class::Shell),
    summary("AWS-RunPowerShellScript", "commands", Class::PowerShell),
    summary("AWS-RunRemoteScript", "commandLine", Class::Shell),
    summary("AWS-RunRemoteScript", "sourceInfo", Class::Json),
    summary("AWS-RunDocument", "sourceInfo", Class::Json),
    summary("AWS-RunDocument", "documentParameters", Class::Json),
    summary("AWS-RunSaltState", "pillars", Class::Json),
    summary("AWS-RunSaltState", "stateurl", Class::Url),
    summary("AWS-ApplyAnsiblePlaybooks", "ExtraVariables", Class::CommandLine),
    summary("AWS-ApplyAnsiblePlaybooks", "SourceInfo", Class::Json),
    summary("AWS-ApplyAnsiblePlaybooks", "PlaybookFile", Class::Path),
    summary("AWS-RunAnsiblePlaybook", "extravars", Class::CommandLine),
    summary("AWS-RunAnsiblePlaybook", "playbookurl", Class::Url),
    summary("AWS-InstallApplication", "source", Class::Url),
    summary("AWS-InstallApplication", "parameters", Class::CommandLine),
    summary("AWS-InstallPowerShellModule", "source", Class::Url),
    summary("AWS-InstallPowerShellModule", "commands", Class::PowerShell),
    summary("AWS-ConfigureAWSPackage", "name", Class::Document),
    summary("AWS-ApplyChefRecipes", "SourceInfo", Class::Json),
    summary("AWS-RunPatchBaseline", "BaselineOverride", Class::Url),
    summary("AWS-RunPatchBaseline", "InstallOverrideList", Class::Url),
    summary("AWS-RunPatchBaselineWithHooks", "PreInstallHookDocName", Class::Document),
    summary("AWS-RunPatchBaselineWithHooks", "PostInstallHookDocName", Class::Document),
    summary("AWS-RunPatchBaselineWithHooks", "OnExitHookDocName", Class::Document),
    summary("AWS-StartPortForwardingSessionToRemoteHost", "host", Class::Target),
    summary("AWS-StartPortForwardingSessionToRemoteHost", "portNumber", Class::Target),
    summary("AWS-StartInteractiveCommand", "command", Class::Shell),
    summary("AWS-StartNonInteractiveCommand", "command", Class::CommandLine),
    summary("AWS-JoinDirectoryServiceDomain", "directoryId", Class::Target),
    summary("AWS-RunInspecChecks", "sourceInfo", Class::Json),
];

/// What a parameter of a document that AWS owns reaches.
pub(super) fn class(document: &str, parameter: &str) -> Option<Class> {
    let found = |one: &&Summary| one.document == document && one.parameter.eq_ignore_ascii_case(parameter);
    SUMMARIES.iter().find(found).map(|summary| summary.class)
}
