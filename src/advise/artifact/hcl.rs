//! Terraform's HCL, laid out as its formatter does.

use serde_json::Value;

use crate::catalog::embedded;
use crate::ssm::statement::{PARTITION, Place, Statement, policy};

use super::{Artifact, Role, filled, is_managed};
use crate::advise::Style;

/// Data sources that names of a place come from, each with what shows that it is used.
const SOURCES: [&str; 3] = ["aws_partition", "aws_region", "aws_caller_identity"];

pub(super) fn write(artifacts: &[Artifact], place: &Place) -> String {
    let place = Style::Terraform.place(place);
    let blocks: Vec<String> = artifacts.iter().flat_map(|artifact| blocks(artifact, &place)).collect();
    let statements = artifacts.iter().flat_map(Artifact::statements);
    let asked: Vec<String> = statements.filter_map(Statement::parameter).map(variable).collect();
    let body = [asked, blocks].concat().join("\n");
    let sources: Vec<String> =
        sources_of(&body).map(|name| format!("data \"{name}\" \"current\" {{}}\n\n")).collect();
    sources.concat() + &body
}

fn variable((name, asks): (&str, &str)) -> String {
    let (label, asks) = (label(name), quoted(asks));
    format!("variable \"{label}\" {{\n  description = {asks}\n  type        = list(string)\n}}\n")
}

/// The name of the parameter that a text is.
fn asked(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    name.chars().all(|c| c.is_ascii_alphanumeric()).then_some(name)
}

/// The data sources that a text takes names from.
pub(in crate::advise) fn sources_of(text: &str) -> impl Iterator<Item = &'static str> + use<> {
    let used: Vec<&'static str> =
        SOURCES.into_iter().filter(|name| text.contains(&format!("data.{name}.current."))).collect();
    used.into_iter()
}

/// The block of an inline policy of a role, without a line break at its end.
pub(in crate::advise) fn own_policy(
    label: &str,
    name: &str,
    role: &str,
    statements: &[Statement],
    place: &Place,
) -> String {
    let reasons: Vec<String> = statements.iter().map(reasons).collect();
    let head = [("name", quoted(name)), ("role", role.to_owned())];
    let document = encoded(&policy(statements, place), &reasons);
    block("aws_iam_role_policy", label, &head, &[("policy", document)]).trim_end().to_owned()
}

fn blocks(artifact: &Artifact, place: &Place) -> Vec<String> {
    match artifact {
        Artifact::Policy { name, statements } => {
            let document = encoded(&policy(statements, place), &comments(artifact));
            vec![block("aws_iam_policy", &label(name), &[("name", quoted(name))], &[("policy", document)])]
        }
        Artifact::Role(role) => of_role(artifact, role, place),
        Artifact::Document { name, called, kind, content } => {
            let head = [
                ("name", quoted(called)),
                ("document_type", quoted(kind)),
                ("document_format", quoted("JSON")),
            ];
            vec![block("aws_ssm_document", &label(name), &head, &[("content", encoded(content, &[]))])]
        }
        Artifact::Endpoint { name, statements } => {
            let document = encoded(&policy(statements, place), &comments(artifact));
            let head = [("vpc_endpoint_id", "var.vpc_endpoint_id".to_owned())];
            let variable = "variable \"vpc_endpoint_id\" {\n  type = string\n}\n".to_owned();
            vec![variable, block("aws_vpc_endpoint_policy", &label(name), &head, &[("policy", document)])]
        }
        Artifact::BucketPolicy { name, bucket, statements } => {
            let document = encoded(&policy(statements, place), &comments(artifact));
            let head = [("bucket", quoted(bucket))];
            vec![block("aws_s3_bucket_policy", &label(name), &head, &[("policy", document)])]
        }
        Artifact::ControlPolicy { name, statements } => {
            let head = [("name", quoted(name)), ("type", quoted("SERVICE_CONTROL_POLICY"))];
            let document = encoded(&policy(statements, place), &comments(artifact));
            vec![block("aws_organizations_policy", &label(name), &head, &[("content", document)])]
        }
    }
}

fn of_role(artifact: &Artifact, role: &Role, place: &Place) -> Vec<String> {
    let own = label(&role.name);
    let head = [("name", quoted(&role.name)), ("description", quoted(&role.description))];
    let trust = encoded(&filled(&role.trust, place), &[]);
    let mut out = vec![block("aws_iam_role", &own, &head, &[("assume_role_policy", trust)])];
    let name = format!("aws_iam_role.{own}.name");
    for policy in role.managed.iter().filter_map(|name| embedded().managed_policy(name)) {
        let arn = quoted(&place.fill(&policy.arn(PARTITION)));
        let head = [("role", name.clone()), ("policy_arn", arn)];
        out.push(block("aws_iam_role_policy_attachment", &label(policy.name()), &head, &[]));
    }
    if !role.statements.is_empty() {
        let document = encoded(&policy(&role.statements, place), &comments(artifact));
        let mut made = if is_managed(&role.statements, place) {
            let head = [("role", name.clone()), ("policy_arn", format!("aws_iam_policy.{own}.arn"))];
            let attachment = block("aws_iam_role_policy_attachment", &own, &head, &[]);
            let head = [("name", quoted(&format!("{}Policy", role.name)))];
            format!("{}\n{attachment}", block("aws_iam_policy", &own, &head, &[("policy", document)]))
        } else {
            block("aws_iam_role_policy", &own, &[("role", name.clone())], &[("policy", document)])
        };
        for what in &role.unknown {
            made.push_str(&format!("# not worked out: {what}\n"));
        }
        out.push(made);
    }
    if role.profile {
        let head = [("name", quoted(&role.name)), ("role", name)];
        out.push(block("aws_iam_instance_profile", &own, &head, &[]));
    }
    out
}

/// What each statement of an artifact is for, in order.
fn comments(artifact: &Artifact) -> Vec<String> {
    artifact.statements().iter().map(reasons).collect()
}

fn reasons(statement: &Statement) -> String {
    statement.reasons().join("; ").replace('\n', " ")
}

fn block(ty: &str, label: &str, short: &[(&str, String)], long: &[(&str, String)]) -> String {
    let mut out = format!("resource \"{ty}\" \"{label}\" {{\n");
    let width = short.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in short {
        out.push_str(&format!("  {name:<width$} = {value}\n"));
    }
    for (name, value) in long {
        out.push_str(&format!("\n  {name} = {value}\n"));
    }
    out + "}\n"
}

/// `NodePolicy` as `node_policy`, `AmazonSSMFullAccess` as `amazon_ssm_full_access`.
pub(in crate::advise) fn label(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut all = name.chars().peekable();
    while let Some(c) = all.next() {
        if c.is_ascii_alphanumeric() {
            let is_small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            // The last capital of several begins a word, if a small letter follows.
            let ends_several =
                before.is_ascii_uppercase() && all.peek().is_some_and(char::is_ascii_lowercase);
            if c.is_ascii_uppercase() && (is_small(before) || ends_several) {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push('_');
        }
        before = c;
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("_{out}") } else { out }
}

/// A string, in which `${…}` stays a template.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A call of `jsonencode`; comments go above the elements of `Statement`.
fn encoded(document: &Value, comments: &[String]) -> String {
    format!("jsonencode({})", value(document, 1, comments))
}

fn value(json: &Value, depth: usize, comments: &[String]) -> String {
    let (indent, inner) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    match json {
        Value::String(text) => {
            asked(text).map_or_else(|| quoted(text), |name| format!("var.{}", label(name)))
        }
        Value::Array(all) if all.iter().all(|one| !one.is_object() && !one.is_array()) && all.len() < 2 => {
            let all: Vec<String> = all.iter().map(|one| value(one, depth, &[])).collect();
            format!("[{}]", all.join(", "))
        }
        Value::Array(all) => {
            let mut out = String::from("[\n");
            for (index, one) in all.iter().enumerate() {
                if let Some(comment) = comments.get(index).filter(|comment| !comment.is_empty()) {
                    out.push_str(&format!("{inner}# {comment}\n"));
                }
                out.push_str(&format!("{inner}{},\n", value(one, depth + 1, &[])));
            }
            out + &indent + "]"
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<(String, String)> = map
                .iter()
                .map(|(name, one)| {
                    let comments = if name == "Statement" { comments } else { &[] };
                    (key(name), value(one, depth + 1, comments))
                })
                .collect();
            let mut out = String::from("{\n");
            // Lines beside each other are aligned, those around a value of several lines are not.
            for group in
                entries.chunk_by(|(_, left), (_, right)| !left.contains('\n') && !right.contains('\n'))
            {
                let width = group.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
                for (name, text) in group {
                    out.push_str(&format!("{inner}{name:<width$} = {text}\n"));
                }
            }
            out + &indent + "}"
        }
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if plain { name.to_owned() } else { quoted(name) }
}
