//! Values that a document does not fully decide.
//!
//! A template has parameters, a plan has values known only after apply. The tree keeps what is known of them: the
//! known parts of a text and the kind of each hole, the alternatives and when each holds, the reason why nothing is
//! known. Raw documents hold none of these; resolving a template or a plan adds them.

use std::sync::Arc;

use crate::document::Condition;
use crate::document::Language;

use super::NodeId;

/// A piece of a text with holes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Known characters.
    Literal(Box<str>),
    /// Characters that are known only by their kind.
    Hole(Hole),
}

/// A part of a text that the input does not decide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hole {
    /// What fills the hole, which decides the characters that it can hold.
    pub kind: HoleKind,
    /// What a person would call it: `AWS::Region`, a parameter's name, `aws_kms_key.k.arn`.
    pub name: Box<str>,
}

/// What fills a hole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HoleKind {
    /// The partition of the target: `aws`, `aws-cn`, `aws-us-gov`, …
    Partition,
    /// A Region name.
    Region,
    /// Twelve digits.
    Account,
    /// `amazonaws.com` or `amazonaws.com.cn`.
    UrlSuffix,
    /// The name of the stack.
    StackName,
    /// The id (ARN) of the stack.
    StackId,
    /// The physical name of a declared resource; `resource` is its node.
    Name {
        /// The declaring resource.
        resource: NodeId,
    },
    /// The ARN of a declared resource; `resource` is its node.
    Arn {
        /// The declaring resource.
        resource: NodeId,
        /// The service that the ARN names; empty where that is not known.
        service: &'static str,
    },
    /// Another attribute of a declared resource.
    Attribute {
        /// The declaring resource.
        resource: NodeId,
        /// The attribute.
        attribute: Box<str>,
    },
    /// A parameter or variable without a value.
    Parameter {
        /// The texts that it can be, where the declaration says so.
        language: Option<Arc<Language>>,
    },
    /// A reference that the platform resolves when it deploys: `{{resolve:ssm:…}}`.
    Dynamic,
    /// Anything.
    Any(Reason),
}

/// A value that the input does not decide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    /// Why it is not known.
    pub reason: Reason,
    /// What blocks it, in the words of the input: a reference, a parameter, a function.
    pub blocker: Box<str>,
}

/// Why a value is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Terraform computes it when it applies the plan.
    AfterApply,
    /// A parameter or input variable without a value.
    Parameter,
    /// An output of another stack.
    Import,
    /// A name that several templates export.
    Ambiguous,
    /// A macro or transform that runs in the account.
    Macro,
    /// A file, nested template or module that is not at hand.
    MissingFile,
    /// A reference to something that the input does not declare.
    Undeclared,
    /// A function whose result depends on the account (availability zones, dynamic references).
    Account,
    /// A construct that `rolecall` does not evaluate.
    Unsupported,
    /// A reference that leads back to itself.
    Cycle,
    /// The value was too deeply nested or too large to work out.
    Limit,
    /// The value is malformed.
    Malformed,
}

impl Reason {
    /// A phrase that completes "not known: …".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::AfterApply => "known only after apply",
            Self::Parameter => "a parameter without a value",
            Self::Import => "an output of another stack",
            Self::Ambiguous => "exported by more than one template",
            Self::Macro => "the result of a macro",
            Self::MissingFile => "in a file that was not given",
            Self::Undeclared => "a reference to something that is not declared",
            Self::Account => "decided by the account",
            Self::Unsupported => "a construct that is not evaluated",
            Self::Cycle => "a reference that leads back to itself",
            Self::Limit => "too large to work out",
            Self::Malformed => "malformed",
        }
    }
}

/// One alternative of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// When it holds.
    pub condition: Condition,
    /// The value then; none where the property is then absent.
    pub value: Option<NodeId>,
}

/// How a derived value came about, for `explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation<'t> {
    /// The function or reference, in the words of the input: `Ref`, `Fn::Sub`, `local.x`.
    pub by: &'static str,
    /// The nodes that it was worked out from.
    pub from: &'t [NodeId],
}
