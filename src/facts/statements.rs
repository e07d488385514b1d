//! Statements of policy documents.

use crate::document::{Condition, HoleKind, NodeId, Piece, Tree, View, spread};
use crate::iam::text::Text;

use super::build::Maker;
use super::record::Record;
use super::remedies;
use super::s3;
use super::ssm;
use super::wants::Group;
use super::watched;

/// The statements of a document, each a record; unknown where the document is.
pub(super) fn of_document(maker: &mut Maker<'_>, document: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    for (under, document) in spread(&maker.tree, maker.conditions, document) {
        match maker.tree.view(document) {
            View::Map(map) => {
                if let Some(list) = map.get("Statement") {
                    for (inner, statement) in spread(&maker.tree, maker.conditions, list) {
                        let both = maker.conditions.and(under, inner);
                        out.push(one(maker, statement, both));
                    }
                }
            }
            View::Unknown(_) | View::Text(_) => out.push(maker.under(document, under)),
            _ => {}
        }
    }
    out
}

fn one(maker: &mut Maker<'_>, statement: NodeId, under: Condition) -> NodeId {
    let View::Map(map) = maker.tree.view(statement) else { return maker.under(statement, under) };
    let get = |key: &str| map.get(key);
    let (sid, effect) = (get("Sid"), get("Effect"));
    let (action, not_action) = (get("Action"), get("NotAction"));
    let resource = get("Resource");
    let lists = [
        ("actions", action),
        ("not_actions", not_action),
        ("resources", resource),
        ("not_resources", get("NotResource")),
    ];
    let (principal, not_principal, condition) = (get("Principal"), get("NotPrincipal"), get("Condition"));
    let mut record = Record::new(statement);
    record.put(&mut maker.tree, "sid", sid);
    record.put(&mut maker.tree, "effect", effect);
    for (name, value) in lists {
        if let Some(value) = value {
            let list = one_or_many(maker, value);
            record.put(&mut maker.tree, name, Some(list));
        }
    }
    if let Some(principal) = principal.filter(|_| maker.wants(Group::Principals)) {
        let list = principals(maker, principal);
        record.list(&mut maker.tree, "principals", &list);
    }
    record.put(&mut maker.tree, "not_principals", not_principal);
    if let Some(condition) = condition.filter(|_| maker.wants(Group::Conditions)) {
        let list = conditions(maker, condition);
        record.list(&mut maker.tree, "conditions", &list);
    }
    record.bool(&mut maker.tree, "conditional", condition.is_some());
    if maker.wants(Group::Watched) {
        watched::add(maker, &mut record, action, not_action);
    }
    if maker.wants(Group::ResourceProblems) {
        ssm::resource_problems(maker, &mut record, resource);
    }
    s3::add(maker, &mut record, resource);
    if maker.wants(Group::Limits) {
        remedies::of_statement(maker, &mut record, statement);
    }
    let node = record.finish(&mut maker.tree);
    maker.under(node, under)
}

/// A string or a list of strings, as a list.
pub(super) fn one_or_many(maker: &mut Maker<'_>, value: NodeId) -> NodeId {
    match maker.tree.view(value) {
        View::List(_) => value,
        View::Choice(_) => {
            let all = spread(&maker.tree, maker.conditions, value);
            let elements: Vec<_> = all.into_iter().map(|(under, node)| maker.under(node, under)).collect();
            maker.tree.derive_list(value, &elements)
        }
        _ => maker.tree.derive_list(value, &[value]),
    }
}

/// Principals as records of a type (`AWS`, `Service`, `Federated`, …) and a value. `"*"` is the value `*` of type `AWS`.
fn principals(maker: &mut Maker<'_>, principal: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    for (under, node) in spread(&maker.tree, maker.conditions, principal) {
        let entries: Vec<(String, NodeId)> = match maker.tree.view(node) {
            View::Map(map) => map.iter().map(|(_, key, value)| (key.to_owned(), value)).collect(),
            _ => vec![("AWS".to_owned(), node)],
        };
        for (ty, values) in entries {
            for (inner, value) in spread(&maker.tree, maker.conditions, values) {
                let both = maker.conditions.and(under, inner);
                let mut record = Record::new(value);
                record.text(&mut maker.tree, "type", &ty);
                record.put(&mut maker.tree, "value", Some(value));
                if ty == "AWS" && is_foreign_account(maker, value) {
                    record.bool(&mut maker.tree, "foreign", true);
                }
                let account = ty == "AWS" && names_account(maker, value);
                record.bool(&mut maker.tree, "account", account);
                let node = record.finish(&mut maker.tree);
                out.push(maker.under(node, both));
            }
        }
    }
    out
}

/// Whether a principal is a whole account, named by its digits, that is not known to be the deployment's own.
fn is_foreign_account(maker: &Maker<'_>, value: NodeId) -> bool {
    let Some(text) = maker.tree.string(value) else { return false };
    let account = match text.strip_suffix(":root") {
        Some(arn) => arn.split(':').nth(4).unwrap_or(""),
        None => text,
    };
    account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && maker.inventory.account() != Some(account)
}

/// Whether a principal is a whole account, as twelve digits, as its root or as a reference to the own one.
fn names_account(maker: &Maker<'_>, value: NodeId) -> bool {
    match Text::of(&maker.tree, value) {
        Some(Text::Known(text)) => {
            text.ends_with(":root") || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        Some(Text::Holes(pieces)) => match pieces {
            [Piece::Hole(hole)] => hole.kind == HoleKind::Account,
            pieces => matches!(pieces.last(), Some(Piece::Literal(end)) if end.ends_with(":root")),
        },
        _ => false,
    }
}

/// Conditions as records of an operator, a key and values.
fn conditions(maker: &mut Maker<'_>, condition: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    for (under, block) in spread(&maker.tree, maker.conditions, condition) {
        let operators: Vec<(String, NodeId)> = if let View::Map(map) = maker.tree.view(block) {
            map.iter().map(|(_, key, value)| (key.to_owned(), value)).collect()
        } else {
            out.push(maker.under(block, under));
            continue;
        };
        let accounts = source_accounts(&maker.tree, &operators);
        for (operator, keys) in operators {
            let keys: Vec<(NodeId, String, NodeId)> = match maker.tree.view(keys) {
                View::Map(map) => {
                    map.iter().map(|(node, key, value)| (node, key.to_owned(), value)).collect()
                }
                _ => Vec::new(),
            };
            for (place, key, values) in keys {
                let mut record = Record::new(place);
                record.text(&mut maker.tree, "operator", &operator);
                record.text(&mut maker.tree, "key", &key);
                let values = one_or_many(maker, values);
                record.put(&mut maker.tree, "values", Some(values));
                if key.eq_ignore_ascii_case("aws:SourceArn") && is_of_others(&maker.tree, values, &accounts) {
                    record.bool(&mut maker.tree, "disagrees", true);
                }
                let node = record.finish(&mut maker.tree);
                out.push(maker.under(node, under));
            }
        }
    }
    out
}

/// The known values of a key or list.
fn known_texts(tree: &Tree, value: NodeId) -> Option<Vec<&str>> {
    match tree.view(value) {
        View::List(list) => list.iter().map(|one| tree.string(one)).collect(),
        _ => Some(vec![tree.string(value)?]),
    }
}

/// The accounts that `aws:SourceAccount` must be, where all are known.
fn source_accounts(tree: &Tree, operators: &[(String, NodeId)]) -> Vec<String> {
    let wanted = operators.iter().filter(|(operator, _)| !operator.to_ascii_lowercase().contains("not"));
    let keys = wanted.filter_map(|(_, keys)| tree.map(*keys)).flat_map(crate::document::Map::iter);
    let values = keys.filter(|(_, key, _)| key.eq_ignore_ascii_case("aws:SourceAccount"));
    let all: Option<Vec<Vec<&str>>> = values.map(|(_, _, value)| known_texts(tree, value)).collect();
    all.unwrap_or_default().into_iter().flatten().map(str::to_owned).collect()
}

/// Whether all ARNs are of accounts that are none of these.
fn is_of_others(tree: &Tree, arns: NodeId, accounts: &[String]) -> bool {
    let Some(arns) = known_texts(tree, arns) else { return false };
    let digits = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let other = |arn: &&str| {
        arn.split(':').nth(4).is_some_and(|own| digits(own) && !accounts.iter().any(|one| one == own))
    };
    !accounts.is_empty()
        && accounts.iter().all(|one| digits(one))
        && !arns.is_empty()
        && arns.iter().all(other)
}
