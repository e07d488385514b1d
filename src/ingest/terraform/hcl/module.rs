//! Reading the files of a module.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;
use rustc_hash::FxHashMap;

use crate::document::{Code, Diagnostic, Source};

/// Files larger than this are no configuration that a person wrote.
const LARGEST: u64 = 4 << 20;
/// The parser descends into brackets, so their depth is limited before it starts.
const DEEPEST: usize = 200;

/// Something of a file.
#[derive(Clone, Debug)]
pub(super) struct InFile<T> {
    pub(super) file: usize,
    pub(super) node: T,
}

/// What a module declares.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) folder: PathBuf,
    pub(super) locals: FxHashMap<Box<str>, InFile<Expression>>,
    /// The defaults of variables.
    pub(super) defaults: FxHashMap<Box<str>, InFile<Expression>>,
    /// The variables, each with whether it has a default.
    pub(super) variables: FxHashMap<Box<str>, bool>,
    pub(super) outputs: FxHashMap<Box<str>, InFile<Expression>>,
    /// Calls of modules, by their name.
    pub(super) calls: FxHashMap<Box<str>, InFile<Body>>,
    /// Resources and data sources, by `type.name` and `data.type.name`.
    pub(super) resources: FxHashMap<Box<str>, InFile<Block>>,
}

impl Module {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, ..Self::default() }
    }

    /// The calls, each with its source where that is a plain text.
    pub(super) fn sources(&self) -> Vec<(&str, Option<&str>)> {
        let mut all: Vec<_> = self
            .calls
            .iter()
            .map(|(name, call)| (&**name, expression(&call.node, "source").and_then(Expression::as_str)))
            .collect();
        all.sort_unstable();
        all
    }

    fn add(&mut self, file: usize, block: Block) {
        let labels: Vec<String> = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("locals", []) => {
                for structure in block.body {
                    if let Structure::Attribute(attribute) = structure {
                        let name = attribute.key.as_str().into();
                        self.locals.insert(name, InFile { file, node: attribute.value });
                    }
                }
            }
            ("variable", [name]) => {
                let default = expression(&block.body, "default");
                self.variables.insert(name.as_str().into(), default.is_some());
                if let Some(default) = default {
                    self.defaults.insert(name.as_str().into(), InFile { file, node: default.clone() });
                }
            }
            ("output", [name]) => {
                if let Some(value) = expression(&block.body, "value") {
                    self.outputs.insert(name.as_str().into(), InFile { file, node: value.clone() });
                }
            }
            ("module", [name]) => {
                self.calls.insert(name.as_str().into(), InFile { file, node: block.body });
            }
            ("resource", [ty, name]) => {
                self.resources.insert(format!("{ty}.{name}").into(), InFile { file, node: block });
            }
            ("data", [ty, name]) => {
                self.resources.insert(format!("data.{ty}.{name}").into(), InFile { file, node: block });
            }
            _ => {}
        }
    }
}

/// The expression of an argument.
pub(super) fn expression<'b>(body: &'b Body, name: &str) -> Option<&'b Expression> {
    body.iter().find_map(|structure| match structure {
        Structure::Attribute(attribute) if attribute.key.as_str() == name => Some(&attribute.value),
        _ => None,
    })
}

/// Reads the files of a folder.
pub(super) fn read(
    folder: &Path,
    texts: &super::Texts,
    module: &mut Module,
    sources: &mut Vec<Arc<Source>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let ends = |file: &PathBuf| {
        let name = file.to_string_lossy();
        [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending))
    };
    files.retain(ends);
    // Overrides come last, as Terraform reads them.
    files.sort_by_key(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let stem = name.split('.').next().unwrap_or("");
        (stem == "override" || stem.ends_with("_override"), file.clone())
    });
    for file in files {
        match parse(&file, texts) {
            Ok((source, blocks)) => {
                sources.push(source);
                let index = sources.len() - 1;
                for block in blocks {
                    module.add(index, block);
                }
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
}

fn parse(file: &Path, texts: &super::Texts) -> Result<(Arc<Source>, Vec<Block>), Box<Diagnostic>> {
    let name = file.display().to_string();
    let failed = |message: String| {
        let made = Diagnostic::new(Code::NotEvaluated, message).in_file(name.as_str());
        Box::new(made.help("what the file declares is looked for in the plan alone"))
    };
    let size =
        std::fs::metadata(file).map_err(|error| failed(format!("the file cannot be read: {error}")))?.len();
    if size > LARGEST {
        return Err(failed(format!("the file is larger than {LARGEST} bytes")));
    }
    let text = match texts.get(name.as_str()) {
        Some(given) => String::from_utf8_lossy(given).into_owned(),
        None => std::fs::read_to_string(file)
            .map_err(|error| failed(format!("the file cannot be read: {error}")))?,
    };
    if depth(&text) > DEEPEST {
        return Err(failed(format!("brackets are nested more than {DEEPEST} deep")));
    }
    if super::is_json(&name) {
        let blocks = super::json::blocks(&text).map_err(failed)?;
        return Ok((Source::from_text(name.as_str(), text), blocks));
    }
    let body = hcl_edit::parser::parse_body(&text).map_err(|error| {
        let (line, column) = (error.location().line(), error.location().column());
        failed(format!("the file is not valid HCL at {line}:{column}: {}", error.message()))
    })?;
    let blocks = body.into_blocks().collect();
    Ok((Source::from_text(name.as_str(), text), blocks))
}

/// How deep brackets are nested at most, those in texts included.
pub(super) fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    // Operators descend too: a long chain of signs is as deep as it is long.
    let signs = text.split(|c: char| !matches!(c, '!' | '-' | ' ')).map(str::len).max().unwrap_or(0);
    deepest.max(if signs > 4000 { signs } else { 0 })
}

/// A folder relative to another, without `.` and `..` where the path itself shows what they mean.
pub(super) fn joined(folder: &Path, relative: &str) -> PathBuf {
    let mut out = folder.to_owned();
    for component in Path::new(relative).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Where `terraform init` put the modules, by the names of the calls.
pub(super) fn installed(root: &Path) -> FxHashMap<String, PathBuf> {
    let text = std::fs::read_to_string(root.join(".terraform/modules/modules.json")).unwrap_or_default();
    let listed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let modules = listed.get("Modules").and_then(serde_json::Value::as_array).into_iter().flatten();
    let entry = |module: &serde_json::Value| {
        let text = |key: &str| module.get(key).and_then(serde_json::Value::as_str);
        Some((text("Key")?.to_owned(), joined(root, text("Dir")?)))
    };
    modules.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_joined_as_a_person_would() {
        for (folder, relative, joined) in [
            ("infra", "./modules/a", "infra/modules/a"),
            ("infra/modules/a", "../b", "infra/modules/b"),
            (".", "./m", "./m"),
            (".", "../m", "./../m"),
        ] {
            assert_eq!(super::joined(Path::new(folder), relative), Path::new(joined));
        }
    }

    #[test]
    fn brackets_are_counted_before_they_are_read() {
        assert_eq!(depth("a = [{ b = (1) }]"), 3);
        assert!(depth(&"(".repeat(500)) > DEEPEST && depth(&"!".repeat(5000)) > DEEPEST);
    }
}
