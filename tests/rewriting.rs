//! The built-in rules find the same in a template that is written with literals and in one that says the same with
//! parameters, maps, conditions, functions and loops.
//!
//! The templates are those of the rules' own tests, failing and passing. Each text in a property is written in another
//! way, each resource may be put into a loop or under a condition that holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rolecall::check::{Request, check};
use serde_json::{Map, Value, json};

/// How one text is written.
#[derive(Clone, Debug)]
enum Way {
    Literal,
    Parameter,
    Sub,
    SubOfPart(usize),
    Join(usize),
    JoinOfList,
    InMap,
    If(bool),
    IfEither,
    Select,
    Twice(Box<Way>),
}

fn way() -> impl Strategy<Value = Way> {
    let leaf = prop_oneof![
        Just(Way::Literal),
        Just(Way::Parameter),
        Just(Way::Sub),
        (0..40usize).prop_map(Way::SubOfPart),
        (0..40usize).prop_map(Way::Join),
        Just(Way::JoinOfList),
        Just(Way::InMap),
        any::<bool>().prop_map(Way::If),
        Just(Way::IfEither),
        Just(Way::Select),
    ];
    leaf.prop_recursive(2, 4, 1, |inner| inner.prop_map(|way| Way::Twice(Box::new(way))))
}

/// How a resource is declared.
#[derive(Clone, Debug)]
enum Declared {
    Plainly,
    InLoop,
    Conditionally,
}

fn declared() -> impl Strategy<Value = Declared> {
    prop_oneof![Just(Declared::Plainly), Just(Declared::InLoop), Just(Declared::Conditionally)]
}

/// Writes a template in other ways.
struct Writer<'w> {
    ways: &'w [Way],
    next: usize,
    parameters: Map<String, Value>,
    mappings: Map<String, Value>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) -> Value {
        let way = self.ways[self.next % self.ways.len()].clone();
        self.next += 1;
        self.written(text, &way)
    }

    fn written(&mut self, text: &str, way: &Way) -> Value {
        // A parameter whose default is empty may say that there is no value.
        if text.is_empty() {
            return json!(text);
        }
        let split = |at: usize| {
            let at = (0..=at.min(text.len() - 1)).rev().find(|&at| text.is_char_boundary(at)).unwrap();
            (text[..at].to_owned(), text[at..].to_owned())
        };
        match way {
            Way::Literal => json!(text),
            Way::Parameter => json!({"Ref": self.parameter(text)}),
            Way::SubOfPart(at) if !text.contains("${") => {
                let (before, after) = split(*at);
                let name = self.parameter(&after);
                json!({"Fn::Sub": [format!("{before}${{Own}}"), {"Own": {"Ref": name}}]})
            }
            Way::Sub | Way::SubOfPart(_) => json!({"Fn::Sub": format!("${{{}}}", self.parameter(text))}),
            Way::Join(at) => {
                let (before, after) = split(*at);
                json!({"Fn::Join": ["", [before, {"Ref": self.parameter(&after)}]]})
            }
            Way::JoinOfList => json!({"Fn::Join": [":", text.split(':').collect::<Vec<_>>()]}),
            Way::InMap => {
                let key = format!("RwMap{}", self.mappings.len());
                self.mappings.insert(key.clone(), json!({"inner": {"value": text}}));
                json!({"Fn::FindInMap": [key, "inner", "value"]})
            }
            Way::If(true) => json!({"Fn::If": ["RwAlways", text, "never"]}),
            Way::If(false) => json!({"Fn::If": ["RwNever", "never", text]}),
            Way::IfEither => json!({"Fn::If": ["RwOpen", text, text]}),
            Way::Select => json!({"Fn::Select": ["1", ["a", text, "b"]]}),
            Way::Twice(inner) => {
                let value = self.written(text, inner);
                json!({"Fn::Sub": ["${Whole}", {"Whole": value}]})
            }
        }
    }

    fn parameter(&mut self, text: &str) -> String {
        let name = format!("Rw{}", self.parameters.len());
        self.parameters.insert(name.clone(), json!({"Type": "String", "Default": text}));
        name
    }

    /// A value of a property. What is a function already stays as it is, and so does a template within the template.
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(all) => all.iter().map(|one| self.value(one)).collect(),
            Value::Object(map) => {
                let is_call = map.keys().any(|key| key.starts_with("Fn::"))
                    || map.len() == 1 && map.contains_key("Ref");
                if is_call {
                    return value.clone();
                }
                let kept = |key: &str| matches!(key, "TemplateBody" | "templateBody");
                map.iter()
                    .map(|(key, one)| (key.clone(), if kept(key) { one.clone() } else { self.value(one) }))
                    .collect()
            }
            other => other.clone(),
        }
    }
}

/// The same template in other words.
fn rewritten(template: &Value, ways: &[Way], declared: &[Declared]) -> Value {
    let mut writer = Writer { ways, next: 0, parameters: Map::new(), mappings: Map::new() };
    let mut out = template.clone();
    let mut resources = Map::new();
    for (index, (id, resource)) in template["Resources"].as_object().unwrap().iter().enumerate() {
        let mut resource = resource.clone();
        // The Serverless transform reads its own types before any function is evaluated.
        let serverless = resource["Type"].as_str().is_some_and(|ty| ty.starts_with("AWS::Serverless"));
        if let Some(properties) = resource.get_mut("Properties").filter(|_| !serverless) {
            *properties = writer.value(properties);
        }
        // What a loop declares is in a loop already.
        let plainly = serverless || !resource.is_object();
        let how = if plainly { &Declared::Plainly } else { &declared[index % declared.len()] };
        match how {
            Declared::InLoop => {
                let name = format!("RwLoop{index}");
                let body = json!({format!("${{{name}}}"): resource});
                resources.insert(format!("Fn::ForEach::Loop{index}"), json!([name, [id], body]));
                continue;
            }
            Declared::Conditionally if resource.get("Condition").is_none() => {
                resource["Condition"] = json!("RwAlways");
            }
            _ => {}
        }
        resources.insert(id.clone(), resource);
    }
    out["Resources"] = Value::Object(resources);
    let mut transforms = match template.get("Transform") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    transforms.insert(0, json!("AWS::LanguageExtensions"));
    out["Transform"] = Value::Array(transforms);
    writer.parameters.insert("RwMode".to_owned(), json!({"Type": "String", "AllowedValues": ["on", "off"]}));
    let conditions = json!({
        "RwAlways": {"Fn::Equals": ["a", "a"]},
        "RwNever": {"Fn::Equals": ["a", "b"]},
        "RwOpen": {"Fn::Equals": [{"Ref": "RwMode"}, "on"]},
    });
    let sections = [
        ("Parameters", writer.parameters),
        ("Mappings", writer.mappings),
        ("Conditions", conditions.as_object().unwrap().clone()),
    ];
    for (section, entries) in sections {
        let all = out.as_object_mut().unwrap().entry(section).or_insert_with(|| json!({}));
        all.as_object_mut().unwrap().extend(entries);
    }
    out
}

/// The templates in the tests of the rules, by what they are called.
static TEMPLATES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut out = BTreeMap::new();
    for pack in ["iam", "ssm"] {
        for entry in std::fs::read_dir(root.join(pack)).unwrap() {
            let path = entry.unwrap().path();
            if !path.to_string_lossy().ends_with(".test.yaml") {
                continue;
            }
            let cases: Vec<serde_yaml::Value> =
                serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            for (index, case) in cases.iter().enumerate() {
                // What is no map with text keys, or names a file, is left out.
                let Ok(template) = serde_json::to_value(&case["input"]) else { continue };
                if template.get("Resources").is_some_and(Value::is_object) {
                    let name = path.file_name().unwrap().to_string_lossy().replace(".test.yaml", "");
                    out.insert(format!("{name}-{index:02}"), template);
                }
            }
        }
    }
    out
});

/// What the rules find in each of the templates: rule, status, entity and message, in order.
fn findings(templates: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<String>> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("rolecall-rewriting-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, template) in templates {
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, template.to_string()).unwrap();
        paths.push(path);
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().unwrap();
    let run = pool.install(|| check(&Request { paths, builtin: true, ..Request::default() }, &()));
    std::fs::remove_dir_all(&folder).unwrap();
    let mut out: BTreeMap<String, Vec<String>> =
        templates.keys().map(|name| (name.clone(), Vec::new())).collect();
    let stem = |file: &str| Path::new(file).file_stem().unwrap().to_string_lossy().into_owned();
    for one in &run.findings {
        // What has no resource is said of the file, whose folder is another each time.
        let entity = Path::new(&*one.entity).file_name().unwrap().to_string_lossy();
        let text =
            format!("{} {} {entity} when {:?}: {}", one.rule, one.status.as_str(), one.under, one.message);
        out.get_mut(&stem(one.file())).unwrap().push(text);
    }
    for all in out.values_mut() {
        all.sort();
    }
    out
}

static PLAIN: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| findings(&TEMPLATES));

fn check_rewritten(ways: &[Way], declared: &[Declared]) -> Result<(), TestCaseError> {
    let written: BTreeMap<String, Value> = TEMPLATES
        .iter()
        .map(|(name, template)| (name.clone(), rewritten(template, ways, declared)))
        .collect();
    let found = findings(&written);
    let mut wrong = Vec::new();
    for (name, plain) in &*PLAIN {
        let other = &found[name];
        if plain != other {
            let (plain, other) = (plain.join("\n"), other.join("\n"));
            let diff = similar::TextDiff::from_lines(&plain, &other);
            wrong.push(format!("{name}\n{}\n{}", diff.unified_diff(), written[name]));
        }
    }
    prop_assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), written.len(), wrong.join("\n\n"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(debug_assertions) { 1 } else { 4 }, max_shrink_iters: 0, ..ProptestConfig::default() })]
    #[test]
    fn rules_find_the_same_however_it_is_written(
        ways in prop::collection::vec(way(), 1..40),
        declared in prop::collection::vec(declared(), 1..5),
    ) {
        prop_assert!(TEMPLATES.len() > 300 && PLAIN.values().filter(|all| !all.is_empty()).count() > 200);
        check_rewritten(&ways, &declared)?;
    }
}
