//! Generated roles, held against the built-in rules: what a rule finds too wide is left to whoever deploys the role.
//!
//! The resources of a statement that is found too wide become a parameter of the template or configuration, without a
//! default: the deployment asks for it. What no list of resources narrows is said in words.

use std::path::PathBuf;
use std::sync::Arc;

use crate::advise::artifact::{Artifact, Form, Role, write};
use crate::check::{self, Finding, FindingStatus, Request};
use crate::document::Diagnostic;
use crate::ingest;
use crate::rules::Program;
use crate::ssm::statement::{Place, Statement};

/// The file as which a role is checked.
const NAME: &str = "generated.json";
/// A role is changed at most so often.
const ROUNDS: usize = 8;

/// The rules that roles are held against.
pub(super) struct Judge {
    rules: (Program, Vec<Diagnostic>),
}

impl Judge {
    /// The built-in rules.
    pub(super) fn new() -> Self {
        let rules = check::load_rules(&Request { builtin: true, ..Request::default() });
        Self { rules }
    }

    /// Leaves to the deployment what is found too wide, and says what is left to a person.
    pub(super) fn hold(&self, role: &mut Role) {
        for _ in 0..ROUNDS {
            let found = self.findings(role);
            let asked = found.iter().any(|finding| ask(&mut role.statements, finding));
            if !asked {
                let mut words: Vec<String> = found.iter().map(words).collect();
                words.sort();
                words.dedup();
                role.unknown.extend(words);
                return;
            }
        }
    }

    /// What is surely wrong with a role.
    fn findings(&self, role: &Role) -> Vec<Finding> {
        let artifact = Artifact::Role(role.clone());
        let form = Form::CloudFormationJson;
        let Ok(text) = write(std::slice::from_ref(&artifact), form, &Place::default()) else {
            return Vec::new();
        };
        let options = ingest::Options {
            texts: Arc::new([(Box::from(NAME), text.into_bytes())].into_iter().collect()),
            ..ingest::Options::default()
        };
        let paths = vec![PathBuf::from(NAME)];
        let request = Request { paths, builtin: true, options, ..Request::default() };
        let run = check::check_with(&request, &self.rules, &());
        run.findings.into_iter().filter(|finding| finding.status == FindingStatus::Fail).collect()
    }
}

/// Makes the resources of a statement that a finding is about a parameter. Whether that is a change.
fn ask(statements: &mut Vec<Statement>, finding: &Finding) -> bool {
    // What several statements do together is said with the actions.
    let names =
        |one: &Statement| one.actions.iter().any(|action| finding.message.contains(&format!("`{action}`")));
    let named = statements.iter().enumerate().filter(|(_, one)| names(one)).map(|(index, _)| index);
    let candidates: Vec<usize> = position(finding).into_iter().chain(named).collect();
    candidates.into_iter().any(|index| ask_at(statements, index, finding))
}

fn ask_at(statements: &mut Vec<Statement>, index: usize, finding: &Finding) -> bool {
    let Some(statement) = statements.get_mut(index).filter(|one| one.asks.is_none()) else { return false };
    let is_open = |arn: &String| arn.replace("${AWS::", "").rsplit(':').next().unwrap_or("").contains('*');
    let (open, named): (Vec<String>, Vec<String>) =
        statement.resources.iter().cloned().partition(|arn| is_open(arn) && arn != "*");
    if open.is_empty() {
        return false;
    }
    let title = finding.title.to_string();
    let forms: Vec<String> = open.iter().map(|arn| arn.replace("${AWS::", "").replace('}', "")).collect();
    let asked = Statement {
        resources: vec![format!("${{{}Resources}}", statement.sid)],
        asks: Some(format!("ARNs such as {}: {} ({})", forms.join(", "), title, finding.rule)),
        ..statement.clone()
    };
    if named.is_empty() {
        *statement = asked;
    } else {
        statement.resources = named;
        statement.sid.push_str("Named");
        statements.insert(index + 1, asked);
    }
    true
}

/// The position of the statement that a finding is about.
fn position(finding: &Finding) -> Option<usize> {
    let (_, rest) = finding.pointer.split_once("/Statement/")?;
    rest.split('/').next()?.parse().ok()
}

fn words(finding: &Finding) -> String {
    format!("a person has to agree with this ({}): {}", finding.rule, finding.message)
}
