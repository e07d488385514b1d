//! Statements of resource policies that a resource spells out property by property: who may call a function, who may put
//! events on a bus. They become the documents that AWS makes of them.

use crate::document::{NodeId, Tree, View};
use crate::model::Kind;

use super::assembly::Assembly;
use super::table::Properties;

/// Where a type keeps the parts of its statement.
pub(crate) struct Permission {
    /// The type, as the format spells it.
    pub(crate) ty: &'static str,
    /// The service of the resource.
    pub(crate) service: &'static str,
    /// The property with the action; the action where none stands there.
    pub(crate) action: (&'static str, &'static str),
    /// The property with the principal.
    pub(crate) principal: &'static str,
    /// Properties that become conditions: operator, key, property.
    pub(crate) conditions: &'static [(&'static str, &'static str, &'static str)],
    /// The property with a condition of its own, in a map of these three keys: operator, key, value.
    pub(crate) condition: Option<(&'static str, [&'static str; 3])>,
}

impl Permission {
    /// Declares the policy.
    pub(crate) fn declare(&self, assembly: &mut Assembly, properties: &mut dyn Properties) {
        let Some(principal) = properties.at(assembly, self.principal) else { return };
        let (path, otherwise) = self.action;
        let action = properties.at(assembly, path);
        let action = action.unwrap_or_else(|| assembly.tree.derive_string(principal, otherwise));
        let mut operators: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
        for &(operator, key, path) in self.conditions {
            if let Some(value) = properties.at(assembly, path).filter(|&value| is_there(assembly, value)) {
                let (operator, key) = (assembly.tree.key(operator), assembly.tree.key(key));
                match operators
                    .iter_mut()
                    .find(|(own, _)| assembly.tree.scalar(*own) == assembly.tree.scalar(operator))
                {
                    Some((_, keys)) => keys.extend([key, value]),
                    None => operators.push((operator, vec![key, value])),
                }
            }
        }
        if let Some((path, names)) = self.condition
            && let Some(found) = properties.at(assembly, path)
        {
            let block = assembly.tree.list(found).and_then(|list| list.get(0)).unwrap_or(found);
            let [operator, key, value] = names.map(|name| assembly.tree.get(block, name));
            if let (Some(operator), Some(key), Some(value)) = (operator, key, value) {
                operators.push((operator, vec![key, value]));
            }
        }
        let tree = &mut assembly.tree;
        let mut entries = vec![tree.key("Effect"), tree.derive_string(principal, "Allow")];
        let who = principal_of(tree, principal);
        entries.extend([tree.key("Principal"), who, tree.key("Action"), action]);
        if !operators.is_empty() {
            let mut made = Vec::with_capacity(operators.len() * 2);
            for (operator, keys) in operators {
                made.extend([operator, tree.derive_map(principal, &keys)]);
            }
            entries.extend([tree.key("Condition"), tree.derive_map(principal, &made)]);
        }
        let statement = tree.derive_map(principal, &entries);
        declare(assembly, properties, self.service, statement);
    }
}

/// `Principal` as a policy has it.
fn principal_of(tree: &mut Tree, value: NodeId) -> NodeId {
    let text = tree.display(value);
    if text == "*" && matches!(tree.view(value), View::String(_)) {
        return value;
    }
    let is_service = [".amazonaws.com", ".amazon.com", "URLSuffix"].iter().any(|part| text.contains(part));
    let key = tree.key(if is_service { "Service" } else { "AWS" });
    tree.derive_map(value, &[key, value])
}

/// Declares the policy of a resource that has one statement.
pub(crate) fn declare(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    service: &str,
    statement: NodeId,
) {
    let entity = assembly.declare(Kind::ResourcePolicy, properties.resource());
    let tree = &mut assembly.tree;
    let version = tree.derive_string(statement, "2012-10-17");
    let (first, second) = (tree.key("Version"), tree.key("Statement"));
    let document = tree.derive_map(statement, &[first, version, second, statement]);
    let service = tree.derive_string(statement, service);
    assembly.set(entity, "document", Some(document));
    assembly.set(entity, "service", Some(service));
}

fn is_there(assembly: &Assembly, value: NodeId) -> bool {
    assembly.tree.string(value).is_none_or(|text| !text.is_empty())
}
