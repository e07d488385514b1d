//! A document's parameters, and what values they take.

use std::sync::Arc;

use crate::document::{HoleKind, NodeId, Piece, Tree, View};

use super::kind::DocumentKind;
use super::language::{Constraint, Language};
use super::script::Script;

/// A parameter of a document.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Box<str>,
    /// The node of the name.
    pub key: NodeId,
    /// The node of the definition.
    pub node: NodeId,
    /// The type, as written.
    pub ty: Option<Box<str>>,
    /// The default value.
    pub default: Option<NodeId>,
    /// The pattern.
    pub pattern: Option<NodeId>,
    /// The allowed values.
    pub allowed: Option<NodeId>,
    /// Whether the value is passed in the environment.
    pub by_environment: bool,
    /// What its values can be; the elements' where it is a list.
    pub language: Arc<Language>,
}

/// The forms that types stand for.
const FORMS: &[(&str, &str)] = &[
    ("Boolean", "true|false|True|False"),
    ("Integer", "-?[0-9]+"),
    ("AWS::EC2::Instance::Id", "m?i-([a-z0-9]{8}|[a-z0-9]{17})"),
    ("AWS::S3::Bucket::Name", "[0-9a-z][a-z0-9.-]{2,63}"),
    ("AWS::IAM::Role::Arn", "arn:(aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b):iam::[0-9]{12}:role/.*"),
];

impl Parameter {
    /// Reads a definition.
    pub(super) fn read(tree: &Tree, key: NodeId, node: NodeId, kind: DocumentKind) -> Self {
        let get = |name: &str| tree.get(node, name);
        let ty: Option<Box<str>> = get("type").and_then(|node| tree.scalar(node)).map(Into::into);
        let (pattern, allowed) = (get("allowedPattern"), get("allowedValues"));
        let mut constraints = Vec::new();
        if matches!(tree.view(node), View::Choice(_) | View::Unknown(_)) {
            constraints.push(Constraint::Unknown("the definition of the parameter is not known".into()));
        }
        // The agent takes any text for any type; the service holds automations to theirs.
        if let Some(form) = ty.as_deref().and_then(form)
            && kind.is_automation()
        {
            constraints.push(Constraint::Form(form));
        }
        constraints.extend(allowed.and_then(|node| values(tree, node)));
        constraints.extend(pattern.and_then(|node| matched(tree, node, kind)));
        Self {
            name: tree.scalar(key).unwrap_or("").into(),
            key,
            node,
            ty,
            default: get("default"),
            pattern,
            allowed,
            by_environment: get("interpolationType").and_then(|node| tree.string(node)) == Some("ENV_VAR"),
            language: Arc::new(Language { constraints }),
        }
    }

    /// Whether the type is a list of texts, or of ids.
    pub fn is_list(&self) -> bool {
        self.ty.as_deref().is_some_and(|ty| ty == "StringList" || ty.starts_with("List<"))
    }

    /// The Parameter Store parameter that the default takes its value from.
    pub fn store(&self, tree: &Tree) -> Option<String> {
        let script = Script::of(tree, self.default?);
        script.uses().find_map(|found| match &found.reference.target {
            super::reference::Target::Store(name) => Some(name.to_string()),
            _ => None,
        })
    }
}

/// The form of the values of a type, or of the elements of a list type.
pub(super) fn form(ty: &str) -> Option<&'static str> {
    let element = ty.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(ty);
    FORMS.iter().find(|(name, _)| *name == element).map(|(_, form)| *form)
}

fn values(tree: &Tree, node: NodeId) -> Option<Constraint> {
    let View::List(list) = tree.view(node) else {
        let known = matches!(tree.view(node), View::Null);
        return (!known).then(|| Constraint::Unknown("the allowed values are not known".into()));
    };
    let mut texts: Vec<Box<str>> = Vec::with_capacity(list.len());
    for element in list.iter() {
        match tree.view(element) {
            View::String(_) | View::Number(_) | View::Bool(_) => texts.push(tree.scalar(element)?.into()),
            View::Null => {}
            View::Text(pieces) => match sample(pieces) {
                Some(text) => texts.push(text.into()),
                None => return Some(Constraint::Few(list.len())),
            },
            View::List(_) | View::Map(_) => texts.push(tree.display(element).into()),
            View::Choice(_) | View::Unknown(_) => {
                return Some(Constraint::Unknown("the allowed values are not known".into()));
            }
        }
    }
    Some(Constraint::Values(texts.into()))
}

fn matched(tree: &Tree, node: NodeId, kind: DocumentKind) -> Option<Constraint> {
    let engines = kind.engines();
    let text = match tree.view(node) {
        View::Null => return None,
        View::Text(pieces) => sample(pieces),
        _ => tree.scalar(node).map(str::to_owned),
    };
    Some(match text {
        Some(text) => Constraint::Pattern { text: text.into(), engines },
        None => Constraint::Unknown("the pattern is not known".into()),
    })
}

/// A text with its holes filled in by one value of their kind: which value it is does not matter to what the text
/// means. Nothing where the kind does not say what fills a hole.
fn sample(pieces: &[Piece]) -> Option<String> {
    let filled = pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => Some(&**text),
        Piece::Hole(hole) => match hole.kind {
            HoleKind::Partition => Some("aws"),
            HoleKind::Region => Some("us-east-1"),
            HoleKind::Account => Some("123456789012"),
            HoleKind::UrlSuffix => Some("amazonaws.com"),
            HoleKind::StackName | HoleKind::Name { .. } => Some("declared-name"),
            HoleKind::Arn { .. } => Some("arn:aws:service:us-east-1:123456789012:declared/name"),
            _ => None,
        },
    });
    filled.collect()
}
