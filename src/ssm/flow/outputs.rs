//! The values that steps give: their outputs, what loops are at, and variables.

use std::sync::Arc;

use crate::document::{NodeId, Tree};
use crate::ssm::api::{self, Answer};
use crate::ssm::language::Language;
use crate::ssm::reference::head;
use crate::ssm::step::Step;

use super::scope::{Origin, Scope, store};
use super::{Source, Trust};

/// What an id, an ARN or a state is made of.
const ID: &str = "[A-Za-z0-9:/._@+=,-]*";
const BY_SCRIPT: &str = "a script works the value out";
const BY_OTHERS: &str = "the answer is that of an API that is not listed";

impl Scope<'_> {
    /// The sources of an output of a step.
    pub(super) fn output(&self, name: &str, output: &str, at: NodeId) -> Vec<Origin> {
        let Some((_, step)) = self.step_named(name) else {
            // A path into a parameter that is a map.
            let part = |origin: Origin| Origin { lost: Some("a part of the parameter"), ..origin };
            return self.parameter(name, at).into_iter().map(part).collect();
        };
        let key: Box<str> = format!("{name}.{output}").into();
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        // A value that depends on itself has the sources of its other parts.
        if !self.busy.borrow_mut().insert(key.clone()) {
            return Vec::new();
        }
        let found = self.output_of(step, name, output);
        self.busy.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn output_of(&self, step: &Step, name: &str, output: &str) -> Vec<Origin> {
        let full = format!("{name}.{output}");
        let declared = declared_output(self.tree, step, head(output));
        if declared.as_ref().is_some_and(|(_, ty)| matches!(ty.as_str(), "Boolean" | "Integer")) {
            return Vec::new();
        }
        let from = |trust, language| {
            let source = Source { trust, kind: "output", name: full.as_str().into(), node: step.node };
            Origin::new(source, language)
        };
        match &*step.action {
            "aws:executeScript" => self.of_script(step, &full),
            "aws:executeAwsApi" => self.of_api(step, declared.as_ref().map(|(s, _)| s.as_str()), &full),
            "aws:runCommand" => match head(output) {
                "Output" | "OutputPayload" => vec![from(Trust::Node, Language::default())],
                "ResponseCode" => vec![from(Trust::Node, Language::form("-?[0-9]+"))],
                _ => Vec::new(),
            },
            "aws:invokeLambdaFunction" | "aws:invokeWebhook" | "aws:executeStateMachine" => {
                match head(output) {
                    "StatusCode" | "ResponseCode" | "FunctionError" => Vec::new(),
                    _ => vec![from(Trust::External, Language::default())],
                }
            }
            "aws:executeAutomation" => match head(output) {
                "ExecutionId" | "Status" => Vec::new(),
                _ => vec![Origin {
                    lost: Some("an output of another document"),
                    ..from(Trust::External, Language::default())
                }],
            },
            "aws:createStack" if head(output) == "StackStatusReason" => {
                vec![from(Trust::External, Language::default())]
            }
            "aws:loop" if output.starts_with("CurrentIterator") => self.iterated(step, name),
            "aws:loop" | "aws:approve" | "aws:sleep" | "aws:pause" | "aws:branch" => Vec::new(),
            _ => vec![from(Trust::Id, Language::form(ID))],
        }
    }

    fn iterated(&self, step: &Step, name: &str) -> Vec<Origin> {
        let Some(iterators) = step.input(self.tree, "Iterators") else { return Vec::new() };
        let what = format!("is what the loop `{name}` is at");
        self.origins_below(iterators)
            .into_iter()
            .map(|origin| origin.through(iterators, what.clone()))
            .collect()
    }

    fn of_script(&self, step: &Step, full: &str) -> Vec<Origin> {
        let inputs = ["InputPayload", "Script"].into_iter().filter_map(|name| step.input(self.tree, name));
        let what = format!("goes into the script that gives `{full}`");
        let mut out = Vec::new();
        for node in inputs {
            for origin in self.origins_below(node) {
                let mut origin = origin.through(step.node, what.clone());
                origin.lost = Some(BY_SCRIPT);
                origin.language = Arc::default();
                out.push(origin);
            }
        }
        if out.is_empty() && step.text(self.tree, "Script").is_some_and(asks_others) {
            let source =
                Source { trust: Trust::External, kind: "output", name: full.into(), node: step.node };
            out.push(Origin { lost: Some(BY_SCRIPT), ..Origin::new(source, Language::default()) });
        }
        out
    }

    fn of_api(&self, step: &Step, selector: Option<&str>, full: &str) -> Vec<Origin> {
        let service = step.text(self.tree, "Service").unwrap_or("");
        let operation = step.text(self.tree, "Api").unwrap_or("");
        // An output that is not declared is a path into the answer itself.
        let selector = selector.unwrap_or(full);
        let source = |trust| Source { trust, kind: "output", name: full.into(), node: step.node };
        match api::answer(service, operation, selector) {
            Answer::Id => vec![Origin::new(source(Trust::Id), Language::form(ID))],
            Answer::Config => {
                let name = step.text(self.tree, "Name").or_else(|| step.text(self.tree, "SecretId"));
                vec![store(name.unwrap_or(full), step.node)]
            }
            Answer::Node => vec![Origin::new(source(Trust::Node), Language::default())],
            Answer::External => vec![Origin::new(source(Trust::External), Language::default())],
            Answer::Unlisted => {
                vec![Origin {
                    lost: Some(BY_OTHERS),
                    ..Origin::new(source(Trust::External), Language::default())
                }]
            }
        }
    }

    /// The sources of all that a variable is set to.
    pub(super) fn variable(&self, name: &str) -> Vec<Origin> {
        let key: Box<str> = format!("variable:{name}").into();
        if !self.busy.borrow_mut().insert(key.clone()) {
            return Vec::new();
        }
        let mut out = Vec::new();
        let default = self.document.variables.iter().find(|variable| &*variable.name == name);
        if let Some(node) = default.and_then(|variable| variable.default) {
            out.extend(
                self.origins_below(node).into_iter().map(|o| o.through(node, format!("becomes `{name}`"))),
            );
        }
        for step in self.document.steps.iter().filter(|step| &*step.action == "aws:updateVariable") {
            let target = step.text(self.tree, "Name").unwrap_or("");
            if target.trim_start_matches("variable:") == name
                && let Some(value) = step.input(self.tree, "Value")
            {
                let set = self.origins_below(value).into_iter();
                out.extend(
                    set.map(|origin| origin.through(value, format!("is put into the variable `{name}`"))),
                );
            }
        }
        self.busy.borrow_mut().remove(&key);
        out
    }
}

/// The selector and the type of a declared output.
fn declared_output(tree: &Tree, step: &Step, name: &str) -> Option<(String, String)> {
    let outputs = tree.list(tree.get(step.node, "outputs")?)?;
    let text =
        |node: NodeId, key: &str| tree.get(node, key).and_then(|value| tree.scalar(value)).map(str::to_owned);
    let found = outputs.iter().find(|node| text(*node, "Name").as_deref() == Some(name))?;
    Some((text(found, "Selector").unwrap_or_default(), text(found, "Type").unwrap_or_default()))
}

/// Whether a script asks somebody else for what it gives.
fn asks_others(script: &str) -> bool {
    ["boto3", "urllib", "requests", "Get-", "Invoke-"].iter().any(|word| script.contains(word))
}
