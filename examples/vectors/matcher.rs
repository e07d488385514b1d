//! Single questions: one operator, one condition block, one action, one resource, one principal.

use rolecall::catalog;
use rolecall::document::Tri;
use rolecall::iam::Context;
use rolecall::iam::Effect;
use rolecall::iam::Operator;
use rolecall::iam::Policy;
use rolecall::iam::PolicyKind;
use rolecall::iam::Text;
use rolecall::iam::actions;
use rolecall::iam::arn;
use rolecall::iam::condition;
use rolecall::iam::condition::Setting;
use rolecall::iam::glob;
use rolecall::iam::principal;
use rolecall::iam::principal::Caller;
use rolecall::iam::principal::Named;
use rolecall::iam::resource;
use rolecall::iam::resource::Target;
use rolecall::iam::value;
use rolecall::iam::variable;
use serde_json::Value;
use serde_json::json;

use crate::read;

/// Asks the question of a line; says whether it is a strict one, and how the answer differs.
pub(crate) fn check(row: &Value) -> (bool, Option<String>) {
    let input = &row["input"];
    let strict = input["mode"].as_str() != Some("Discovery");
    let expected = &row["expected"];
    let found = answer(row["kind"].as_str().unwrap_or(""), input, strict);
    let same = match expected.get("matches") {
        Some(matches) => *matches == found,
        None => match expected.get("errors").or(expected.get("error")) {
            Some(_) => found == Value::Null,
            None => *expected == found,
        },
    };
    (strict, (!same).then(|| format!("{}: {input} expected {expected}, found {found}", row["id"])))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap_or("").to_owned()).collect(),
        one => vec![one.as_str().unwrap_or("").to_owned()],
    }
}

fn known(text: &str) -> Text<'_> {
    Text::Known(text.into())
}

/// Decides whether a strict or an exploring match counts.
fn counts(answer: Tri, strict: bool, effect: Effect) -> bool {
    match answer {
        Tri::Yes => true,
        Tri::No => false,
        Tri::Maybe => !strict && effect == Effect::Allow,
    }
}

fn answer(kind: &str, input: &Value, strict: bool) -> Value {
    let request = &input["request"];
    let context = read::context(if request.is_object() { &request["context"] } else { &input["context"] });
    let effect = if input["effect"] == "Deny" { Effect::Deny } else { Effect::Allow };
    match kind {
        "operator" => {
            let values = texts(&input["policyValues"]);
            let actual = input["testValue"].as_str().unwrap_or("");
            operator(input["operator"].as_str().unwrap_or(""), actual, &values, context)
        }
        "singleConditionMatchesRequest" => {
            let name = input["operator"].as_str().unwrap_or("");
            let values = texts(&input["values"]);
            match one_condition(name, input["key"].as_str().unwrap_or(""), &values, &context, effect) {
                // An unknown prefix is an error, an unknown operator matches nothing.
                None if name.starts_with("For") && !name.starts_with("ForA") => Value::Null,
                answer => json!(counts(answer.unwrap_or(Tri::No), strict, effect)),
            }
        }
        "requestMatchesConditions" => {
            let context = if strict { context } else { read::presence(&request["context"]) };
            let each = input["conditions"].as_array().into_iter().flatten().map(|one| {
                let (name, key) = (one["operator"].as_str().unwrap_or(""), one["key"].as_str().unwrap_or(""));
                one_condition(name, key, &texts(&one["values"]), &context, effect).unwrap_or(Tri::No)
            });
            let all = each.fold(Tri::Yes, Tri::and);
            json!(if counts(all, strict, effect) { "Match" } else { "NoMatch" })
        }
        "requestMatchesActions" | "requestMatchesNotActions" => {
            let (negated, list) = match input.get("notActions") {
                Some(list) => (true, list),
                None => (false, &input["actions"]),
            };
            let action = request["action"].as_str().unwrap_or("");
            let found = texts(list).iter().any(|pattern| actions::matches(pattern, action));
            json!(found != negated)
        }
        "requestMatchesResources" | "requestMatchesNotResources" => resources(input, &context, effect),
        "resourcePatternOverlap" => {
            let (policy, request) = (input["policy"].as_str(), input["request"].as_str());
            let sides = [policy, request].map(|side| glob::pattern(side.unwrap_or("")));
            json!(match arn::tokens(&sides[0], &sides[1]) {
                Tri::Yes => "full",
                Tri::Maybe => "partial",
                // A request that is wider than the policy is no overlap that the policy decides.
                Tri::No => "none",
            })
        }
        "convertIamString" => {
            let text = input["value"].as_str().unwrap_or("");
            let reading = value::Reading { wildcards: false, variables: true };
            match value::fill(&known(text), reading, &context) {
                value::Filled::Tokens(tokens) => json!(value::characters(&tokens)),
                value::Filled::Never => Value::Null,
            }
        }
        "getVariablesFromString" => {
            let names =
                variable::chunks(input["value"].as_str().unwrap_or("")).into_iter().filter_map(|chunk| {
                    match chunk {
                        variable::Chunk::Variable { key, .. } => Some(key.to_owned()),
                        _ => None,
                    }
                });
            json!(names.collect::<Vec<_>>())
        }
        _ => principals(kind, input, strict),
    }
}

fn operator(name: &str, actual: &str, values: &[String], mut context: Context) -> Value {
    let Some(operator) = Operator::parse(name) else { return json!(false) };
    context.put("test:value", actual);
    let values: Vec<_> = values.iter().map(|value| known(value)).collect();
    let setting = Setting { context: &context, variables: true, effect: Effect::Allow };
    let answer =
        condition::operator_holds(operator, "test:value", &values.iter().collect::<Vec<_>>(), setting);
    json!(answer == Tri::Yes)
}

fn one_condition(name: &str, key: &str, values: &[String], context: &Context, effect: Effect) -> Option<Tri> {
    let operator = Operator::parse(name)?;
    let values: Vec<_> = values.iter().map(|value| known(value)).collect();
    let setting = Setting { context, variables: true, effect };
    Some(condition::operator_holds(operator, key, &values.iter().collect::<Vec<_>>(), setting))
}

fn resources(input: &Value, context: &Context, effect: Effect) -> Value {
    let kind = match input["policyType"].as_str().unwrap_or("") {
        "resource" => PolicyKind::Resource,
        "session" => PolicyKind::Session,
        "pb" => PolicyKind::Boundary,
        "vpce" => PolicyKind::Endpoint,
        "scp" => PolicyKind::ServiceControl,
        "rcp" => PolicyKind::ResourceControl,
        _ => PolicyKind::Identity,
    };
    let element = input["element"].as_str().unwrap_or("Resource");
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": if effect == Effect::Deny { "Deny" } else { "Allow" }, "Action": "*", element: input["resources"]}]});
    let target = Target::parse(input["request"]["resource"]["resource"].as_str().unwrap_or(""));
    let answer = read::policy(&document, kind, |policy| {
        let patterns = policy.statements.first().and_then(|statement| statement.resources.as_ref());
        let setting = Setting { context, variables: true, effect };
        patterns.map_or(Tri::No, |patterns| {
            resource::covers(catalog::embedded(), kind, patterns, &target, setting)
        })
    });
    json!(answer == Tri::Yes)
}

fn principals(kind: &str, input: &Value, strict: bool) -> Value {
    let principal = &input["request"]["principal"];
    let caller = principal.as_str().map_or(Caller::Anonymous, Caller::parse);
    let wrapped = |values: &Value| json!({"AWS": values});
    let (element, value) = match kind {
        "requestMatchesNotPrincipal" => ("NotPrincipal", wrapped(&input["notPrincipals"])),
        "requestMatchesPrincipal" => ("Principal", wrapped(&input["principals"])),
        "requestMatchesPrincipalStatement" => {
            let ty = input["principal"]["type"].as_str().unwrap_or("AWS");
            ("Principal", json!({ty: input["principal"]["value"]}))
        }
        _ => match input["statement"].get("NotPrincipal") {
            Some(value) => ("NotPrincipal", value.clone()),
            None => ("Principal", input["statement"]["Principal"].clone()),
        },
    };
    let document =
        json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", element: value}]});
    let named = read::policy(&document, PolicyKind::Resource, |policy: &Policy<'_>| {
        let principals = policy.statements.first().and_then(|statement| statement.principals.as_ref());
        principals.map_or(Named::No, |principals| {
            if principals.negated {
                match principal::excepts(principals, &caller) {
                    Tri::No => Named::Itself,
                    _ => Named::No,
                }
            } else if strict {
                principal::names(principals, &caller)
            } else {
                principal::names_any_session(principals, &caller)
            }
        })
    });
    json!(match named {
        Named::No | Named::Maybe => "NoMatch",
        Named::Account => "AccountLevelMatch",
        Named::Role if strict => "SessionRoleMatch",
        Named::Role | Named::Everybody | Named::Itself => "Match",
    })
}
