//! What must hold of the engine, whatever the policy.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::catalog::embedded;
use crate::document::Conditions;
use crate::document::Limits;
use crate::document::NodeId;
use crate::document::Source;
use crate::document::Tree;
use crate::document::Tri;
use crate::document::json as reader;

use super::actions;
use super::actions::ActionSet;
use super::compare::compare;
use super::context::Context;
use super::evaluate::Policies;
use super::evaluate::Request;
use super::evaluate::decide;
use super::policy::Policy;
use super::policy::PolicyKind;
use super::principal::Caller;
use super::print::to_json;
use super::resource::Target;

fn read(text: &str) -> (Tree, NodeId) {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("p.json", text));
    let (root, _) = reader::read(&mut tree, file, text, 0, Limits::default()).unwrap();
    (tree, root)
}

fn policy(document: &(Tree, NodeId)) -> Policy<'_> {
    Policy::read(&document.0, &mut Conditions::new(), document.1, PolicyKind::Identity)
}

fn statement() -> impl Strategy<Value = Value> {
    let action = prop_oneof![
        Just("s3:GetObject"),
        Just("s3:Get*"),
        Just("s3:*"),
        Just("ssm:SendCommand"),
        Just("ssm:*"),
        Just("*"),
        Just("s3:ListAllMyBuckets"),
        Just("ssm:StartSession"),
        Just("sqs:SendMess?ge")
    ];
    let resource = prop_oneof![
        Just("*"),
        Just("arn:aws:s3:::a/*"),
        Just("arn:aws:s3:::a/b*"),
        Just("arn:aws:s3:::b"),
        Just("arn:aws:ssm:*:*:document/x"),
        Just("arn:aws:ec2:*:*:instance/*")
    ];
    let condition = prop_oneof![
        3 => Just(json!(null)),
        1 => Just(json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})),
        1 => Just(json!({"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:PrincipalTag/t": ["a*", "b"]}}))
    ];
    let actions = prop::collection::vec(action, 1..3);
    let resources = prop::collection::vec(resource, 1..3);
    (any::<bool>(), any::<bool>(), actions, resources, condition).prop_map(|(allow, not, actions, resources, condition)| {
        let element = if not { "NotAction" } else { "Action" };
        let mut out = json!({"Effect": if allow { "Allow" } else { "Deny" }, element: actions, "Resource": resources});
        if !condition.is_null() {
            out["Condition"] = condition;
        }
        out
    })
}

fn document() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(), 1..4)
}

fn text(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn ask(policy: &Policy<'_>, action: &str, resource: &str, context: &Context) -> Tri {
    let caller = Caller::Arn("arn:aws:iam::210987654321:user/ann".to_owned());
    let target = Target::parse(resource);
    let request = Request {
        caller: &caller,
        action,
        target: &target,
        resource_account: None,
        context,
        any_session: false,
    };
    decide(embedded(), &Policies { identity: std::slice::from_ref(policy), ..Policies::default() }, &request)
        .tri()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn printing_and_reading_change_nothing(statements in document()) {
        let written = text(&statements);
        let read_once = read(&written);
        let printed = to_json(&read_once.0, read_once.1);
        prop_assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), serde_json::from_str::<Value>(&written).unwrap());
        let read_twice = read(&printed);
        prop_assert_eq!(to_json(&read_twice.0, read_twice.1), printed);
    }

    #[test]
    fn the_order_of_statements_does_not_matter(statements in document()) {
        let (forth, back) = (read(&text(&statements)), {
            let mut turned = statements.clone();
            turned.reverse();
            read(&text(&turned))
        });
        let (forth, back) = (policy(&forth), policy(&back));
        let mut region = Context::closed();
        region.put("aws:RequestedRegion", "eu-west-1");
        for context in [Context::closed(), Context::open(), region] {
            for (action, resource) in [("s3:GetObject", "arn:aws:s3:::a/bc"), ("ssm:SendCommand", "arn:aws:ssm:eu-west-1::document/x"), ("s3:ListAllMyBuckets", "*")] {
                prop_assert_eq!(ask(&forth, action, resource, &context), ask(&back, action, resource, &context));
            }
        }
    }

    #[test]
    fn a_closed_context_decides_everything(statements in document()) {
        let read = read(&text(&statements));
        prop_assert_ne!(ask(&policy(&read), "s3:GetObject", "arn:aws:s3:::a/bc", &Context::closed()), Tri::Maybe);
    }

    #[test]
    fn a_policy_does_not_differ_from_itself(statements in document()) {
        let read = read(&text(&statements));
        let policy = policy(&read);
        let same = compare(embedded(), std::slice::from_ref(&policy), std::slice::from_ref(&policy));
        prop_assert!(same.is_empty(), "{same:?}");
    }

    #[test]
    fn witnesses_show_the_difference(left in document(), right in document()) {
        let (left, right) = (read(&text(&left)), read(&text(&right)));
        let (old, new) = (policy(&left), policy(&right));
        let forth = compare(embedded(), std::slice::from_ref(&old), std::slice::from_ref(&new));
        let back = compare(embedded(), std::slice::from_ref(&new), std::slice::from_ref(&old));
        prop_assert_eq!(&forth.gained, &back.lost);
        for witness in forth.gained.iter().filter(|witness| witness.sure) {
            let action = &witness.actions[0];
            prop_assert_eq!(ask(&new, action, &witness.resource, &Context::open()), Tri::Yes);
            prop_assert_ne!(ask(&old, action, &witness.resource, &Context::open()), Tri::Yes);
        }
    }

    #[test]
    fn expansion_is_matching_each_action(pattern in "(s3|ssm|sqs|iam):[GPSLDa-d*?]{1,4}[a-z]{0,3}\\*?") {
        let catalog = embedded();
        let mut set = ActionSet::none(catalog);
        actions::expand(catalog, &pattern, &mut set);
        for service in ["s3", "ssm", "sqs", "iam", "ec2"] {
            for action in catalog.service(service).unwrap().actions() {
                prop_assert_eq!(set.has(action.id), actions::matches(&pattern, action.full_name()));
            }
        }
    }
}
