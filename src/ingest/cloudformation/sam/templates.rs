//! Policy templates: names for statements with parameters.
//!
//! The table is kept as text; it is read once, when a template first asks for one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::document::NodeId;

use super::make::Make;

/// A statement of a template.
pub(super) struct Statement {
    pub(super) actions: Vec<&'static str>,
    /// Texts of `Fn::Sub`, whose variables are the template's parameters.
    pub(super) resources: Vec<&'static str>,
    /// Operator, key and value.
    pub(super) condition: Option<[&'static str; 3]>,
    /// The principal of a resource policy.
    pub(super) service: Option<&'static str>,
}

impl Statement {
    /// Reads `action… : resource… ? operator key value @ service`.
    pub(super) fn read(line: &'static str) -> Self {
        let (rest, service) = match line.split_once(" @ ") {
            Some((rest, service)) => (rest, Some(service.trim())),
            None => (line, None),
        };
        let (rest, condition) = match rest.split_once(" ? ") {
            Some((rest, condition)) => {
                (rest, condition.split_whitespace().collect::<Vec<_>>().try_into().ok())
            }
            None => (rest, None),
        };
        let (actions, resources) = rest.split_once(" : ").unwrap_or((rest, ""));
        Self {
            actions: actions.split_whitespace().collect(),
            resources: resources.split_whitespace().collect(),
            condition,
            service,
        }
    }

    /// The statement with its parameters' values.
    pub(super) fn with(&self, make: &mut Make<'_>, values: &[(String, NodeId)]) -> NodeId {
        let resources: Vec<_> =
            self.resources.iter().map(|resource| substituted(make, resource, values)).collect();
        let resource = match resources.as_slice() {
            [one] => *one,
            all => make.list(all),
        };
        let statement = make.allow(self.actions.iter().copied(), resource);
        let Some([operator, key, value]) = self.condition else { return statement };
        let value = substituted(make, value, values);
        let key = make.text(key);
        let keys = make.tree.derive_map(make.place, &[key, value]);
        let operator = make.text(operator);
        let condition = make.tree.derive_map(make.place, &[operator, keys]);
        make.with(statement, "Condition", condition)
    }
}

/// A text with the values of the variables that it has.
pub(super) fn substituted(make: &mut Make<'_>, text: &str, values: &[(String, NodeId)]) -> NodeId {
    if !text.contains("${") {
        return make.text(text);
    }
    // A resource that is nothing but a parameter is its value.
    let alone = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if let Some((_, value)) = values.iter().find(|(name, _)| Some(name.as_str()) == alone) {
        return *value;
    }
    let used: Vec<_> =
        values.iter().filter(|(name, _)| text.contains(&format!("${{{name}}}"))).cloned().collect();
    make.sub_with(text, &used)
}

/// A policy template.
pub(super) struct Template {
    pub(super) parameters: Vec<&'static str>,
    pub(super) statements: Vec<Statement>,
}

static TEMPLATES: LazyLock<FxHashMap<&'static str, Template>> = LazyLock::new(|| {
    let mut all = FxHashMap::default();
    let mut name = "";
    for line in
        include_str!("templates.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if line.starts_with(' ') {
            if let Some(Template { statements, .. }) = all.get_mut(name) {
                statements.push(Statement::read(line));
            }
        } else {
            let mut words = line.split_whitespace();
            name = words.next().unwrap_or("");
            all.insert(name, Template { parameters: words.collect(), statements: Vec::new() });
        }
    }
    all
});

/// The policy template with this name.
pub(super) fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        assert!(TEMPLATES.len() > 75);
        let mut all: Vec<_> = TEMPLATES.iter().collect();
        all.sort_unstable_by_key(|(name, _)| **name);
        for (name, template) in all {
            assert!(!template.statements.is_empty(), "{name}");
            for statement in &template.statements {
                assert!(statement.actions.iter().all(|action| action.contains(':')), "{name}");
                assert!(!statement.resources.is_empty(), "{name}");
                for part in statement.resources.iter().flat_map(|resource| resource.split("${").skip(1)) {
                    let variable = part.split('}').next().unwrap();
                    let known = variable.starts_with("AWS::") || template.parameters.contains(&variable);
                    assert!(known, "{name}: {variable}");
                }
            }
        }
        let dynamodb = find("DynamoDBReadPolicy").unwrap();
        assert_eq!(dynamodb.parameters, ["TableName"]);
        assert_eq!(
            find("AWSSecretsManagerRotationPolicy").unwrap().statements[0].condition.unwrap()[0],
            "StringEquals"
        );
    }
}
