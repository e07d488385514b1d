//! What gives each principal its permissions, as policy documents: for comparing two inputs, or two sides of one.

use std::collections::BTreeMap;

use crate::catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::iam::print;
use crate::iam::print::to_json;
use crate::iam::print::to_shown_json;
use crate::model::Change;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Relation;
use crate::model::Target;

use super::cases;

/// Something that has permissions, or gives them to others.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The logical id or address of the resource that declares it.
    pub id: String,
    /// What it is: `role`, `user`, `group`, `policy`, `resource policy`.
    pub kind: &'static str,
    /// The documents that say what it may do.
    pub identity: Vec<PolicyText>,
    /// The documents that say who may use it.
    pub trust: Vec<PolicyText>,
    /// The conditions under which this is so; empty where it always is.
    pub when: String,
}

/// A policy document as JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyText {
    /// The document.
    pub text: String,
    /// The document as it may be shown: without what is sensitive.
    pub shown: String,
}

impl PolicyText {
    fn of(tree: &Tree, node: NodeId) -> Self {
        Self { text: to_json(tree, node), shown: to_shown_json(tree, node) }
    }
}

impl Holder {
    /// Whether something of what it may do, or of who may use it, is sensitive.
    pub fn is_sensitive(&self) -> bool {
        self.identity.iter().chain(&self.trust).any(|one| one.text != one.shown)
    }
}

/// The holders of an inventory, by id. One that has other permissions under other conditions is there once for each case.
pub fn holders(
    tree: &Tree,
    conditions: &mut Conditions,
    named: &[(Box<str>, Condition)],
    inventory: &Inventory,
) -> Vec<Holder> {
    let mut out = Vec::new();
    for (index, entity) in (0u32..).zip(inventory.entities()) {
        let id = EntityId(index);
        let used = || inventory.links_to(id, Relation::Attached).next().is_some();
        let kind = match entity.kind {
            Kind::Role | Kind::User | Kind::Group => entity.kind.name(),
            Kind::ManagedPolicy if !used() => "policy",
            Kind::ResourcePolicy => "resource policy",
            _ => continue,
        };
        out.extend(variants(tree, conditions, named, inventory, (id, kind)));
    }
    out.sort_by(|a, b| (&a.id, a.kind, &a.when).cmp(&(&b.id, b.kind, &b.when)));
    out
}

/// A holder once for each case in which it has other permissions.
fn variants(
    tree: &Tree,
    conditions: &mut Conditions,
    named: &[(Box<str>, Condition)],
    inventory: &Inventory,
    (id, kind): (EntityId, &'static str),
) -> Vec<Holder> {
    let resource = inventory.entity(id).and_then(|entity| inventory.resource(entity.resource));
    let name = resource.map_or("", |resource| &resource.id);
    let mut variants: Vec<(Holder, Condition)> = Vec::new();
    for case in cases_of(tree, conditions, inventory, id) {
        let mut one = in_case(tree, conditions, inventory, id, case);
        (one.id, one.kind) = (name.to_owned(), kind);
        match variants.iter_mut().find(|(own, _)| (&own.identity, &own.trust) == (&one.identity, &one.trust))
        {
            Some((_, under)) => *under = conditions.or(*under, case),
            None => variants.push((one, case)),
        }
    }
    let mut out = Vec::with_capacity(variants.len());
    for (mut one, under) in variants {
        one.when = said(conditions, named, under);
        out.push(one);
    }
    out
}

/// More cases of one holder than these are not told apart.
const CASES: usize = 16;

/// The cases that the conditions of a holder's policies make.
fn cases_of(tree: &Tree, conditions: &mut Conditions, inventory: &Inventory, id: EntityId) -> Vec<Condition> {
    let mut unders = Vec::new();
    let mut documents = Vec::new();
    for link in links(inventory, id) {
        unders.push(cases::under_of(conditions, inventory, link));
        if let Target::Entity(policy, _) = link.to {
            documents.extend(inventory.entity(policy).and_then(|entity| entity.get("document")));
        }
    }
    let entity = inventory.entity(id);
    documents.extend(["trust", "document"].iter().filter_map(|field| entity?.get(field)));
    let mut stack = documents;
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => {
                unders.extend(all.iter().map(|one| one.condition));
                stack.extend(all.iter().filter_map(|one| one.value));
            }
            _ => {}
        }
    }
    // What the holder itself depends on is said of it, not of its policies.
    let there = cases::exists(conditions, inventory, id);
    unders.retain(|under| !under.is_always() && *under != there);
    let split = cases::split(conditions, &unders, CASES).unwrap_or_else(|| vec![Condition::ALWAYS]);
    split.into_iter().filter(|case| conditions.compatible(*case, there)).collect()
}

fn links(inventory: &Inventory, id: EntityId) -> impl Iterator<Item = &crate::model::Link> {
    [Relation::Inline, Relation::Attached]
        .into_iter()
        .flat_map(move |relation| inventory.links_from(id, relation))
}

/// A holder as it is in a case.
fn in_case(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    id: EntityId,
    case: Condition,
) -> Holder {
    let mut out =
        Holder { id: String::new(), kind: "", identity: Vec::new(), trust: Vec::new(), when: String::new() };
    let text = |conditions: &mut Conditions, node: NodeId| {
        let mut chosen = print::Chosen::default();
        print::chosen(tree, conditions, node, case, &mut chosen);
        let [text, shown] = print::to_json_in(tree, node, &chosen);
        PolicyText { text, shown }
    };
    for link in links(inventory, id) {
        let under = cases::under_of(conditions, inventory, link);
        if !conditions.compatible(under, case) {
            continue;
        }
        match source_of(tree, inventory, link) {
            Some(Source::Own(node) | Source::Trust(node)) => out.identity.push(text(conditions, node)),
            Some(Source::Aws(aws)) => {
                out.identity.push(PolicyText { text: aws.to_owned(), shown: aws.to_owned() });
            }
            None => {}
        }
    }
    out.identity.sort();
    let entity = inventory.entity(id);
    let of_resource = entity.is_some_and(|entity| entity.kind == Kind::ResourcePolicy);
    for field in ["trust", "document"] {
        if let Some(node) = entity.and_then(|entity| entity.get(field)) {
            let made = text(conditions, node);
            if field == "trust" || of_resource { out.trust.push(made) } else { out.identity.push(made) }
        }
    }
    out
}

/// A condition in the words of the input; nothing for what always holds.
fn said(conditions: &mut Conditions, named: &[(Box<str>, Condition)], under: Condition) -> String {
    let mut words = Vec::new();
    let mut so_far = Condition::ALWAYS;
    for (name, condition) in named {
        if so_far == under {
            break;
        }
        let negated = conditions.not(*condition);
        for (word, one) in [(name.to_string(), *condition), (format!("not {name}"), negated)] {
            let both = conditions.and(so_far, one);
            if both != so_far && conditions.implies(under, one) {
                so_far = both;
                words.push(word);
            }
        }
    }
    if so_far != under {
        let rest = conditions.example(under);
        return rest
            .iter()
            .map(|(question, answer)| format!("{question} = {answer}"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    words.join(", ")
}

/// A principal of two inventories, before and after, in each of its cases.
pub(crate) type Sides = [Vec<Holder>; 2];

/// The roles, users and groups of which one of two inventories says something else than the other, by id; and how many
/// more than `limit` of them only one inventory has, none of which is then listed.
pub fn changed(
    tree: &Tree,
    conditions: &mut Conditions,
    named: &[(Box<str>, Condition)],
    [before, after]: [&Inventory; 2],
    limit: usize,
) -> (Vec<Sides>, usize) {
    let mut sides: BTreeMap<(&str, &str), [Option<EntityId>; 2]> = BTreeMap::new();
    for (side, inventory) in [before, after].into_iter().enumerate() {
        for &id in [Kind::Role, Kind::User, Kind::Group].iter().flat_map(|kind| inventory.of_kind(*kind)) {
            let Some(entity) = inventory.entity(id) else { continue };
            let resource = inventory.resource(entity.resource);
            // What is only forgotten stays as it is.
            if resource.is_some_and(|resource| resource.change == Change::Forget) {
                continue;
            }
            let name = resource.map_or("", |resource| &resource.id);
            if let Some(slot) = sides.entry((name, entity.kind.name())).or_default().get_mut(side) {
                *slot = Some(id);
            }
        }
    }
    let alone = sides.values().filter(|ids| ids.contains(&None)).count();
    let hidden = if alone > limit { alone } else { 0 };
    let listed = sides.into_values().filter(|[old, new]| match (old, new) {
        (Some(old), Some(new)) => sources(before, *old) != sources(after, *new),
        _ => hidden == 0,
    });
    let mut made = Vec::new();
    for [old, new] in listed {
        made.push([(old, before), (new, after)].map(|(id, inventory)| match id {
            Some(id) => principals(tree, conditions, named, inventory, id),
            None => Vec::new(),
        }));
    }
    (made, hidden)
}

/// A principal in each of its cases: mostly there is one.
fn principals(
    tree: &Tree,
    conditions: &mut Conditions,
    named: &[(Box<str>, Condition)],
    inventory: &Inventory,
    id: EntityId,
) -> Vec<Holder> {
    let plain = !tree.has_choices()
        && links(inventory, id).all(|link| cases::under_of(conditions, inventory, link).is_always());
    if plain {
        return vec![principal(tree, inventory, id)];
    }
    let kind = inventory.entity(id).map_or("", |entity| entity.kind.name());
    variants(tree, conditions, named, inventory, (id, kind))
}

fn principal(tree: &Tree, inventory: &Inventory, id: EntityId) -> Holder {
    let entity = inventory.entity(id);
    let name =
        entity.and_then(|entity| inventory.resource(entity.resource)).map_or("", |resource| &resource.id);
    let text = |source: &Source| match source {
        Source::Own(node) | Source::Trust(node) => PolicyText::of(tree, *node),
        Source::Aws(text) => PolicyText { text: (*text).to_owned(), shown: (*text).to_owned() },
    };
    let sources = sources_in(tree, inventory, id);
    let (trust, identity): (Vec<_>, Vec<_>) =
        sources.iter().partition(|source| matches!(source, Source::Trust(_)));
    let mut identity: Vec<PolicyText> = identity.into_iter().map(text).collect();
    identity.sort();
    Holder {
        id: name.to_owned(),
        kind: entity.map_or("", |entity| entity.kind.name()),
        identity,
        trust: trust.into_iter().map(text).collect(),
        when: String::new(),
    }
}

/// Where permissions come from.
#[derive(PartialEq, Eq)]
enum Source {
    Own(NodeId),
    /// The document of an AWS managed policy.
    Aws(&'static str),
    Trust(NodeId),
}

/// The values that say what a principal may do: two principals with the same ones may do the same.
fn sources(inventory: &Inventory, id: EntityId) -> Vec<(Relation, Target, NodeId)> {
    let trust = inventory.entity(id).and_then(|entity| entity.get("trust"));
    let trust = trust.map(|node| (Relation::Member, Target::Outside, node));
    let links = [Relation::Inline, Relation::Attached].into_iter().flat_map(|relation| {
        inventory.links_from(id, relation).map(move |link| match link.to {
            Target::Entity(policy, _) => {
                let document = inventory.entity(policy).and_then(|entity| entity.get("document"));
                (relation, Target::Unknown, document.unwrap_or(link.value))
            }
            to => (relation, to, link.value),
        })
    });
    links.chain(trust).collect()
}

fn sources_in(tree: &Tree, inventory: &Inventory, id: EntityId) -> Vec<Source> {
    let mut out: Vec<Source> =
        links(inventory, id).filter_map(|link| source_of(tree, inventory, link)).collect();
    let trust = inventory.entity(id).and_then(|entity| entity.get("trust"));
    out.extend(trust.map(Source::Trust));
    out
}

/// The document that a link attaches.
fn source_of(tree: &Tree, inventory: &Inventory, link: &crate::model::Link) -> Option<Source> {
    match link.to {
        Target::Entity(policy, _) => inventory.entity(policy)?.get("document").map(Source::Own),
        Target::Outside => {
            let text = tree.display(link.value);
            let name = text.split_once(":iam::aws:policy/").and_then(|(_, path)| path.rsplit('/').next())?;
            Some(Source::Aws(catalog::embedded().managed_policy(name)?.document()))
        }
        Target::Unknown => None,
    }
}
