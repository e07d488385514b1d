//! Resources that a fix adds beside the one with the finding: in a template, or in the configuration of a plan.
//!
//! What limits the resource with the finding (its condition, its count, its provider) limits the new one too.

use serde_json::Value;

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::edit::Change;
use crate::document::edit::Content;
use crate::ingest::Configuration;
use crate::ingest::address;
use crate::rules::FixStep;

use super::Mender;
use super::ask::Form;
use super::change::Made;
use super::change::What;
use super::copy;
use super::copy::Copied;
use super::target;

/// Why a resource of another kind of input is not added.
pub(super) const ELSEWHERE: &str = "the resource that is missing is one of another kind of input";

/// How the text of a fix refers to the resource with the finding.
const SELF: &str = "${@self";

/// A resource of a configuration that is to be added.
pub(super) struct Declared {
    pub(super) ty: String,
    pub(super) name: String,
    pub(super) body: Vec<(String, Content)>,
}

/// An argument of a resource as a plan has it: its value where that is known, and how it is made.
struct Planned {
    key: String,
    after: Option<Content>,
    expression: Content,
}

impl Mender<'_, '_> {
    /// Adds a resource; in a plan, what a new one would say of it.
    pub(super) fn declare(&self, node: NodeId, step: &FixStep, form: Form<'_>) -> Result<Vec<Made>, String> {
        let [ty, name, body] = step.arguments.as_slice() else {
            return Err("the fix has other arguments than it takes".to_owned());
        };
        let body: Value = serde_json::from_str(body.text()).map_err(|error| error.to_string())?;
        let Value::Object(body) = body else { return Err("a resource is made of an object".to_owned()) };
        let (ty, name) = (ty.text(), name.text());
        let written = self.tree.written(target::value(self.tree, node)).ok_or("the value stands nowhere")?;
        match form {
            Form::Template(root) if ty.starts_with("AWS::") => {
                self.in_template(root, written, (ty, name), &body).map(|made| vec![made])
            }
            Form::Configuration(configuration, address) if !ty.contains("::") => self
                .in_configuration((configuration, address), written, (ty, name), &body)
                .map(|made| vec![made]),
            Form::Plan if !ty.contains("::") => self.in_plan(written, (ty, name), &body),
            _ => Err(ELSEWHERE.to_owned()),
        }
    }

    /// Takes away the resource with the finding; in a plan, what it says of it.
    pub(super) fn undeclare(&self, node: NodeId, form: Form<'_>) -> Result<Vec<Made>, String> {
        let tree = self.tree;
        match form {
            Form::Template(_) => Err(ELSEWHERE.to_owned()),
            Form::Configuration(_, address) => {
                let message = format!("remove `{}`", own_reference(address));
                Ok(vec![Made { what: What::Undeclare, message, elsewhere: false }])
            }
            Form::Plan => {
                let written = tree.written(target::value(tree, node)).ok_or("the value stands nowhere")?;
                let (root, _, own) = self.changed(written)?;
                let address = tree.get(own, "address").and_then(|node| tree.string(node)).unwrap_or("");
                let model = configured(tree, root, address).and_then(|list| modelled(tree, list, address));
                let gone = |node| Made::here(Change::Remove { node }, String::new());
                Ok([Some(own), model].into_iter().flatten().map(gone).collect())
            }
        }
    }

    /// The plan that a value is in, its list of changes, and the one that the value is in.
    fn changed(&self, written: NodeId) -> Result<(NodeId, NodeId, NodeId), String> {
        let tree = self.tree;
        let around = tree.ancestors(written);
        let root = *around.first().ok_or("the value stands nowhere")?;
        let changes = tree.get(root, "resource_changes").ok_or("the plan changes no resources")?;
        let at = around.iter().position(|&one| one == changes).and_then(|at| around.get(at + 1));
        Ok((root, changes, *at.ok_or("no resource is around the value")?))
    }

    fn in_template(
        &self,
        root: NodeId,
        written: NodeId,
        (ty, name): (&str, &str),
        body: &serde_json::Map<String, Value>,
    ) -> Result<Made, String> {
        let tree = self.tree;
        let resources = tree.get(root, "Resources").ok_or("the input declares no resources")?;
        let around = tree.ancestors(written);
        let at = around.iter().position(|&one| one == resources).and_then(|at| around.get(at + 1));
        let own = *at.ok_or("no resource is around the value")?;
        let id =
            tree.key_of(own).and_then(|key| tree.string(key)).ok_or("no resource is around the value")?;
        let given = tree.get(own, "Properties");
        let mut properties = Vec::new();
        let mut rest = vec![("Type".to_owned(), Content::text(ty))];
        if let Some(condition) = tree.get(own, "Condition").and_then(|node| tree.string(node)) {
            rest.push(("Condition".to_owned(), Content::text(condition)));
        }
        for (key, value) in body {
            let value = match value.as_str().and_then(Copied::of) {
                Some(copied) => {
                    let Some(node) = given.and_then(|map| tree.get(map, copied.key)) else {
                        copied.absent()?;
                        continue;
                    };
                    copied.ended(copy::content(tree, node)?)?
                }
                None => self.structure(&with_self(value, id), resources)?,
            };
            let list = if key == "DependsOn" { &mut rest } else { &mut properties };
            list.push((key.clone(), value));
        }
        rest.push(("Properties".to_owned(), Content::Map(properties)));
        let mut key = name.replace(&format!("{SELF}}}"), id);
        key.retain(|letter| letter.is_ascii_alphanumeric());
        let taken = |key: &str| {
            let section = |section: &str| tree.get(root, section).and_then(|map| tree.get(map, key));
            section("Resources").or_else(|| section("Parameters")).is_some()
        };
        let key = free(key, "", taken);
        let message = format!("add the `{ty}` `{key}`");
        let value = Content::Map(rest);
        Ok(Made::here(Change::Insert { map: resources, first: false, key, value }, message))
    }

    fn in_configuration(
        &self,
        (configuration, address): (&Configuration, &str),
        written: NodeId,
        (ty, name): (&str, &str),
        body: &serde_json::Map<String, Value>,
    ) -> Result<Made, String> {
        let own = own_reference(address);
        let mut made = Vec::new();
        for meta in ["provider", "count"] {
            if let Some(text) = configuration.argument_text(address, meta)? {
                made.push((meta.to_owned(), Content::expression(text)));
            }
        }
        for (key, value) in body {
            let value = if let Some(copied) = value.as_str().and_then(Copied::of) {
                let Some(text) = configuration.argument_text(address, copied.key)? else {
                    copied.absent()?;
                    continue;
                };
                copied.ended(Content::expression(text))?
            } else {
                self.structure(&with_self(value, &own), written)?
            };
            made.push((key.clone(), value));
        }
        let name = configuration.free_name(address, ty, &label(name, &own));
        let message = format!("add `{ty}.{name}`");
        let new = Declared { ty: ty.to_owned(), name, body: made };
        Ok(Made { what: What::Declare(new), message, elsewhere: false })
    }

    /// What a plan would say of a resource: that it is made, and how.
    fn in_plan(
        &self,
        written: NodeId,
        (ty, name): (&str, &str),
        body: &serde_json::Map<String, Value>,
    ) -> Result<Vec<Made>, String> {
        let tree = self.tree;
        let (root, changes, own) = self.changed(written)?;
        let text = |node: NodeId, key: &str| tree.get(node, key).and_then(|node| tree.string(node));
        let address = text(own, "address").ok_or("the resource has no address")?;
        let given = tree.at(own, &["change", "after"]);
        let listed = configured(tree, root, address);
        let model = listed.and_then(|list| modelled(tree, list, address));
        let expressions = model.and_then(|model| tree.get(model, "expressions"));
        let mut all = Vec::new();
        for (key, value) in body {
            if let Some(copied) = value.as_str().and_then(Copied::of) {
                let value = |map: Option<NodeId>| map.and_then(|map| tree.get(map, copied.key));
                let known = value(given).filter(|&node| !matches!(tree.view(node), View::Null));
                let after = known.map(|node| copied.ended(copy::content(tree, node)?)).transpose()?;
                let made = value(expressions).map(|node| copy::content(tree, node)).transpose()?;
                if after.is_some() || made.is_some() {
                    let expression = made.unwrap_or_else(|| Content::Map(Vec::new()));
                    all.push(Planned { key: key.clone(), after, expression });
                }
                continue;
            }
            let content = self.structure(&with_self(value, &own_reference(address)), own)?;
            let mut references = Vec::new();
            let after = known(&content, &mut references);
            all.push(Planned { key: key.clone(), expression: expression(&content), after });
        }
        let name = label(name, &own_reference(address));
        let name = match self.configuration {
            Some((configuration, _)) => configuration.free_name(address, ty, &name),
            None => name,
        };
        let (module, _, instance) = address::resource(address);
        let new = [
            ("address", Content::text(address::of(&module, &format!("{ty}.{name}"), instance))),
            ("mode", Content::text("managed")),
            ("type", Content::text(ty)),
            ("name", Content::text(&*name)),
            ("provider_name", Content::text(text(own, "provider_name").unwrap_or(""))),
            ("change", change(&all)),
        ];
        // What stands at the end may go in the same fix.
        let add = |list: NodeId, beside: Option<NodeId>, entries: Vec<(&str, Content)>| {
            let (first, last) =
                tree.list(list).map_or((None, None), |all| (all.iter().next(), all.iter().last()));
            let change = match first {
                Some(element) if last == beside => Change::Before { element, value: map(entries) },
                _ => Change::Append { list, values: vec![map(entries)] },
            };
            Made::here(change, String::new())
        };
        let mut out = vec![add(changes, Some(own), new.into())];
        if let Some(list) = listed {
            let made = all.into_iter().map(|one| (one.key, one.expression)).collect();
            let key = model.and_then(|model| text(model, "provider_config_key")).unwrap_or("aws");
            let new = [
                ("address", Content::text(format!("{ty}.{name}"))),
                ("mode", Content::text("managed")),
                ("type", Content::text(ty)),
                ("name", Content::text(name)),
                ("provider_config_key", Content::text(key)),
                ("expressions", Content::Map(made)),
            ];
            out.push(add(list, model, new.into()));
        }
        Ok(out)
    }
}

/// A name that is free.
fn free(name: String, between: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..1000).map(|count| format!("{name}{between}{count}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(name)
}

/// A value in which references to the resource with the finding are by its name.
fn with_self(value: &Value, own: &str) -> Value {
    match value {
        Value::String(text) => Value::from(text.replace(SELF, &format!("${{@{own}"))),
        Value::Array(all) => Value::from(all.iter().map(|one| with_self(one, own)).collect::<Vec<_>>()),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(key, value)| (key.clone(), with_self(value, own))).collect())
        }
        other => other.clone(),
    }
}

/// The label of a block, made of the name of the resource with the finding.
fn label(name: &str, own: &str) -> String {
    let (_, key, _) = address::resource(own);
    let own = key.rsplit('.').next().unwrap_or("");
    name.replace(&format!("{SELF}}}"), own)
}

/// How a module refers to its own resource.
fn own_reference(address: &str) -> String {
    let (_, key, instance) = address::resource(address);
    address::of(&[], &key, instance)
}

/// The resources that the configuration in a plan lists for the module of a resource.
fn configured(tree: &Tree, root: NodeId, address: &str) -> Option<NodeId> {
    let mut module = tree.at(root, &["configuration", "root_module"])?;
    for call in address::module(address) {
        module = tree.at(module, &["module_calls", &call.name, "module"])?;
    }
    tree.get(module, "resources")
}

/// The entry of a resource in such a list.
fn modelled(tree: &Tree, list: NodeId, address: &str) -> Option<NodeId> {
    let (_, key, _) = address::resource(address);
    let is_own = |one: NodeId| tree.get(one, "address").and_then(|node| tree.string(node)) == Some(&*key);
    tree.list(list)?.iter().find(|&one| is_own(one))
}

fn map(entries: Vec<(&str, Content)>) -> Content {
    Content::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// What changes when a resource is made.
fn change(all: &[Planned]) -> Content {
    let after = all.iter().filter_map(|one| Some((one.key.clone(), one.after.clone()?)));
    let unknown = all.iter().filter(|one| one.after.is_none());
    map(vec![
        ("actions", Content::List(vec![Content::text("create")])),
        ("after", Content::Map(after.collect())),
        ("after_unknown", Content::Map(unknown.map(|one| (one.key.clone(), Content::Bool(true))).collect())),
    ])
}

/// The value that a plan knows; nothing where it refers to others, which are put to the list.
fn known(content: &Content, references: &mut Vec<String>) -> Option<Content> {
    match content {
        Content::Call { short: "Ref", argument, .. } => {
            references.push(argument.clone());
            None
        }
        Content::Call { argument, .. } => {
            let inner = argument.split("${").skip(1).filter_map(|rest| rest.split('}').next());
            references.extend(inner.filter(|name| !name.starts_with('!')).map(str::to_owned));
            None
        }
        Content::List(all) => {
            let known: Vec<_> = all.iter().map(|one| known(one, references)).collect();
            known.into_iter().collect::<Option<_>>().map(Content::List)
        }
        Content::Map(all) => {
            let known: Vec<_> =
                all.iter().map(|(key, value)| Some((key.clone(), known(value, references)?))).collect();
            let all: Vec<(String, Content)> = known.into_iter().collect::<Option<_>>()?;
            match all.as_slice() {
                // The only function that is called encodes.
                [(key, value)] if key.starts_with('=') => Some(Content::text(json(value).to_string())),
                _ => Some(Content::Map(all)),
            }
        }
        other => Some(other.clone()),
    }
}

/// How the configuration in a plan says what a value is made of.
fn expression(content: &Content) -> Content {
    if let Content::List(all) = content
        && !all.is_empty()
        && all.iter().all(|one| matches!(one, Content::Map(_)))
    {
        let block = |one: &Content| match one {
            Content::Map(entries) => {
                Content::Map(entries.iter().map(|(key, value)| (key.clone(), expression(value))).collect())
            }
            other => other.clone(),
        };
        return Content::List(all.iter().map(block).collect());
    }
    let mut references = Vec::new();
    if let Some(known) = known(content, &mut references) {
        return map(vec![("constant_value", known)]);
    }
    let with_resource = references.into_iter().flat_map(|one| {
        let resource = one.rsplit_once('.').map(|(resource, _)| resource.to_owned());
        std::iter::once(one).chain(resource)
    });
    map(vec![("references", Content::List(with_resource.map(Content::text).collect()))])
}

/// A value as JSON.
pub(super) fn json(content: &Content) -> Value {
    match content {
        Content::Bool(value) => Value::from(*value),
        Content::Number(text) => serde_json::from_str(text).unwrap_or_default(),
        Content::Text(text) | Content::Call { argument: text, .. } => Value::from(text.as_str()),
        Content::List(all) => Value::from(all.iter().map(json).collect::<Vec<_>>()),
        Content::Map(all) => Value::Object(all.iter().map(|(key, one)| (key.clone(), json(one))).collect()),
    }
}
