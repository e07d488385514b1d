//! `rolecall generate`: policies that allow what is needed, and nothing else, as JSON.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::catalog;
use crate::document::{Code, Diagnostic};
use crate::ingest;
use crate::ingest::Options;
use crate::model::Kind;
use crate::report::{self, Look};
use crate::ssm::features::Feature;
use crate::ssm::generate::{self, NodeUse, Place};
use crate::ssm::{Document, DocumentKind, needs};

use super::{Exit, bytes};

/// What to generate.
#[derive(Debug, Subcommand)]
pub(super) enum GenerateCommand {
    /// A policy for the role of nodes.
    NodePolicy(NodeArgs),
    /// A policy for the buckets of AWS that agents fetch from.
    S3Policy(S3Args),
    /// A role for each runbook of a document, template or plan.
    Role(RoleArgs),
    /// A control policy that keeps the sharing and settings of Systems Manager to some roles.
    ControlPolicy(ControlArgs),
}

/// Where the policy is for.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// The account.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: String,
    /// The Region; any where it is not given.
    #[arg(long, default_value = "*", value_name = "REGION")]
    region: String,
    /// The partition.
    #[arg(long, default_value = "aws", value_name = "PARTITION")]
    partition: String,
}

/// What nodes are used for.
#[derive(Debug, Args)]
pub(super) struct NodeArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// What the nodes are used for: `core`, `associations`, `documents`, `parameters`, `inventory`, `patching`,
    /// `packages`, `domain-join`, `cloudwatch-agent`, `snapshots`.
    #[arg(long, value_delimiter = ',', default_value = "core", value_name = "FEATURE", value_parser = feature)]
    feature: Vec<Feature>,
    /// A stored parameter or path that documents read; repeatable.
    #[arg(long, value_name = "PATH")]
    parameter: Vec<String>,
    /// A bucket, perhaps with a prefix, that output is written to; repeatable.
    #[arg(long, value_name = "BUCKET")]
    bucket: Vec<String>,
    /// A log group that output is written to; repeatable.
    #[arg(long, value_name = "NAME")]
    log_group: Vec<String>,
    /// The ARN of the key of sessions.
    #[arg(long, value_name = "ARN")]
    key: Option<String>,
    /// Limit what can be to the node that calls.
    #[arg(long)]
    self_scoped: bool,
}

/// The Regions.
#[derive(Debug, Args)]
pub(super) struct S3Args {
    /// The Regions of the nodes.
    #[arg(long, value_delimiter = ',', required = true, value_name = "REGION")]
    region: Vec<String>,
    /// The partition.
    #[arg(long, default_value = "aws", value_name = "PARTITION")]
    partition: String,
}

/// The runbooks.
#[derive(Debug, Args)]
pub(super) struct RoleArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// The document, template or plan; `-` for standard input.
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

/// Who is left out.
#[derive(Debug, Args)]
pub(super) struct ControlArgs {
    /// The ARN of a role that may; wildcards are allowed; repeatable.
    #[arg(long, value_name = "ARN")]
    except: Vec<String>,
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account is twelve digits".to_owned())
    }
}

fn feature(text: &str) -> Result<Feature, String> {
    Feature::named(text).ok_or_else(|| {
        let all: Vec<&str> = Feature::ALL.iter().map(|feature| feature.name()).collect();
        format!("there is no such feature; there are {}", all.join(", "))
    })
}

impl From<&PlaceArgs> for Place {
    fn from(args: &PlaceArgs) -> Self {
        Self { partition: args.partition.clone(), region: args.region.clone(), account: args.account.clone() }
    }
}

/// Runs the command.
pub(super) fn run(command: &GenerateCommand, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    match command {
        GenerateCommand::NodePolicy(args) => {
            let used = NodeUse {
                features: args.feature.clone(),
                parameters: args.parameter.clone(),
                buckets: args.bucket.clone(),
                log_groups: args.log_group.clone(),
                key: args.key.clone(),
                self_scoped: args.self_scoped,
            };
            print(out, &generate::node_policy(&used, &Place::from(&args.place)))
        }
        GenerateCommand::S3Policy(args) => match generate::bucket_policy(&args.region, &args.partition) {
            Ok(policy) => print(out, &policy),
            Err(region) => {
                let message = format!("the names of AWS's buckets in `{region}` are not known");
                report::diagnostics(&[Diagnostic::new(Code::Flag, message)], Look::default(), err)?;
                Ok(Exit::Unusable)
            }
        },
        GenerateCommand::ControlPolicy(args) => print(out, &generate::control_policy(&args.except)),
        GenerateCommand::Role(args) => roles(args, out, err),
    }
}

fn print(out: &mut dyn Write, value: &Value) -> io::Result<Exit> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(Exit::Clean)
}

fn roles(args: &RoleArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let name = args.path.to_string_lossy().into_owned();
    let read = bytes(&args.path).map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        Box::new(Diagnostic::new(Code::Unreadable, message).in_file(name.as_str()))
    });
    let unit = match read.and_then(|bytes| ingest::read(&name, bytes, &Options::default())) {
        Ok(unit) => unit,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Incomplete);
        }
    };
    let tree = &unit.tree;
    let mut made = Vec::new();
    for id in unit.inventory.of_kind(Kind::Document) {
        let Some(entity) = unit.inventory.entity(*id) else { continue };
        let declared =
            entity.get("document_type").and_then(|node| tree.string(node)).and_then(DocumentKind::named);
        let document = entity.get("content").and_then(|root| Document::read(tree, root, declared));
        let Some(document) = document.filter(|document| document.kind.is_automation()) else { continue };
        let needed = needs::of_document(tree, catalog::embedded(), &document);
        let mut role = generate::runbook_role(&needed, &Place::from(&args.place));
        let resource = unit.inventory.resource(entity.resource).map_or("", |resource| &resource.id);
        if let Value::Object(map) = &mut role {
            map.insert("document".to_owned(), json!(resource));
        }
        made.push(role);
    }
    if made.is_empty() {
        let message = "there is no automation document in the input";
        report::diagnostics(
            &[Diagnostic::new(Code::NoInput, message).in_file(name.as_str())],
            Look::default(),
            err,
        )?;
        return Ok(Exit::Unusable);
    }
    print(out, &json!({"version": 1, "roles": made}))
}
