//! Rules that are ready to be asked: names are numbers, patterns are built, equal queries are one.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::document::{Location, Source};
use crate::facts::schema;

use super::ast::{Op, Range};
use super::fix::{DeclaredFix, FixKind};
use super::literal::Literal;
use super::metadata::{Metadata, Severity};

/// A name of a variable or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameId(pub(crate) u32);

/// A query, by its place in the program's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct QueryId(pub(crate) u32);

/// A query whose results depend on the document alone, by its place in the program's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SharedId(pub(crate) u32);

/// A rule of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(crate) u32);

impl RuleId {
    /// The rule's position in [`Program::rules`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Compiled rule files.
#[derive(Debug, Default)]
pub struct Program {
    pub(crate) names: Names,
    pub(crate) files: Vec<ProgramFile>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) queries: Vec<Query>,
    pub(crate) shared: Vec<Shared>,
    pub(crate) indexes: Vec<IndexPlan>,
    /// Verdicts are those of Guard 3.1.
    pub(crate) classic: bool,
    /// Whether a rule asks a function over entities.
    pub(crate) asks: bool,
    /// What the rules look for, once somebody asks.
    pub(super) sights: OnceLock<super::eval::Sights>,
}

/// The names of a program.
#[derive(Debug, Default)]
pub(crate) struct Names {
    texts: Vec<Box<str>>,
    ids: FxHashMap<Box<str>, NameId>,
}

impl Names {
    pub(crate) fn id(&mut self, text: &str) -> NameId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.ids.insert(text.into(), id);
        id
    }

    pub(crate) fn text(&self, id: NameId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |text| text)
    }
}

/// A file of a program.
#[derive(Debug)]
pub(crate) struct ProgramFile {
    pub(crate) source: Arc<Source>,
    pub(crate) lets: Lets,
    pub(crate) calls: FxHashMap<NameId, CallRule>,
    /// The rules with each name, in order.
    pub(crate) by_name: FxHashMap<NameId, Vec<RuleId>>,
    /// Names that a query of the file captures keys into.
    pub(crate) captured: Vec<NameId>,
    /// The files that it imports.
    pub(crate) imports: Vec<usize>,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    pub(crate) file: usize,
    pub(crate) source: Arc<Source>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) range: Range,
    /// From `rule` to the closing brace.
    pub(crate) whole: Range,
    pub(crate) when: Option<Cnf>,
    pub(crate) body: Body,
    pub(crate) metadata: Metadata,
    pub(crate) reads: Reads,
}

impl Rule {
    /// Its name; `default` for clauses that stand outside rules.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("default")
    }

    /// Whether these are the clauses outside rules.
    pub fn is_default(&self) -> bool {
        self.name.is_none()
    }

    /// Its id; its name where it has none.
    pub fn id(&self) -> &str {
        self.metadata.id.as_deref().unwrap_or_else(|| self.name())
    }

    /// What its author says about it.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What it looks at.
    pub fn reads(&self) -> Reads {
        self.reads
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// Its text, from `rule` to the closing brace.
    pub fn text(&self) -> &str {
        self.whole.text(&self.source)
    }

    /// From `rule` to the closing brace.
    pub fn extent(&self) -> Location {
        self.whole.of(&self.source)
    }

    /// The fixes that its clauses declare, in the order in which they stand: whether each is safe, and what it does.
    pub fn fixes(&self) -> Vec<(bool, FixKind)> {
        let mut fixes = Vec::new();
        let mut bodies = vec![&self.body];
        while let Some(body) = bodies.pop() {
            for clause in body.lines.iter().flatten() {
                match clause {
                    Clause::Access(access) => {
                        let declared = access
                            .fixes
                            .iter()
                            .filter_map(|fix| Some((access.range.start, fix.safe, fix.steps.first()?.kind)));
                        fixes.extend(declared);
                    }
                    Clause::Block(block) => bodies.push(&block.body),
                    Clause::When(when) => bodies.push(&when.body),
                    Clause::Type(block) => bodies.push(&block.body),
                    Clause::Reference(_) | Clause::Call(_) => {}
                }
            }
        }
        fixes.sort_by_key(|fix: &(u32, bool, FixKind)| fix.0);
        fixes.into_iter().map(|(_, safe, kind)| (safe, kind)).collect()
    }

    /// Where it is written.
    pub fn place(&self) -> Location {
        self.range.of(&self.source)
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Predeclared variables.
    pub facts: bool,
    /// The document as it is written.
    pub document: bool,
}

impl Reads {
    pub(crate) fn with(self, other: Self) -> Self {
        Self { facts: self.facts || other.facts, document: self.document || other.document }
    }
}

/// A rule with parameters.
#[derive(Debug)]
pub(crate) struct CallRule {
    pub(crate) name: Box<str>,
    pub(crate) parameters: Box<[NameId]>,
    pub(crate) body: Body,
}

/// Every line must hold; of a line, one alternative.
pub(crate) type Cnf = Box<[Box<[Clause]>]>;

#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) lets: Lets,
    pub(crate) lines: Cnf,
}

/// The assignments of a scope; one for each name.
#[derive(Debug, Default)]
pub(crate) struct Lets(pub(crate) Box<[(NameId, Binding)]>);

#[derive(Debug)]
pub(crate) enum Binding {
    Literal(Literal),
    Query(QueryId),
    Function(Function),
}

#[derive(Debug)]
pub(crate) enum Clause {
    Access(Box<Access>),
    Block(Box<Block>),
    When(Box<When>),
    Type(Box<TypeBlock>),
    Call(Box<Call>),
    Reference(Box<Reference>),
}

#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) negated: bool,
    pub(crate) query: QueryId,
    pub(crate) op: Op,
    pub(crate) op_negated: bool,
    pub(crate) operand: Option<Operand>,
    pub(crate) message: Option<Message>,
    pub(crate) fixes: Box<[DeclaredFix]>,
    /// How much its findings matter, where that is not how much the rule's do.
    pub(crate) severity: Option<Severity>,
    pub(crate) file: usize,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) query: QueryId,
    pub(crate) not_empty: bool,
    pub(crate) body: Body,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) struct When {
    pub(crate) conditions: Cnf,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct TypeBlock {
    pub(crate) query: QueryId,
    pub(crate) when: Option<Cnf>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) negated: bool,
    pub(crate) name: NameId,
    /// The function that is called, where it is no rule.
    pub(crate) function: Option<super::entity::EntityFunction>,
    pub(crate) arguments: Box<[Operand]>,
    pub(crate) message: Option<Message>,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) negated: bool,
    pub(crate) name: NameId,
    pub(crate) message: Option<Message>,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Literal),
    Query(QueryId),
    Function(Box<Function>),
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: super::functions::FunctionName,
    pub(crate) arguments: Box<[Operand]>,
}

/// What to say when a clause fails.
#[derive(Debug)]
pub(crate) struct Message {
    /// As it was written.
    pub(crate) text: Box<str>,
    /// Taken apart, if it shows values.
    pub(crate) pieces: Box<[MessagePiece]>,
}

#[derive(Debug)]
pub(crate) enum MessagePiece {
    Text(Box<str>),
    /// `{value}`: the value that fails.
    Value,
    /// `{name}`, `{name.attribute}`: looked up from the innermost block outwards.
    Path(Box<[Box<str>]>, Box<str>),
}

#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) some: bool,
    /// Its results are values of the facts.
    pub(crate) typed: bool,
    pub(crate) parts: Box<[Part]>,
    pub(crate) file: usize,
    pub(crate) range: Range,
    /// Where its results are kept, if they depend on the document alone.
    pub(crate) shared: Option<SharedId>,
    /// How its first filter is answered by looking up a key: the filter's position and the table.
    pub(crate) index: Option<(usize, IndexId)>,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) enum PartKind {
    This,
    Key(Key),
    Variable(Variable),
    AllValues(Option<NameId>),
    AllIndices(Option<NameId>),
    Index(i64),
    Filter(Option<NameId>, Cnf),
    Keys(Box<KeysFilter>),
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) text: Box<str>,
    /// The key as a number: it then selects list elements only.
    pub(crate) number: Option<i64>,
    /// Other spellings, made when first needed.
    pub(crate) spellings: OnceLock<super::casing::Spellings>,
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: NameId,
    pub(crate) fixed: Option<Fixed>,
}

/// What a variable is known to stand for, whatever the scope.
#[derive(Clone, Debug)]
pub(crate) enum Fixed {
    Literal(Literal),
    Shared(SharedId),
    /// A predeclared variable.
    Facts(&'static schema::Kind),
}

#[derive(Debug)]
pub(crate) struct KeysFilter {
    pub(crate) op: Op,
    pub(crate) negated: bool,
    pub(crate) operand: Operand,
}

/// A query whose results are worked out once for each document.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) query: QueryId,
    /// Only values that are there: `let x = some …`.
    pub(crate) some: bool,
    /// How many places ask for it; once is not worth keeping.
    pub(crate) uses: u32,
}

/// A table from the values of a key to results of a shared query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct IndexId(pub(crate) u32);

#[derive(Debug)]
pub(crate) struct IndexPlan {
    /// The query up to the filter.
    pub(crate) prefix: SharedId,
    /// The key, as a query of its own.
    pub(crate) key: Box<str>,
    /// Whether the prefix leads to the elements of a list, which the filter looks at.
    pub(crate) elements: bool,
}

impl Program {
    /// The same rules with the verdicts of Guard 3.1, where they differ from those of 3.2.
    #[must_use]
    pub fn classic(self) -> Self {
        Self { classic: true, ..self }
    }

    /// Whether a rule asks a function over entities, which looks at all of them.
    pub fn asks_functions(&self) -> bool {
        self.asks
    }

    /// The rules, by file and place.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(id.index())
    }

    /// All rules' ids, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = RuleId> + use<> {
        (0..u32::try_from(self.rules.len()).unwrap_or(0)).map(RuleId)
    }

    /// A file, and behind it those that it imports, directly or not.
    pub(crate) fn with_imports(&self, file: usize) -> Vec<&ProgramFile> {
        let mut positions = vec![file];
        let mut at = 0;
        while let Some(found) = positions.get(at).and_then(|position| self.files.get(*position)) {
            for import in &found.imports {
                if !positions.contains(import) {
                    positions.push(*import);
                }
            }
            at += 1;
        }
        positions.iter().filter_map(|position| self.files.get(*position)).collect()
    }

    pub(crate) fn query(&self, id: QueryId) -> Option<&Query> {
        self.queries.get(id.0 as usize)
    }

    /// The text of a query, as it was written.
    pub(crate) fn query_text(&self, query: &Query) -> &str {
        self.files.get(query.file).map_or("", |file| query.range.text(&file.source))
    }
}
