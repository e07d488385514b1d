//! Rules on inventories, and on documents as they are written.

use std::path::Path;
use std::sync::Arc;

use rolecall::document::Source;
use rolecall::facts;
use rolecall::ingest::{self, Options};
use rolecall::rules::{self, Answer, Dialect, Input, Program, Worlds};

/// The answers of rules about a file, by name.
fn ask(rules: &str, input: &str, bytes: &str) -> Vec<(String, Answer)> {
    let file = rules::parse(&Source::from_text("rules.guard", rules)).unwrap();
    let (program, diagnostics) = Program::compile(&[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut unit = ingest::read(input, bytes.into(), &Options::default()).unwrap();
    let tree = Arc::new(std::mem::take(&mut unit.tree));
    let facts = facts::build(&tree, &mut unit.conditions, &unit.inventory);
    let worlds = Worlds::new(unit.conditions);
    let tree = Arc::clone(&facts.tree);
    let input = Input {
        tree: &tree,
        document: Some(unit.root),
        dialect: Dialect::Validate,
        facts: Some(&facts),
        worlds: &worlds,
    };
    let ids: Vec<_> = program.ids().collect();
    let answers = rules::evaluate(&program, &input, &ids);
    answers.into_iter().map(|answer| (program.rule(answer.rule).unwrap().name().to_owned(), answer)).collect()
}

#[test]
fn every_built_in_rule_file_is_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut count = 0;
    for pack in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(pack.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "guard") {
                let text = std::fs::read_to_string(&path).unwrap();
                let name = path.display().to_string();
                let file = rules::parse(&Source::from_text(name, text)).unwrap();
                let (program, diagnostics) = Program::compile(&[file]);
                assert!(diagnostics.is_empty(), "{diagnostics:?}");
                for rule in program.rules() {
                    assert!(
                        rule.metadata().id.is_some() && rule.metadata().severity.is_some(),
                        "{}",
                        rule.name()
                    );
                    assert!(rule.reads().facts && !rule.reads().document, "{}", rule.name());
                }
                count += program.rules().len();
            }
        }
    }
    assert!(count > 0);
}

#[test]
fn facts_and_documents_are_asked_alike() {
    let template = "\
Parameters:
  Env: {Type: String, AllowedValues: [prod, test]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Node:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonEC2RoleforSSM
        - !If [IsProd, arn:aws:iam::aws:policy/AdministratorAccess, !Ref AWS::NoValue]
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {Roles: [!Ref Node]}
";
    let rules = "\
rule legacy {
    %roles {
        attached[ aws_managed == true ] {
            aws_path != 'service-role/AmazonEC2RoleforSSM' <<role {id} has {aws_name} at {value}>>
        }
    }
}
rule administrator { %roles.attached.aws_name != 'AdministratorAccess' }
rule none_here { %users { name == 'x' } %groups.attached.arn == 'x' }
rule raw { Resources.*[ Type == 'AWS::IAM::Role' ] { Properties.ManagedPolicyArns[0].'Fn::Sub' == /EC2RoleforSSM$/ } }
";
    let answers = ask(rules, "t.yaml", template);
    let status = |name: &str| answers.iter().find(|(known, _)| known == name).unwrap().1.status.as_str();
    assert_eq!(status("legacy"), "FAIL");
    assert_eq!(status("administrator"), "FAIL");
    assert_eq!(status("none_here"), "SKIP");
    assert_eq!(status("raw"), "PASS");
    let legacy = &answers[0].1.checks;
    assert_eq!(legacy.len(), 1, "{legacy:?}");
    assert_eq!(legacy[0].message, "role Node has AmazonEC2RoleforSSM at service-role/AmazonEC2RoleforSSM");
    let administrator = &answers[1].1.checks;
    assert_eq!(administrator.len(), 1, "{administrator:?}");
    assert!(!administrator[0].under.is_always(), "only in production");
}
