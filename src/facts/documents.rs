//! SSM documents: what they say, and what is known of them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::document::{Condition, NodeId, Reason, Tree, Unknown, View};
use crate::model::{Entity, EntityId};
use crate::ssm::Step as DocumentStep;
use crate::ssm::flow::Trust;
use crate::ssm::problems::size;
use crate::ssm::sink::Class;
use crate::ssm::{Document, DocumentKind, Parameter};

use super::analyses::Analysis;
use super::arguments;
use super::build::Maker;
use super::exposure::Runs;
use super::flows;
use super::record::Record;
use super::statements::one_or_many;
use super::wants::Group;

/// An SSM document: what its content says.
pub(super) fn document(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    super::ssm::likely_name(maker, record, entity);
    let Some(content) = entity.get("content") else { return };
    record.put(&mut maker.tree, "content", Some(content));
    if let Some((node, name)) = super::ssm::hidden_parameter(&maker.tree, content) {
        let name = maker.tree.derive_string(node, &name);
        record.put(&mut maker.tree, "hidden_parameter", Some(name));
    }
    let analyses = maker.analyses().get(&id).map_or(&[][..], Vec::as_slice);
    if let View::Map(map) = maker.tree.view(content) {
        let plain = [
            ("schema_version", map.get("schemaVersion")),
            ("description", map.get("description")),
            ("assume_role", map.get("assumeRole")),
            ("session_type", map.get("sessionType")),
            ("inputs", map.get("inputs")),
        ];
        for (name, value) in plain {
            record.put(&mut maker.tree, name, value);
        }
        let told = entity.get("written_as").is_some();
        if let Some(language) = written_as(maker, content).filter(|_| !told) {
            record.text(&mut maker.tree, "written_as", language);
        }
        if maker.wants(Group::Size) {
            let bytes = size(&maker.tree, content);
            record.number(&mut maker.tree, "size", bytes);
        }
    }
    let Some(first) = analyses.first() else { return unread(maker, record, entity, content) };
    record.text(&mut maker.tree, "document_kind", first.document.kind.name());
    assume_role(maker, record, &first.document);
    let runs = Runs::of(maker, id, entity);
    let unders = Unders::of(maker, content);
    let mut lists: [Vec<NodeId>; 4] = Default::default();
    let [parameters, steps, flows, problems] = &mut lists;
    for analysis in analyses {
        let sunk = sunk(&maker.tree, analysis);
        let used = used(analysis);
        let document = &analysis.document;
        if maker.wants(Group::Parameters) {
            for one in &document.parameters {
                let made = parameter(maker, one, &used, &sunk);
                parameters.push(unders.put(maker, made, one.key));
            }
        }
        if maker.wants(Group::Steps) {
            for one in &document.steps {
                let made = step(maker, one);
                steps.push(unders.put(maker, made, one.node));
            }
        }
        if maker.wants(Group::Flows) {
            for flow in &analysis.flows {
                let own = document.steps.get(flow.step).map(|step| step.node).filter(|_| flow.crosses);
                let parts = [Some(flow.node), own].into_iter().flatten();
                let under = unders.all(maker, parts, &flow.under);
                if !under.is_never() {
                    let made = flows::record(maker, document, &runs, flow);
                    flows.push(maker.under(made, under));
                }
            }
        }
        if maker.wants(Group::Problems) {
            for problem in &analysis.problems {
                let made = flows::problem(maker, problem);
                problems.push(unders.put(maker, made, problem.node));
            }
        }
    }
    let calls = analyses.iter().flat_map(|analysis| &analysis.calls);
    arguments::put(maker, record, "call_problems", calls);
    for (name, list) in ["parameters", "steps", "flows", "problems"].into_iter().zip(&lists) {
        record.list(&mut maker.tree, name, list);
    }
    if first.document.kind == DocumentKind::Session {
        let inputs = maker.tree.get(first.document.root, "inputs");
        super::ssm::session(maker, record, entity, inputs);
        runs_elevated(maker, record, &first.document);
    }
}

/// When the parts of a content are there, where it has more alternatives than were made documents of their own.
struct Unders(FxHashMap<NodeId, Condition>);

impl Unders {
    fn of(maker: &mut Maker<'_>, content: NodeId) -> Self {
        let mut all = FxHashMap::default();
        if !maker.tree.has_choices() {
            return Self(all);
        }
        let mut stack = vec![(content, Condition::ALWAYS)];
        while let Some((node, under)) = stack.pop() {
            if !under.is_always() {
                all.insert(node, under);
            }
            match maker.tree.view(node) {
                View::List(list) => stack.extend(list.iter().map(|inner| (inner, under))),
                View::Map(map) => {
                    stack.extend(map.iter().flat_map(|(key, _, inner)| [(key, under), (inner, under)]));
                }
                View::Choice(alternatives) => {
                    for one in alternatives {
                        let under = maker.conditions.and(under, one.condition);
                        stack.extend(one.value.map(|inner| (inner, under)));
                    }
                }
                _ => {}
            }
        }
        Self(all)
    }

    /// When all of some parts are there, and other conditions hold.
    fn all(
        &self,
        maker: &mut Maker<'_>,
        parts: impl Iterator<Item = NodeId>,
        more: &[Condition],
    ) -> Condition {
        let own = parts.filter_map(|part| self.0.get(&part));
        own.chain(more).fold(Condition::ALWAYS, |all, one| maker.conditions.and(all, *one))
    }

    /// A record about a part.
    fn put(&self, maker: &mut Maker<'_>, record: NodeId, part: NodeId) -> NodeId {
        match self.0.get(&part) {
            Some(&under) => maker.under(record, under),
            None => record,
        }
    }
}

/// A document whose content the input does not say: nothing of it is known, and nothing is decided.
fn unread(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity, content: NodeId) {
    let unknown = match maker.tree.view(content) {
        View::Unknown(_) => content,
        View::Text(_) => {
            let unknown = Unknown { reason: Reason::Account, blocker: maker.tree.display(content).into() };
            maker.tree.derive_unknown(content, unknown)
        }
        _ => return,
    };
    let declared = entity.get("document_type").and_then(|node| maker.tree.string(node));
    let Some(kind) = declared.and_then(DocumentKind::named) else { return };
    record.text(&mut maker.tree, "document_kind", kind.name());
    let common = ["schema_version", "parameters", "steps", "flows", "problems", "call_problems"];
    let own: &[&'static str] = match kind {
        DocumentKind::Session => &["inputs", "session_type", "run_as_elevated"],
        _ if kind.is_automation() => &["assume_role"],
        _ => &[],
    };
    for name in common.iter().chain(own) {
        record.put(&mut maker.tree, name, Some(unknown));
    }
}

/// The language of a content that is a text in the input; nothing where it is an object there.
fn written_as(maker: &Maker<'_>, content: NodeId) -> Option<&'static str> {
    let tree = &maker.tree;
    let text = tree.string(tree.literal_around(content)?)?;
    Some(if text.trim_start().starts_with('{') { "JSON" } else { "YAML" })
}

/// The parameter that the role of an automation is taken from.
fn assume_role(maker: &mut Maker<'_>, record: &mut Record, document: &Document) {
    let Some(node) = document.assume_role else { return };
    let name = crate::ssm::script::whole_name(&maker.tree, node);
    let Some(parameter) = name.and_then(|name| document.parameter(&name)) else { return };
    let used = BTreeSet::from([parameter.name.to_string()]);
    let definition = as_role(&maker.tree, parameter);
    let node = self::parameter(maker, parameter, &used, &BTreeSet::new());
    record.put(&mut maker.tree, "role_parameter", Some(node));
    if let Some(definition) = definition {
        record.text(&mut maker.tree, "role_definition", &definition);
    }
}

/// A definition as that of a role which has to be given, in JSON; nothing where it has parts that are no plain values.
fn as_role(tree: &Tree, parameter: &Parameter) -> Option<String> {
    let mut made = serde_json::Map::new();
    made.insert("type".to_owned(), "AWS::IAM::Role::Arn".into());
    for (_, key, value) in tree.map(parameter.node)?.iter() {
        match tree.view(value) {
            _ if matches!(key, "type" | "default") => {}
            View::String(text) => {
                made.insert(key.to_owned(), text.into());
            }
            _ => return None,
        }
    }
    Some(serde_json::Value::Object(made).to_string())
}

fn runs_elevated(maker: &mut Maker<'_>, record: &mut Record, document: &Document) {
    let elevated: Vec<NodeId> =
        document.steps.iter().filter_map(|step| step.input(&maker.tree, "runAsElevated")).collect();
    record.list(&mut maker.tree, "run_as_elevated", &elevated);
}

/// The parameters that reach something that a rule of its own is about.
fn sunk(tree: &Tree, analysis: &Analysis) -> BTreeSet<String> {
    let counts =
        |flow: &&crate::ssm::flow::Flow| flow.source.trust == Trust::Caller && flow.class != Class::Target;
    let mut out: BTreeSet<String> =
        analysis.flows.iter().filter(counts).map(|flow| flow.source.name.to_string()).collect();
    let role = analysis.document.assume_role;
    out.extend(role.and_then(|role| crate::ssm::script::whole_name(tree, role)));
    out
}

/// The parameters that something uses.
fn used(analysis: &Analysis) -> BTreeSet<String> {
    let idle: BTreeSet<NodeId> = analysis
        .problems
        .iter()
        .filter(|problem| problem.kind == "unused_parameter")
        .map(|problem| problem.node)
        .collect();
    let parameters = analysis.document.parameters.iter();
    parameters.filter(|one| !idle.contains(&one.key)).map(|one| one.name.to_string()).collect()
}

fn parameter(
    maker: &mut Maker<'_>,
    parameter: &Parameter,
    used: &BTreeSet<String>,
    sunk: &BTreeSet<String>,
) -> NodeId {
    let mut record = Record::new(parameter.key);
    let tree = &mut maker.tree;
    record.bool(tree, "used", used.contains(&*parameter.name));
    record.bool(tree, "sunk", sunk.contains(&*parameter.name));
    record.put(tree, "name", Some(parameter.key));
    let get = |key: &str| tree.get(parameter.node, key);
    let fields = [
        ("type", get("type")),
        ("default", parameter.default),
        ("allowed_pattern", parameter.pattern),
        ("interpolation_type", get("interpolationType")),
    ];
    for (field, value) in fields {
        record.put(tree, field, value);
    }
    if let Some(allowed) = parameter.allowed {
        let list = one_or_many(maker, allowed);
        record.put(&mut maker.tree, "allowed_values", Some(list));
    }
    record.finish(&mut maker.tree)
}

fn step(maker: &mut Maker<'_>, step: &DocumentStep) -> NodeId {
    let mut record = Record::new(step.node);
    for (field, key) in [("name", "name"), ("action", "action"), ("inputs", "inputs")] {
        let value = maker.tree.get(step.node, key);
        record.put(&mut maker.tree, field, value);
    }
    record.finish(&mut maker.tree)
}
