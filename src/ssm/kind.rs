//! The types of document, and who runs them.

use super::pattern::Engine;

/// A type of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// A runbook, which the service runs.
    Automation,
    /// A runbook with the keys of a change template.
    ChangeTemplate,
    /// What the agent runs on a node.
    Command,
    /// What State Manager applies, such as inventory.
    Policy,
    /// Preferences and commands of sessions.
    Session,
    /// A Distributor package.
    Package,
    /// A calendar of changes.
    ChangeCalendar,
    /// A CloudFormation template.
    CloudFormation,
    /// Any other: AppConfig, problem analysis, approval policies, …
    Other,
}

/// Which engines match patterns.
const BOTH: &[Engine] = &[Engine::Java, Engine::Re2];
const SERVICE: &[Engine] = &[Engine::Java];

impl DocumentKind {
    /// The type with this name in the API.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Automation" => Self::Automation,
            "Automation.ChangeTemplate" => Self::ChangeTemplate,
            "Command" => Self::Command,
            "Policy" => Self::Policy,
            "Session" => Self::Session,
            "Package" => Self::Package,
            "ChangeCalendar" => Self::ChangeCalendar,
            "CloudFormation" => Self::CloudFormation,
            "ApplicationConfiguration"
            | "ApplicationConfigurationSchema"
            | "AutoApprovalPolicy"
            | "DeploymentStrategy"
            | "ManualApprovalPolicy"
            | "ProblemAnalysis"
            | "ProblemAnalysisTemplate"
            | "QuickSetup"
            | "ConformancePackTemplate" => Self::Other,
            _ => return None,
        })
    }

    /// The name in the API; nothing for types that are not told apart.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automation => "Automation",
            Self::ChangeTemplate => "Automation.ChangeTemplate",
            Self::Command => "Command",
            Self::Policy => "Policy",
            Self::Session => "Session",
            Self::Package => "Package",
            Self::ChangeCalendar => "ChangeCalendar",
            Self::CloudFormation => "CloudFormation",
            Self::Other => "other",
        }
    }

    /// Whether the service runs the document, step by step.
    pub fn is_automation(self) -> bool {
        matches!(self, Self::Automation | Self::ChangeTemplate)
    }

    /// Whether the agent runs the document on a node.
    pub fn is_on_nodes(self) -> bool {
        matches!(self, Self::Command | Self::Policy | Self::Session)
    }

    /// The engines that match the patterns of its parameters.
    pub fn engines(self) -> &'static [Engine] {
        if self.is_on_nodes() { BOTH } else { SERVICE }
    }

    /// The schema versions that the type may have; empty where it has none.
    pub fn schema_versions(self) -> &'static [&'static str] {
        match self {
            Self::Automation | Self::ChangeTemplate => &["0.3"],
            Self::Command => &["1.0", "1.2", "2.0", "2.0.1", "2.0.2", "2.0.3", "2.2"],
            Self::Policy => &["2.0", "2.0.1", "2.0.2", "2.0.3", "2.2"],
            Self::Session => &["1.0"],
            Self::Package => &["2.0"],
            Self::ChangeCalendar | Self::CloudFormation | Self::Other => &[],
        }
    }
}
