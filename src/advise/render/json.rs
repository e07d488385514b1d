//! Advice for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::ssm::statement::Place;

use super::{Advised, shown};
use crate::advise::RoleAdvice;
use crate::catalog::embedded;

pub(super) fn render(all: &[Advised], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let inputs: Vec<Value> = all
        .iter()
        .map(|advised| {
            let place = advised.style.place(place);
            let roles: Vec<Value> = advised.roles.iter().map(|role| one(role, quota, &place)).collect();
            json!({"path": advised.input, "roles": roles})
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &json!({"version": 1, "inputs": inputs}))
        .map_err(io::Error::from)?;
    writeln!(out)
}

/// The ARN of a managed policy.
pub(in crate::advise) fn arn(name: &str, place: &Place) -> String {
    let policy = embedded().managed_policy(name);
    policy.map(|policy| place.fill(&policy.arn("${AWS::Partition}"))).unwrap_or_default()
}

fn one(role: &RoleAdvice, quota: usize, place: &Place) -> Value {
    let features: Vec<Value> = role
        .features
        .iter()
        .map(|feature| {
            let why: Vec<Value> = feature
                .why
                .iter()
                .map(|reason| json!({"text": reason.text, "place": reason.place.as_ref().map(shown)}))
                .collect();
            json!({"feature": feature.name, "why": why, "more": feature.more})
        })
        .collect();
    let managed: Vec<Value> = role
        .managed
        .iter()
        .map(|policy| {
            let arn = arn(policy.name, place);
            json!({"name": policy.name, "arn": arn, "for": policy.features, "attached": policy.attached})
        })
        .collect();
    let statements: Vec<Value> = role
        .statements
        .iter()
        .map(|statement| json!({"statement": statement.to_json(place), "why": statement.reasons()}))
        .collect();
    let unneeded: Vec<Value> = role
        .unneeded
        .iter()
        .map(|policy| {
            json!({"name": policy.name, "why": policy.why, "place": policy.place.as_ref().map(shown)})
        })
        .collect();
    json!({
        "role": role.role,
        "name": role.name,
        "of_nodes": role.of_nodes,
        "nodes": role.nodes,
        "place": role.place.as_ref().map(shown),
        "features": features,
        "recommend": {"managed": managed, "statements": statements},
        "lacks": role.lacks,
        "not_needed": unneeded,
        "other": role.other,
        "quota": {"now": role.now, "after": role.after, "limit": quota},
        "unknown": role.unknown,
    })
}
