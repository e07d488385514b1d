//! Recognising functions, in the long form (`{"Fn::Sub": …}`) and the short (`!Sub …`).

use crate::document::{NodeId, Tree};

/// A function of the template language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    And,
    Base64,
    Cidr,
    Condition,
    Equals,
    FindInMap,
    GetAtt,
    GetAzs,
    GetStackOutput,
    If,
    ImportValue,
    Join,
    Length,
    Not,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    ToJsonString,
    Transform,
    /// A function that nobody here knows: of another tool, or newer.
    Unsupported,
    /// A rule function (`Fn::Contains`, …), which only stands in the `Rules` section.
    Rule,
}

impl Function {
    /// The name in the long form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::And => "Fn::And",
            Self::Base64 => "Fn::Base64",
            Self::Cidr => "Fn::Cidr",
            Self::Condition => "Condition",
            Self::Equals => "Fn::Equals",
            Self::FindInMap => "Fn::FindInMap",
            Self::GetAtt => "Fn::GetAtt",
            Self::GetAzs => "Fn::GetAZs",
            Self::GetStackOutput => "Fn::GetStackOutput",
            Self::If => "Fn::If",
            Self::ImportValue => "Fn::ImportValue",
            Self::Join => "Fn::Join",
            Self::Length => "Fn::Length",
            Self::Not => "Fn::Not",
            Self::Or => "Fn::Or",
            Self::Ref => "Ref",
            Self::Select => "Fn::Select",
            Self::Split => "Fn::Split",
            Self::Sub => "Fn::Sub",
            Self::ToJsonString => "Fn::ToJsonString",
            Self::Transform => "Fn::Transform",
            Self::Rule => "a rule function",
            Self::Unsupported => "an unknown function",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Some(match name {
            "And" => Self::And,
            "Base64" => Self::Base64,
            "Cidr" => Self::Cidr,
            "Contains" | "EachMemberEquals" | "EachMemberIn" | "RefAll" | "ValueOf" | "ValueOfAll" => {
                Self::Rule
            }
            "Equals" => Self::Equals,
            "FindInMap" => Self::FindInMap,
            "GetAZs" => Self::GetAzs,
            "GetAtt" => Self::GetAtt,
            "GetStackOutput" => Self::GetStackOutput,
            "If" => Self::If,
            "ImportValue" => Self::ImportValue,
            "Join" => Self::Join,
            "Length" => Self::Length,
            "Not" => Self::Not,
            "Or" => Self::Or,
            "Select" => Self::Select,
            "Split" => Self::Split,
            "Sub" => Self::Sub,
            "ToJsonString" => Self::ToJsonString,
            "Transform" => Self::Transform,
            _ => return None,
        })
    }
}

/// A function and its argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    /// The node of the whole call.
    pub(crate) node: NodeId,
    pub(crate) argument: Argument,
}

/// The argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Argument {
    pub(crate) node: NodeId,
    /// The node's tag is the call itself and says nothing about the argument.
    pub(crate) untagged: bool,
}

/// The call that a node is, if it is one.
pub(crate) fn call(tree: &Tree, node: NodeId) -> Option<Call> {
    // Tags of YAML itself (`!!str`) name no function.
    if let Some(tag) = tree.tag(node).filter(|tag| !tag.is_empty() && !tag.starts_with('!')) {
        let function = match tag {
            "Ref" => Function::Ref,
            "Condition" => Function::Condition,
            _ => Function::find(tag).unwrap_or(Function::Unsupported),
        };
        return Some(Call { function, node, argument: Argument { node, untagged: true } });
    }
    long(tree, node)
}

/// The call that a node is in the long form, whatever tag stands before it: `!Ref {"Fn::Sub": …}`.
pub(crate) fn long(tree: &Tree, node: NodeId) -> Option<Call> {
    let map = tree.map(node)?;
    if map.len() != 1 {
        return None;
    }
    let (_, key, argument) = map.iter().next()?;
    let function = if key == "Ref" {
        Function::Ref
    } else {
        let name = key.strip_prefix("Fn::").filter(|name| !name.starts_with("ForEach"))?;
        Function::find(name).unwrap_or(Function::Unsupported)
    };
    Some(Call { function, node, argument: Argument { node: argument, untagged: false } })
}
