//! Values in the environment (`interpolationType: ENV_VAR`): whether they get there, and whether they are run again.

use crate::document::{NodeId, Tree};
use crate::ssm::DocumentKind;
use crate::ssm::script::Script;
use crate::ssm::step::Step;

use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    for step in &document.steps {
        let places = [Some(step.node), step.inputs];
        let misplaced = places.into_iter().flatten().find_map(|node| tree.get(node, "interpolationType"));
        if let Some(node) = misplaced {
            let message = "`interpolationType` belongs to a parameter; on a step it has no effect";
            finder.add(Topic::Environment, "misplaced", node, message);
        }
    }
    let names: Vec<(String, NodeId)> = document
        .parameters
        .iter()
        .filter(|parameter| parameter.by_environment)
        .map(|parameter| {
            (
                parameter.name.to_string(),
                tree.get(parameter.node, "interpolationType").unwrap_or(parameter.node),
            )
        })
        .collect();
    if names.is_empty() {
        return;
    }
    let version = document.schema_version.as_deref().unwrap_or("");
    if document.kind != DocumentKind::Command || !version.is_empty() && version != "2.2" {
        for (_, node) in &names {
            let message = "only documents of type Command and schema 2.2 pass values in the environment";
            finder.add(Topic::Environment, "unsupported", *node, message);
        }
        return;
    }
    for step in &document.steps {
        let shell = match &*step.action {
            "aws:runShellScript" => true,
            "aws:runPowerShellScript" => false,
            _ => continue,
        };
        scripts(finder, tree, step, &names, shell);
    }
}

fn scripts(finder: &mut Finder<'_>, tree: &Tree, step: &Step, names: &[(String, NodeId)], shell: bool) {
    let Some(node) = step.input(tree, "runCommand") else { return };
    let text = Script::of(tree, node).plain();
    for (name, _) in names {
        for found in mentions(&text, shell) {
            if found.name != *name && found.name.eq_ignore_ascii_case(name) {
                let message = format!("the variable of `{name}` is `SSM_{name}`, not `SSM_{}`", found.name);
                finder.add(Topic::Environment, "other_case", node, message);
                finder.suggest_for(&found.written, found.written.replace(&found.name, name));
            } else if found.name == *name && found.run_again {
                let message = format!("`SSM_{name}` is run as code again");
                finder.add(Topic::Environment, "run_again", node, message);
            } else if found.name == *name && shell && !found.quoted {
                let message =
                    format!("`$SSM_{name}` is not in double quotes: it is split into words and expanded");
                finder.add(Topic::Environment, "unquoted", node, message);
                finder.suggest_for(&found.written, format!("\"{}\"", found.written));
            }
        }
    }
}

/// A variable of a parameter in a script.
struct Mention {
    name: String,
    /// As it is written, `$` and braces included.
    written: String,
    quoted: bool,
    run_again: bool,
}

/// All `$SSM_…` of a script, by line, with whether an even number of double quotes stands before.
fn mentions(text: &str, shell: bool) -> Vec<Mention> {
    let prefixes: &[&str] = if shell { &["$SSM_", "${SSM_"] } else { &["$env:SSM_", "${env:SSM_"] };
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        for prefix in prefixes {
            for (at, _) in line.match_indices(prefix) {
                let rest = line.get(at + prefix.len()..).unwrap_or("");
                let name: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let close = if prefix.contains('{')
                    && rest.get(name.len()..).is_some_and(|rest| rest.starts_with('}'))
                {
                    "}"
                } else {
                    ""
                };
                let written = format!("{prefix}{name}{close}");
                let before = line.get(..at).unwrap_or("");
                let quoted = before.matches('"').count() % 2 == 1;
                let words: Vec<&str> = before.split_whitespace().collect();
                let runs = |word: &&str| {
                    let bare = word
                        .trim_matches(['"', '\'', '(', '`', '&', ';', '|'])
                        .rsplit('/')
                        .next()
                        .unwrap_or("");
                    matches!(bare.to_ascii_lowercase().as_str(), "eval" | "iex" | "invoke-expression" | "ssh")
                };
                let by_shell = words.windows(2).any(|pair| {
                    let [command, flag] = pair else { return false };
                    let base = command.rsplit('/').next().unwrap_or("");
                    matches!(base, "sh" | "bash" | "dash" | "zsh" | "ksh" | "powershell" | "pwsh")
                        && (flag.starts_with('-') && flag.ends_with('c')
                            || flag.eq_ignore_ascii_case("-command"))
                });
                let assigned = before.trim_end().ends_with('=')
                    || before.contains("[[")
                    || before.trim_start().starts_with("case ");
                out.push(Mention {
                    name,
                    written,
                    quoted: quoted || assigned,
                    run_again: words.iter().any(runs) || by_shell,
                });
            }
        }
    }
    out
}
