//! The peer's report of one data file, as JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::rules::ast::Op;
use crate::rules::{Status, Trace, TraceCheck, TraceClause, TraceValue, Unresolved};

use super::judge::{Verdict, overall};

/// The report of a data file.
pub(super) fn file(name: &str, verdicts: &[&Verdict]) -> Value {
    let names = |status: Status| -> BTreeSet<&str> {
        verdicts.iter().filter(|verdict| verdict.status == status).map(|verdict| &*verdict.name).collect()
    };
    let failed: Vec<Value> = verdicts
        .iter()
        .filter(|verdict| verdict.status == Status::Fail)
        .map(|verdict| rule(&verdict.name, None, &verdict.checks))
        .collect();
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(name));
    out.insert("metadata".to_owned(), json!({}));
    out.insert("status".to_owned(), json!(overall(verdicts.iter().copied()).as_str()));
    out.insert("not_compliant".to_owned(), Value::Array(failed));
    out.insert("not_applicable".to_owned(), json!(names(Status::Skip)));
    out.insert("compliant".to_owned(), json!(names(Status::Pass)));
    Value::Object(out)
}

fn rule(name: &str, message: Option<&str>, checks: &[Trace]) -> Value {
    let checks: Vec<Value> = checks.iter().map(trace).collect();
    json!({
        "Rule": {
            "name": name,
            "metadata": {},
            "messages": { "custom_message": message, "error_message": null },
            "checks": checks,
        }
    })
}

fn trace(trace_: &Trace) -> Value {
    match trace_ {
        Trace::Rule { name, message, checks } => rule(name, message.as_deref(), checks),
        Trace::Clause(one) => json!({ "Clause": clause(one) }),
        Trace::Block { context, message, error, unresolved: ended } => json!({
            "Block": {
                "context": context,
                "messages": { "custom_message": message, "error_message": error },
                "unresolved": ended.as_ref().map(unresolved),
            }
        }),
        Trace::Disjunctions(checks) => {
            let checks: Vec<Value> = checks.iter().map(trace).collect();
            json!({ "Disjunctions": { "checks": checks } })
        }
    }
}

fn clause(clause: &TraceClause) -> Value {
    let comparison = json!([op(clause.comparison.0), clause.comparison.1]);
    let check = match &clause.check {
        TraceCheck::Resolved(from, Some(to)) => {
            json!({ "Resolved": { "from": value(from), "to": value(to), "comparison": comparison } })
        }
        TraceCheck::Resolved(from, None) => {
            json!({ "Resolved": { "value": value(from), "comparison": comparison } })
        }
        TraceCheck::In(from, to) => {
            let to: Vec<Value> = to.iter().map(value).collect();
            json!({ "InResolved": { "from": value(from), "to": to, "comparison": comparison } })
        }
        TraceCheck::Unresolved(ended) => {
            json!({ "UnResolved": { "value": unresolved(ended), "comparison": comparison } })
        }
        TraceCheck::Context(text) => json!({ "UnResolvedContext": text }),
    };
    let messages = json!({ "custom_message": clause.message, "error_message": clause.error });
    if clause.unary {
        json!({ "Unary": { "check": check, "context": clause.context, "messages": messages } })
    } else {
        json!({ "Binary": { "context": clause.context, "messages": messages, "check": check } })
    }
}

fn value(value: &TraceValue) -> Value {
    json!({ "path": value.path, "value": value.value })
}

fn unresolved(ended: &Unresolved) -> Value {
    json!({
        "traversed_to": value(&ended.reached),
        "remaining_query": ended.remaining,
        "reason": ended.reason,
    })
}

/// An operator, as the peer serialises it.
pub(super) fn op(op: Op) -> &'static str {
    match op {
        Op::Eq => "Eq",
        Op::In => "In",
        Op::Gt => "Gt",
        Op::Lt => "Lt",
        Op::Le => "Le",
        Op::Ge => "Ge",
        Op::Exists => "Exists",
        Op::Empty => "Empty",
        Op::IsString => "IsString",
        Op::IsList => "IsList",
        Op::IsStruct => "IsMap",
        Op::IsBool => "IsBool",
        Op::IsInt => "IsInt",
        Op::IsFloat => "IsFloat",
        Op::IsNull => "IsNull",
    }
}

/// The messages of a failure, the author's and the peer's, each with line and column from 0.
pub(super) struct Message<'t> {
    pub(super) custom: &'t str,
    pub(super) error: &'t str,
    pub(super) location: Option<(u32, u32)>,
}

/// The messages below a rule, in order.
pub(super) fn messages(checks: &[Trace]) -> Vec<Message<'_>> {
    let mut out = Vec::new();
    for check in checks {
        match check {
            Trace::Rule { checks, .. } | Trace::Disjunctions(checks) => out.extend(messages(checks)),
            Trace::Clause(clause) => out.push(Message {
                custom: clause.message.as_deref().unwrap_or(""),
                error: &clause.error,
                location: clause.location,
            }),
            Trace::Block { message, error, .. } => {
                out.push(Message { custom: message.as_deref().unwrap_or(""), error, location: None });
            }
        }
    }
    out
}
