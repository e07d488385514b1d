//! What the inputs of a step do with the values that they are given.

use crate::document::{Kind, NodeId, Tree, View};

use super::api;
use super::document::Document;
use super::step::Step;

/// A class of sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Shell text.
    Shell,
    /// PowerShell text.
    PowerShell,
    /// Python source.
    Python,
    /// One argument of a program.
    Argument,
    /// Text that is split into arguments.
    CommandLine,
    /// Where something is fetched from.
    Url,
    /// A path.
    Path,
    /// What names the code that runs: a document, a function, a package, an image.
    Document,
    /// A role.
    Role,
    /// Which API is called.
    Api,
    /// A parameter of an API that decides who may do what, or which code runs.
    Parameter,
    /// Text that is parsed as JSON.
    Json,
    /// What is acted on.
    Target,
}

impl Class {
    /// The name in facts and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::PowerShell => "powershell",
            Self::Python => "python",
            Self::Argument => "argument",
            Self::CommandLine => "command_line",
            Self::Url => "url",
            Self::Path => "path",
            Self::Document => "document",
            Self::Role => "role",
            Self::Api => "api",
            Self::Parameter => "api_parameter",
            Self::Json => "json",
            Self::Target => "target",
        }
    }

    /// Whether what reaches it is run.
    pub fn is_code(self) -> bool {
        matches!(self, Self::Shell | Self::PowerShell | Self::Python)
    }
}

/// An input that does something with values.
#[derive(Clone, Debug)]
pub struct Sink {
    /// What it does.
    pub class: Class,
    /// The value of the input.
    pub node: NodeId,
    /// Its name, with the path below the inputs.
    pub input: Box<str>,
    /// The service and operation of an API sink.
    pub operation: Option<(Box<str>, Box<str>)>,
}

/// Another document that a step runs, and the values that it gives to its parameters.
#[derive(Clone, Debug)]
pub struct Call {
    /// The node of the name.
    pub document: NodeId,
    /// The parameters: name, name node and value.
    pub arguments: Vec<(Box<str>, NodeId)>,
}

/// The sinks and calls of a step.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) sinks: Vec<Sink>,
    pub(super) call: Option<Call>,
}

/// Inputs of one class: of an action, by name.
type Simple = (&'static str, &'static [(&'static str, Class)]);

const SIMPLE: &[Simple] = &[
    ("aws:runShellScript", &[("runCommand", Class::Shell), ("workingDirectory", Class::Path)]),
    ("aws:runPowerShellScript", &[("runCommand", Class::PowerShell), ("workingDirectory", Class::Path)]),
    ("aws:runDocument", &[("documentPath", Class::Document), ("documentType", Class::Document)]),
    ("aws:downloadContent", &[("sourceType", Class::Document), ("destinationPath", Class::Path)]),
    ("aws:configurePackage", &[("name", Class::Document)]),
    ("aws:applications", &[("source", Class::Url), ("parameters", Class::CommandLine)]),
    (
        "aws:psModule",
        &[("source", Class::Url), ("runCommand", Class::PowerShell), ("workingDirectory", Class::Path)],
    ),
    (
        "aws:runDockerAction",
        &[
            ("image", Class::Document),
            ("cmd", Class::Document),
            ("volume", Class::Document),
            ("user", Class::Argument),
        ],
    ),
    (
        "aws:domainJoin",
        &[("directoryOU", Class::CommandLine), ("directoryName", Class::Target), ("hostname", Class::Target)],
    ),
    ("aws:updateSsmAgent", &[("source", Class::Url)]),
    ("aws:updateAgent", &[("source", Class::Url)]),
    ("aws:approve", &[("Approvers", Class::Target)]),
    ("aws:changeInstanceState", &[("InstanceIds", Class::Target)]),
    ("aws:copyImage", &[("SourceImageId", Class::Target)]),
    ("aws:createImage", &[("InstanceId", Class::Target)]),
    ("aws:deleteImage", &[("ImageId", Class::Target)]),
    (
        "aws:createStack",
        &[
            ("TemplateURL", Class::Url),
            ("TemplateBody", Class::Json),
            ("RoleARN", Class::Role),
            ("StackPolicyURL", Class::Url),
        ],
    ),
    ("aws:deleteStack", &[("StackName", Class::Target), ("RoleARN", Class::Role)]),
    ("aws:createTags", &[("ResourceIds", Class::Target)]),
    ("aws:executeAutomation", &[("DocumentName", Class::Document)]),
    (
        "aws:runCommand",
        &[
            ("DocumentName", Class::Document),
            ("ServiceRoleArn", Class::Role),
            ("InstanceIds", Class::Target),
            ("Targets", Class::Target),
        ],
    ),
    ("aws:executeStateMachine", &[("stateMachineArn", Class::Document), ("input", Class::Json)]),
    ("aws:invokeLambdaFunction", &[("FunctionName", Class::Document), ("Payload", Class::Json)]),
    ("aws:invokeWebhook", &[("IntegrationName", Class::Document), ("Body", Class::Json)]),
    (
        "aws:runInstances",
        &[
            ("UserData", Class::Shell),
            ("IamInstanceProfileArn", Class::Role),
            ("IamInstanceProfileName", Class::Role),
            ("ImageId", Class::Document),
            ("KeyName", Class::Target),
        ],
    ),
    ("session:Port", &[("host", Class::Target), ("portNumber", Class::Target)]),
    ("session:shellProfile", &[("linux", Class::Shell), ("windows", Class::PowerShell)]),
];

/// Inputs that every action has and that go nowhere.
const SERVICE_KEYS: &[&str] = &["Service", "Api", "PropertySelector", "DesiredValues"];

/// The other document that a step runs.
pub fn called(tree: &Tree, document: &Document, step: &Step) -> Option<Call> {
    reach(tree, document, step).call
}

/// What a step does with values.
pub(super) fn reach(tree: &Tree, document: &Document, step: &Step) -> Reach {
    let mut out = Reach::default();
    let action = &*step.action;
    if let Some((_, inputs)) = SIMPLE.iter().find(|(name, _)| *name == action) {
        for (name, class) in *inputs {
            out.add(step.input(tree, name), *class, name);
        }
    }
    match action {
        "aws:executeScript" => script(tree, step, &mut out),
        "aws:executeAwsApi" | "aws:assertAwsResourceProperty" | "aws:waitForAwsResourceProperty" => {
            api_call(tree, step, &mut out);
        }
        "aws:runCommand" => out.call = call(tree, step, "DocumentName", "Parameters"),
        "aws:executeAutomation" => out.call = call(tree, step, "DocumentName", "RuntimeParameters"),
        "aws:runDocument" => {
            out.call = call(tree, step, "documentPath", "documentParameters");
            let parameters = step.input(tree, "documentParameters");
            if parameters.is_some_and(|node| matches!(tree.kind(node), Kind::String | Kind::Text)) {
                out.add(parameters, Class::Json, "documentParameters");
            }
        }
        "aws:downloadContent" => download(tree, step, &mut out),
        "session:InteractiveCommands" | "session:NonInteractiveCommands" => session(tree, step, &mut out),
        _ => {}
    }
    // Objects are passed as they are; only text is parsed.
    out.sinks
        .retain(|sink| sink.class != Class::Json || !matches!(tree.kind(sink.node), Kind::Map | Kind::List));
    let _ = document;
    out
}

impl Reach {
    fn add(&mut self, node: Option<NodeId>, class: Class, input: &str) {
        if let Some(node) = node {
            self.sinks.push(Sink { class, node, input: input.into(), operation: None });
        }
    }
}

fn script(tree: &Tree, step: &Step, out: &mut Reach) {
    let runtime = step.text(tree, "Runtime").unwrap_or("python3");
    let class =
        if runtime.to_ascii_lowercase().contains("powershell") { Class::PowerShell } else { Class::Python };
    out.add(step.input(tree, "Script"), class, "Script");
    out.add(step.input(tree, "Handler"), Class::Document, "Handler");
    out.add(step.input(tree, "Attachment"), Class::Document, "Attachment");
}

fn api_call(tree: &Tree, step: &Step, out: &mut Reach) {
    out.add(step.input(tree, "Service"), Class::Api, "Service");
    out.add(step.input(tree, "Api"), Class::Api, "Api");
    let service = step.text(tree, "Service").unwrap_or("");
    let operation = step.text(tree, "Api").unwrap_or("");
    for (name, node) in step.entries(tree) {
        if SERVICE_KEYS.contains(&name) || !api::is_sensitive(service, operation, name) {
            continue;
        }
        out.sinks.push(Sink {
            class: Class::Parameter,
            node,
            input: name.into(),
            operation: Some((service.into(), operation.into())),
        });
    }
}

fn call(tree: &Tree, step: &Step, document: &str, parameters: &str) -> Option<Call> {
    let document = step.input(tree, document)?;
    let arguments = match step.input(tree, parameters).map(|node| tree.view(node)) {
        Some(View::Map(map)) => map.iter().map(|(_, name, value)| (name.into(), value)).collect(),
        _ => Vec::new(),
    };
    Some(Call { document, arguments })
}

fn download(tree: &Tree, step: &Step, out: &mut Reach) {
    let Some(info) = step.input(tree, "sourceInfo") else { return };
    match tree.view(info) {
        View::Map(map) => {
            for (_, name, value) in map.iter() {
                let class = match name {
                    "url" | "path" | "repository" | "owner" | "name" => Class::Url,
                    _ => continue,
                };
                out.add(Some(value), class, &format!("sourceInfo.{name}"));
            }
        }
        _ if super::script::Script::of(tree, info).is_one_reference() => {
            out.add(Some(info), Class::Url, "sourceInfo");
        }
        _ => out.add(Some(info), Class::Json, "sourceInfo"),
    }
}

fn session(tree: &Tree, step: &Step, out: &mut Reach) {
    let windows = step.platform.as_deref() == Some("windows");
    let class = match (&*step.action, windows) {
        ("session:InteractiveCommands", false) => Class::Shell,
        ("session:InteractiveCommands", true) => Class::PowerShell,
        _ if runs_shell(tree, step) => Class::Shell,
        _ => Class::CommandLine,
    };
    out.add(step.input(tree, "commands"), class, "commands");
}

/// Whether the command is itself a shell that reads its argument.
fn runs_shell(tree: &Tree, step: &Step) -> bool {
    let text = step.input(tree, "commands").map(|node| super::script::Script::of(tree, node).plain());
    let words: Vec<String> = text
        .unwrap_or_default()
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']).to_owned())
        .collect();
    let is_shell = |word: &String| {
        matches!(
            word.rsplit('/').next().unwrap_or(""),
            "sh" | "bash" | "dash" | "zsh" | "ksh" | "powershell" | "pwsh"
        )
    };
    words.iter().any(is_shell) && words.iter().any(|word| word == "-c" || word == "-lc" || word == "-Command")
}
