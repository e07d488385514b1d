//! How bad a flow is.

use crate::ssm::api;
use crate::ssm::sink::Class;

use super::{Flow, Trust};

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to do harm.
    Low,
    /// Harm for who already may much.
    Medium,
    /// Harm for whoever may run the document.
    High,
    /// Harm for nearly everybody.
    Critical,
}

impl Severity {
    /// The name in facts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    fn lowered(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

/// What is known of who can run the document, and of what it can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exposure {
    /// The role that it runs with is equivalent to an administrator.
    pub administrator: bool,
    /// It is shared with other accounts, or something untrusted starts it.
    pub shared: bool,
    /// All that run it give literal values.
    pub bound: bool,
}

impl Flow {
    /// How bad an unsafe flow is.
    pub fn severity(&self, exposure: Exposure) -> Severity {
        let validated = self.is_validated();
        let base = match self.class {
            Class::Shell | Class::PowerShell | Class::Python => {
                if self.passthrough {
                    Severity::Medium
                } else {
                    Severity::High
                }
            }
            Class::Document | Class::Role | Class::Url | Class::Api => {
                if validated {
                    Severity::Medium
                } else {
                    Severity::High
                }
            }
            Class::Parameter => {
                let authorizes =
                    self.operation.as_ref().is_some_and(|(service, _)| api::is_authorization(service));
                if authorizes && !validated { Severity::High } else { Severity::Medium }
            }
            Class::Json => Severity::Medium,
            Class::CommandLine => {
                if validated {
                    Severity::Low
                } else {
                    Severity::Medium
                }
            }
            Class::Argument | Class::Path | Class::Target => Severity::Low,
        };
        let by_source = match self.source.trust {
            Trust::Config => base.min(Severity::Medium),
            Trust::System | Trust::Id => Severity::Info,
            _ => base,
        };
        let raised = if exposure.administrator || exposure.shared { by_source.raised() } else { by_source };
        if exposure.bound { raised.lowered() } else { raised }
    }
}
