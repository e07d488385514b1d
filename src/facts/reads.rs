//! Where values go that a Terraform configuration reads from Parameter Store: by the references that a plan lists.

use crate::document::{NodeId, Tree, View};
use crate::model::Entity;

use super::build::Maker;
use super::record::Record;

/// Arguments that are shown to whoever may describe the resource.
const PLAIN: &[&str] = &[
    "user_data",
    "user_data_base64",
    "environment",
    "environment_variables",
    "container_definitions",
    "container_properties",
    "template_body",
    "content",
    "inline",
    "command",
    "definition",
    "insecure_value",
];

/// Adds where the value of a parameter goes that is read.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let Some(found) = found(maker, entity) else { return };
    record.bool(&mut maker.tree, "asks_to_decrypt", found.asks);
    let mut places = Vec::with_capacity(found.places.len());
    for (node, text) in found.places {
        places.push(maker.tree.derive_string(node, &text));
    }
    record.list(&mut maker.tree, "revealed_in", &places);
}

struct Found {
    /// Whether the configuration says that the value is to be decrypted.
    asks: bool,
    /// The expressions that the value is a part of, in words.
    places: Vec<(NodeId, String)>,
}

/// What the configuration in a plan says of a data source; nothing where the input has none.
fn found(maker: &Maker<'_>, entity: &Entity) -> Option<Found> {
    let tree = &maker.tree;
    let resource = maker.inventory.resource(entity.resource)?;
    let root = tree.ancestors(resource.node).first().copied()?;
    let mut module = tree.at(root, &["configuration", "root_module"])?;
    let bare = without_keys(&resource.id);
    let (modules, address) = match bare.rfind("data.aws_ssm_parameter.") {
        Some(at) => bare.split_at(at),
        None => return None,
    };
    let names = modules.split('.').filter(|name| !name.is_empty() && *name != "module");
    for name in names {
        module = tree.at(module, &["module_calls", name, "module"])?;
    }
    let value = format!("{address}.value");
    let resources = tree.get(module, "resources").and_then(|node| tree.list(node));
    let mut out = Found { asks: false, places: Vec::new() };
    for one in resources.into_iter().flat_map(crate::document::List::iter) {
        let text = |key: &str| tree.get(one, key).and_then(|node| tree.string(node));
        let own = text("address").unwrap_or("");
        if own == address {
            let asked = tree.at(one, &["expressions", "with_decryption", "constant_value"]);
            out.asks = asked.and_then(|node| tree.scalar(node)) == Some("true");
        }
        let Some(expressions) = tree.get(one, "expressions").and_then(|node| tree.map(node)) else {
            continue;
        };
        for (_, name, expression) in expressions.iter() {
            let hidden = tree.at(one, &["expressions", "type", "constant_value"]);
            let plain_parameter = text("type") == Some("aws_ssm_parameter")
                && name == "value"
                && hidden.and_then(|node| tree.scalar(node)) == Some("String");
            if (PLAIN.contains(&name) || plain_parameter) && refers(tree, expression, &value) {
                out.places.push((expression, format!("{own}.{name}")));
            }
        }
    }
    if modules.is_empty() {
        let outputs = tree.get(module, "outputs").and_then(|node| tree.map(node));
        for (_, name, output) in outputs.into_iter().flat_map(crate::document::Map::iter) {
            let sensitive = tree.get(output, "sensitive").and_then(|node| tree.scalar(node)) == Some("true");
            if !sensitive && refers(tree, output, &value) {
                out.places.push((output, format!("output.{name}")));
            }
        }
    }
    Some(out)
}

/// Whether an expression, or one of its blocks, refers to a value.
fn refers(tree: &Tree, root: NodeId, value: &str) -> bool {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => {
                for (_, key, inner) in map.iter() {
                    let references = tree.list(inner).filter(|_| key == "references");
                    let found = references.is_some_and(|all| {
                        all.iter().any(|one| tree.string(one).is_some_and(|text| without_keys(text) == value))
                    });
                    if found {
                        return true;
                    }
                    stack.push(inner);
                }
            }
            _ => {}
        }
    }
    false
}

/// An address without the keys of instances.
fn without_keys(address: &str) -> String {
    let mut depth = 0;
    let kept = address.chars().filter(|&one| {
        match one {
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}
