//! Requests and the policies that apply to them.

use rolecall::catalog;
use rolecall::document::Conditions;
use rolecall::document::NodeId;
use rolecall::document::Tree;
use rolecall::iam::Context;
use rolecall::iam::Policy;
use rolecall::iam::PolicyKind;
use rolecall::iam::context::Entry;
use rolecall::iam::context::Lookup;
use rolecall::iam::evaluate::Decision;
use rolecall::iam::evaluate::Policies;
use rolecall::iam::evaluate::Request;
use rolecall::iam::evaluate::decide;
use rolecall::iam::principal::Caller;
use rolecall::iam::request::validate;
use rolecall::iam::resource::Target;
use serde_json::Value;

use crate::read;

/// Decides the request of a line; says whether it is a strict one, and how the decision differs.
pub(crate) fn check(row: &Value) -> (bool, Option<String>) {
    let strict = row["mode"] != "discovery";
    let found = decision(row, strict);
    let expected = row["expected"]["decision"].as_str().unwrap_or("error");
    let same = found == expected;
    (strict, (!same).then(|| format!("{} {}: expected {expected}, found {found}", row["id"], row["name"])))
}

/// Whether an anonymous principal is said to have an account.
fn request_fields(row: &Value) -> bool {
    row["request"]["principal"].as_object().is_some_and(|object| object.len() > 1)
}

/// Documents, each with its tree.
struct Documents {
    trees: Vec<(Tree, NodeId)>,
}

impl Documents {
    fn new(documents: impl Iterator<Item = Value>) -> Self {
        Self { trees: documents.filter_map(|one| read::tree(&one.to_string())).collect() }
    }

    fn policies(&self, kind: PolicyKind) -> Vec<Policy<'_>> {
        let mut conditions = Conditions::new();
        self.trees.iter().map(|(tree, root)| Policy::read(tree, &mut conditions, *root, kind)).collect()
    }
}

/// A list of policies, each as it is or wrapped with a name.
fn documents(value: &Value) -> Documents {
    let all: Vec<Value> = match value {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    Documents::new(all.into_iter().map(|one| match one.get("policyDocument").or(one.get("policy")) {
        Some(inner) => inner.clone(),
        None => one,
    }))
}

fn levels(value: &Value) -> Vec<Documents> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|level| documents(level.get("policies").unwrap_or(level)))
        .collect()
}

fn read_levels(all: &[Documents], kind: PolicyKind) -> Vec<Vec<Policy<'_>>> {
    all.iter().map(|level| level.policies(kind)).collect()
}

/// The context of an exploring request: keys are open, but for those that are said to be known.
fn explored(given: &Value, row: &Value) -> Context {
    let all = read::context(given);
    let mut context = Context::open();
    let constraints = [&row["key_constraints"], &row["options"]["discoveryContextKeyConstraints"]]
        .into_iter()
        .filter_map(Value::as_array);
    for constraint in constraints.flatten() {
        let key = constraint["keyName"].as_str().unwrap_or("");
        let value = match all.get(key) {
            Lookup::Values([one], false) => Some(Entry::One(one.clone())),
            Lookup::Values(many, _) => Some(Entry::Many(many.to_vec())),
            _ => None,
        };
        match (value, constraint["valueIsKnown"] == true, constraint["presenceIsKnown"] == true) {
            (Some(value), true, _) => context.set(key, value),
            (Some(_), false, true) => context.set(key, Entry::Present),
            (None, _, true) => context.set(key, Entry::Absent),
            _ => {}
        }
    }
    context
}

fn decision(row: &Value, strict: bool) -> &'static str {
    let request = &row["request"];
    let caller = request["principal"].as_str().map_or(Caller::Anonymous, Caller::parse);
    let context =
        if strict { read::context(&request["context"]) } else { explored(&request["context"], row) };
    let target = Target::parse(request["resource"].as_str().unwrap_or("*"));
    let account = request["resource_account"].as_str();
    let (identity, boundary) = (documents(&row["policies"]), documents(&row["boundaries"]));
    let (session, endpoint) = (documents(&row["session"]), documents(&row["vpc_endpoint_policies"]));
    // Roles and keys have a policy of their own in any case: where none is given, it allows nothing.
    let [action, named] = ["action", "resource"].map(|key| request[key].as_str().unwrap_or(""));
    let governed =
        action.starts_with("sts:AssumeRole") || action.starts_with("kms:") && named.contains(":key/");
    let resource = match &row["resource_policy"] {
        Value::Null if governed => documents(&serde_json::json!({"Version": "2012-10-17", "Statement": []})),
        given => documents(given),
    };
    let (scps, rcps) = (levels(&row["scps"]), levels(&row["rcps"]));
    let default_rcp = Documents::new(
        [serde_json::json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})]
            .into_iter(),
    );
    let resource = resource.policies(PolicyKind::Resource);
    let mut resource_control = read_levels(&rcps, PolicyKind::ResourceControl);
    if row["rcp_default_allow_added"] == true {
        for level in &mut resource_control {
            level.extend(default_rcp.policies(PolicyKind::ResourceControl));
        }
    }
    let policies = Policies {
        identity: &identity.policies(PolicyKind::Identity),
        boundary: &boundary.policies(PolicyKind::Boundary),
        session: &session.policies(PolicyKind::Session),
        resource: resource.first(),
        endpoint: &endpoint.policies(PolicyKind::Endpoint),
        service_control: &read_levels(&scps, PolicyKind::ServiceControl),
        resource_control: &resource_control,
    };
    let request = Request {
        caller: &caller,
        action: request["action"].as_str().unwrap_or(""),
        target: &target,
        resource_account: account,
        context: &context,
        any_session: !strict,
    };
    let extra = request_fields(row);
    if row["level"] == "full" && (extra || validate(catalog::embedded(), &policies, &request).is_err()) {
        return "error";
    }
    let wild = row["request"]["resource"].as_str().is_some_and(|resource| resource.contains(['*', '?']));
    match decide(catalog::embedded(), &policies, &request) {
        Decision::Denied(_) => "explicit_deny",
        Decision::NotAllowed(_) => "implicit_deny",
        // Exploring asks what could be allowed, and so does asking for a pattern of resources.
        Decision::Maybe(_) if strict && !wild => "maybe",
        Decision::Yes | Decision::Maybe(_) => "allow",
    }
}
