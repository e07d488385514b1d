//! The configuration itself, where it is at hand.
//!
//! A plan says of an unknown value only which references it is made of. The configuration says how: which statement of a
//! `jsonencode` holds the reference, what a local stands for. Expressions are evaluated with everything that the plan
//! knows, and what it does not know becomes a hole. The configuration is also where a person makes a change: every value
//! of a resource has a place in it.

mod argument;
mod blocks;
mod declare;
mod edit;
mod eval;
mod functions;
mod json;
mod locate;
mod module;
mod names;
mod operators;
mod render;
mod splice;
mod template;
mod value;
mod write;

use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Code, Diagnostic, FileId, NodeId, Source};

use super::address::Call;
use super::address::path;
pub(crate) use argument::Argument;
pub use blocks::WrittenBlock;
pub use edit::ConfigurationEdit;
use module::Module;
use value::Value;

/// Texts of files that are read instead of the files themselves, by name.
type Texts = std::collections::BTreeMap<Box<str>, Vec<u8>>;

/// How many modules a configuration may have, and how deep they may call each other.
const MODULES: usize = 2000;
const NESTED: usize = 32;

/// The configuration that a plan was made from.
#[derive(Debug, Default)]
pub struct Configuration {
    root: PathBuf,
    /// Its modules, by the names of the calls that lead to them.
    modules: FxHashMap<String, Module>,
    sources: Vec<Arc<Source>>,
}

/// A configuration that is being evaluated.
#[derive(Debug)]
pub(crate) struct Hcl {
    own: Arc<Configuration>,
    /// The sources that the unit's tree has, by their position in the configuration.
    files: RefCell<FxHashMap<usize, FileId>>,
    /// Locals and variables that were evaluated already; nothing while one is being evaluated.
    cache: RefCell<FxHashMap<String, Option<Value>>>,
    /// The nodes that stand for places of the configuration, until somebody takes them.
    anchors: RefCell<Vec<NodeId>>,
}

impl Configuration {
    /// Reads the configuration in a folder, with the modules that it calls and that are at hand. What cannot be read is
    /// reported and left out.
    pub(crate) fn load(folder: &Path, texts: &Texts, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut read = Self { root: folder.to_owned(), ..Self::default() };
        let installed = module::installed(folder);
        let mut wanted = vec![(String::new(), folder.to_owned())];
        while let Some((path, folder)) = wanted.pop() {
            // A module that calls itself is refused by Terraform, and must not keep this going.
            if read.modules.len() > MODULES || path.split('.').count() > NESTED {
                break;
            }
            let mut module = Module::new(folder.clone());
            module::read(&folder, texts, &mut module, &mut read.sources, diagnostics);
            for (name, source) in module.sources() {
                let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let local = source.filter(|source| source.starts_with('.'));
                let local = local.map(|source| module::joined(&folder, source));
                if let Some(found) = installed.get(&inner).cloned().or(local).filter(|found| found.is_dir()) {
                    wanted.push((inner, found));
                }
            }
            read.modules.insert(path, module);
        }
        if read.sources.is_empty() {
            let message = format!("`{}` holds no Terraform configuration", folder.display());
            let made = Diagnostic::new(Code::NotEvaluated, message);
            diagnostics.push(made.help("give the folder that `terraform plan` was run in"));
            return None;
        }
        Some(read)
    }
}

/// Whether a file of a configuration is in JSON.
fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "json")
}

impl Hcl {
    pub(crate) fn new(own: Arc<Configuration>) -> Self {
        Self { own, files: RefCell::default(), cache: RefCell::default(), anchors: RefCell::default() }
    }

    /// The module that a module instance is of.
    fn module(&self, calls: &[Call]) -> Option<&Module> {
        self.own.modules.get(&path(calls))
    }
}

#[cfg(test)]
mod tests;
