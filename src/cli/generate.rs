//! `rolecall generate`: policies, roles and documents that allow what is needed, and nothing else.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::advise::artifact::{self, Artifact, Form, Role};
use crate::advise::node_wishes;
use crate::catalog;
use crate::check;
use crate::document::{Code, Diagnostic};
use crate::ingest::{Options, Unit};
use crate::model::Kind;
use crate::report::{self, Look};
use crate::ssm::features::Feature;
use crate::ssm::generate::{self, Fetching, NodeUse, OwnBucket, Sessions};
use crate::ssm::statement::{Place, statements};
use crate::ssm::{Document, DocumentKind, needs};

use super::Exit;
use super::hold::Judge;

/// What to generate.
#[derive(Debug, Subcommand)]
pub(super) enum GenerateCommand {
    /// A policy for the role of nodes, or the role with its instance profile.
    #[command(after_help = "Examples:
  rolecall generate node-policy --account 111122223333 --feature core,patching
  rolecall generate node-policy --form cloudformation --role --from template.yaml
  rolecall generate node-policy --form hcl --feature core --bucket my-logs/ssm")]
    NodePolicy(NodeArgs),
    /// A policy for the buckets of AWS that agents fetch from.
    #[command(after_help = "Examples:
  rolecall generate s3-policy --region eu-west-1,eu-north-1
  rolecall generate s3-policy --region us-east-1 --windows --form hcl")]
    S3Policy(S3Args),
    /// A role for each runbook of documents, templates or plans.
    #[command(after_help = "Examples:
  rolecall generate role restart.yaml --account 111122223333
  rolecall generate role runbooks/ --tag Automation=allowed --form cloudformation > roles.yaml")]
    Role(RoleArgs),
    /// The preferences of sessions: where they are logged, how they are encrypted, when they end.
    #[command(after_help = "Examples:
  rolecall generate session-preferences --log-group /ssm/sessions --key alias/sessions --run-as operator --form hcl")]
    SessionPreferences(SessionArgs),
    /// A control policy that keeps the sharing and settings of Systems Manager to some roles.
    #[command(after_help = "Examples:
  rolecall generate control-policy --except 'arn:aws:iam::*:role/platform-*' --form cloudformation")]
    ControlPolicy(ControlArgs),
}

/// The language of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// The bare document; it needs the account.
    #[default]
    Json,
    /// A CloudFormation template in YAML.
    #[value(name = "cloudformation")]
    CloudFormation,
    /// A CloudFormation template in JSON.
    #[value(name = "cloudformation-json")]
    CloudFormationJson,
    /// Terraform's HCL.
    Hcl,
}

/// Whose policy it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum WhoseArg {
    /// A managed policy for roles.
    #[default]
    Role,
    /// The policy of a gateway endpoint.
    Endpoint,
}

/// What nodes fetch from buckets of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FetchArg {
    /// Patches.
    Patch,
    /// Newer agents, and the modules of documents.
    AgentUpdate,
    /// What documents for Windows fetch.
    Windows,
    /// Patches for macOS.
    Macos,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Json => Self::Json,
            FormArg::CloudFormation => Self::CloudFormation,
            FormArg::CloudFormationJson => Self::CloudFormationJson,
            FormArg::Hcl => Self::Hcl,
        }
    }
}

/// Where it is for, and in which language.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// The account; bare JSON needs it, templates ask their tool for it.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<String>,
    /// The Region; in bare JSON any where it is not given.
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The partition.
    #[arg(long, value_name = "PARTITION")]
    partition: Option<String>,
    /// The language of the output.
    #[arg(long, value_enum, default_value_t)]
    form: FormArg,
    /// What it is called, in letters and digits.
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
}

/// What nodes are used for.
#[derive(Debug, Args)]
pub(super) struct NodeArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// What the nodes are used for: `core`, `older-messages`, `associations`, `documents`, `parameters`, `inventory`,
    /// `patching`, `packages`, `domain-join`, `cloudwatch-agent`, `snapshots`. By default `core`, or what `--from` says.
    #[arg(long, value_delimiter = ',', value_name = "FEATURE", value_parser = feature)]
    feature: Vec<Feature>,
    /// A template, plan or folder that says what nodes are used for; repeatable.
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,
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
    #[arg(long, value_name = "ARN", value_parser = key_arn)]
    key: Option<String>,
    /// The oldest agent: before 3.3.40.0 it needs `older-messages` too.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    agent_min_version: Option<[u32; 4]>,
    /// Limit what can be to the node that calls.
    #[arg(long)]
    self_scoped: bool,
    /// Generate the role and its instance profile.
    #[arg(long)]
    role: bool,
}

/// The Regions, and the nodes in them.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags")]
pub(super) struct S3Args {
    /// The Regions of the nodes.
    #[arg(long, value_delimiter = ',', required_unless_present = "own", value_name = "REGION")]
    region: Vec<String>,
    /// The partition.
    #[arg(long, value_name = "PARTITION")]
    partition: Option<String>,
    /// Whose policy it is: that of a role, or that of an endpoint for S3.
    #[arg(long = "for", value_enum, default_value_t)]
    whose: WhoseArg,
    /// What nodes fetch: `patch` and `agent-update` where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FEATURE")]
    features: Vec<FetchArg>,
    /// A bucket of your own that nodes use, instead of those of AWS: with its own policy.
    #[arg(long, value_name = "BUCKET", conflicts_with_all = ["region", "whose"])]
    own: Option<String>,
    /// The prefix of what nodes use of it.
    #[arg(long, value_name = "PREFIX", requires = "own")]
    prefix: Option<String>,
    /// Nodes write to it; otherwise they read.
    #[arg(long, requires = "own")]
    write: bool,
    /// What is written must be encrypted.
    #[arg(long, requires = "own")]
    encrypted: bool,
    /// The ARN of the key that it is encrypted with.
    #[arg(long, value_name = "ARN", requires = "own")]
    key: Option<String>,
    /// The account that it belongs to, where that is another one.
    #[arg(long, value_name = "ACCOUNT", requires_all = ["own", "account"], value_parser = super::args::account)]
    cross_account: Option<String>,
    /// The account of the nodes: the policy of a bucket of another account names it.
    #[arg(long, value_name = "ACCOUNT", value_parser = super::args::account)]
    account: Option<String>,
    /// There are Windows nodes.
    #[arg(long)]
    windows: bool,
    /// There are macOS nodes.
    #[arg(long)]
    macos: bool,
    /// The oldest agent: before 3.3.551.0 it fetches packages from more buckets.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    agent_min_version: Option<[u32; 4]>,
    /// The language of the output.
    #[arg(long, value_enum, default_value_t)]
    form: FormArg,
    /// What it is called, in letters and digits.
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
}

/// The runbooks.
#[derive(Debug, Args)]
pub(super) struct RoleArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// A tag that nodes must have which the caller of a runbook chooses.
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::args::key_value)]
    tag: Option<(String, String)>,
    /// Documents, templates, plans or folders; `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// What sessions are to be like.
#[derive(Debug, Args)]
pub(super) struct SessionArgs {
    /// The bucket of the logs, perhaps with a prefix.
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// The log group that sessions are streamed to.
    #[arg(long, value_name = "NAME", required_unless_present = "bucket")]
    log_group: Option<String>,
    /// The key that sessions are encrypted with: its id, ARN or alias.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The user of sessions on Linux; without one they run as `ssm-user`, who may do everything.
    #[arg(long, value_name = "USER", required_unless_present = "ssm_user")]
    run_as: Option<String>,
    /// Let sessions run as `ssm-user`.
    #[arg(long, conflicts_with = "run_as")]
    ssm_user: bool,
    /// After how many idle minutes sessions end.
    #[arg(long, value_name = "MINUTES", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=60))]
    idle: u8,
    /// After how many minutes sessions end in any case.
    #[arg(long, value_name = "MINUTES", default_value_t = 480, value_parser = clap::value_parser!(u16).range(1..=1440))]
    longest: u16,
    /// The language of the output.
    #[arg(long, value_enum, default_value_t)]
    form: FormArg,
}

/// Who is left out.
#[derive(Debug, Args)]
pub(super) struct ControlArgs {
    /// The ARN of a role that may; wildcards are allowed; repeatable.
    #[arg(long, value_name = "ARN")]
    except: Vec<String>,
    /// The language of the output.
    #[arg(long, value_enum, default_value_t)]
    form: FormArg,
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account is twelve digits".to_owned())
    }
}

fn name(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 50 {
        Ok(text.to_owned())
    } else {
        Err("a name is up to 50 letters and digits, the first a letter".to_owned())
    }
}

fn key_arn(text: &str) -> Result<String, String> {
    if text.starts_with("arn:") && text.contains(":kms:") && text.contains(":key/") {
        Ok(text.to_owned())
    } else {
        Err("expected the ARN of a key: policies do not know aliases".to_owned())
    }
}

fn version(text: &str) -> Result<[u32; 4], String> {
    let mut out = [0; 4];
    let mut parts = text.split('.');
    for slot in &mut out {
        let Some(part) = parts.next() else { break };
        *slot = part.parse().map_err(|_| "expected a version such as `3.3.40.0`".to_owned())?;
    }
    if parts.next().is_some() { Err("a version has up to four numbers".to_owned()) } else { Ok(out) }
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
        GenerateCommand::NodePolicy(args) => node_policy(args, out, err),
        GenerateCommand::S3Policy(args) => s3_policy(args, out, err),
        GenerateCommand::ControlPolicy(args) => {
            let statements = generate::control_statements(&args.except);
            let made = Artifact::ControlPolicy { name: "SystemsManagerSwitches".to_owned(), statements };
            print(&[made], args.form, &Place::default(), out, err)
        }
        GenerateCommand::SessionPreferences(args) => {
            let sessions = Sessions {
                bucket: args.bucket.clone(),
                log_group: args.log_group.clone(),
                key: Some(args.key.clone()),
                run_as: args.run_as.clone(),
                idle: args.idle,
                longest: args.longest,
            };
            let made = Artifact::Document {
                name: "SessionPreferences".to_owned(),
                called: "SSM-SessionManagerRunShell".to_owned(),
                kind: "Session",
                content: generate::session_preferences(&sessions),
            };
            print(&[made], args.form, &Place::default(), out, err)
        }
        GenerateCommand::Role(args) => roles(args, out, err),
    }
}

/// Writes artifacts, or says what is lacking for them.
fn print(
    artifacts: &[Artifact],
    form: FormArg,
    place: &Place,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    match artifact::write(artifacts, form.into(), place) {
        Ok(text) => {
            out.write_all(text.as_bytes())?;
            Ok(Exit::Clean)
        }
        Err(flag) => {
            let message = format!("the {flag} has to be known for bare JSON");
            let help = format!("give `--{flag}`, or another `--form`");
            wrong(message, Some(help), err)
        }
    }
}

/// Says what is wrong with the run.
fn wrong(message: String, help: Option<String>, err: &mut dyn Write) -> io::Result<Exit> {
    let made = Diagnostic::new(Code::Flag, message);
    let made = match help {
        Some(help) => made.help(help),
        None => made,
    };
    report::diagnostics(&[made], Look::default(), err)?;
    Ok(Exit::Unusable)
}

fn node_policy(args: &NodeArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let mut features = args.feature.clone();
    if features.is_empty() && args.from.is_empty() {
        features.push(Feature::Core);
    }
    if features.contains(&Feature::Parameters) && args.parameter.is_empty() {
        let message = "which parameters documents read has to be known".to_owned();
        let help = "name them or their paths by `--parameter`; `/` is all of them".to_owned();
        return wrong(message, Some(help), err);
    }
    if args.agent_min_version.is_some_and(|version| version < [3, 3, 40, 0]) {
        features.push(Feature::Messages);
    }
    let used = NodeUse {
        features,
        parameters: args.parameter.clone(),
        buckets: args.bucket.clone(),
        log_groups: args.log_group.clone(),
        key: args.key.clone(),
        self_scoped: args.self_scoped,
    };
    let mut wanted = generate::node_wanted(&used);
    let mut unknown = Vec::new();
    let mut exit = Exit::Clean;
    if !args.from.is_empty() {
        let visited = check::visit(&args.from, &[], &Options::default(), |mut unit| node_wishes(&mut unit));
        report::diagnostics(&visited.diagnostics, Look::default(), err)?;
        exit = Exit::from(visited.outcome);
        for (wishes, open) in visited.made {
            wanted.extend(wishes.into_iter().map(|wish| generate::narrowed(wish, args.self_scoped)));
            unknown.extend(open);
        }
        if wanted.is_empty() && exit == Exit::Clean {
            let message = "nothing in the input uses nodes through Systems Manager".to_owned();
            return wrong(message, Some("name what they are used for by `--feature`".to_owned()), err);
        }
    }
    let statements = statements(&wanted);
    let made = if args.role {
        Artifact::Role(Role {
            name: args.place.name.clone().unwrap_or_else(|| "NodeRole".to_owned()),
            description: "what nodes under Systems Manager need".to_owned(),
            trust: generate::node_trust(),
            managed: Vec::new(),
            statements,
            profile: true,
            unknown: unknown.clone(),
        })
    } else {
        let name = args.place.name.clone().unwrap_or_else(|| "NodePolicy".to_owned());
        Artifact::Policy { name, statements }
    };
    let told: Vec<Diagnostic> =
        unknown.into_iter().map(|what| Diagnostic::new(Code::NotEvaluated, what)).collect();
    report::diagnostics(&told, Look::default(), err)?;
    Ok(exit.max(print(&[made], args.place.form, &Place::from(&args.place), out, err)?))
}

fn s3_policy(args: &S3Args, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let place =
        Place { partition: args.partition.clone(), account: args.account.clone(), ..Place::default() };
    if let Some(bucket) = &args.own {
        let own = OwnBucket {
            bucket: bucket.clone(),
            prefix: args.prefix.clone(),
            write: args.write,
            encrypted: args.encrypted,
            key: args.key.clone(),
            account: args.cross_account.clone(),
        };
        let name = args.name.clone().unwrap_or_else(|| "OwnBucket".to_owned());
        let policy =
            Artifact::Policy { name: name.clone(), statements: generate::own_bucket_statements(&own) };
        let statements = generate::own_bucket_policy(&own);
        let of_bucket =
            Artifact::BucketPolicy { name: format!("{name}Policy"), bucket: bucket.clone(), statements };
        return print(&[policy, of_bucket], args.form, &place, out, err);
    }
    let has = |feature: FetchArg| args.features.contains(&feature);
    let fetching = Fetching {
        windows: args.windows || has(FetchArg::Windows),
        macos: args.macos || has(FetchArg::Macos),
        old_agents: args.agent_min_version.is_some_and(|version| version < [3, 3, 551, 0]),
        unpatched: !args.features.is_empty() && !has(FetchArg::Patch),
    };
    match generate::bucket_statements(&args.region, fetching) {
        Ok(mut statements) => {
            let made = match args.whose {
                WhoseArg::Role => {
                    let name = args.name.clone().unwrap_or_else(|| "AgentBuckets".to_owned());
                    Artifact::Policy { name, statements }
                }
                WhoseArg::Endpoint => {
                    for statement in &mut statements {
                        statement.anybody = true;
                    }
                    let name = args.name.clone().unwrap_or_else(|| "AgentBucketsEndpoint".to_owned());
                    Artifact::Endpoint { name, statements }
                }
            };
            print(&[made], args.form, &place, out, err)
        }
        Err(region) => wrong(format!("the names of AWS's buckets in `{region}` are not known"), None, err),
    }
}

/// A role for each runbook.
fn roles(args: &RoleArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let visited =
        check::visit(&args.paths, &[], &Options::default(), |unit| of_unit(&unit, args.tag.as_ref()));
    report::diagnostics(&visited.diagnostics, Look::default(), err)?;
    let mut made: Vec<Role> = visited.made.into_iter().flatten().collect();
    let exit = Exit::from(visited.outcome);
    if made.is_empty() {
        if exit != Exit::Clean {
            return Ok(exit);
        }
        return wrong("there is no automation document in the input".to_owned(), None, err);
    }
    if let (Some(name), [only]) = (&args.place.name, made.as_mut_slice()) {
        only.name.clone_from(name);
    }
    tell_apart(&mut made);
    let judge = Judge::new();
    for role in &mut made {
        match args.place.form {
            // Bare documents have no parameters: what is too wide is said beside them.
            FormArg::Json => {
                let mut held = role.clone();
                judge.hold(&mut held);
                let asked = held
                    .statements
                    .iter()
                    .filter_map(|one| one.asks.as_ref().map(|asks| (&one.actions, asks)));
                let told = asked
                    .map(|(actions, asks)| format!("to be narrowed: `{}` to {asks}", actions.join("`, `")));
                role.unknown = told.chain(held.unknown.iter().cloned()).collect();
            }
            _ => judge.hold(role),
        }
    }
    let artifacts: Vec<Artifact> = made.into_iter().map(Artifact::Role).collect();
    Ok(exit.max(print(&artifacts, args.place.form, &Place::from(&args.place), out, err)?))
}

/// Numbers roles of one name.
fn tell_apart(roles: &mut [Role]) {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for role in roles {
        let count = seen.entry(role.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            role.name = format!("{}{count}", role.name);
        }
    }
}

fn of_unit(unit: &Unit, tag: Option<&(String, String)>) -> Vec<Role> {
    let tree = &unit.tree;
    let mut out = Vec::new();
    for id in unit.inventory.of_kind(Kind::Document) {
        let Some(entity) = unit.inventory.entity(*id) else { continue };
        let declared =
            entity.get("document_type").and_then(|node| tree.string(node)).and_then(DocumentKind::named);
        let document = entity.get("content").and_then(|root| Document::read(tree, root, declared));
        let Some(document) = document.filter(|document| document.kind.is_automation()) else { continue };
        let needed = needs::of_document(tree, catalog::embedded(), &document);
        let id = unit.inventory.resource(entity.resource).map_or("", |resource| &resource.id);
        out.push(Role {
            name: format!("{}Role", words(id)),
            description: format!("what the runbook {id} needs"),
            trust: generate::automation_trust(),
            managed: Vec::new(),
            statements: statements(&generate::runbook_wanted(&needed, tag)),
            profile: false,
            unknown: needed.open.into_iter().map(|(_, why)| why).collect(),
        });
    }
    out
}

/// `aws_ssm_document.restart-web` as `RestartWeb`.
fn words(id: &str) -> String {
    let last = id.rsplit(['.', '/']).next().unwrap_or(id);
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let made: String = last.split(|c: char| !c.is_ascii_alphanumeric()).map(capitalised).collect();
    let made: String = made.chars().take(46).collect();
    if made.starts_with(|c: char| c.is_ascii_alphabetic()) { made } else { format!("Runbook{made}") }
}
