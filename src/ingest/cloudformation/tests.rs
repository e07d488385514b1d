//! Functions, as a table in `tests/cases/ingest/functions.yaml`.

use super::*;
use crate::document::yaml::Schema;
use crate::document::{Conditions, Limits, Source, View, parse};

/// The value as the table writes it.
fn shown(tree: &Tree, conditions: &Conditions, node: NodeId) -> String {
    match tree.view(node) {
        _ if tree.is_sensitive(node) => tree.display(node),
        View::Unknown(unknown) => format!("({}: {})", unknown.reason.phrase(), unknown.blocker),
        View::List(list) => {
            let all: Vec<_> = list.iter().map(|element| shown(tree, conditions, element)).collect();
            format!("[{}]", all.join(", "))
        }
        View::Map(map) => {
            let all: Vec<_> = map
                .iter()
                .map(|(_, key, value)| format!("{key}: {}", shown(tree, conditions, value)))
                .collect();
            format!("{{{}}}", all.join(", "))
        }
        View::Choice(alternatives) => {
            let all: Vec<_> = alternatives
                .iter()
                .map(|one| {
                    let when = conditions.example(one.condition);
                    let when: Vec<_> =
                        when.iter().map(|(question, answer)| format!("{question} = {answer}")).collect();
                    let value =
                        one.value.map_or("(absent)".to_owned(), |value| shown(tree, conditions, value));
                    format!("{value} when {}", when.join(" and "))
                })
                .collect();
            all.join(" | ")
        }
        _ => tree.display(node),
    }
}

#[test]
fn functions_resolve_as_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/ingest/functions.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("functions.yaml", text.as_str()));
    let root = parse(&mut tree, file, &text, Schema::CloudFormation, Limits::default()).unwrap().roots[0];
    let mut assembly = Assembly::new(tree);
    let options = Options::default();
    let mut stack = Stack::open(&mut assembly, root, &options);
    let pairs: Vec<_> =
        assembly.tree.list(assembly.tree.get(root, "Expect").unwrap()).unwrap().iter().collect();
    let mut wrong = Vec::new();
    for pair in &pairs {
        let pair = assembly.tree.list(*pair).unwrap();
        let (expression, expected) = (pair.get(0).unwrap(), pair.get(1).unwrap());
        let expected = assembly.tree.scalar(expected).unwrap().to_owned();
        let value = stack.resolver(&mut assembly).resolve(expression);
        let found =
            value.map_or("(absent)".to_owned(), |value| shown(&assembly.tree, &assembly.conditions, value));
        if found != expected {
            let line = assembly.tree.place(expression).unwrap().span;
            wrong.push(format!("{}\n  expected {expected}\n  found    {found}", line.slice(&text)));
        }
    }
    assert!(pairs.len() > 60 && wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
