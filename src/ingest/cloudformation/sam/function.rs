//! Functions, and the roles that they get.

use crate::document::{NodeId, View};

use super::super::call::{Function, call};
use super::super::template::Declared;
use super::Expansion;
use super::policies::{Permissions, is_nothing};

impl Expansion<'_> {
    /// A function: its role, where it names none.
    pub(super) fn function(&mut self, declared: &Declared) {
        let properties = self.properties(declared, "Function");
        let id = format!("{}Role", declared.id);
        let given = self.tree.get(properties, "Role");
        let given = given.filter(|&given| !matches!(self.tree.view(given), View::Null));
        let condition = self.tree.get(declared.body, "Condition");
        let (role, exists) = match given {
            Some(given) if is_nothing(&self.make(given), given) => (None, Exists::Always(condition)),
            Some(given) => match self.unless(given, &id) {
                Some((role, exists)) => (Some(role), exists),
                None => (Some(given), Exists::Never),
            },
            None => (None, Exists::Always(condition)),
        };
        let role = role.unwrap_or_else(|| self.make(declared.node).arn(&id));
        let with_role = self.make(declared.node).with(properties, "Role", role);
        self.push_with(declared, with_role);
        let mut permissions = self.function_permissions(properties, &id);
        self.events(declared, properties, &mut permissions);
        if let Exists::Never = exists {
            return;
        }
        let body = self.function_role(declared, properties, permissions);
        let body = match exists {
            Exists::Always(Some(condition)) | Exists::If(condition) => {
                self.make(declared.node).with(body, "Condition", condition)
            }
            _ => body,
        };
        self.push_made(declared, &id, body);
    }

    /// A role that is given under a condition only: what the function has then, and when the role is made.
    fn unless(&mut self, given: NodeId, id: &str) -> Option<(NodeId, Exists)> {
        let call = call(self.tree, given).filter(|call| call.function == Function::If)?;
        let branches: Vec<_> = self.tree.list(call.argument.node)?.iter().collect();
        let &[condition, then, otherwise] = branches.as_slice() else { return None };
        let mut make = self.make(given);
        let (made_then, made_otherwise) = (is_nothing(&make, then), is_nothing(&make, otherwise));
        if !made_then && !made_otherwise {
            return None;
        }
        let arn = make.arn(id);
        let (then, otherwise) =
            (if made_then { arn } else { then }, if made_otherwise { arn } else { otherwise });
        let branches = make.list(&[condition, then, otherwise]);
        let role = make.map(&[("Fn::If", branches)]);
        let exists = match (made_then, made_otherwise) {
            (true, false) => Exists::If(condition),
            (false, true) => {
                let named = make.map(&[("Condition", condition)]);
                let not = make.list(&[named]);
                Exists::If(make.map(&[("Fn::Not", not)]))
            }
            _ => Exists::Always(None),
        };
        Some((role, exists))
    }

    /// The text of a value, or the default of the parameter that it refers to.
    fn parameter_text(&self, node: NodeId) -> Option<&str> {
        let Some(call) = call(self.tree, node).filter(|call| call.function == Function::Ref) else {
            return self.tree.string(node);
        };
        let parameter = self.template.parameters.get(self.tree.string(call.argument.node)?)?;
        self.tree.string(self.tree.get(*parameter, "Default")?)
    }

    /// What the function's own properties give its role.
    fn function_permissions(&mut self, properties: NodeId, role: &str) -> Permissions {
        let tree = &*self.tree;
        let get = |key: &str| tree.get(properties, key);
        let tracing = get("Tracing").filter(|&node| {
            let text = self.parameter_text(node);
            !matches!(text, Some("Disabled" | "")) && !matches!(tree.view(node), View::Null)
        });
        let (vpc, durable) = (get("VpcConfig"), get("DurableConfig"));
        let (policies, queue) = (get("Policies"), get("DeadLetterQueue"));
        let mut permissions = Permissions::default();
        let mut make = self.make(properties);
        permissions.managed.push(make.managed(if durable.is_some() {
            "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
        } else {
            "service-role/AWSLambdaBasicExecutionRole"
        }));
        if let Some(place) = tracing {
            let mut make = self.make(place);
            permissions.managed.push(make.managed("AWSXrayWriteOnlyAccess"));
        }
        if let Some(place) = vpc {
            let mut make = self.make(place);
            permissions.managed.push(make.managed("service-role/AWSLambdaVPCAccessExecutionRole"));
        }
        if let Some(policies) = policies {
            permissions.add(&mut self.make(policies), policies, role);
        }
        if let Some(queue) = queue {
            let target = self.tree.get(queue, "TargetArn");
            let ty = self.tree.get(queue, "Type").and_then(|ty| self.tree.string(ty));
            let action = if ty == Some("SNS") { "sns:Publish" } else { "sqs:SendMessage" };
            if let Some(target) = target {
                let mut make = self.make(queue);
                let statement = make.allow([action], target);
                permissions.inline.push(make.inline("DeadLetterQueuePolicy", &[statement]));
            }
        }
        permissions
    }

    fn function_role(&mut self, declared: &Declared, properties: NodeId, permissions: Permissions) -> NodeId {
        self.odd.extend(permissions.odd);
        let get = |key: &str| self.tree.get(properties, key);
        let trust = get("AssumeRolePolicyDocument");
        let copied = [("Path", get("RolePath")), ("PermissionsBoundary", get("PermissionsBoundary"))];
        let mut make = self.make(declared.node);
        let trust = trust.unwrap_or_else(|| make.trust("lambda.amazonaws.com"));
        let managed = make.list(&permissions.managed);
        let mut entries = vec![("AssumeRolePolicyDocument", trust), ("ManagedPolicyArns", managed)];
        if !permissions.inline.is_empty() {
            let inline = make.list(&permissions.inline);
            entries.push(("Policies", inline));
        }
        entries.extend(copied.into_iter().filter_map(|(key, value)| Some((key, value?))));
        let role = make.map(&entries);
        make.declaration("AWS::IAM::Role", None, role)
    }
}

/// When the transform makes a role.
enum Exists {
    /// Whenever the function exists.
    Always(Option<NodeId>),
    /// Under a condition: its name, or a function.
    If(NodeId),
    /// The function names a role.
    Never,
}
