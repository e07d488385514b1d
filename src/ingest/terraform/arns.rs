//! What attributes of a type are, before AWS has made the resource: names and ARNs follow from what is configured.

use crate::document::{Hole, HoleKind, NodeId, Piece, Tree};

use super::instances::Instance;
use super::plan::Plan;
use super::providers::Providers;

/// How the ARN of a type is made.
struct Form {
    ty: &'static str,
    service: &'static str,
    /// Whether the ARN names the Region.
    regional: bool,
    /// Whether the ARN names the account.
    owned: bool,
    /// What stands before path and name.
    prefix: &'static str,
    /// The argument that holds the name.
    name: &'static str,
    id: Id,
}

/// What the attribute `id` is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Id {
    Name,
    Arn,
    Other,
}

const fn global(ty: &'static str, prefix: &'static str, id: Id) -> Form {
    Form { ty, service: "iam", regional: false, owned: true, prefix, name: "name", id }
}

const fn regional(
    ty: &'static str,
    service: &'static str,
    prefix: &'static str,
    name: &'static str,
    id: Id,
) -> Form {
    Form { ty, service, regional: true, owned: true, prefix, name, id }
}

const FORMS: &[Form] = &[
    global("aws_iam_role", "role", Id::Name),
    global("aws_iam_user", "user", Id::Name),
    global("aws_iam_group", "group", Id::Name),
    global("aws_iam_policy", "policy", Id::Arn),
    global("aws_iam_instance_profile", "instance-profile", Id::Name),
    Form {
        ty: "aws_s3_bucket",
        service: "s3",
        regional: false,
        owned: false,
        prefix: "",
        name: "bucket",
        id: Id::Name,
    },
    regional("aws_kms_key", "kms", "key/", "key_id", Id::Other),
    regional("aws_ssm_document", "ssm", "document/", "name", Id::Name),
    regional("aws_ssm_parameter", "ssm", "parameter/", "name", Id::Name),
    regional("aws_cloudwatch_log_group", "logs", "log-group:", "name", Id::Name),
    regional("aws_sns_topic", "sns", "", "name", Id::Arn),
    regional("aws_sqs_queue", "sqs", "", "name", Id::Other),
    regional("aws_lambda_function", "lambda", "function:", "function_name", Id::Name),
    regional("aws_dynamodb_table", "dynamodb", "table/", "name", Id::Name),
    regional("aws_sfn_state_machine", "states", "stateMachine:", "name", Id::Arn),
    regional("aws_autoscaling_group", "autoscaling", "", "name", Id::Name),
    regional("aws_launch_configuration", "autoscaling", "", "name", Id::Name),
];

fn form(ty: &str) -> Option<&'static Form> {
    let ty = ty.strip_prefix("data.").unwrap_or(ty);
    FORMS.iter().find(|form| form.ty == ty)
}

/// What an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Name,
    Arn,
    Other,
}

/// What an attribute of a type is: its name, its ARN, or something else.
pub(crate) fn meaning(ty: &str, attribute: &str) -> Meaning {
    let id = form(ty).map_or(Id::Other, |form| form.id);
    match attribute {
        "arn" => Meaning::Arn,
        "id" if id == Id::Arn => Meaning::Arn,
        "id" if id == Id::Name => Meaning::Name,
        "name" => Meaning::Name,
        _ if form(ty).is_some_and(|form| form.name == attribute) => Meaning::Name,
        _ => Meaning::Other,
    }
}

/// Whether ARNs of a type are used as they are in policies. Those of a bucket or log group are mostly the start of what a
/// statement is about.
pub(crate) fn stands_alone(ty: &str) -> bool {
    ty.starts_with("aws_iam_")
        || matches!(ty, "aws_kms_key" | "aws_sns_topic" | "aws_sqs_queue" | "aws_sfn_state_machine")
        || ty == "aws_secretsmanager_secret"
}

/// The configured name of an instance.
pub(crate) fn name(tree: &Tree, instance: &Instance) -> Option<NodeId> {
    let argument = form(&instance.ty).map_or("name", |form| form.name);
    tree.get(instance.after?, argument).filter(|&node| tree.string(node).is_some_and(|name| !name.is_empty()))
}

/// The ARN of an instance, as pieces: what is not known of its place and name is a hole.
pub(crate) fn arn(
    tree: &Tree,
    plan: &Plan,
    providers: &Providers,
    instance: &Instance,
) -> Option<Vec<Piece>> {
    let form = form(&instance.ty).filter(|form| form.service != "autoscaling" && instance.managed)?;
    let name = name(tree, instance).and_then(|name| tree.string(name));
    let region = providers.region(tree, plan, instance);
    let literal = |text: &str| Piece::Literal(text.into());
    let mut pieces = vec![literal("arn:"), providers.partition(region), literal(":")];
    pieces.extend([literal(form.service), literal(":")]);
    if form.regional {
        pieces.push(Providers::region_piece(region));
    }
    pieces.push(literal(":"));
    if form.owned {
        pieces.push(providers.account(plan, instance));
    }
    pieces.extend([literal(":"), literal(form.prefix)]);
    if form.service == "iam" {
        let path = tree.get(instance.after?, "path").and_then(|path| tree.string(path));
        pieces.push(literal(path.filter(|path| path.starts_with('/')).unwrap_or("/")));
    }
    pieces.push(match name {
        // The slash that ends `parameter/` is the one that a hierarchical name starts with.
        Some(name) if form.prefix.ends_with('/') => literal(name.strip_prefix('/').unwrap_or(name)),
        Some(name) => literal(name),
        None => Piece::Hole(Hole {
            kind: HoleKind::Name { resource: instance.node },
            name: format!("{}.{}", instance.address, form.name).into(),
        }),
    });
    Some(pieces)
}
