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
use crate::ssm::statement::{ACCOUNT, PARTITION, Place, REGION, Statement};

/// The file as which a role is checked.
const NAME: &str = "generated.json";
/// More findings than these are not gone through.
const ROUNDS: usize = 64;

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
        let mut accepted: Vec<(Arc<str>, String)> = Vec::new();
        let mut found = self.findings(role);
        for _ in 0..ROUNDS {
            let Some(next) = found.iter().find(|one| !accepted.contains(&key(one))) else { break };
            let (wanted, before) = (key(next), role.statements.clone());
            if ask(role, next) {
                let after = self.findings(role);
                // What stays however the resources are named is a question of another kind.
                if !after.iter().any(|one| key(one) == wanted) {
                    found = after;
                    continue;
                }
                role.statements = before;
            }
            accepted.push(wanted);
        }
        let mut words: Vec<String> = found
            .iter()
            .map(|one| format!("whether this is meant: {} ({})", one.message, one.rule))
            .collect();
        words.sort();
        words.dedup();
        role.unknown.extend(words);
    }

    /// What is surely wrong with a role.
    fn findings(&self, role: &Role) -> check::Findings {
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
fn ask(role: &mut Role, finding: &Finding) -> bool {
    // What several statements do together is said with the actions.
    let names =
        |one: &Statement| one.actions.iter().any(|action| finding.message.contains(&format!("`{action}`")));
    let told = role.statements.iter().enumerate().filter(|(_, one)| names(one)).map(|(index, _)| index);
    let candidates: Vec<usize> = position(finding).into_iter().chain(told).collect();
    candidates.into_iter().any(|index| ask_at(role, index, finding))
}

fn ask_at(role: &mut Role, index: usize, finding: &Finding) -> bool {
    let (role, statements) = (&role.name, &mut role.statements);
    let Some(statement) = statements.get_mut(index).filter(|one| one.asks.is_none()) else { return false };
    let is_open = |arn: &String| arn.replace("${AWS::", "").rsplit(':').next().unwrap_or("").contains('*');
    let (open, named): (Vec<String>, Vec<String>) =
        statement.resources.iter().cloned().partition(|arn| is_open(arn) && arn != "*");
    if open.is_empty() {
        return false;
    }
    let title = finding.title.to_string();
    let form = |arn: &String| {
        let arn = arn.replace(PARTITION, "PARTITION").replace(REGION, "REGION");
        arn.replace(ACCOUNT, "ACCOUNT")
    };
    let forms: Vec<String> = open.iter().map(form).collect();
    let asked = Statement {
        resources: vec![format!("${{{role}{}Resources}}", statement.sid)],
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

/// What makes a finding the same one after a change of statements.
fn key(finding: &Finding) -> (Arc<str>, String) {
    (Arc::clone(&finding.rule), finding.message.clone())
}
