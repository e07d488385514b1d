//! A migration for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::advise::render::{arn, shown};
use crate::iam::compare::Witness;
use crate::ssm::statement::Place;

use super::super::{Do, Migration, Order};
use super::{Migrated, commands};

pub(super) fn render(all: &[Migrated], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let inputs: Vec<Value> = all
        .iter()
        .map(|migrated| {
            let place = migrated.style.place(place);
            let roles: Vec<Value> = migrated.plan.roles.iter().map(|role| one(role, quota, &place)).collect();
            let others: Vec<Value> = migrated
                .plan
                .others
                .iter()
                .map(|other| {
                    let place = other.place.as_ref().map(shown);
                    json!({"entity": other.id, "entity_kind": other.kind, "policy": other.policy, "place": place})
                })
                .collect();
            json!({"path": migrated.input, "roles": roles, "others": others})
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &json!({"version": 1, "inputs": inputs}))
        .map_err(io::Error::from)?;
    writeln!(out)
}

fn one(role: &Migration, quota: usize, place: &Place) -> Value {
    let remove: Vec<Value> = role
        .remove
        .iter()
        .map(|one| {
            let at = one.place.as_ref().map(shown);
            json!({"name": one.name, "arn": place.fill(&one.arn), "attached_by": one.by, "place": at})
        })
        .collect();
    let add: Vec<Value> = role
        .add
        .iter()
        .map(|one| {
            let arn = arn(one.name, place);
            json!({"name": one.name, "arn": arn, "for": one.features, "attached": one.attached})
        })
        .collect();
    let statements: Vec<Value> = role.statements.iter().map(|one| one.to_json(place)).collect();
    let breaks: Vec<Value> =
        role.breaks.iter().map(|(action, why)| json!({"action": action, "why": why})).collect();
    let steps: Vec<Value> = (1..)
        .zip(&role.steps)
        .map(|(n, step)| {
            let (what, subject) = match &step.what {
                Do::Attach(name) => ("attach", name.as_str()),
                Do::Detach(name, _) => ("detach", name.as_str()),
                Do::Put(name, _) => ("put-inline", *name),
                Do::Delete(name) => ("delete-inline", *name),
                Do::Wait => ("wait", "credentials"),
            };
            let n: usize = n;
            json!({"n": n, "do": what, "policy": subject, "command": commands::command(role, step, place)})
        })
        .collect();
    let [now, peak, after] = role.counts;
    let order = match role.order {
        Order::AttachFirst => "attach-first",
        Order::Bridged => "bridged",
        Order::TooMany => "too-many",
    };
    json!({
        "role": role.role,
        "name": role.name,
        "nodes": role.nodes,
        "place": role.place.as_ref().map(shown),
        "remove": remove,
        "add": add,
        "add_inline": statements,
        "lost_and_used": breaks,
        "lost": witnesses(&role.lost),
        "gained": witnesses(&role.gained),
        "steps": steps,
        "order": order,
        "quota": {"now": now, "peak": peak, "after": after, "limit": quota},
        "unknown": role.unknown,
    })
}

fn witnesses(all: &[Witness]) -> Vec<Value> {
    let one = |witness: &Witness| {
        json!({
            "actions": witness.actions,
            "resource": witness.resource,
            "sure": witness.sure,
            "conditions": witness.conditions,
        })
    };
    all.iter().map(one).collect()
}
