//! What fixes write: values that the input itself says should stand where something is wrong.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use crate::document::{NodeId, Tree, View};
use crate::model::{Entity, EntityId, Inventory, Kind, Relation, Resource};
use crate::ssm::DocumentKind;
use crate::ssm::generate::narrowed;
use crate::ssm::statement::{ACCOUNT, PARTITION, Place, REGION, Wanted, open_resources, statements};

use super::able::{aws_managed, own_documents};
use super::analyses::Analyses;
use super::build::Maker;
use super::demands::{Demand, Scope};
use super::record::Record;

/// What a role needs, as fixes write it.
#[derive(Debug, Default)]
pub(super) struct Remedy {
    /// All statements, as a list in JSON.
    statements: Option<String>,
    /// The ARNs of the stored parameters that its nodes read, as a list in JSON.
    parameters: Option<String>,
    /// Statements on everything, with what takes their place.
    pub(super) limited: FxHashMap<NodeId, Limited>,
}

impl Remedy {
    /// Whether there is nothing to write for the role as a whole.
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_none() && self.parameters.is_none()
    }
}

/// What takes the place of a statement on everything.
#[derive(Clone, Debug)]
pub(super) enum Limited {
    /// Its resources become these: a list in JSON.
    Resources(String),
    /// It becomes several statements: a list in JSON.
    Statements(String),
}

/// AWS managed policies that are too wide for any use.
const WIDE: &[&str] = &[
    "AdministratorAccess",
    "PowerUserAccess",
    "IAMFullAccess",
    "SystemAdministrator",
    "AmazonSSMAutomationRole",
];

/// How the text of a fix begins a reference.
const REFERENCE: &str = "${@";

/// More ARNs than these do not name anything any more.
const MANY: usize = 16;

/// What a role needs of which everything is known: nothing where it has nothing that is too wide, or something cannot be
/// said.
pub(super) fn of_role(
    tree: &Tree,
    inventory: &Inventory,
    role: EntityId,
    demands: &[&Demand],
    is_all_known: bool,
) -> Remedy {
    let documents: Vec<NodeId> = own_documents(inventory, role).into_iter().map(|(_, node)| node).collect();
    let open: Vec<NodeId> = documents
        .iter()
        .flat_map(|document| elements(tree, tree.get(*document, "Statement")))
        .filter(|statement| is_on_everything(tree, *statement))
        .collect();
    let mut attached =
        inventory.links_from(role, Relation::Attached).filter_map(|link| aws_managed(tree, link));
    let is_wide = attached.any(|name| WIDE.contains(&name.as_str()));
    if open.is_empty() && !is_wide {
        return Remedy::default();
    }
    let parameters = parameters(demands);
    let Some(wanted) = wanted(demands) else { return Remedy { parameters, ..Remedy::default() } };
    let all = is_all_known.then(|| {
        let made = statements(&wanted);
        Value::Array(made.iter().map(|one| one.to_json(&Place::default())).collect()).to_string()
    });
    let limited = open.into_iter().filter_map(|one| Some((one, limit(tree, one, &wanted)?)));
    Remedy { statements: all, parameters, limited: limited.collect() }
}

/// What demands call for.
fn wanted(demands: &[&Demand]) -> Option<Vec<Wanted>> {
    let mut out = Vec::new();
    for demand in demands {
        for need in &demand.needs {
            if matches!(need.on, Scope::Unknown(_)) {
                return None;
            }
            let one = narrowed(need.wanted(demand), false);
            // Names that only a deployment knows cannot be written out.
            let is_known = |arn: &String| !arn.replace("${AWS::", "").contains("${");
            if !one.resources.iter().all(is_known) {
                return None;
            }
            out.push(one);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// The ARNs of the stored parameters that demands name.
fn parameters(demands: &[&Demand]) -> Option<String> {
    let needs = demands.iter().flat_map(|demand| &demand.needs);
    let mut out: Vec<&str> = Vec::new();
    for need in needs.filter(|need| need.action.starts_with("ssm:GetParameter")) {
        match &need.on {
            Scope::These(all) => out.extend(all.iter().map(|one| one.arn.as_str())),
            Scope::Unknown(_) => return None,
            Scope::Anything => {}
        }
    }
    out.sort_unstable();
    out.dedup();
    let says = out.iter().all(|arn| !arn.ends_with("parameter/*"));
    let out: Vec<String> = out.into_iter().map(referring).collect::<Option<_>>()?;
    (says && !out.is_empty() && out.len() <= MANY).then(|| listed(&out))
}

/// An ARN in which a fix writes references to what the template declares; places are written anyway. Nothing where it
/// has a part that is no such reference.
pub(super) fn referring(arn: &str) -> Option<String> {
    let mut out = String::with_capacity(arn.len() + 8);
    let mut rest = arn;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, tail) = behind.split_once('}')?;
        let is_place = name.starts_with("AWS::");
        let mut parts = name.split('.');
        let first = parts.next().unwrap_or("");
        let is_name = |part: &str| !part.is_empty() && part.chars().all(|one| one.is_ascii_alphanumeric());
        // Names of Terraform mean nothing in another module.
        let is_other = ["var", "local", "data", "module", "each", "count", "path", "self"].contains(&first);
        if !is_place && (is_other || !name.split('.').all(is_name)) {
            return None;
        }
        out.push_str(before);
        out.push_str(if is_place { "${" } else { REFERENCE });
        out.push_str(name);
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

fn elements(tree: &Tree, node: Option<NodeId>) -> Vec<NodeId> {
    match node.map(|node| (node, tree.view(node))) {
        Some((_, View::List(list))) => list.iter().collect(),
        Some((node, _)) => vec![node],
        None => Vec::new(),
    }
}

fn is_on_everything(tree: &Tree, statement: NodeId) -> bool {
    let text = |key: &str| tree.get(statement, key).and_then(|node| tree.string(node));
    let resources = elements(tree, tree.get(statement, "Resource"));
    text("Effect") == Some("Allow") && matches!(*resources, [one] if tree.string(one) == Some("*"))
}

/// What takes the place of a statement that allows actions which are written out on everything: the resources that are
/// needed, and those of the account for actions that nothing is known about.
fn limit(tree: &Tree, statement: NodeId, wanted: &[Wanted]) -> Option<Limited> {
    let sid = tree.get(statement, "Sid").filter(|sid| !tree.is_sensitive(*sid));
    let mut own = Vec::new();
    for action in elements(tree, tree.get(statement, "Action")) {
        let action = Some(action).filter(|action| !tree.is_sensitive(*action));
        let action =
            action.and_then(|action| tree.string(action)).filter(|text| !text.contains(['*', '?']))?;
        let same: Vec<&Wanted> =
            wanted.iter().filter(|one| one.action.eq_ignore_ascii_case(action)).collect();
        let mut resources: Vec<String> = same.iter().flat_map(|one| one.resources.clone()).collect();
        if resources.is_empty() || same.iter().any(|one| one.resources.is_empty()) {
            resources = open_resources(action);
        }
        own.push(Wanted {
            sid: sid.and_then(|sid| tree.string(sid)).unwrap_or("Limited").to_owned(),
            action: action.to_owned(),
            resources,
            conditions: Vec::new(),
            why: String::new(),
        });
    }
    let made = statements(&own);
    if let [one] = made.as_slice() {
        let is_limited = !one.resources.iter().any(|arn| arn == "*");
        return is_limited.then(|| Limited::Resources(listed(&one.resources)));
    }
    // What else the statement says must be said again.
    let mut rest = Map::new();
    for (_, key, value) in tree.map(statement)?.iter() {
        match key {
            "Sid" | "Effect" | "Action" | "Resource" => {}
            "Condition" => {
                rest.insert(key.to_owned(), plain(tree, value)?);
            }
            _ => return None,
        }
    }
    let all: Vec<Value> = made
        .iter()
        .map(|one| {
            let mut one = one.to_json(&Place::default());
            if let Value::Object(map) = &mut one {
                if sid.is_none() {
                    map.shift_remove("Sid");
                }
                map.extend(rest.clone());
            }
            one
        })
        .collect();
    Some(Limited::Statements(json!(all).to_string()))
}

/// ARNs as an element has them: one alone, or a list in JSON.
fn listed<T: AsRef<str> + serde::Serialize>(arns: &[T]) -> String {
    match arns {
        [one] => one.as_ref().to_owned(),
        all => json!(all).to_string(),
    }
}

/// A value of plain texts, lists and maps as JSON.
fn plain(tree: &Tree, node: NodeId) -> Option<Value> {
    match tree.view(node) {
        _ if tree.is_sensitive(node) => None,
        View::String(text) if tree.written(node) == Some(node) => Some(json!(text)),
        View::Bool(value) => Some(json!(value)),
        View::List(list) => {
            list.iter().map(|one| plain(tree, one)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        View::Map(map) => {
            let entries = map.iter().map(|(_, key, value)| Some((key.to_owned(), plain(tree, value)?)));
            entries.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        _ => None,
    }
}

/// Adds to a role what fixes of it write.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let Some(remedy) = maker.needs().remedy(id) else { return };
    let tree = &mut maker.tree;
    if let Some(statements) = &remedy.statements {
        record.text(tree, "needed_statements", statements);
        let policy = format!(
            "{{\"PolicyName\": \"LeastPrivilege\", \"PolicyDocument\": {{\"Version\": \"2012-10-17\", \
             \"Statement\": {statements}}}}}"
        );
        record.text(tree, "needed_policy", &policy);
    }
    if let Some(parameters) = &remedy.parameters {
        record.text(tree, "needed_parameters", parameters);
    }
}

/// Adds to a statement what takes its place.
pub(super) fn of_statement(maker: &mut Maker<'_>, record: &mut Record, statement: NodeId) {
    match maker.needs().limited(statement) {
        Some(Limited::Resources(text)) => record.text(&mut maker.tree, "limited_resources", text),
        Some(Limited::Statements(text)) => record.text(&mut maker.tree, "limited_statements", text),
        None => {}
    }
}

/// Adds to a policy the documents of the input that its statements could be limited to.
pub(super) fn of_policy(maker: &mut Maker<'_>, record: &mut Record) {
    let named = maker.named.get_or_init(|| named(&maker.tree, maker.inventory, maker.analyses()));
    for (attribute, arns) in named {
        record.text(&mut maker.tree, attribute, arns);
    }
}

/// The documents of an input, by the attributes of policies that name them; nothing where there are too many.
fn named(tree: &Tree, inventory: &Inventory, analyses: &Analyses) -> Vec<(&'static str, String)> {
    let nodes = ["instance", "managed-instance"]
        .iter()
        .zip(["ec2", "ssm"])
        .map(|(kind, service)| format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{kind}/*"));
    let nodes: Vec<String> = nodes.collect();
    let documents = inventory.of_kind(Kind::Document);
    if documents.len() > MANY {
        return Vec::new();
    }
    let (mut all, mut commands, mut automations) = (Vec::new(), nodes.clone(), Vec::new());
    for &id in documents {
        let Some(name) = inventory.entity(id).and_then(|entity| document_name(tree, inventory, entity))
        else {
            return Vec::new();
        };
        let arn = |kind: &str| format!("arn:{PARTITION}:ssm:{REGION}:{ACCOUNT}:{kind}/{name}");
        all.push(arn("document"));
        match kind_of(analyses, id) {
            Some(DocumentKind::Command) => commands.push(arn("document")),
            Some(kind) if kind.is_automation() => {
                automations.extend([format!("{}:*", arn("automation-definition")), arn("document")]);
            }
            _ => {}
        }
    }
    let lists = [
        ("document_resources", all, 1),
        ("command_resources", commands, nodes.len() + 1),
        ("automation_resources", automations, 1),
    ];
    let enough = lists.into_iter().filter(|(_, arns, least)| arns.len() >= *least);
    enough.map(|(attribute, arns, _)| (attribute, listed(&arns))).collect()
}

fn kind_of(analyses: &Analyses, id: EntityId) -> Option<DocumentKind> {
    analyses.get(&id)?.first().map(|analysis| analysis.document.kind)
}

/// The name of a document as a policy of the same template writes it.
fn document_name(tree: &Tree, inventory: &Inventory, document: &Entity) -> Option<String> {
    match document.get("name").map(|name| (name, tree.string(name))) {
        Some((name, _)) if tree.is_sensitive(name) => None,
        Some((_, Some(name))) => Some(name.to_owned()),
        _ => reference(inventory.resource(document.resource)?, ""),
    }
}

/// A reference to a resource of the same template or module.
fn reference(resource: &Resource, attribute: &str) -> Option<String> {
    let id = &*resource.id;
    if resource.ty.starts_with("AWS::") {
        let is_plain = id.chars().all(char::is_alphanumeric);
        return is_plain.then(|| format!("${{@{id}{attribute}}}"));
    }
    let is_plain = !id.starts_with("module.") && !id.contains('[');
    let attribute = attribute.to_ascii_lowercase();
    (is_plain && !attribute.is_empty()).then(|| format!("${{@{id}{attribute}}}"))
}

/// Adds to a task of a maintenance window the one role of the input that is for such tasks.
pub(super) fn of_window_task(maker: &mut Maker<'_>, record: &mut Record) {
    let inventory = maker.inventory;
    let is_for_windows = |id: &&EntityId| {
        let trust = inventory.entity(**id).and_then(|role| role.get("trust"));
        trust.is_some_and(|trust| {
            let shown = maker.tree.display(trust);
            shown.contains("ssm.amazonaws.com")
                && ![":automation-execution/", "ec2.amazonaws.com"].iter().any(|other| shown.contains(other))
        })
    };
    let mut roles = inventory.of_kind(Kind::Role).iter().filter(is_for_windows);
    let (Some(&role), None) = (roles.next(), roles.next()) else { return };
    let resource = inventory.entity(role).and_then(|role| inventory.resource(role.resource));
    if let Some(role) = resource.filter(|one| one.under.is_always()).and_then(|one| reference(one, ".Arn")) {
        record.text(&mut maker.tree, "window_role", &role);
    }
}
