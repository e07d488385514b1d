//! The bare documents.

use serde_json::{Map, Value, json};

use crate::ssm::statement::{Place, policy};

use super::{Artifact, Role, filled};

pub(super) fn write(artifacts: &[Artifact], place: &Place) -> Result<String, &'static str> {
    let or = |known: &Option<String>, open: &str| Some(known.clone().unwrap_or_else(|| open.to_owned()));
    let place = Place {
        partition: or(&place.partition, "aws"),
        region: or(&place.region, "*"),
        account: place.account.clone(),
    };
    let value = match artifacts {
        [
            Artifact::Policy { statements, .. }
            | Artifact::ControlPolicy { statements, .. }
            | Artifact::Endpoint { statements, .. },
        ] => policy(statements, &place),
        [Artifact::Policy { statements, .. }, Artifact::BucketPolicy { statements: own, .. }] => {
            json!({"policy": policy(statements, &place), "bucket_policy": policy(own, &place)})
        }
        [Artifact::Document { content, .. }] => content.clone(),
        all => {
            let roles: Vec<Value> = all
                .iter()
                .filter_map(
                    |one| if let Artifact::Role(role) = one { Some(of_role(role, &place)) } else { None },
                )
                .collect();
            json!({"version": 1, "roles": roles})
        }
    };
    let text = serde_json::to_string_pretty(&value).unwrap_or_default();
    if text.contains("${AWS::AccountId}") { Err("account") } else { Ok(text + "\n") }
}

fn of_role(role: &Role, place: &Place) -> Value {
    let mut why = Map::new();
    for statement in &role.statements {
        for (action, text) in &statement.why {
            let all = why.entry(action.clone()).or_insert_with(|| json!([]));
            if let Value::Array(all) = all {
                all.push(json!(text));
            }
        }
    }
    json!({
        "role": role.name,
        "description": role.description,
        "trust": filled(&role.trust, place),
        "managed": role.managed,
        "policy": policy(&role.statements, place),
        "why": why,
        "unanalysed": role.unknown,
    })
}
