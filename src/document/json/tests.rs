//! The reader beside `serde_json`, and what it says of texts that are no JSON.

use super::*;
use crate::document::{Source, View};
use proptest::prelude::*;
use serde_json::Value;

fn parse(text: &str) -> Result<(Tree, NodeId), SyntaxError> {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("t.json", text));
    let (root, _) = read(&mut tree, file, text, 0, Limits::default())?;
    Ok((tree, root))
}

/// The tree as `serde_json` would have read it.
fn value(tree: &Tree, node: NodeId) -> Value {
    match tree.view(node) {
        View::Bool(value) => Value::Bool(value),
        View::Number(text) => serde_json::from_str(text).unwrap(),
        View::String(text) => Value::String(text.to_owned()),
        View::List(list) => list.iter().map(|node| value(tree, node)).collect(),
        View::Map(map) => map.iter().map(|(_, key, node)| (key.to_owned(), value(tree, node))).collect(),
        _ => Value::Null,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        (-99999i32..99999).prop_map(|n| Value::from(f64::from(n) / 64.0)),
        any::<String>().prop_map(Value::String),
        "[a-z\\\\\"/\u{8}\n\t{}:, é𝄞]{0,24}".prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 200, 24, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..24).prop_map(Value::Array),
            prop::collection::vec((".{0,9}", inner), 0..24).prop_map(|v| v.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_reads(json in any_json(), pretty in any::<bool>()) {
        let text = if pretty { format!("{json:#}") } else { json.to_string() };
        let (tree, root) = parse(&text).unwrap();
        prop_assert_eq!(value(&tree, root), json);
    }

    #[test]
    fn accepts_what_serde_json_accepts(text in "[\\[\\]{}:,\"\\\\ \ntrufalsn0-9eE.+\\-]{0,16}") {
        let theirs = serde_json::from_str::<Value>(&text);
        let ours = parse(&text);
        let whole = ours.is_ok() && {
            let mut tree = Tree::new();
            let file = tree.add_source(Source::from_text("t", text.as_str()));
            let end = read(&mut tree, file, &text, 0, Limits::default()).unwrap().1;
            text[end..].trim_matches([' ', '\n', '\r', '\t']).is_empty()
        };
        // Numbers beyond the range of a double are kept as written here and refused there.
        let beyond = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
        prop_assert!(whole == theirs.is_ok() || beyond, "{text:?}: ours {whole}, theirs {theirs:?}");
    }

    #[test]
    fn the_text_at_a_place_reads_to_the_value(json in any_json()) {
        let text = format!("{json:#}");
        let (tree, _) = parse(&text).unwrap();
        for index in 0..tree.len() {
            let node = NodeId::from_index(index);
            let place = tree.place(node).unwrap();
            let read: Value = serde_json::from_str(place.span.slice(&text)).unwrap();
            prop_assert_eq!(&read, &value(&tree, node));
            let pointed = tree.pointer(node);
            if !json.pointer(&pointed).is_some_and(|at| *at == read) {
                // Keys have the pointer of their entry.
                prop_assert!(read.is_string(), "{pointed}");
            }
        }
    }

    #[test]
    fn a_document_inside_a_string_has_places_in_the_file(json in any_json(), depth in 1..4usize) {
        let mut text = json.to_string();
        for _ in 0..depth {
            text = serde_json::json!({ "k": text }).to_string();
        }
        let (mut tree, mut root) = parse(&text).unwrap();
        for _ in 0..depth {
            let literal = tree.get(root, "k").unwrap();
            root = read_inside(&mut tree, literal, Limits::default()).unwrap();
        }
        prop_assert_eq!(value(&tree, root), json);
        let mut written = tree.place(root).unwrap().span.slice(&text).to_owned();
        for _ in 0..depth {
            written = serde_json::from_str(&format!("\"{written}\"")).unwrap();
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value(&tree, root));
    }
}

#[test]
fn repeated_keys_are_kept_and_reported() {
    let many: String = (0..40).map(|i| format!("\"k{i}\": {i}, ")).collect();
    for text in ["{\"a\": 1, \"b\": 2, \"a\": 3}".to_owned(), format!("{{{many}\"a\": 1, \"a\": 3}}")] {
        let (tree, root) = parse(&text).unwrap();
        let map = tree.map(root).unwrap();
        assert_eq!(tree.scalar(map.get("a").unwrap()), Some("3"));
        let [duplicate] = tree.duplicates() else { panic!("one duplicate") };
        assert!(duplicate.first < duplicate.again);
        assert_eq!(tree.scalar(duplicate.again), Some("a"));
    }
}

#[test]
fn errors_say_what_was_expected_and_where() {
    for (text, offset, message) in [
        ("", 0, "expected a value, found the end of the file"),
        ("{\"a\": 1", 7, "expected `,` or `}`, found the end of the file"),
        ("{\"a\": 1,}", 7, "trailing `,` before the end of the map"),
        ("{'a': 1}", 1, "expected a key in double quotes, found `'`"),
        ("[1 2]", 3, "expected `,` or `]`, found `2`"),
        ("[\"a\nb\"]", 3, "control character U+000A inside a string"),
        ("[\"a", 3, "the file ends inside a string"),
        ("[01]", 2, "expected the end of the number, found `1`"),
        ("[tru]", 1, "expected a value, found `t`"),
        (r#"["\ud800x"]"#, 2, "half of a surrogate pair"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
    }
}

#[test]
fn what_is_left_out_leaves_no_trace() {
    for text in [
        r#"{"big": {"x": [1, {"big": 2}], "x": "\n"}, "kept": {"big": ["\t"]}}"#,
        r#"{"kept": {"big": ["\t"]}, "big": [[], {}]}"#,
        r#"{"big": 3, "kept": {"big": ["\t"]}}"#,
    ] {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.json", text));
        let (root, end) = read_without(&mut tree, file, text, 0, Limits::default(), &["big"]).unwrap();
        assert_eq!(end, text.len());
        assert_eq!(value(&tree, tree.get(root, "kept").unwrap()), serde_json::json!({"big": ["\t"]}));
        let big = tree.get(root, "big").unwrap();
        assert!(matches!(tree.view(big), View::Null | View::Number(_)), "{text}");
        assert!(tree.duplicates().is_empty());
        let inner = tree.at(root, &["kept", "big"]).unwrap();
        assert_eq!(tree.pointer(inner), "/kept/big");
        assert_eq!(tree.place(inner).unwrap().span.slice(text), r#"["\t"]"#);
    }
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("t.json", "x"));
    assert!(read_without(&mut tree, file, r#"{"big": {"x" 1}}"#, 0, Limits::default(), &["big"]).is_err());
}

#[test]
fn nesting_has_a_limit_and_no_stack() {
    let text = "[".repeat(1_000_000);
    assert!(parse(&text).unwrap_err().message.contains("nested more than"));
}

/// A text that has the key `c` now and then, also in texts, and its outermost map twice.
fn any_map() -> impl Strategy<Value = String> {
    let key = prop_oneof![Just("a"), Just("b"), Just("c"), Just("\\\"c\\\"")];
    let leaf = prop_oneof![Just("1".to_owned()), Just("\"c\"".to_owned()), Just("\"\\u00e9\\n\"".to_owned())];
    let value = leaf.prop_recursive(4, 60, 20, move |inner| {
        let entry = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\" : {value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec(entry, 0..20).prop_map(|all| format!("{{ {} }}", all.join(" ,\n"))),
        ]
    });
    let broken = prop_oneof![8 => Just(""), 1 => Just("}"), 1 => Just(","), 1 => Just("\"c\":")];
    (value, broken).prop_map(|(value, broken)| format!("{value}{broken}"))
}

proptest! {
    #[test]
    fn what_is_read_apart_is_what_is_read(text in any_map()) {
        let mut trees = [Tree::new(), Tree::new()];
        let source = Source::from_text("t", text.as_str());
        let file = trees.each_mut().map(|tree| tree.add_source(std::sync::Arc::clone(&source)))[0];
        let [whole, apart] = &mut trees;
        let theirs = read_without(whole, file, &text, 0, Limits::default(), &["b"]);
        let ours = read_apart(apart, file, &text, Limits::default(), &["b"], "c");
        prop_assert_eq!(&ours, &theirs);
        if ours.is_ok() {
            prop_assert_eq!(format!("{apart:?}"), format!("{whole:?}"));
        }
    }
}
