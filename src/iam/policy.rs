//! Policy documents, read from the nodes of a tree.
//!
//! A document may be known, or hold alternatives, texts with holes and unknown values; every part keeps its node, so
//! that whatever is said of it can be shown where it stands. Reading never fails: what is malformed is left out here and
//! described by the checks of the grammar.

use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::spread;

use super::operator::Operator;
use super::text::Text;

/// What a policy document is for; the same text is right for one use and wrong for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// What a principal may do: managed and inline policies.
    Identity,
    /// The most that a principal may do.
    Boundary,
    /// The most that a session may do.
    Session,
    /// Who may assume a role.
    Trust,
    /// Who may use a resource.
    Resource,
    /// What may be reached through a VPC endpoint.
    Endpoint,
    /// A service control policy of an organisation.
    ServiceControl,
    /// A resource control policy of an organisation.
    ResourceControl,
}

impl PolicyKind {
    /// Whether statements name principals.
    pub fn has_principals(self) -> bool {
        matches!(self, Self::Trust | Self::Resource | Self::Endpoint | Self::ResourceControl)
    }
}

/// A policy document.
#[derive(Clone, Debug)]
pub struct Policy<'t> {
    /// What it is for.
    pub kind: PolicyKind,
    /// Its node.
    pub node: NodeId,
    /// `Version`.
    pub version: Option<Scalar<'t>>,
    /// The statements.
    pub statements: Vec<Statement<'t>>,
    /// Whether all statements are known.
    pub complete: bool,
}

/// A text of a policy, with its place.
#[derive(Clone, Debug)]
pub struct Scalar<'t> {
    /// Its node.
    pub node: NodeId,
    /// When it is there (what contains it not counted).
    pub under: Condition,
    /// The text.
    pub text: Text<'t>,
}

/// `Effect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
    /// Not known.
    Unknown,
    /// Missing, or another word.
    Malformed,
}

/// A list of patterns, or of what is excepted.
#[derive(Clone, Debug, Default)]
pub struct Patterns<'t> {
    /// Whether the element is the `Not…` one.
    pub negated: bool,
    /// The patterns.
    pub values: Vec<Scalar<'t>>,
    /// The node of the element's value.
    pub node: Option<NodeId>,
}

/// The principals of a statement.
#[derive(Clone, Debug, Default)]
pub struct Principals<'t> {
    /// Whether the element is `NotPrincipal`.
    pub negated: bool,
    /// The principals.
    pub values: Vec<Principal<'t>>,
    /// The node of the element's value.
    pub node: Option<NodeId>,
}

/// A principal as a statement names it.
#[derive(Clone, Debug)]
pub struct Principal<'t> {
    /// Its type.
    pub ty: PrincipalType,
    /// The name.
    pub value: Scalar<'t>,
}

/// The type of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    /// An account, user, role or session, or everybody.
    Aws,
    /// An AWS service.
    Service,
    /// An identity provider.
    Federated,
    /// The canonical id of an account.
    CanonicalUser,
    /// Another word.
    Other,
}

/// One key of one operator of a `Condition`.
#[derive(Clone, Debug)]
pub struct Test<'t> {
    /// The operator, where it is one.
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_name: &'t str,
    /// The node of the operator's name.
    pub operator_node: NodeId,
    /// The condition key as written.
    pub key: &'t str,
    /// The node of the key.
    pub key_node: NodeId,
    /// What the key is compared with.
    pub values: Vec<Scalar<'t>>,
    /// The node of the values.
    pub node: NodeId,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement<'t> {
    /// Its node.
    pub node: NodeId,
    /// When it is there.
    pub under: Condition,
    /// `Sid`.
    pub sid: Option<Scalar<'t>>,
    /// `Effect`.
    pub effect: Effect,
    /// The node of the effect's value.
    pub effect_node: Option<NodeId>,
    /// `Action` or `NotAction`.
    pub actions: Patterns<'t>,
    /// `Resource` or `NotResource`; nothing in a trust policy.
    pub resources: Option<Patterns<'t>>,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Principals<'t>>,
    /// `Condition`; all must hold.
    pub conditions: Vec<Test<'t>>,
    /// Whether a part of the statement is not known, so that it may say more or less than this.
    pub open: bool,
}

impl<'t> Policy<'t> {
    /// Reads the document at a node.
    pub fn read(tree: &'t Tree, conditions: &mut Conditions, node: NodeId, kind: PolicyKind) -> Self {
        let mut policy = Self { kind, node, version: None, statements: Vec::new(), complete: true };
        for (under, document) in spread(tree, conditions, node) {
            let View::Map(map) = tree.view(document) else {
                policy.complete &= !matches!(tree.view(document), View::Unknown(_) | View::Text(_));
                continue;
            };
            let version = map.get("Version");
            policy.version = version.and_then(|node| scalars(tree, conditions, node).0.pop());
            let Some(list) = map.get("Statement") else { continue };
            for (inner, statement) in spread(tree, conditions, list) {
                let both = conditions.and(under, inner);
                match tree.view(statement) {
                    View::Map(_) => policy.statements.push(read_statement(tree, conditions, statement, both)),
                    View::Unknown(_) | View::Text(_) => policy.complete = false,
                    _ => {}
                }
            }
        }
        policy
    }

    /// Whether `${…}` is a variable: since version 2012-10-17. A version that is not known is taken for the newer one.
    pub fn has_variables(&self) -> bool {
        self.version
            .as_ref()
            .is_some_and(|version| version.text.known().is_none_or(|text| text == "2012-10-17"))
    }
}

impl Statement<'_> {
    /// Whether the statement applies whatever a request's context is: it has no condition, and is surely there.
    pub fn is_unconditional(&self) -> bool {
        self.conditions.is_empty() && !self.open && self.under.is_always()
    }
}

/// The texts of a value that is one text or a list of them, and whether that is all of it.
fn scalars<'t>(tree: &'t Tree, conditions: &mut Conditions, node: NodeId) -> (Vec<Scalar<'t>>, bool) {
    // The common cases need no table of conditions.
    if let View::List(list) = tree.view(node) {
        let direct: Option<Vec<_>> = list
            .iter()
            .map(|node| {
                let text = Text::Known(tree.scalar(node)?.into());
                Some(Scalar { node, under: Condition::ALWAYS, text })
            })
            .collect();
        if let Some(direct) = direct {
            return (direct, true);
        }
    } else if let Some(text) = tree.scalar(node) {
        return (vec![Scalar { node, under: Condition::ALWAYS, text: Text::Known(text.into()) }], true);
    }
    let mut complete = true;
    let mut out = Vec::new();
    for (under, node) in spread(tree, conditions, node) {
        if let Some(text) = Text::of(tree, node) {
            complete &= !matches!(text, Text::Unknown(_));
            out.push(Scalar { node, under, text });
        }
    }
    (out, complete)
}

fn read_statement<'t>(
    tree: &'t Tree,
    conditions: &mut Conditions,
    node: NodeId,
    under: Condition,
) -> Statement<'t> {
    let mut statement = Statement {
        node,
        under,
        sid: None,
        effect: Effect::Malformed,
        effect_node: None,
        actions: Patterns::default(),
        resources: None,
        principals: None,
        conditions: Vec::new(),
        open: false,
    };
    let View::Map(map) = tree.view(node) else { return statement };
    for (_, key, value) in map.iter() {
        match key {
            "Sid" => statement.sid = scalars(tree, conditions, value).0.pop(),
            "Effect" => {
                statement.effect = effect(tree, value);
                statement.effect_node = Some(value);
            }
            "Action" | "NotAction" => {
                statement.actions = patterns(tree, conditions, value, key == "NotAction");
            }
            "Resource" | "NotResource" => {
                statement.resources = Some(patterns(tree, conditions, value, key == "NotResource"));
            }
            "Principal" | "NotPrincipal" => {
                statement.principals = Some(principals(tree, conditions, value, key == "NotPrincipal"));
            }
            "Condition" => statement.open |= !tests(tree, conditions, value, &mut statement.conditions),
            _ => {}
        }
    }
    statement
}

fn effect(tree: &Tree, node: NodeId) -> Effect {
    match tree.view(node) {
        View::String("Allow") => Effect::Allow,
        View::String("Deny") => Effect::Deny,
        View::Text(_) | View::Unknown(_) | View::Choice(_) => Effect::Unknown,
        _ => Effect::Malformed,
    }
}

fn patterns<'t>(tree: &'t Tree, conditions: &mut Conditions, node: NodeId, negated: bool) -> Patterns<'t> {
    Patterns { negated, values: scalars(tree, conditions, node).0, node: Some(node) }
}

fn principals<'t>(
    tree: &'t Tree,
    conditions: &mut Conditions,
    node: NodeId,
    negated: bool,
) -> Principals<'t> {
    let mut out = Principals { negated, values: Vec::new(), node: Some(node) };
    for (under, inner) in spread(tree, conditions, node) {
        let entries: Vec<(PrincipalType, NodeId)> = match tree.view(inner) {
            View::Map(map) => map.iter().map(|(_, key, value)| (PrincipalType::of(key), value)).collect(),
            _ => vec![(PrincipalType::Aws, inner)],
        };
        for (ty, values) in entries {
            for mut value in scalars(tree, conditions, values).0 {
                value.under = conditions.and(under, value.under);
                out.values.push(Principal { ty, value });
            }
        }
    }
    out
}

impl PrincipalType {
    /// The type with a name.
    pub fn of(name: &str) -> Self {
        match name {
            "AWS" => Self::Aws,
            "Service" => Self::Service,
            "Federated" => Self::Federated,
            "CanonicalUser" => Self::CanonicalUser,
            _ => Self::Other,
        }
    }
}

/// Reads the tests of a `Condition`; false where some of it is not known, or there only sometimes.
fn tests<'t>(tree: &'t Tree, conditions: &mut Conditions, node: NodeId, out: &mut Vec<Test<'t>>) -> bool {
    let mut complete = true;
    for (under, block) in spread(tree, conditions, node) {
        complete &= under.is_always();
        let View::Map(operators) = tree.view(block) else {
            complete = false;
            continue;
        };
        for (operator_node, operator_name, keys) in operators.iter() {
            let View::Map(keys) = tree.view(keys) else {
                complete &= !matches!(tree.view(keys), View::Unknown(_) | View::Text(_) | View::Choice(_));
                continue;
            };
            for (key_node, key, values) in keys.iter() {
                let (scalars, known) = scalars(tree, conditions, values);
                complete &= known;
                out.push(Test {
                    operator: Operator::parse(operator_name),
                    operator_name,
                    operator_node,
                    key,
                    key_node,
                    values: scalars,
                    node: values,
                });
            }
        }
    }
    complete
}
