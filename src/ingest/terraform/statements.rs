//! Statement blocks of `data.aws_iam_policy_document`, as statements of a policy document.

use crate::document::{NodeId, Piece, Tree, View};

/// Keys, each with its values.
type Keys = Vec<(NodeId, Vec<NodeId>)>;

/// The statement that a block makes.
pub(crate) fn statement(tree: &mut Tree, block: NodeId) -> NodeId {
    let View::Map(map) = tree.view(block) else { return block };
    let get = |key: &str| map.get(key).filter(|&value| !matches!(tree.view(value), View::Null));
    let (sid, effect) = (get("sid"), get("effect"));
    let (principals, not_principals) = (get("principals"), get("not_principals"));
    let conditions = get("condition");
    let lists = [
        ("Action", get("actions"), false),
        ("NotAction", get("not_actions"), false),
        ("Resource", get("resources"), true),
        ("NotResource", get("not_resources"), true),
    ];
    let mut entries = Vec::new();
    if let Some(sid) = sid.filter(|&sid| tree.string(sid) != Some("")) {
        entries.extend([tree.key("Sid"), sid]);
    }
    let effect = effect.unwrap_or_else(|| tree.derive_string(block, "Allow"));
    entries.extend([tree.key("Effect"), effect]);
    for (name, value, variables) in lists {
        if let Some(value) = value.filter(|&value| !is_empty(tree, value)) {
            let value = if variables { with_variables(tree, value) } else { value };
            entries.extend([tree.key(name), value]);
        }
    }
    for (name, blocks) in [("Principal", principals), ("NotPrincipal", not_principals)] {
        if let Some(principal) = blocks.and_then(|blocks| principal(tree, blocks)) {
            entries.extend([tree.key(name), principal]);
        }
    }
    if let Some(condition) = conditions.and_then(|blocks| condition(tree, blocks)) {
        entries.extend([tree.key("Condition"), condition]);
    }
    tree.derive_map(block, &entries)
}

fn is_empty(tree: &Tree, value: NodeId) -> bool {
    match tree.view(value) {
        View::List(list) => list.is_empty(),
        View::Null => true,
        _ => false,
    }
}

/// Blocks of principals, by type. `*` for type and identifier is everyone.
fn principal(tree: &mut Tree, blocks: NodeId) -> Option<NodeId> {
    let View::List(list) = tree.view(blocks) else {
        return matches!(tree.view(blocks), View::Unknown(_)).then_some(blocks);
    };
    let blocks: Vec<NodeId> = list.iter().collect();
    let mut types: Keys = Vec::new();
    for block in blocks {
        let (Some(ty), Some(identifiers)) = (tree.get(block, "type"), tree.get(block, "identifiers")) else {
            return matches!(tree.view(block), View::Unknown(_)).then_some(block);
        };
        let identifiers = with_variables(tree, identifiers);
        let all = elements(tree, identifiers);
        if tree.string(ty) == Some("*") && all.iter().any(|&one| tree.string(one) == Some("*")) {
            return Some(tree.derive_string(identifiers, "*"));
        }
        push(tree, &mut types, ty, all);
    }
    let place = types.first().map(|(ty, _)| *ty)?;
    Some(map_of_lists(tree, place, types))
}

/// Blocks of conditions: operators with keys with values.
fn condition(tree: &mut Tree, blocks: NodeId) -> Option<NodeId> {
    let View::List(list) = tree.view(blocks) else {
        return matches!(tree.view(blocks), View::Unknown(_)).then_some(blocks);
    };
    let blocks: Vec<NodeId> = list.iter().collect();
    let place = *blocks.first()?;
    let mut tests: Vec<(NodeId, Keys)> = Vec::new();
    for block in blocks {
        let part = |key: &str| tree.get(block, key);
        let (Some(test), Some(variable), Some(values)) = (part("test"), part("variable"), part("values"))
        else {
            return Some(block);
        };
        // A key that is not known is shown as far as it is.
        let variable = if tree.string(variable).is_some() {
            variable
        } else {
            let shown = tree.display(variable);
            tree.derive_string(variable, &shown)
        };
        let values = with_variables(tree, values);
        let values = elements(tree, values);
        let same = tests.iter().position(|(known, _)| tree.scalar(*known) == tree.scalar(test));
        let index = same.unwrap_or_else(|| {
            tests.push((test, Vec::new()));
            tests.len() - 1
        });
        if let Some((_, keys)) = tests.get_mut(index) {
            push(tree, keys, variable, values);
        }
    }
    let mut entries = Vec::new();
    for (test, keys) in tests {
        let keys = map_of_lists(tree, test, keys);
        entries.extend([test, keys]);
    }
    Some(tree.derive_map(place, &entries))
}

fn elements(tree: &Tree, value: NodeId) -> Vec<NodeId> {
    match tree.view(value) {
        View::List(list) => list.iter().collect(),
        View::Null => Vec::new(),
        _ => vec![value],
    }
}

/// Adds values to the entry with this key.
fn push(tree: &Tree, entries: &mut Keys, key: NodeId, values: Vec<NodeId>) {
    match entries.iter_mut().find(|(known, _)| tree.scalar(*known) == tree.scalar(key)) {
        Some((_, all)) => all.extend(values),
        None => entries.push((key, values)),
    }
}

fn map_of_lists(tree: &mut Tree, place: NodeId, entries: Keys) -> NodeId {
    let mut flat = Vec::with_capacity(entries.len() * 2);
    for (key, values) in entries {
        let list = tree.derive_list(key, &values);
        flat.extend([key, list]);
    }
    tree.derive_map(place, &flat)
}

/// Terraform would itself read `${…}`, so policy variables are written `&{…}`.
fn with_variables(tree: &mut Tree, value: NodeId) -> NodeId {
    match tree.view(value) {
        View::String(text) if text.contains("&{") => {
            let text = text.replace("&{", "${");
            tree.derive_string(value, &text)
        }
        View::Text(pieces) if pieces.iter().any(has_variable) => {
            let pieces = pieces.iter().map(|piece| match piece {
                Piece::Literal(text) => Piece::Literal(text.replace("&{", "${").into()),
                Piece::Hole(_) => piece.clone(),
            });
            let pieces = pieces.collect();
            tree.derive_text(value, pieces)
        }
        View::List(list) => {
            let elements: Vec<NodeId> = list.iter().collect();
            let made: Vec<NodeId> = elements.iter().map(|&element| with_variables(tree, element)).collect();
            if made == elements { value } else { tree.derive_list(value, &made) }
        }
        _ => value,
    }
}

fn has_variable(piece: &Piece) -> bool {
    matches!(piece, Piece::Literal(text) if text.contains("&{"))
}
