//! A template written with literals and the same template written with parameters, maps, conditions and functions declare
//! the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::inventory;
use crate::ingest::{Options, read};

/// How one text is written.
#[derive(Clone, Debug)]
enum Way {
    Literal,
    Parameter,
    Sub,
    SubOfPart(usize),
    Join(usize),
    Map,
    If(bool),
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
        Just(Way::Map),
        any::<bool>().prop_map(Way::If),
        Just(Way::Select),
    ];
    leaf.prop_recursive(2, 4, 1, |inner| inner.prop_map(|way| Way::Twice(Box::new(way))))
}

/// A template in the making.
#[derive(Default)]
struct Writer {
    parameters: serde_json::Map<String, Value>,
    mappings: serde_json::Map<String, Value>,
    ways: Vec<Way>,
    next: usize,
}

impl Writer {
    /// A text in the way that is next.
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
            Way::Sub => json!({"Fn::Sub": format!("${{{}}}", self.parameter(text))}),
            Way::SubOfPart(at) => {
                let (before, after) = split(*at);
                let name = self.parameter(&after);
                json!({"Fn::Sub": [format!("{before}${{Own}}"), {"Own": {"Ref": name}}]})
            }
            Way::Join(at) => {
                let (before, after) = split(*at);
                json!({"Fn::Join": ["", [before, {"Ref": self.parameter(&after)}]]})
            }
            Way::Map => {
                let key = format!("k{}", self.mappings.len());
                self.mappings.insert(key.clone(), json!({"inner": {"value": text}}));
                json!({"Fn::FindInMap": [key, "inner", "value"]})
            }
            Way::If(true) => json!({"Fn::If": ["Always", text, "never"]}),
            Way::If(false) => json!({"Fn::If": ["Never", "never", text]}),
            Way::Select => json!({"Fn::Select": ["1", {"Fn::Split": ["|", format!("a|{text}|b")]}]}),
            Way::Twice(inner) => {
                let value = self.written(text, inner);
                json!({"Fn::Sub": ["${Whole}", {"Whole": value}]})
            }
        }
    }

    fn parameter(&mut self, text: &str) -> String {
        let name = format!("P{}", self.parameters.len());
        self.parameters.insert(name.clone(), json!({"Type": "String", "Default": text}));
        name
    }

    /// The template; `looped` writes two of its roles as one loop.
    fn template(mut self, looped: bool) -> String {
        let role = |writer: &mut Self, id: &Value| {
            json!({"Type": "AWS::IAM::Role", "Properties": {
                "RoleName": id,
                "Path": writer.text("/team/"),
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": writer.text("Allow"),
                    "Principal": {"Service": writer.text("ssm.amazonaws.com")}, "Action": writer.text("sts:AssumeRole")}]},
                "ManagedPolicyArns": [writer.text("arn:aws:iam::aws:policy/AdministratorAccess"),
                    writer.text("arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM")],
                "Policies": [{"PolicyName": writer.text("inline"), "PolicyDocument": {"Statement": [{"Effect": "Allow",
                    "Action": [writer.text("ssm:SendCommand"), writer.text("iam:PassRole")], "Resource": writer.text("*")}]}}],
            }})
        };
        let mut resources = serde_json::Map::new();
        if looped {
            let body = role(&mut self, &json!({"Fn::Sub": "name-${Name}"}));
            resources
                .insert("Fn::ForEach::Roles".to_owned(), json!(["Name", ["A", "B"], {"Role${Name}": body}]));
        } else {
            for name in ["A", "B"] {
                let id = self.text(&format!("name-{name}"));
                resources.insert(format!("Role{name}"), role(&mut self, &id));
            }
        }
        let profile = self.text("nodes");
        resources.insert(
            "Profile".to_owned(),
            json!({"Type": "AWS::IAM::InstanceProfile",
            "Properties": {"InstanceProfileName": profile, "Roles": [{"Ref": "RoleA"}]}}),
        );
        let names = [self.text("nodes"), self.text("name-B")];
        resources.insert(
            "Node".to_owned(),
            json!({"Type": "AWS::EC2::Instance", "Properties": {"IamInstanceProfile": names[0]}}),
        );
        resources.insert(
            "Function".to_owned(),
            json!({"Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::Join": ["", ["arn:aws:iam::123456789012:role/team/", names[1]]]}}}),
        );
        json!({
            "Transform": "AWS::LanguageExtensions",
            "Parameters": self.parameters,
            "Mappings": self.mappings,
            "Conditions": {"Always": {"Fn::Equals": ["a", "a"]}, "Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": resources,
        })
        .to_string()
    }
}

fn declared(ways: Vec<Way>, looped: bool) -> String {
    let text = Writer { ways, ..Writer::default() }.template(looped);
    let unit = read("t.json", text.into_bytes(), &Options::default()).unwrap();
    assert!(unit.diagnostics.is_empty(), "{:?}", unit.diagnostics);
    inventory(&unit, &unit.inventory)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rewriting_changes_nothing(ways in prop::collection::vec(way(), 1..40), looped: bool) {
        let plain = declared(vec![Way::Literal], false);
        prop_assert!(plain.contains("passes -> role RoleB") && plain.contains("profile -> instance_profile Profile"));
        prop_assert_eq!(plain, declared(ways, looped));
    }
}
