//! Files of parameter values for templates.
//!
//! The forms that the tools write: a list of `ParameterKey` and `ParameterValue` (AWS CLI), a map under `Parameters`
//! (`CodePipeline`, and others), a list of `Key=Value`, a plain map, and the overrides in `samconfig.toml`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::document::yaml::Schema;
use crate::document::{Code, Diagnostic, Limits, Location, NodeId, Source, Tree, View, parse};

/// Values of parameters, by name.
pub type Parameters = BTreeMap<String, String>;

/// Reads a file of parameter values.
pub fn read_parameters(name: &str, bytes: Vec<u8>, limits: Limits) -> Result<Parameters, Box<Diagnostic>> {
    let source = Source::decode(name, bytes).map_err(|error| Diagnostic::encoding(name, &error))?;
    if Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
        return from_toml(&source);
    }
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let root = match parse(&mut tree, file, source.text(), Schema::CloudFormation, limits) {
        Ok(parsed) => parsed.roots.first().copied(),
        Err(error) => {
            let code =
                if source.text().trim_start().starts_with(['{', '[']) { Code::Json } else { Code::Yaml };
            return Err(Box::new(Diagnostic::syntax(code, &source, error)));
        }
    };
    let Some(root) = root else { return Ok(Parameters::new()) };
    Reader { tree: &tree, source: &source }.document(root)
}

/// Reads what stands in a parsed file.
struct Reader<'t> {
    tree: &'t Tree,
    source: &'t Arc<Source>,
}

impl Reader<'_> {
    fn document(&self, root: NodeId) -> Result<Parameters, Box<Diagnostic>> {
        match self.tree.view(root) {
            View::List(_) => self.list(root),
            View::Map(map) => match map.get("Parameters") {
                Some(inner) if matches!(self.tree.view(inner), View::List(_)) => self.list(inner),
                Some(inner) => self.map(inner),
                None if self.overrides(root).is_some() => {
                    self.overrides(root).map_or_else(|| Ok(Parameters::new()), |node| self.overriding(node))
                }
                None => self.map(root),
            },
            _ => Err(self.wrong(root, "this is no file of parameter values")),
        }
    }

    /// Elements with a key and a value, or texts with an equals sign.
    fn list(&self, list: NodeId) -> Result<Parameters, Box<Diagnostic>> {
        let mut out = Parameters::new();
        let elements = self.tree.list(list).into_iter().flat_map(crate::document::List::iter);
        for element in elements {
            if let Some(text) = self.tree.string(element) {
                let (key, value) = text
                    .split_once('=')
                    .ok_or_else(|| self.wrong(element, "a parameter needs a name and a value"))?;
                out.insert(key.trim().to_owned(), value.to_owned());
                continue;
            }
            let key = self.tree.get(element, "ParameterKey").and_then(|key| self.tree.scalar(key));
            let Some(key) = key else {
                return Err(self.wrong(element, "a parameter without a `ParameterKey`"));
            };
            let previous = self.tree.get(element, "UsePreviousValue").and_then(|node| self.tree.scalar(node));
            match self.tree.get(element, "ParameterValue") {
                Some(value) => {
                    out.insert(key.to_owned(), self.value(value)?);
                }
                // What the stack has now is not known.
                None if previous == Some("true") => {}
                None => {
                    return Err(
                        self.wrong(element, &format!("the parameter `{key}` has no `ParameterValue`"))
                    );
                }
            }
        }
        Ok(out)
    }

    fn map(&self, map: NodeId) -> Result<Parameters, Box<Diagnostic>> {
        let View::Map(entries) = self.tree.view(map) else {
            return Err(self.wrong(map, "parameter values must be a map or a list"));
        };
        let mut out = Parameters::new();
        for (_, key, value) in entries.iter() {
            if !matches!(self.tree.view(value), View::Null) {
                out.insert(key.to_owned(), self.value(value)?);
            }
        }
        Ok(out)
    }

    /// A text; a list is joined as CloudFormation wants it.
    fn value(&self, value: NodeId) -> Result<String, Box<Diagnostic>> {
        if let Some(text) = self.tree.scalar(value) {
            return Ok(text.to_owned());
        }
        let list = self.tree.list(value).into_iter().flat_map(crate::document::List::iter);
        let texts: Option<Vec<_>> = list.map(|element| self.tree.scalar(element)).collect();
        match (self.tree.list(value), texts) {
            (Some(_), Some(texts)) => Ok(texts.join(",")),
            _ => {
                Err(self.wrong(value, "the value of a parameter must be a text, a number or a list of them"))
            }
        }
    }

    /// The overrides of a SAM configuration in YAML.
    fn overrides(&self, root: NodeId) -> Option<NodeId> {
        let environment = self.tree.get(root, "default").or_else(|| {
            let environments = self.tree.map(root)?;
            environments
                .iter()
                .find_map(|(_, _, node)| self.tree.at(node, &["deploy", "parameters"]).map(|_| node))
        })?;
        ["deploy", "global", "build", "validate"]
            .iter()
            .find_map(|command| self.tree.at(environment, &[command, "parameters", "parameter_overrides"]))
    }

    fn overriding(&self, node: NodeId) -> Result<Parameters, Box<Diagnostic>> {
        match self.tree.view(node) {
            View::String(text) => Ok(words(text)),
            View::List(_) => self.list(node),
            _ => self.map(node),
        }
    }

    #[expect(clippy::unnecessary_box_returns, reason = "errors are boxed, and this makes one")]
    fn wrong(&self, node: NodeId, message: &str) -> Box<Diagnostic> {
        let made = Diagnostic::new(Code::UnknownKind, message).in_file(self.source.name());
        let made = match self.tree.place(node) {
            Some(place) => made.at(Location::new(Arc::clone(self.source), place.span)),
            None => made,
        };
        Box::new(made.help(
            "write a list of `ParameterKey` and `ParameterValue`, a map under `Parameters`, or a `samconfig.toml`",
        ))
    }
}

/// The overrides in a SAM configuration.
fn from_toml(source: &Arc<Source>) -> Result<Parameters, Box<Diagnostic>> {
    let table: toml::Table = source.text().parse().map_err(|error: toml::de::Error| {
        let made = Diagnostic::new(Code::Configuration, format!("the file is no TOML: {}", error.message()));
        let made = match error.span() {
            Some(span) => made.at(Location::at(Arc::clone(source), span.start)),
            None => made.in_file(source.name()),
        };
        Box::new(made)
    })?;
    let environments: Vec<_> = table.iter().filter(|(_, value)| value.is_table()).collect();
    let named =
        |name: &str| environments.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| *value);
    let only = || if let [(_, only)] = environments.as_slice() { Some(*only) } else { None };
    let environment = named("default").or_else(only);
    let overrides = ["deploy", "global", "build", "validate"]
        .iter()
        .find_map(|command| environment?.get(command)?.get("parameters")?.get("parameter_overrides"));
    Ok(match overrides {
        Some(toml::Value::String(text)) => words(text),
        Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).flat_map(words).collect(),
        Some(toml::Value::Table(all)) => all.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        _ => Parameters::new(),
    })
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(known) => known.to_string(),
        toml::Value::Datetime(_) | toml::Value::Table(_) => String::new(),
    }
}

/// Overrides on one line: `Key=Value`, `Key="a b"`, `ParameterKey=Key,ParameterValue=Value`.
fn words(text: &str) -> Parameters {
    let mut out = Parameters::new();
    for word in split(text) {
        let (key, value) =
            match word.strip_prefix("ParameterKey=").and_then(|rest| rest.split_once(",ParameterValue=")) {
                Some((key, value)) => (key, value),
                None => match word.split_once('=') {
                    Some(pair) => pair,
                    None => continue,
                },
            };
        out.insert(key.trim().to_owned(), value.to_owned());
    }
    out
}

/// Words at blanks; quotes keep them together and are taken off, a backslash keeps what follows.
fn split(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut started, mut quote) = (String::new(), false, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => word.extend(chars.next()),
            (_, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (_, None) if c.is_whitespace() => {
                if started {
                    out.push(std::mem::take(&mut word));
                }
                started = false;
                continue;
            }
            _ => word.push(c),
        }
        started = true;
    }
    if started {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<String, String> {
        let read = read_parameters(name, text.as_bytes().to_vec(), Limits::default());
        let shown =
            |all: Parameters| all.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        read.map(|all| shown(all).join("; ")).map_err(|error| error.message)
    }

    #[test]
    fn every_form_is_read() {
        for (name, text, expected) in [
            (
                "p.json",
                r#"[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]"#,
                "A=1",
            ),
            ("p.json", r#"["A=1", "B=x=y"]"#, "A=1; B=x=y"),
            (
                "p.json",
                r#"{"Parameters": {"A": "1", "L": ["x", "y"], "N": 3}, "Tags": {"T": "v"}}"#,
                "A=1; L=x,y; N=3",
            ),
            ("p.json", r#"{"Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}]}"#, "A=1"),
            ("p.yaml", "A: yes\nB: 007\n", "A=true; B=007"),
            ("p.yaml", "Parameters:\n  A: b\n", "A=b"),
            (
                "samconfig.yaml",
                "default:\n  deploy:\n    parameters:\n      parameter_overrides: A=1 B='x y'\n",
                "A=1; B=x y",
            ),
            (
                "samconfig.toml",
                "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = \"A=\\\"x y\\\" ParameterKey=B,ParameterValue=2\"\n",
                "A=x y; B=2",
            ),
            (
                "samconfig.toml",
                "[default.global.parameters]\nparameter_overrides = [\"A=1\", \"B=2\"]\n",
                "A=1; B=2",
            ),
            (
                "samconfig.toml",
                "[prod.deploy.parameters]\nparameter_overrides = {A = \"1\", B = 2}\n",
                "A=1; B=2",
            ),
            ("samconfig.toml", "version = 0.1\n", ""),
            ("empty.yaml", "# nothing\n", ""),
        ] {
            assert_eq!(read(name, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_parameter_file_is_refused() {
        for (name, text, expected) in [
            ("p.json", "[1]", "a parameter without a `ParameterKey`"),
            ("p.json", r#"[{"ParameterKey": "A"}]"#, "the parameter `A` has no `ParameterValue`"),
            (
                "p.json",
                r#"{"A": {"b": 1}}"#,
                "the value of a parameter must be a text, a number or a list of them",
            ),
            ("p.yaml", "just text", "this is no file of parameter values"),
            ("p.json", r#"["A"]"#, "a parameter needs a name and a value"),
            ("s.toml", "a = = 1", "the file is no TOML"),
        ] {
            let error = read(name, text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}
