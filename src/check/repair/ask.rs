//! Values that only whoever deploys knows: a fix asks for them by a parameter of the template, or a variable of the
//! configuration, and refers to it.
//!
//! In the text of a fix, `${?Name|what it is}` or `${?Name|what it is|pattern}` is such a value, and `${@Name}` or
//! `${@Name.Attribute}` refers to what is declared already.

use std::sync::Arc;

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::edit::Change;
use crate::document::edit::Content;
use crate::ingest::Configuration;
use crate::rules::FixStep;
use crate::rules::FixValue;

use super::FixEdit;
use super::Mender;

/// How a value that is asked for begins.
const ASKS: &str = "${?";
/// How a reference begins.
pub(super) const REFERS: &str = "${@";

/// What a template calls the place of a deployment, what a configuration has for it, and what a plan would say.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("${AWS::Partition}", "aws_partition", "partition", "aws"),
    ("${AWS::Region}", "aws_region", "id", "us-east-1"),
    ("${AWS::AccountId}", "aws_caller_identity", "account_id", "290817354623"),
];

/// A value that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The name of the parameter or variable.
    name: String,
    /// What it is.
    description: String,
    /// What it must match.
    pattern: String,
    /// Whether it is declared already, by an earlier fix.
    declared: bool,
    /// The type of data source, for what a configuration finds out itself.
    source: Option<&'static str>,
}

/// In what the text of a fix is written.
#[derive(Clone, Copy)]
pub(super) enum Form<'t> {
    /// A template, by its root.
    Template(NodeId),
    /// A configuration, which has the resource of an address.
    Configuration(&'t Configuration, &'t str),
    /// A plan, which has a value where the configuration has a variable.
    Plan,
}

impl Mender<'_, '_> {
    /// A step whose values that are asked for are references; what they refer to is put to the list.
    pub(super) fn asking(&self, step: &FixStep, form: Form<'_>, asked: &mut Vec<Asked>) -> FixStep {
        let argument = |value: &FixValue| match value {
            FixValue::Text(text) => FixValue::Text(self.with_references(text, form, asked)),
            other => other.clone(),
        };
        FixStep { kind: step.kind, arguments: step.arguments.iter().map(argument).collect() }
    }

    fn with_references(&self, text: &str, form: Form<'_>, asked: &mut Vec<Asked>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(ASKS) {
            out.push_str(before);
            let Some((inner, tail)) = behind.split_once('}') else {
                out.push_str(ASKS);
                rest = behind;
                continue;
            };
            let mut parts = inner.splitn(3, '|');
            let mut part = || parts.next().unwrap_or("").to_owned();
            let (mut name, description, pattern) = (part(), part(), part());
            name.retain(|letter| letter.is_ascii_alphanumeric());
            let pattern = if pattern.is_empty() { ".+".to_owned() } else { pattern };
            let wanted = Asked { name, description, pattern, declared: false, source: None };
            match form {
                Form::Plan => {
                    let name = snake(&wanted.name).replace('_', "-");
                    out.push_str(&name);
                    remember(asked, Asked { name, ..wanted });
                }
                Form::Template(root) => {
                    let one = parameter(self.tree, root, wanted);
                    out.push_str(&format!("{REFERS}{}}}", one.name));
                    remember(asked, one);
                }
                Form::Configuration(configuration, address) => {
                    let (name, declared) = configuration.variable(address, &snake(&wanted.name));
                    out.push_str(&format!("{REFERS}var.{name}}}"));
                    remember(asked, Asked { name, declared, ..wanted });
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        placed(&out, form, asked)
    }

    /// That a template declares what a step refers to, or will.
    pub(super) fn hold_references(
        &self,
        root: NodeId,
        step: &FixStep,
        asked: &[Asked],
    ) -> Result<(), String> {
        let under =
            |section: &str, name: &str| self.tree.get(root, section).and_then(|map| self.tree.get(map, name));
        let texts = step.arguments.iter().map(FixValue::text);
        for name in texts.flat_map(|text| text.split(REFERS).skip(1)) {
            let name = name.split(['.', '}']).next().unwrap_or("");
            let is_known = name == "self"
                || asked.iter().any(|one| one.name == name)
                || ["Parameters", "Resources"].iter().any(|section| under(section, name).is_some());
            if !is_known {
                return Err(format!("`{name}` is not declared in the same template"));
            }
        }
        Ok(())
    }

    /// The changes of a template that declare what is asked for.
    pub(super) fn parameters(&self, root: NodeId, asked: &[Asked]) -> Vec<Change> {
        let new: Vec<(String, Content)> =
            asked.iter().filter(|one| !one.declared).map(|one| (one.name.clone(), one.content())).collect();
        if new.is_empty() {
            return Vec::new();
        }
        let insert =
            |map: NodeId, key: String, value: Content| Change::Insert { map, first: false, key, value };
        match self.tree.get(root, "Parameters").filter(|&node| self.tree.map(node).is_some()) {
            Some(map) => new.into_iter().map(|(key, value)| insert(map, key, value)).collect(),
            None => vec![insert(root, "Parameters".to_owned(), Content::Map(new))],
        }
    }

    /// The edit of a configuration that declares what is asked for, behind everything else in the file that is mended.
    pub(super) fn variables(edits: &[FixEdit], asked: &[Asked]) -> Option<FixEdit> {
        let place = edits.first()?.place.clone();
        let text = place.source.text();
        let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut made = String::new();
        for one in asked.iter().filter(|one| !one.declared) {
            if made.is_empty() && !text.ends_with('\n') {
                made.push_str(eol);
            }
            if let Some(source) = one.source {
                made.push_str(&format!("{eol}data \"{source}\" \"{}\" {{}}{eol}", one.name));
                continue;
            }
            made.push_str(&format!(
                "{eol}variable \"{}\" {{{eol}  type        = string{eol}  description = \"{}\"{eol}}}{eol}",
                one.name, one.description
            ));
        }
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let place = crate::document::Location { source: Arc::clone(&place.source), start: end, end };
        (!made.is_empty()).then_some(FixEdit { place, text: made })
    }
}

impl Asked {
    /// The name of the parameter or variable; in a plan, what stands for its value.
    pub(super) fn into_name(self) -> String {
        self.name
    }

    /// The parameter. It has no default: there is no value that would suit everybody.
    fn content(&self) -> Content {
        let mut entries = vec![("Type".to_owned(), Content::text("String"))];
        if !self.description.is_empty() {
            entries.push(("Description".to_owned(), Content::text(&*self.description)));
        }
        entries.push(("AllowedPattern".to_owned(), Content::text(&*self.pattern)));
        Content::Map(entries)
    }
}

/// A text in which the place of a deployment is as a configuration or a plan has it.
fn placed(text: &str, form: Form<'_>, asked: &mut Vec<Asked>) -> String {
    let mut out = text.to_owned();
    for (written, source, attribute, known) in PLACES.iter().filter(|(written, ..)| text.contains(written)) {
        match form {
            Form::Template(_) => {}
            Form::Plan => out = out.replace(written, known),
            Form::Configuration(configuration, address) => {
                let (name, declared) = match configuration.data_source(address, source) {
                    Some(name) => (name, true),
                    None => ("current".to_owned(), false),
                };
                out = out.replace(written, &format!("{REFERS}data.{source}.{name}.{attribute}}}"));
                let (description, pattern) = (String::new(), String::new());
                remember(asked, Asked { name, description, pattern, declared, source: Some(source) });
            }
        }
    }
    out
}

fn remember(asked: &mut Vec<Asked>, one: Asked) {
    if !asked.contains(&one) {
        asked.push(one);
    }
}

/// A parameter of a template for what is asked: one that asks for the same already, or one of a name that is free.
fn parameter(tree: &Tree, root: NodeId, wanted: Asked) -> Asked {
    let under = |section: &str, name: &str| tree.get(root, section).and_then(|map| tree.get(map, name));
    let mut own = wanted.name.clone();
    for count in 2..1000 {
        let known = under("Parameters", &own);
        let text = |key: &str| known.and_then(|one| tree.get(one, key)).and_then(|node| tree.string(node));
        let same = text("Type") == Some("String") && text("Description").unwrap_or("") == wanted.description;
        if same && known.is_some_and(|one| tree.get(one, "Default").is_none()) {
            return Asked { name: own, declared: true, ..wanted };
        }
        if known.is_none() && under("Resources", &own).is_none() {
            break;
        }
        own = format!("{}{count}", wanted.name);
    }
    Asked { name: own, ..wanted }
}

/// A name as variables of a configuration are written.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}
