//! Secrets in documents, and code that is fetched without a check of what comes.

use std::borrow::Cow;

use crate::document::{NodeId, Piece, Tree, View};
use crate::ssm::parameter::Parameter;
use crate::ssm::reference::Target;
use crate::ssm::script::{Script, uses_below};
use crate::ssm::secrets::{assigned_secret, has_password, is_literal, is_marked, says_secret};
use crate::ssm::step::Step;

use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>) {
    for parameter in &finder.document.parameters {
        secret_parameter(finder, parameter);
    }
    for step in &finder.document.steps {
        secrets(finder, step);
        integrity(finder, step);
    }
}

fn secret_parameter(finder: &mut Finder<'_>, parameter: &Parameter) {
    let name = parameter.name.to_ascii_lowercase();
    let says_so = says_secret(&name);
    let text = parameter.ty.as_deref().is_none_or(|ty| matches!(ty, "String" | "StringList"));
    // A name, an ARN or a path of where a secret is kept is none.
    let described = finder.tree.get(parameter.node, "description").and_then(|node| finder.tree.string(node));
    let described = described.unwrap_or("").to_ascii_lowercase();
    let leads_to = name.contains("secretsman")
        || [
            "arn",
            "secret name",
            "parameter name",
            "secrets manager",
            "parameter store",
            "name of the secret",
        ]
        .iter()
        .any(|word| described.contains(word));
    if says_so && !leads_to && text && parameter.language.values().is_none() && !restricted(parameter) {
        let message =
            format!("the value of `{}` is kept in the command history and in CloudTrail", parameter.name);
        finder.add(Topic::Secret, "secret_parameter", parameter.key, message);
    }
    let of_default = parameter.default.and_then(|node| Some((node, finder.tree.string(node)?)));
    if let Some((node, _)) = of_default.filter(|(_, text)| is_marked(text) || has_password(text)) {
        let message = format!("the default of `{}` is a secret in the document", parameter.name);
        finder.add(Topic::Secret, "literal_secret", node, message);
    } else if let Some(node) = parameter.default
        && says_so
        && !leads_to
        && let Some(text) = finder.tree.string(node)
        && !text.is_empty()
        && !text.contains("{{")
        && text.chars().count() >= 6
        && !text.contains([' ', '*'])
        && parameter.language.values().is_none()
    {
        let message = format!("the default of `{}` is a secret in the document", parameter.name);
        finder.add(Topic::Secret, "literal_secret", node, message);
    }
}

/// Whether the pattern only lets through names of where a secret is kept.
fn restricted(parameter: &Parameter) -> bool {
    parameter.language.pattern().is_some_and(|pattern| {
        let bare = pattern.trim_start_matches(['^', '(', '?', ':', '\\']);
        bare.starts_with("arn")
            || bare.starts_with('/')
            || bare.starts_with("{{ssm")
            || bare.contains("{{ssm")
    })
}

fn secrets(finder: &mut Finder<'_>, step: &Step) {
    let tree = finder.tree;
    let Some(inputs) = step.inputs else { return };
    for node in texts(tree, inputs) {
        let text = &*known(tree, node);
        let marked = is_marked(text) || has_password(text);
        if marked {
            finder.add(Topic::Secret, "literal_secret", node, "a secret stands in the document");
            if tree.string(node).is_some() {
                finder.at(line_of(text, |line| is_marked(line) || has_password(line)));
            }
        }
        if let Some(name) = assigned_secret(text) {
            let message = format!("the value of `{name}` is a secret in the document");
            finder.add(Topic::Secret, "literal_secret", node, message);
            if tree.string(node).is_some() {
                finder.at(line_of(text, |line| assigned_secret(line).is_some()));
            }
        }
    }
    for (name, node) in named(tree, inputs) {
        if is_named_secret(name, tree.string(node).unwrap_or("")) {
            let message = format!("the value of `{name}` is a secret in the document");
            finder.add(Topic::Secret, "literal_secret", node, message);
        }
    }
    if &*step.action != "aws:downloadContent" {
        for found in uses_below(tree, inputs) {
            if let Target::Secret(name) = &found.reference.target {
                let message = format!(
                    "`{{{{ssm-secure:{name}}}}}` is understood by `aws:downloadContent` alone; here it stays text"
                );
                finder.add(Topic::Secret, "misplaced_secret", found.node, message);
            }
        }
    }
}

/// Whether the value of an input or of an environment is a secret by its name, and looks like one.
fn is_named_secret(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // These tell two calls from each other.
    let of_call = ["clienttoken", "requesttoken", "nexttoken", "idempotencytoken", "creationtoken"];
    let mixed = value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(|c| c.is_ascii_alphabetic());
    says_secret(name)
        && !of_call.iter().any(|own| lower.ends_with(own))
        && is_literal(value)
        && value.len() >= 8
        && mixed
        && !is_marked(value)
        && !value.contains(['(', ')', '<', '>', '$', '%'])
}

/// The texts below a node that a key names, with that key.
fn named(tree: &Tree, root: NodeId) -> Vec<(&str, NodeId)> {
    let mut out = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => {
                for (_, key, value) in map.iter() {
                    match tree.view(value) {
                        View::String(_) => out.push((key, value)),
                        _ => stack.push(value),
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// The bytes of the first line of a text that something is true of.
fn line_of(text: &str, is: impl Fn(&str) -> bool) -> (usize, usize) {
    let mut from = 0;
    for line in text.split('\n') {
        if is(line) {
            let start = from + (line.len() - line.trim_start().len());
            return (start, from + line.trim_end().len());
        }
        from += line.len() + 1;
    }
    (0, text.len())
}

/// The scalars below a node.
fn texts(tree: &Tree, root: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::String(_) | View::Text(_) => out.push(node),
            _ => {}
        }
    }
    out
}

/// A text; what is not known of it is as a reference is.
fn known(tree: &Tree, node: NodeId) -> Cow<'_, str> {
    match tree.view(node) {
        View::Text(pieces) => {
            let shown = |piece: &Piece| match piece {
                Piece::Literal(text) => text.to_string(),
                Piece::Hole(_) => "${}".to_owned(),
            };
            Cow::Owned(pieces.iter().map(shown).collect())
        }
        _ => Cow::Borrowed(tree.string(node).unwrap_or("")),
    }
}

fn integrity(finder: &mut Finder<'_>, step: &Step) {
    let tree = finder.tree;
    match &*step.action {
        "aws:downloadContent" => download(finder, step),
        "aws:psModule" | "aws:applications" => {
            if let Some(source) = step.input(tree, "source")
                && step.text(tree, "sourceHash").is_none_or(str::is_empty)
                && step.input(tree, "sourceHash").is_none_or(|node| tree.string(node).is_some())
            {
                finder.add(
                    Topic::Integrity,
                    "no_hash",
                    source,
                    "what is installed is not checked by `sourceHash`",
                );
            }
        }
        "aws:updateSsmAgent" => {
            if let Some(node) = step.input(tree, "allowDowngrade")
                && tree.scalar(node) == Some("true")
            {
                finder.add(Topic::Integrity, "downgrade", node, "the agent may be replaced by an older one");
            }
        }
        "aws:runShellScript" | "aws:runPowerShellScript" => script(finder, step.input(tree, "runCommand")),
        "aws:runCommand" => {
            let commands = step.input(tree, "Parameters").and_then(|node| tree.get(node, "commands"));
            script(finder, commands);
        }
        _ => {}
    }
}

fn download(finder: &mut Finder<'_>, step: &Step) {
    let tree = finder.tree;
    let Some(info) = step.input(tree, "sourceInfo") else { return };
    let kind = step.text(tree, "sourceType").unwrap_or("");
    let text = match tree.view(info) {
        View::Map(map) => {
            let all = map.iter().map(|(_, key, value)| format!("\"{key}\": \"{}\"", tree.display(value)));
            all.collect::<Vec<_>>().join(", ")
        }
        _ => Script::of(tree, info).plain(),
    };
    if text.contains("http://") && !text.contains("http://169.254.") {
        finder.add(Topic::Integrity, "plain_http", info, "code is fetched over plain HTTP");
        finder.suggest_for("http://", "https://");
    }
    if matches!(kind, "GitHub" | "Git") {
        let by_branch = text.contains("branch:") || !text.contains("commitID") && text.contains("getOptions");
        if by_branch {
            finder.add(
                Topic::Integrity,
                "branch",
                info,
                "code is fetched from a branch: name a commit (`commitID:…`)",
            );
        }
    }
}

/// Downloads that are run as they come.
fn script(finder: &mut Finder<'_>, node: Option<NodeId>) {
    let tree = finder.tree;
    let Some(node) = node else { return };
    for scalar in scalars(tree, node) {
        let text = Script::of(tree, scalar).plain();
        let mut from = 0;
        let mut joined = String::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim();
            if joined.is_empty() {
                start = from + (line.len() - line.trim_start().len());
            }
            let end = from + line.trim_end().len();
            from += line.len();
            if joined.is_empty() && bare.starts_with('#') {
                continue;
            }
            joined.push_str(bare.trim_end_matches(['\\', '`']));
            // A command goes on behind a pipe, or where its line break is taken back.
            if bare.ends_with(['\\', '`', '|']) {
                continue;
            }
            if let Some(what) = unchecked(&joined) {
                let message = format!("{what}: `{}`", short(&joined));
                finder.add(Topic::Integrity, "unchecked_download", scalar, message);
                if matches!(tree.view(scalar), View::String(own) if own.len() == text.len()) {
                    finder.at((start, end));
                }
                return;
            }
            joined.clear();
        }
    }
}

/// The scalars of a script, in order.
fn scalars(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    match tree.view(node) {
        View::List(list) => list.iter().flat_map(|one| scalars(tree, one)).collect(),
        View::Choice(all) => {
            all.iter().filter_map(|one| one.value).flat_map(|one| scalars(tree, one)).collect()
        }
        _ => vec![node],
    }
}

fn unchecked(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    // What a machine asks of itself is not downloaded.
    if ["://localhost", "://127.0.0.1", "://169.254."].iter().any(|own| lower.contains(own)) {
        return None;
    }
    let fetches = ["curl ", "wget ", "iwr ", "invoke-webrequest", "downloadstring"]
        .iter()
        .any(|word| lower.contains(word));
    let piped = lower.rsplit('|').next().map(str::trim).is_some_and(|last| {
        let first = last.trim_start_matches("sudo ").split_whitespace().next().unwrap_or("");
        lower.contains('|')
            && matches!(first, "sh" | "bash" | "zsh" | "python" | "python3" | "iex" | "invoke-expression")
    });
    let evaluated = (lower.contains("iex ") || lower.contains("iex(") || lower.contains("invoke-expression"))
        && (lower.contains("iwr") || lower.contains("invoke-webrequest") || lower.contains("downloadstring"));
    if fetches && piped || evaluated {
        return Some("what is downloaded is run unseen");
    }
    if fetches
        && (lower.contains("--no-check-certificate")
            || lower.contains("--insecure")
            || lower.contains("curl -k "))
    {
        return Some("the certificate of the server is not checked");
    }
    if lower.contains("pip install") && lower.contains("http://")
        || lower.contains("pip3 install") && lower.contains("http://")
    {
        return Some("a package is fetched over plain HTTP");
    }
    None
}

fn short(line: &str) -> String {
    if line.chars().count() > 100 { line.chars().take(99).chain(['…']).collect() } else { line.to_owned() }
}
