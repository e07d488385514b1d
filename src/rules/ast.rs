//! What a rule file says, as it was written: owned, with places, and free of any parser's types.
//!
//! The tree keeps the distinctions that matter to evaluation and to `parse-tree`: where a capture was written, whether
//! `not` stood before the clause or in its operator, which step of a query was written and which is implied.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::{FileId, Location, Source, Span};

use super::literal::Literal;

/// A rule file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct File {
    /// Its text; what is kept of a file that was read earlier is without it.
    #[serde(skip, default = "no_text")]
    pub source: Arc<Source>,
    /// Other files that it uses.
    pub imports: Vec<Import>,
    /// Assignments outside rules.
    pub lets: Vec<Let>,
    /// Rules, in order. Clauses outside rules are the first one, without a name.
    pub rules: Vec<Rule>,
    /// Rules with parameters.
    pub calls: Vec<ParameterRule>,
    /// Functions that Guard does not have, where values stand.
    pub asks: Vec<Name>,
}

fn no_text() -> Arc<Source> {
    Source::from_text("", "")
}

/// A range of bytes of the rule file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Range {
    /// The place in a source.
    pub fn of(self, source: &Arc<Source>) -> Location {
        Location::new(Arc::clone(source), Span::new(FileId(0), self.start, self.end))
    }

    /// The text that it covers.
    pub fn text(self, source: &Source) -> &str {
        source.text().get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A name, with its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Name {
    /// The name.
    pub text: Box<str>,
    /// Where.
    pub range: Range,
}

/// `import "path"`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The path, relative to the file.
    pub path: Box<str>,
    /// Where it stands.
    pub range: Range,
}

/// `@name(argument, …)` before a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// The attribute's name.
    pub name: Name,
    /// Its arguments.
    pub arguments: Box<[Name]>,
    /// Which arguments are words, and not in quotes.
    pub words: Box<[bool]>,
}

/// `let name = value`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Let {
    /// The variable, without `%`.
    pub name: Name,
    /// What it stands for.
    pub value: Operand,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// What is said about it.
    pub attributes: Box<[Attribute]>,
    /// Its name; nothing for clauses outside rules.
    pub name: Option<Name>,
    /// Its condition.
    pub when: Option<Cnf>,
    /// What it asserts.
    pub body: Body,
    /// The whole of it.
    pub range: Range,
}

/// A rule with parameters.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterRule {
    /// What is said about it.
    pub attributes: Box<[Attribute]>,
    /// Its name.
    pub name: Name,
    /// The names of its parameters.
    pub parameters: Box<[Name]>,
    /// What it asserts.
    pub body: Body,
    /// The whole of it.
    pub range: Range,
}

/// Every line must hold; of a line, one alternative.
pub type Cnf = Box<[Box<[Clause]>]>;

/// What stands between braces.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// Assignments.
    pub lets: Box<[Let]>,
    /// Clauses.
    pub lines: Cnf,
}

/// One assertion or test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Clause {
    /// `query operator operand`.
    Access(Box<Access>),
    /// `query { … }`.
    Block(Box<Block>),
    /// `when … { … }`.
    When(Box<When>),
    /// `AWS::S3::Bucket { … }`.
    Type(Box<TypeBlock>),
    /// `rule_name(argument, …)`.
    Call(Box<Call>),
    /// `rule_name`.
    Reference(Box<Reference>),
}

/// `query operator operand`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Access {
    /// `not` before the clause.
    pub negated: bool,
    /// The left side.
    pub query: Query,
    /// The operator.
    pub op: Op,
    /// `not` in the operator.
    pub op_negated: bool,
    /// The right side of binary operators.
    pub operand: Option<Operand>,
    /// What to say when it fails.
    pub message: Option<Name>,
    /// `@fix(…)`, `@severity(…)`: what to do then, and how much it matters.
    pub attributes: Box<[Attribute]>,
    /// The whole of it.
    pub range: Range,
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `==`, and with negation `!=`.
    Eq,
    /// `in`.
    In,
    /// `>`.
    Gt,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>=`.
    Ge,
    /// `exists`.
    Exists,
    /// `empty`.
    Empty,
    /// `is_string`.
    IsString,
    /// `is_list`.
    IsList,
    /// `is_struct`.
    IsStruct,
    /// `is_bool`.
    IsBool,
    /// `is_int`.
    IsInt,
    /// `is_float`.
    IsFloat,
    /// `is_null`.
    IsNull,
}

impl Op {
    /// Whether there is no right side.
    pub fn is_unary(self) -> bool {
        !matches!(self, Self::Eq | Self::In | Self::Gt | Self::Lt | Self::Le | Self::Ge)
    }
}

/// `query { … }`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Block {
    /// What the block is about.
    pub query: Query,
    /// `!empty` before the brace.
    pub not_empty: bool,
    /// What must hold for each value.
    pub body: Body,
    /// The whole of it.
    pub range: Range,
}

/// `when … { … }`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct When {
    /// The condition.
    pub conditions: Cnf,
    /// What must hold then.
    pub body: Body,
    /// The whole of it.
    pub range: Range,
    /// Whether it stands directly in a rule.
    pub in_rule: bool,
}

/// `AWS::S3::Bucket when … { … }`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeBlock {
    /// The resource type.
    pub name: Name,
    /// The condition, per resource.
    pub when: Option<Cnf>,
    /// What must hold for each resource.
    pub body: Body,
    /// The whole of it.
    pub range: Range,
}

/// `rule_name(argument, …)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// `not` before it.
    pub negated: bool,
    /// The rule's name.
    pub name: Name,
    /// The arguments.
    pub arguments: Box<[Operand]>,
    /// What to say when it fails.
    pub message: Option<Name>,
    /// The whole of it.
    pub range: Range,
}

/// `rule_name`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reference {
    /// `not` before it.
    pub negated: bool,
    /// The rule's name.
    pub name: Name,
    /// What to say when it fails.
    pub message: Option<Name>,
    /// The whole of it.
    pub range: Range,
}

/// A right side, an argument, a variable's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Operand {
    /// A literal value.
    Literal(Literal, Range),
    /// A query.
    Query(Query),
    /// A function.
    Function(Box<Function>),
}

/// A call of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// The function's name.
    pub name: Name,
    /// The arguments.
    pub arguments: Box<[Operand]>,
    /// The whole of it.
    pub range: Range,
}

/// A query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Query {
    /// `some`: one result that satisfies is enough.
    pub some: bool,
    /// Its steps; the first is its head.
    pub parts: Box<[Part]>,
    /// The whole of it.
    pub range: Range,
}

/// A step of a query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// What it does.
    pub kind: PartKind,
    /// Where it stands.
    pub range: Range,
}

/// What a step does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PartKind {
    /// `this`.
    This,
    /// `.key`, `['key']`; at the head, a key of the value at hand.
    Key(Box<str>),
    /// `%name`, at the head or as a key.
    Variable(Box<str>),
    /// `.*`, or `[ name ]` which captures the key.
    AllValues(Option<Name>),
    /// `[*]`, or `[name]`; implied behind a variable.
    AllIndices(Option<Name>),
    /// `[N]`, `.N`.
    Index(i64),
    /// `[ clauses ]`.
    Filter(Option<Name>, Cnf),
    /// `[ keys operator operand ]`.
    Keys(Box<KeysFilter>),
}

/// `[ keys operator operand ]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeysFilter {
    /// A name for the keys.
    pub capture: Option<Name>,
    /// `==` or `in`.
    pub op: Op,
    /// `!=` or `not in`.
    pub negated: bool,
    /// What the keys are compared with.
    pub operand: Operand,
}
