//! The reader against `serde_yaml`, and what that drops.

use super::*;
use crate::document::{Source, View};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse_all(text: &str, schema: Schema) -> Result<(Tree, Vec<NodeId>), SyntaxError> {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("t.yaml", text));
    let roots = read(&mut tree, file, text, schema, Limits::default())?;
    Ok((tree, roots))
}

fn parse(text: &str) -> (Tree, NodeId) {
    let (tree, roots) = parse_all(text, Schema::Core).unwrap();
    (tree, roots[0])
}

fn value(tree: &Tree, node: NodeId) -> Value {
    match tree.view(node) {
        View::Bool(value) => Value::Bool(value),
        View::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.into())),
        View::String(text) => Value::String(text.to_owned()),
        View::List(list) => list.iter().map(|node| value(tree, node)).collect(),
        View::Map(map) => map.iter().map(|(_, key, node)| (key.to_owned(), value(tree, node))).collect(),
        _ => Value::Null,
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        "[ -~é𝄞\n\t]{0,30}".prop_map(Value::String),
        "[a-z :#'\"\n|>&*!-]{0,12}".prop_map(Value::String),
        "(line [a-z]{1,9}\n){1,5}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec(("[a-zé:# ]{1,9}", inner), 0..6).prop_map(|v| v.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_yaml_writes(json in any_value()) {
        let text = serde_yaml::to_string(&json).unwrap();
        let (tree, root) = parse(&text);
        prop_assert_eq!(value(&tree, root), json, "{}", text);
    }

    #[test]
    fn json_is_yaml(json in any_value()) {
        let text = format!("{json:#}");
        let (tree, root) = parse(&text);
        prop_assert_eq!(value(&tree, root), json);
    }

    #[test]
    fn the_text_at_a_place_reads_to_the_value(json in any_value()) {
        let text = serde_yaml::to_string(&json).unwrap();
        let (tree, _) = parse(&text);
        for node in (0..tree.len()).map(NodeId::from_index) {
            let Some(scalar) = tree.string(node) else { continue };
            let span = tree.place(node).unwrap().span;
            let written = span.slice(&text);
            // Every word of the content is found at its own place.
            for (at, word) in scalar.match_indices(|c: char| c.is_ascii_alphanumeric()) {
                let place = tree.place_within(node, at, at + word.len()).unwrap();
                prop_assert_eq!(place.slice(&text).trim_end(), word, "{:?} in {:?}", scalar, written);
            }
        }
    }

    #[test]
    fn no_input_makes_it_panic(text in "[ \\-:,\\[\\]{}&*!|>'\"%#?a\n\té]{0,60}") {
        let _ = parse_all(&text, Schema::CloudFormation);
    }
}

#[test]
fn scalars_keep_what_a_string_property_needs() {
    let text = "Version: 2012-10-17\nAccount: 012345678901\nOdd: 1e3\nYes: yes\n";
    let (tree, roots) = parse_all(text, Schema::CloudFormation).unwrap();
    let texts: Vec<_> =
        tree.map(roots[0]).unwrap().iter().map(|(_, _, value)| tree.scalar(value).unwrap()).collect();
    assert_eq!(texts, ["2012-10-17", "012345678901", "1e3", "true"]);
}

#[test]
fn tags_anchors_aliases_and_merge_keys() {
    let text = "base: &b {a: 1, b: 2}\nuse: {<<: *b, b: 3}\nmany:\n  <<: [*b, {c: 4}]\nref: !GetAtt A.B\nlist: !Join\n  - ''\n  - [x]\n";
    let (tree, roots) = parse_all(text, Schema::CloudFormation).unwrap();
    let root = roots[0];
    let expected = json!({"base": {"a": 1, "b": 2}, "use": {"b": 3, "a": 1},
        "many": {"a": 1, "b": 2, "c": 4}, "ref": "A.B", "list": ["", ["x"]]});
    assert_eq!(value(&tree, root), expected);
    assert_eq!(tree.tag(tree.get(root, "ref").unwrap()), Some("GetAtt"));
    assert_eq!(tree.tag(tree.get(root, "list").unwrap()), Some("Join"));
    let place = tree.place(tree.get(root, "ref").unwrap()).unwrap().span;
    assert_eq!(place.slice(text), "!GetAtt A.B");
    assert!(tree.duplicates().is_empty());
}

#[test]
fn keys_need_not_be_strings_and_may_repeat() {
    let (tree, root) = parse("111122223333: {a: b}\ntrue: c\na: 1\na: 2\n");
    let map = tree.map(root).unwrap();
    assert!(map.get("111122223333").is_some() && map.get("true").is_some());
    assert_eq!(tree.duplicates().len(), 1);
    assert_eq!(tree.scalar(map.get("a").unwrap()), Some("2"));
}

#[test]
fn every_document_of_a_stream_is_read() {
    let (tree, roots) = parse_all("a: 1\n---\nb: 2\n...\n# end\n", Schema::Core).unwrap();
    assert_eq!(
        roots.iter().map(|&root| value(&tree, root)).collect::<Vec<_>>(),
        [json!({"a": 1}), json!({"b": 2})]
    );
    assert!(parse_all("# nothing\n", Schema::Core).unwrap().1.is_empty());
    assert!(parse_all("", Schema::Core).unwrap().1.is_empty());
}

#[test]
fn a_document_inside_a_block_has_places_in_the_file() {
    let text =
        "Content: |\n  steps:\n    - name: é\n      run: [\"a\", 'b']\nNext: !Sub |-\n    {\"k\": \"v\"}\n";
    let (mut tree, root) = parse(text);
    let literal = tree.get(root, "Content").unwrap();
    let inner = read_inside(&mut tree, literal, Schema::Core, Limits::default()).unwrap().unwrap();
    let step = tree.list(tree.get(inner, "steps").unwrap()).unwrap().get(0).unwrap();
    let run = tree.list(tree.get(step, "run").unwrap()).unwrap().get(1).unwrap();
    assert_eq!(tree.place(run).unwrap().span.slice(text), "'b'");
    assert_eq!(tree.pointer(run), "/Content#/steps/0/run/1");
    let literal = tree.get(root, "Next").unwrap();
    let inner = crate::document::json::read_inside(&mut tree, literal, Limits::default()).unwrap();
    let place = tree.place(tree.get(inner, "k").unwrap()).unwrap().span;
    assert_eq!(place.slice(text), "\"v\"");
}

#[test]
fn aliases_cannot_explode() {
    let mut text = "a: &a0 [x]\n".to_owned();
    for i in 1..40 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text.extend(["b", &i.to_string(), ": &a", &i.to_string(), " [", &list, "]\n"]);
    }
    let error = parse_all(&text, Schema::Core).unwrap_err();
    assert!(error.message.contains("aliases would expand"), "{}", error.message);
    let error = parse_all("a: &a [*a]\n", Schema::Core).unwrap_err();
    assert_eq!(
        (error.offset, error.message.as_str()),
        (7, "the alias stands inside the value that it refers to")
    );
}

#[test]
fn errors_have_a_place_and_help() {
    let error = parse_all("a: b\n\tc: d\n", Schema::Core).unwrap_err();
    assert!(error.help.unwrap().contains("tabs"), "{}", error.message);
    let error = parse_all("a: b: c\n", Schema::Core).unwrap_err();
    assert!(error.offset >= 4 && error.help.is_some(), "{error:?}");
}

#[test]
fn indentation_inside_quotes_and_brackets_does_not_matter() {
    let text = "a:\n    b: \"é one\n  two\"\n    c: [x,\n  y,\n]\n    d: {\n}\n    e: z\n";
    let (tree, root) = parse(text);
    let expected = json!({"a": {"b": "é one two", "c": ["x", "y"], "d": {}, "e": "z"}});
    assert_eq!(value(&tree, root), expected);
    let y = tree.list(tree.at(root, &["a", "c"]).unwrap()).unwrap().get(1).unwrap();
    assert_eq!(tree.place(y).unwrap().span.slice(text), "y");
    assert_eq!(tree.place(tree.at(root, &["a", "e"]).unwrap()).unwrap().span.slice(text), "z");
    let (tree, root) = parse("a: {\n\"b\": {\n\"c\":\n'd'\n}\n}\n");
    assert_eq!(value(&tree, root), json!({"a": {"b": {"c": "d"}}}));
    // A quote that never ends is still the error that is reported.
    let error = parse_all("a:\n  b: \"one\nc: two\n", Schema::Core).unwrap_err();
    assert!(error.message.contains("indentation in quoted"), "{}", error.message);
}

#[test]
fn keys_are_texts_as_they_are_written() {
    let (tree, root) = parse("Null: {on: null}\n? True\n: [~, {y: No}]\n~: &a {null: Null}\n5: *a\n");
    let expected = json!({
        "Null": {"on": null}, "True": [null, {"y": "No"}], "~": {"null": null}, "5": {"null": null},
    });
    assert_eq!(value(&tree, root), expected);
    assert_eq!(tree.get(root, "Null").and_then(|map| tree.map(map)).map(crate::document::Map::len), Some(1));
}

#[test]
fn tabs_may_stand_where_no_indentation_is() {
    let text = "é:\t1\nb:\n  c:\t\tAWS::X\n  d: {\n\te:\tf,\n\tg: h\n\t}\n  i: \"j\n\tk\"\nl: |\n  m:\tn\n";
    let (tree, root) = parse(text);
    let expected =
        json!({"é": 1, "b": {"c": "AWS::X", "d": {"e": "f", "g": "h"}, "i": "j k"}, "l": "m:\tn\n"});
    assert_eq!(value(&tree, root), expected);
    let g = tree.at(root, &["b", "d", "g"]).unwrap();
    assert_eq!(tree.place(g).unwrap().span.slice(text), "h");
    let (tree, root) = parse("a: [b]# é\nc: \"d\"#\ne: f#g\nh: {i: j}#k\n");
    assert_eq!(value(&tree, root), json!({"a": ["b"], "c": "d", "e": "f#g", "h": {"i": "j"}}));
    for text in ["a:\n\tb: 1\n", "a: b\n\tc: 1\n", "a:\t- b\n"] {
        let error = parse_all(text, Schema::Core).unwrap_err();
        assert!(error.help.is_some() || text.contains('-'), "{text:?}: {}", error.message);
    }
}

#[test]
fn a_last_line_without_a_break_has_none() {
    let cases = [
        ("a: |\n  b", "b"),
        ("a: |\n  b\n", "b\n"),
        ("a: |\n  b\n  ", "b\n"),
        ("a: |\n  b\n ", "b\n"),
        ("a: |+\n  b\n\n  c", "b\n\nc"),
        ("a: |+\n  b\n\n", "b\n\n"),
        ("a: |+\n  b\n ", "b\n"),
        ("a: >\n  b\n  c", "b c"),
        ("a: |\r\n  b\r\n  c", "b\nc"),
        ("a: |\n  b\n# c", "b\n"),
        ("a: |\n  b\n  # c", "b\n# c"),
        ("a: |\n  # b\n# b", "# b\n"),
        ("a: |\n  b\n...", "b\n"),
        ("a: |\n  c: b\nc: b", "c: b\n"),
    ];
    for (text, expected) in cases {
        let (tree, root) = parse(text);
        assert_eq!(tree.get(root, "a").and_then(|node| tree.string(node)), Some(expected), "{text:?}");
    }
}
