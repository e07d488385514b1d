//! Functions that read files of the configuration.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hcl_edit::expr::Expression;

use super::super::eval::Evaluator;
use super::super::eval::Scope;
use super::super::module::depth;
use super::super::value::Content;
use super::super::value::Value;

/// Files larger than this are not read.
const LARGEST: u64 = 1 << 20;

impl Evaluator<'_> {
    pub(super) fn file_function(&mut self, name: &str, values: &[Value]) -> Option<Value> {
        let path = || values.first().and_then(|path| path.known(&self.assembly.tree));
        match name {
            "file" => Some(Value::text(&self.read(&path()?)?)),
            "filebase64" => Some(Value::text(&STANDARD.encode(self.read(&path()?)?))),
            "fileexists" => Some(Content::Bool(self.read(&path()?).is_some()).into()),
            _ => None,
        }
    }

    /// The text of a file; only of one that belongs to the configuration: in its folder, or in that of one of its
    /// modules.
    fn read(&self, path: &str) -> Option<String> {
        let file = self.hcl.own.root.join(path).canonicalize().ok()?;
        let belongs = |folder: &Path| folder.canonicalize().is_ok_and(|folder| file.starts_with(folder));
        if !self.hcl.own.modules.values().any(|module| belongs(&module.folder)) {
            return None;
        }
        let about = std::fs::metadata(&file).ok()?;
        if !about.is_file() || about.len() > LARGEST {
            return None;
        }
        std::fs::read_to_string(file).ok()
    }

    pub(super) fn template_file(&mut self, arguments: &[&Expression], scope: &Scope<'_>) -> Value {
        let [path, variables] = arguments else { return Value::unknown("templatefile()") };
        let path = self.eval(path, scope);
        let variables = self.eval(variables, scope);
        let variables = self.opened(variables);
        let made = path.known(&self.assembly.tree).and_then(|path| {
            let text = self.read(&path).filter(|text| depth(text) < 100)?;
            let template = hcl_edit::parser::parse_template(&text).ok()?;
            let Content::Map(entries) = &variables.content else { return None };
            // Places in the template are none of the file that the call stands in.
            let mut inner =
                Scope { file: usize::MAX, key: None, for_each: None, bound: Vec::new(), ..scope.clone() };
            inner.bound = entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect();
            let mut value = self.template(template.iter(), &inner);
            value.at = None;
            Some(value)
        });
        made.unwrap_or_else(|| {
            let blocker = path.blocker().or(variables.blocker());
            Value::unknown(blocker.unwrap_or("templatefile()"))
        })
    }
}
