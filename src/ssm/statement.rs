//! Statements that allow what is needed, and nothing else.
//!
//! ARNs are written with `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`, as CloudFormation has them; a
//! [`Place`] fills them in where they are known, and each form of output says them in its own way where they are not.

use serde_json::{Map, Value, json};

use crate::catalog::{Use, embedded};

/// Where a policy is for. What is not given stays open.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// `aws`, `aws-cn`, …
    pub partition: Option<String>,
    /// The Region; `*` where it may be any.
    pub region: Option<String>,
    /// The account.
    pub account: Option<String>,
}

/// The names that CloudFormation has for a place.
pub const PARTITION: &str = "${AWS::Partition}";
/// The Region.
pub const REGION: &str = "${AWS::Region}";
/// The account.
pub const ACCOUNT: &str = "${AWS::AccountId}";

impl Place {
    /// A text with what is known filled in.
    pub fn fill(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (name, value) in [(PARTITION, &self.partition), (REGION, &self.region), (ACCOUNT, &self.account)]
        {
            if let Some(value) = value {
                out = out.replace(name, value);
            }
        }
        out
    }
}

/// A statement of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Its name.
    pub sid: String,
    /// Whether it takes away.
    pub deny: bool,
    /// The actions.
    pub actions: Vec<String>,
    /// The resources.
    pub resources: Vec<String>,
    /// An operator, a condition key and its values, for each condition.
    pub conditions: Vec<(String, String, Vec<String>)>,
    /// What needs it: an action, and the words.
    pub why: Vec<(String, String)>,
    /// What whoever deploys it has to give: the resources are then the name of a parameter, as `${Name}`.
    pub asks: Option<String>,
    /// Whether it is about everybody, in the policy of a resource.
    pub anybody: bool,
}

/// An action that is needed.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is for: statements are named by it.
    pub sid: String,
    /// The action.
    pub action: String,
    /// On what; none where any resource of the account may be meant.
    pub resources: Vec<String>,
    /// Conditions.
    pub conditions: Vec<(String, String, Vec<String>)>,
    /// What needs it.
    pub why: String,
}

/// Statements that give what is wanted: actions for the same thing on the same resources go together.
pub fn statements(wanted: &[Wanted]) -> Vec<Statement> {
    let mut merged: Vec<Statement> = Vec::new();
    for one in wanted {
        let resources =
            if one.resources.is_empty() { open_resources(&one.action) } else { one.resources.clone() };
        let why = (one.action.clone(), one.why.clone());
        let same = merged.iter_mut().find(|known| {
            known.conditions == one.conditions
                && known.actions.iter().any(|action| action.eq_ignore_ascii_case(&one.action))
        });
        match same {
            Some(known) => {
                known.resources.extend(resources);
                if !known.why.contains(&why) {
                    known.why.push(why);
                }
            }
            None => merged.push(Statement {
                sid: one.sid.clone(),
                deny: false,
                actions: vec![one.action.clone()],
                resources,
                conditions: one.conditions.clone(),
                why: vec![why],
                asks: None,
                anybody: false,
            }),
        }
    }
    let mut out: Vec<Statement> = Vec::new();
    for mut one in merged {
        without_implied(&mut one.resources);
        let same = |known: &&mut Statement| {
            known.sid == one.sid && known.resources == one.resources && known.conditions == one.conditions
        };
        match out.iter_mut().find(same) {
            Some(known) => {
                known.actions.extend(one.actions);
                known.why.extend(one.why);
            }
            None => out.push(one),
        }
    }
    for statement in &mut out {
        statement.actions.sort();
    }
    number(&mut out);
    out
}

/// Gives statements of one name numbers.
fn number(statements: &mut [Statement]) {
    let names: Vec<String> = statements.iter().map(|one| one.sid.clone()).collect();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for statement in statements {
        if names.iter().filter(|name| **name == statement.sid).count() > 1 {
            let count = counts.entry(statement.sid.clone()).or_default();
            *count += 1;
            statement.sid = format!("{}{count}", statement.sid);
        }
    }
}

/// Leaves out the ARNs that others of a list cover.
fn without_implied(resources: &mut Vec<String>) {
    resources.sort();
    resources.dedup();
    let all = resources.clone();
    let implied = |arn: &String| {
        let covers = |other: &&String| {
            other.strip_suffix('*').is_some_and(|start| *other != arn && arn.starts_with(start))
        };
        all.iter().any(|other| covers(&other))
    };
    resources.retain(|arn| !implied(arn));
}

/// Actions whose kinds of resource are new, and that most requests are made without.
const WITHOUT_RESOURCES: &[&str] = &["cloudwatch:PutMetricData"];

/// With more kinds of resource than this, an action is about everything of its service.
const MANY: usize = 12;

/// The ARNs of all resources of an account that an action can be checked against; `*` where it takes none.
pub fn open_resources(action: &str) -> Vec<String> {
    let known = embedded().action(action).filter(|_| !WITHOUT_RESOURCES.contains(&action));
    let service = action.split(':').next().unwrap_or("");
    let mut out: Vec<String> = Vec::new();
    for used in known.into_iter().flat_map(|action| action.uses().collect::<Vec<_>>()) {
        let Some(ty) = Use::ty(used) else { continue };
        let arn = open_form(ty.arn());
        // What another service brings is needed only where it is used; nodes are of EC2.
        let other = ty.arn().split(':').nth(2).unwrap_or("");
        if !used.required() && other != service && (service, other) != ("ssm", "ec2") {
            continue;
        }
        // Access points are another way to buckets.
        if arn.contains(":accesspoint/") {
            continue;
        }
        // Documents of AWS belong to no account.
        if arn.contains(":ssm:") && arn.contains(":document/") {
            out.push(arn.replace(&format!(":{ACCOUNT}:"), "::").replace(":document/*", ":document/AWS*"));
        }
        out.push(arn);
    }
    if out.len() > MANY {
        out = vec![
            format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:*"),
            format!("arn:{PARTITION}:{service}:{REGION}::*"),
        ];
    }
    without_implied(&mut out);
    if out.is_empty() { vec!["*".to_owned()] } else { out }
}

/// The form of an ARN with the names of a place, and `*` for each part that is left.
pub(super) fn open_form(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(match name {
            "Partition" => PARTITION,
            "Region" => REGION,
            "Account" => ACCOUNT,
            _ => "*",
        });
        rest = tail;
    }
    out.push_str(rest);
    out
}

impl Statement {
    /// The parameter that it needs, where it needs one: the name, and what is to be given.
    pub fn parameter(&self) -> Option<(&str, &str)> {
        let asks = self.asks.as_deref()?;
        let name = self.resources.first()?.strip_prefix("${")?.strip_suffix('}')?;
        Some((name, asks))
    }

    /// What needs it, in words.
    pub fn reasons(&self) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        for (_, why) in &self.why {
            if !out.contains(&why.as_str()) {
                out.push(why);
            }
        }
        out
    }

    /// As JSON.
    pub fn to_json(&self, place: &Place) -> Value {
        let one_or_many = |texts: &[String]| match texts {
            [only] => Value::String(place.fill(only)),
            all => Value::Array(all.iter().map(|text| Value::String(place.fill(text))).collect()),
        };
        let mut map = Map::new();
        map.insert("Sid".to_owned(), Value::String(self.sid.clone()));
        map.insert("Effect".to_owned(), json!(if self.deny { "Deny" } else { "Allow" }));
        if self.anybody {
            map.insert("Principal".to_owned(), json!("*"));
        }
        map.insert("Action".to_owned(), one_or_many(&self.actions));
        map.insert("Resource".to_owned(), one_or_many(&self.resources));
        if !self.conditions.is_empty() {
            let mut operators = Map::new();
            for (operator, key, values) in &self.conditions {
                let entry = operators.entry(operator.clone()).or_insert_with(|| json!({}));
                if let Value::Object(keys) = entry {
                    keys.insert(key.clone(), one_or_many(values));
                }
            }
            map.insert("Condition".to_owned(), Value::Object(operators));
        }
        Value::Object(map)
    }
}

/// A policy document of statements.
pub fn policy(statements: &[Statement], place: &Place) -> Value {
    let statements: Vec<Value> = statements.iter().map(|one| one.to_json(place)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}
