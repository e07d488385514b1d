//! Changes of texts as people write them, and the laws that hold for all.

use std::sync::Arc;

use proptest::prelude::*;

use crate::document::tree::{NodeId, Tree, View};
use crate::document::yaml::Schema;
use crate::document::{Limits, Source, json, parse, yaml};

use super::{Change, Content, apply, holds, plan};

fn read(text: &str) -> (Tree, NodeId) {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("t", text));
    let source = Arc::clone(tree.source(file).unwrap());
    let parsed = parse(&mut tree, file, source.text(), Schema::CloudFormation, Limits::default());
    let parsed = parsed.unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    let root = parsed.roots[0];
    (tree, root)
}

/// The value at a path such as `a/0/b`; `#` goes into a document inside a string.
fn find(tree: &mut Tree, root: NodeId, path: &str) -> NodeId {
    path.split('/').filter(|step| !step.is_empty()).fold(root, |node, step| match step {
        "#" => {
            let content = tree.string(node).unwrap().trim_start().to_owned();
            if content.starts_with('{') {
                json::read_inside(tree, node, Limits::default()).unwrap()
            } else {
                yaml::read_inside(tree, node, Schema::CloudFormation, Limits::default()).unwrap().unwrap()
            }
        }
        _ => match tree.view(node) {
            View::List(list) => list.get(step.parse().unwrap()).unwrap(),
            View::Map(map) => map.get(step).unwrap_or_else(|| panic!("no `{step}`")),
            other => panic!("{step} of {other:?}"),
        },
    })
}

fn texts(all: &[&str]) -> Vec<Content> {
    all.iter().map(|text| Content::text(*text)).collect()
}

/// Makes a change in a text, holds it against the law, and again with the other line endings.
fn change(text: &str, path: &str, make: impl Fn(NodeId) -> Change) -> String {
    let run = |text: &str| {
        let (mut tree, root) = read(text);
        let node = find(&mut tree, root, path);
        let change = make(node);
        let edits = plan(&tree, &change).unwrap_or_else(|refusal| panic!("{refusal}: {change:?}\n{text}"));
        let new = apply(text, &edits);
        assert!(holds(&tree, &change, text, &new), "{change:?}\n{text}\n=>\n{new}");
        new
    };
    let new = run(text);
    let windows = run(&text.replace('\n', "\r\n"));
    assert_eq!(windows.replace("\r\n", "\n"), new, "line endings");
    assert!(!windows.replace("\r\n", "").contains('\n'), "a lone line feed in {windows:?}");
    new
}

#[test]
fn elements_and_entries_go_with_their_comments() {
    let remove = |node| Change::Remove { node };
    for (text, path, expected) in [
        ("a:\n  - x # one\n  - y\n", "a/0", "a:\n  - y\n"),
        ("a:\n- x\n# about y\n- y # one\n# about z\n- z\n", "a/1", "a:\n- x\n# about z\n- z\n"),
        ("a:\n# the list\n- x\n- y\n", "a/0", "a:\n# the list\n- y\n"),
        ("a:\n  - x\n", "a/0", "a: []\n"),
        ("a:\n  - x\nb: 1\n", "a/0", "a: []\nb: 1\n"),
        ("a:\n  - x\n  - y", "a/1", "a:\n  - x"),
        ("- Sid: x\n  Effect: Allow\n- Sid: y\n", "0/Sid", "- Effect: Allow\n- Sid: y\n"),
        ("k: 1\nl:\n  m: 2\nn: 3\n", "l", "k: 1\nn: 3\n"),
        ("k: {a: 1, b: 2}\n", "k/a", "k: {b: 2}\n"),
        ("k: {a: 1, b: 2}\n", "k/b", "k: {a: 1}\n"),
        ("k: [x]\n", "k/0", "k: []\n"),
        ("k: [\n  x, # one\n  y # two\n]\n", "k/1", "k: [\n  x, # one\n]\n"),
        ("{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}\n", "a/1", "{\n  \"a\": [\n    \"x\"\n  ]\n}\n"),
        ("{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}\n", "a/0", "{\n  \"a\": [\n    \"y\"\n  ]\n}\n"),
        ("k:\n  - - x\n    - y\n  - z\n", "k/0/0", "k:\n  - - y\n  - z\n"),
        ("k:\n  - |\n    x\n    y\n  - z\n", "k/0", "k:\n  - z\n"),
        ("k:\n  - a\n  - |-\n    x\n    y\nl: 1\n", "k/1", "k:\n  - a\nl: 1\n"),
        ("k: \"{\\\"a\\\":[1,2]}\"\n", "k/#/a/0", "k: \"{\\\"a\\\":[2]}\"\n"),
    ] {
        assert_eq!(change(text, path, remove), expected, "{path} of\n{text}");
    }
}

#[test]
fn values_are_replaced_in_the_style_of_what_they_replace() {
    for (text, path, with, expected) in [
        ("a: x # c\n", "a", &["p"][..], "a: p # c\n"),
        ("a: x\n", "a", &["*"], "a: '*'\n"),
        ("a: \"x\"\n", "a", &["y\"z"], "a: \"y\\\"z\"\n"),
        ("a: 'x'\n", "a", &["it's"], "a: 'it''s'\n"),
        ("a: x\n", "a", &["p", "z"], "a:\n  - p\n  - z\n"),
        ("b:\n- q\na: x\n", "a", &["p", "z"], "b:\n- q\na:\n- p\n- z\n"),
        ("a: [x, q]\n", "a/0", &["p", "z"], "a: [p, z, q]\n"),
        ("a:\n  - x # c\n  - q\n", "a/0", &["p", "z"], "a:\n  - p # c\n  - z\n  - q\n"),
        ("{\"a\": \"x\"}", "a", &["p", "z"], "{\"a\": [\"p\", \"z\"]}"),
        ("{\n  \"a\": \"x\"\n}", "a", &["p", "z"], "{\n  \"a\": [\n    \"p\",\n    \"z\"\n  ]\n}"),
        ("a:\n", "a", &["p"], "a: p\n"),
        ("a:\nb: 1\n", "a", &["p", "z"], "a:\n  - p\n  - z\nb: 1\n"),
        ("k: |\n  {\n    \"a\": \"x\"\n  }\n", "k/#/a", &["y\"z"], "k: |\n  {\n    \"a\": \"y\\\"z\"\n  }\n"),
        ("k: |\n  a: x\n  b: c\n", "k/#/a", &["p", "z"], "k: |\n  a:\n    - p\n    - z\n  b: c\n"),
        (
            "{\"k\": \"{\\\"a\\\":\\\"x\\\"}\"}",
            "k/#/a",
            &["\u{e9}\"y"],
            "{\"k\": \"{\\\"a\\\":\\\"\u{e9}\\\\\\\"y\\\"}\"}",
        ),
        ("k: '{\"a\": \"x\"}'\n", "k/#/a", &["it's"], "k: '{\"a\": \"it''s\"}'\n"),
        ("k: {\"a\": !Ref x, b: 1}\n", "k/b", &["2"], "k: {\"a\": !Ref x, b: '2'}\n"),
    ] {
        let with = texts(with);
        let made = change(text, path, |node| Change::Replace { node, with: with.clone() });
        assert_eq!(made, expected, "{path} of\n{text}");
    }
}

#[test]
fn parts_of_texts_are_replaced() {
    let substitute = |node| Change::Substitute { node, old: "Old".into(), new: "New".into() };
    for (text, path, expected) in [
        ("a: !Sub 'arn:${AWS::Partition}:Old'\n", "a", "a: !Sub 'arn:${AWS::Partition}:New'\n"),
        ("a: !Sub arn:${AWS::Partition}:Old\n", "a", "a: !Sub arn:${AWS::Partition}:New\n"),
        ("a: xOld\n", "a", "a: xNew\n"),
        ("a: |\n  x Old\n  y\n", "a", "a: |\n  x New\n  y\n"),
        ("a: !Sub >-\n  x\n  y Old\n", "a", "a: !Sub >-\n  x\n  y New\n"),
        ("{\"a\": \"\\u0041Old\"}", "a", "{\"a\": \"\\u0041New\"}"),
    ] {
        assert_eq!(change(text, path, substitute), expected, "{text}");
    }
}

#[test]
fn entries_are_added_in_the_style_of_their_neighbours() {
    let map =
        Content::Map(vec![("StringEquals".into(), Content::Map(vec![("k".into(), Content::text("v"))]))]);
    let call = Content::Call { short: "Ref", long: "Ref", argument: "AWS::AccountId".into() };
    for (text, path, first, value, expected) in [
        ("a: 1\n", "", false, Content::Bool(true), "a: 1\nnew: true\n"),
        ("# head\na: 1\n", "", true, Content::text("2012-10-17"), "# head\nnew: '2012-10-17'\na: 1\n"),
        ("b: 0\na: 1", "", false, Content::Number("5".into()), "b: 0\na: 1\nnew: 5"),
        (
            "- a: 1 # c\n  b:\n    - x\n- c\n",
            "0",
            false,
            map.clone(),
            "- a: 1 # c\n  b:\n    - x\n  new:\n    StringEquals:\n      k: v\n- c\n",
        ),
        ("- a: 1\n", "0", true, Content::text("x"), "- new: x\n  a: 1\n"),
        ("a: {b: 1}\n", "a", false, map.clone(), "a: {b: 1, new: {StringEquals: {k: v}}}\n"),
        ("a: {}\n", "a", false, Content::text("x"), "a: {new: x}\n"),
        ("{\"a\":{\"b\":1}}", "a", false, Content::text("x"), "{\"a\":{\"b\":1,\"new\":\"x\"}}"),
        (
            "{\n\t\"a\": 1\n}\n",
            "",
            false,
            map.clone(),
            "{\n\t\"a\": 1,\n\t\"new\": {\n\t\t\"StringEquals\": {\n\t\t\t\"k\": \"v\"\n\t\t}\n\t}\n}\n",
        ),
        (
            "{\n  \"a\": 1\n}\n",
            "",
            true,
            call.clone(),
            "{\n  \"new\": {\"Ref\": \"AWS::AccountId\"},\n  \"a\": 1\n}\n",
        ),
        ("a: \"x\"\n", "", false, call.clone(), "a: \"x\"\nnew: !Ref AWS::AccountId\n"),
        ("a: \"x\"\n", "", false, Content::text("y"), "a: \"x\"\nnew: \"y\"\n"),
        (
            "a:\n  b: |\n    text\nc: 1\n",
            "a",
            false,
            Content::text("p"),
            "a:\n  b: |\n    text\n  new: p\nc: 1\n",
        ),
        ("a: |\n  b: 1\n", "a/#", false, map, "a: |\n  b: 1\n  new:\n    StringEquals:\n      k: v\n"),
        (
            "a: \"{\\\"b\\\": 1}\"\n",
            "a/#",
            false,
            Content::text("x"),
            "a: \"{\\\"b\\\": 1, \\\"new\\\": \\\"x\\\"}\"\n",
        ),
    ] {
        let made =
            change(text, path, |map| Change::Insert { map, first, key: "new".into(), value: value.clone() });
        assert_eq!(made, expected, "{path} of\n{text}");
    }
}

#[test]
fn lists_grow() {
    for (text, path, expected) in [
        ("a:\n- x # c\n- 'p'\nb: 1\n", "a", "a:\n- x # c\n- 'p'\n- 'new'\nb: 1\n"),
        ("a: [x]\n", "a", "a: [x, new]\n"),
        ("a: []\n", "a", "a: [new]\n"),
        ("a: x\n", "a", "a:\n  - x\n  - new\n"),
        ("{\"a\": [\n    \"x\"\n  ]}", "a", "{\"a\": [\n    \"x\",\n    \"new\"\n  ]}"),
    ] {
        let made = change(text, path, |list| Change::Append { list, values: texts(&["new"]) });
        assert_eq!(made, expected, "{text}");
    }
}

#[test]
fn documents_with_holes_are_changed_where_they_are_written() {
    use crate::document::{Hole, HoleKind, Piece};
    let text = "k: !Sub |\n  a:\n    b: ${Env} # c\n  d: x\n";
    let (mut tree, root) = read(text);
    let written = tree.get(root, "k").unwrap();
    let hole = Piece::Hole(Hole { kind: HoleKind::Region, name: "Env".into() });
    let pieces = vec![Piece::Literal("a:\n  b: ".into()), hole, Piece::Literal(" # c\nd: x\n".into())];
    let value = tree.derive_text(written, pieces);
    let rendered = tree.render(value).unwrap();
    let schema = Schema::CloudFormation;
    let inner = yaml::read_inside(&mut tree, rendered.literal, schema, Limits::default()).unwrap().unwrap();
    tree.fill(&rendered, Some(written));
    let map = tree.get(inner, "a").unwrap();
    let change = Change::Insert { map, first: false, key: "new".into(), value: Content::text("v") };
    let new = apply(text, &plan(&tree, &change).unwrap());
    assert_eq!(new, "k: !Sub |\n  a:\n    b: ${Env} # c\n    new: v\n  d: x\n");
    assert!(holds(&tree, &change, text, &new));
}

/// A value, and how it is written.
#[derive(Clone, Debug)]
enum Written {
    Scalar(String, u8),
    List(Vec<Written>, bool),
    Map(Vec<(String, Written)>, bool),
}

fn written() -> impl Strategy<Value = Written> {
    let text = prop_oneof![
        "[a-z]{1,6}",
        "[a-z:*'\"# -]{0,8}",
        Just("true".to_owned()),
        Just("2012-10-17".to_owned())
    ];
    let leaf = (text, 0..4_u8).prop_map(|(text, style)| Written::Scalar(text, style));
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), any::<bool>())
                .prop_map(|(all, flow)| Written::List(all, flow)),
            (prop::collection::btree_map("[a-z]{1,5}", inner, 0..4), any::<bool>())
                .prop_map(|(all, flow)| Written::Map(all.into_iter().collect(), flow)),
        ]
    })
}

fn scalar(text: &str, style: u8, flow: bool) -> String {
    use super::scalar::{Quote, string};
    let quote = match style {
        0 => Quote::Plain,
        1 => Quote::Single,
        _ => Quote::Double,
    };
    string(text, quote, flow)
}

fn flow(value: &Written) -> String {
    match value {
        Written::Scalar(text, style) => scalar(text, *style, true),
        Written::List(all, _) => format!("[{}]", all.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Written::Map(all, _) => {
            let entries = all.iter().map(|(key, value)| format!("{}: {}", scalar(key, 0, true), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Behind a key or a dash, with comments here and there.
fn block(value: &Written, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Written::Scalar(text, 3) if text.chars().all(|c| c.is_ascii_lowercase()) && !text.is_empty() => {
            format!(" |-\n{pad}  {text}\n{pad}  more\n")
        }
        Written::Scalar(text, style) => format!(" {} # {indent}\n", scalar(text, *style, false)),
        Written::List(all, false) if !all.is_empty() => {
            let items = all.iter().map(|one| match one {
                Written::Map(entries, false) if !entries.is_empty() => {
                    format!("{pad}- {}", entries_of(entries, indent + 2).trim_start())
                }
                other => format!("{pad}-{}", block(other, indent + 2)),
            });
            format!("\n{pad}# {indent}\n{}", items.collect::<String>())
        }
        Written::Map(all, false) if !all.is_empty() => format!("\n{}", entries_of(all, indent)),
        other => format!(" {}\n", flow(other)),
    }
}

fn entries_of(all: &[(String, Written)], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let entry = |(key, value): &(String, Written)| {
        format!("{pad}{}:{}", scalar(key, 0, false), block(value, indent + 2))
    };
    all.iter().map(entry).collect()
}

fn json_text(value: &Written, pretty: bool) -> String {
    fn of(value: &Written) -> serde_json::Value {
        match value {
            Written::Scalar(text, _) => text.clone().into(),
            Written::List(all, _) => all.iter().map(of).collect(),
            Written::Map(all, _) => all.iter().map(|(key, value)| (key.clone(), of(value))).collect(),
        }
    }
    if pretty { serde_json::to_string_pretty(&of(value)).unwrap() } else { of(value).to_string() }
}

/// All nodes of a tree.
fn nodes(tree: &Tree, root: NodeId) -> Vec<NodeId> {
    let mut out = vec![root];
    let mut at = 0;
    while let Some(&node) = out.get(at) {
        at += 1;
        match tree.view(node) {
            View::List(list) => out.extend(list.iter()),
            View::Map(map) => out.extend(map.iter().map(|(_, _, value)| value)),
            _ => {}
        }
    }
    out
}

fn some_change(tree: &Tree, node: NodeId, kind: usize, text: &str) -> Change {
    let value = Content::text(text);
    let content = match kind / 6 % 3 {
        0 => value.clone(),
        1 => Content::List(vec![value.clone(), Content::Bool(true)]),
        _ => {
            Content::Map(vec![("k".into(), value.clone()), ("l".into(), Content::List(vec![value.clone()]))])
        }
    };
    match (kind % 6, tree.view(node)) {
        (0, _) => Change::Remove { node },
        (1, View::Map(_)) => {
            Change::Insert { map: node, first: kind.is_multiple_of(2), key: "KEY".into(), value: content }
        }
        (2, View::List(_) | View::String(_)) => Change::Append { list: node, values: vec![value] },
        (3, _) => Change::Replace { node, with: vec![value.clone(), value] },
        (4, View::String(old)) if !old.is_empty() => {
            Change::Substitute { node, old: old.chars().take(1).collect(), new: text.to_owned() }
        }
        _ => Change::Replace { node, with: vec![content] },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    /// Whatever can be planned changes the value and nothing else; comments about nothing that goes are kept.
    #[test]
    fn a_change_keeps_all_other_values(
        value in prop::collection::btree_map("[a-z]{1,5}", written(), 1..4),
        form in 0..4_usize,
        pick in any::<prop::sample::Index>(),
        kind in 0..18_usize,
        text in "[a-zA-Z:*'\"#\\\\ ]{0,8}",
    ) {
        let value = Written::Map(value.into_iter().collect(), false);
        let text_of = |form: usize| match form {
            0 => json_text(&value, false),
            1 => json_text(&value, true),
            2 => format!("{}\n", flow(&value)),
            _ => format!("# head\n{}# tail\n", block(&value, 0).trim_start_matches('\n')),
        };
        for text_before in [text_of(form), text_of(form).replace('\n', "\r\n")] {
            let (tree, root) = read(&text_before);
            let all = nodes(&tree, root);
            let node = all[pick.index(all.len())];
            let change = some_change(&tree, node, kind, &text);
            let Ok(edits) = plan(&tree, &change) else { continue };
            let after = apply(&text_before, &edits);
            prop_assert!(holds(&tree, &change, &text_before, &after), "{:?}\n{}\n=>\n{}", change, text_before, after);
            if form == 3 {
                prop_assert!(after.contains("# head") && after.contains("# tail"));
            }
        }
    }

    /// The same inside a string, where what is written is encoded.
    #[test]
    fn a_change_inside_a_string_keeps_all_other_values(
        value in prop::collection::btree_map("[a-z]{1,5}", written(), 1..4),
        form in 0..4_usize,
        pretty in any::<bool>(),
        pick in any::<prop::sample::Index>(),
        kind in 0..18_usize,
        text in "[a-zA-Z:*'\"#\\\\é ]{0,8}",
    ) {
        let inner = json_text(&Written::Map(value.into_iter().collect(), false), pretty);
        let text_before = match form {
            0 => serde_json::json!({"a": 1, "doc": inner, "b": [2]}).to_string(),
            1 => format!("a: 1\ndoc: {}\nb: 2\n", serde_json::Value::from(inner)),
            2 if !pretty => format!("a: 1\ndoc: '{}'\nb: 2\n", inner.replace('\'', "''")),
            _ => format!("a: 1\ndoc: |\n    {}\nb: 2\n", inner.replace('\n', "\n    ")),
        };
        let (mut tree, root) = read(&text_before);
        let literal = tree.get(root, "doc").unwrap();
        let document = json::read_inside(&mut tree, literal, Limits::default()).unwrap();
        let all = nodes(&tree, document);
        let node = all[pick.index(all.len())];
        let change = some_change(&tree, node, kind, &text);
        if let Ok(edits) = plan(&tree, &change) {
            let after = apply(&text_before, &edits);
            prop_assert!(holds(&tree, &change, &text_before, &after), "{:?}\n{}\n=>\n{}", change, text_before, after);
        }
    }
}
