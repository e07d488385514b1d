//! Expressions, as a table in `tests/cases/ingest/expressions.tf`.

use std::path::Path;
use std::sync::Arc;

use super::eval::{Evaluator, Scope};
use super::*;
use crate::document::{NodeId, Tree, View};
use crate::ingest::assembly::Assembly;
use crate::ingest::terraform::context::Context;
use crate::ingest::terraform::plan::Plan;

/// The value as the table writes it.
fn shown(tree: &Tree, node: NodeId) -> String {
    match tree.view(node) {
        View::Unknown(unknown) => format!("({}: {})", unknown.reason.phrase(), unknown.blocker),
        View::List(list) => {
            let all: Vec<_> = list.iter().map(|element| shown(tree, element)).collect();
            format!("[{}]", all.join(", "))
        }
        View::Map(map) => {
            let all: Vec<_> =
                map.iter().map(|(_, key, value)| format!("{key}: {}", shown(tree, value))).collect();
            format!("{{{}}}", all.join(", "))
        }
        _ => tree.display(node).replace('\n', "\\n"),
    }
}

#[test]
fn expressions_are_what_the_table_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/expressions.tf");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut sources = Vec::new();
    let folder = file.parent().unwrap();
    let mut module = Module::new(folder.to_owned());
    let mut diagnostics = Vec::new();
    module::read(folder, &super::Texts::default(), &mut module, &mut sources, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let configuration = Configuration {
        root: folder.to_owned(),
        modules: [(String::new(), module)].into_iter().collect(),
        sources,
    };
    let hcl = Hcl::new(Arc::new(configuration));
    let plan = Plan::default();
    let mut assembly = Assembly::new(Tree::new());
    let context = Context::new(&assembly.tree, &plan, &crate::ingest::Options::default(), None);
    let place = assembly.tree.key("place");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        let Some((written, expected)) = line.split_once(" #=> ") else { continue };
        let name = written.split_once('=').unwrap().0.trim();
        let module = hcl.module(&[]).unwrap();
        let local = &module.locals[name];
        let scope =
            Scope { calls: &[], module, file: local.file, key: None, for_each: None, bound: Vec::new() };
        let mut evaluator = Evaluator::new(&hcl, &context, &mut assembly);
        let value = evaluator.eval(&local.node, &scope);
        let node = hcl.write(&mut assembly, &value, place);
        let found = shown(&assembly.tree, node);
        if found != expected {
            wrong.push(format!("{}\n  expected {expected}\n  found    {found}", written.trim()));
        }
        count += 1;
    }
    assert!(count > 60 && wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
