//! The events of a function: what they add to its role.

use crate::document::NodeId;

use super::super::call::{Function, call};
use super::super::template::Declared;
use super::Expansion;
use super::policies::Permissions;
use super::state_machine::EventRole;

const NETWORK: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

impl Expansion<'_> {
    /// Adds what events and asynchronous invocations need, and makes the roles of schedules.
    pub(super) fn events(&mut self, declared: &Declared, properties: NodeId, permissions: &mut Permissions) {
        for (name, event) in self.entries(properties, "Events") {
            let ty =
                self.tree.get(event, "Type").and_then(|ty| self.tree.string(ty)).unwrap_or("").to_owned();
            let Some(inner) = self.tree.get(event, "Properties") else { continue };
            let managed = match ty.as_str() {
                "Kinesis" => "service-role/AWSLambdaKinesisExecutionRole",
                "DynamoDB" => "service-role/AWSLambdaDynamoDBExecutionRole",
                "SQS" => "service-role/AWSLambdaSQSQueueExecutionRole",
                "MSK" => "service-role/AWSLambdaMSKExecutionRole",
                "SNS" if self.subscribes_by_queue(inner) => "service-role/AWSLambdaSQSQueueExecutionRole",
                _ => "",
            };
            if !managed.is_empty() {
                let mut make = self.make(event);
                let arn = make.managed(managed);
                permissions.attach(&make, arn);
            }
            let statements = self.event_statements(&ty, inner);
            if !statements.is_empty() {
                let policy = self.make(event).inline(&format!("{ty}ExecutionRolePolicy"), &statements);
                permissions.inline.push(policy);
            }
            let failure = self.tree.at(inner, &["DestinationConfig", "OnFailure"]);
            if let Some(failure) = failure {
                self.destination(declared, failure, &format!("{}{name}", declared.id), permissions);
            }
            if ty == "ScheduleV2" {
                self.schedule(declared, &name, event, inner);
            }
        }
        for side in ["OnSuccess", "OnFailure"] {
            let destination = self.tree.at(properties, &["EventInvokeConfig", "DestinationConfig", side]);
            if let Some(destination) = destination {
                self.destination(
                    declared,
                    destination,
                    &format!("{}EventInvokeConfig{side}", declared.id),
                    permissions,
                );
            }
        }
    }

    fn subscribes_by_queue(&self, inner: NodeId) -> bool {
        let by_queue = self.tree.get(inner, "SqsSubscription");
        by_queue.is_some_and(|node| self.tree.scalar(node).is_none_or(|text| text == "true"))
    }

    /// The statements that sources with credentials of their own need.
    fn event_statements(&mut self, ty: &str, inner: NodeId) -> Vec<NodeId> {
        if !matches!(ty, "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB") {
            return Vec::new();
        }
        let mut statements = Vec::new();
        let mut in_network = ty == "DocumentDB";
        let access = self.tree.get(inner, "SourceAccessConfigurations");
        let access: Vec<_> = access
            .and_then(|list| self.tree.list(list))
            .into_iter()
            .flat_map(crate::document::List::iter)
            .collect();
        for one in access {
            let kind =
                self.tree.get(one, "Type").and_then(|kind| self.tree.string(kind)).unwrap_or("").to_owned();
            in_network |= kind == "VPC_SECURITY_GROUP" && ty == "SelfManagedKafka";
            let is_secret =
                kind.ends_with("_AUTH") && !kind.starts_with("IAM_") || kind == "SERVER_ROOT_CA_CERTIFICATE";
            if let (Some(secret), true) = (self.tree.get(one, "URI"), is_secret) {
                statements.push(self.make(one).allow(["secretsmanager:GetSecretValue"], secret));
            }
        }
        let get = |key: &str| self.tree.get(inner, key);
        let (broker, cluster, key) = (get("Broker"), get("Cluster"), get("SecretsManagerKmsKeyId"));
        let key = key.and_then(|key| self.tree.string(key)).map(str::to_owned);
        let mut make = self.make(inner);
        if let (Some(broker), "MQ") = (broker, ty) {
            statements.push(make.allow(["mq:DescribeBroker"], broker));
        }
        if let (Some(cluster), "DocumentDB") = (cluster, ty) {
            for (action, resource) in [
                ("rds:DescribeDBClusterParameters", "cluster-pg:*"),
                ("rds:DescribeDBSubnetGroups", "subgrp:*"),
            ] {
                let arn =
                    format!("arn:${{AWS::Partition}}:rds:${{AWS::Region}}:${{AWS::AccountId}}:{resource}");
                let arn = make.sub(&arn);
                statements.push(make.allow([action], arn));
            }
            statements.push(make.allow(["rds:DescribeDBClusters"], cluster));
        }
        if in_network {
            let all = make.text("*");
            statements.push(make.allow(NETWORK.iter().copied(), all));
        }
        self.registry(inner, &mut statements);
        let mut make = self.make(inner);
        if let Some(key) = key {
            let arn = format!("arn:${{AWS::Partition}}:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{key}");
            let arn = make.sub(&arn);
            statements.push(make.allow(["kms:Decrypt"], arn));
        }
        statements
    }

    /// What reading the schemas of a registry needs.
    fn registry(&mut self, inner: NodeId, statements: &mut Vec<NodeId>) {
        let Some(config) = self.tree.get(inner, "SchemaRegistryConfig") else { return };
        let access = self.tree.get(config, "AccessConfigs").and_then(|list| self.tree.list(list));
        let access: Vec<_> = access.into_iter().flat_map(crate::document::List::iter).collect();
        for one in access {
            if let Some(secret) = self.tree.get(one, "URI") {
                statements.push(self.make(one).allow(["secretsmanager:GetSecretValue"], secret));
            }
        }
        let Some(registry) = self.tree.get(config, "SchemaRegistryURI") else { return };
        let text = self.tree.string(registry).or_else(|| {
            let called = call(self.tree, registry).filter(|call| call.function == Function::Sub)?;
            self.tree.string(called.argument.node)
        });
        // Names of pseudo parameters have colons too.
        let text = text.filter(|text| text.starts_with("arn")).map(|text| text.replace("AWS::", ""));
        let name = text.as_deref().and_then(|text| text.split(':').nth(5)?.strip_prefix("registry/"));
        let Some(name) = name else { return };
        let schemas =
            format!("arn:${{AWS::Partition}}:glue:${{AWS::Region}}:${{AWS::AccountId}}:schema/{name}/*");
        let mut make = self.make(config);
        statements.push(make.allow(["glue:GetRegistry"], registry));
        let schemas = make.sub(&schemas);
        statements.push(make.allow(["glue:GetSchemaVersion"], schemas));
    }

    /// A queue or topic that the transform makes, by its ARN.
    fn made_destination(
        &mut self,
        owner: &Declared,
        place: NodeId,
        id: &str,
        ty: &str,
        what: &str,
    ) -> NodeId {
        let made = format!("{id}{what}");
        let mut maker = self.make(place);
        let nothing = maker.map(&[]);
        let body = maker.declaration(&format!("AWS::{ty}::{what}"), None, nothing);
        self.push_made(owner, &made, body);
        let mut maker = self.make(place);
        if what == "Queue" { maker.arn(&made) } else { maker.reference(&made) }
    }

    /// The branches of a conditional destination, where one of them is nothing.
    fn conditional(&self, given: NodeId) -> Option<[NodeId; 3]> {
        let called = call(self.tree, given).filter(|call| call.function == Function::If)?;
        let parts: Vec<_> = self.tree.list(called.argument.node)?.iter().collect();
        let [condition, then, otherwise] = parts.as_slice() else { return None };
        let either = self.is_nothing(*then) || self.is_nothing(*otherwise);
        either.then_some([*condition, *then, *otherwise])
    }

    fn is_nothing(&self, node: NodeId) -> bool {
        let called = call(self.tree, node).filter(|call| call.function == Function::Ref);
        called.is_some_and(|call| self.tree.string(call.argument.node) == Some("AWS::NoValue"))
    }

    /// Where results are sent to.
    fn destination(
        &mut self,
        declared: &Declared,
        destination: NodeId,
        id: &str,
        permissions: &mut Permissions,
    ) {
        let ty =
            self.tree.get(destination, "Type").and_then(|ty| self.tree.string(ty)).unwrap_or("").to_owned();
        let given = self.tree.get(destination, "Destination");
        let (action, what) = match ty.as_str() {
            "SQS" => ("sqs:SendMessage", "Queue"),
            "SNS" => ("sns:publish", "Topic"),
            "EventBridge" => ("events:PutEvents", ""),
            "Lambda" => ("lambda:InvokeFunction", ""),
            "S3" | "S3Bucket" => ("s3:PutObject", ""),
            _ => return,
        };
        let target = match given {
            Some(given) if !what.is_empty() && self.conditional(given).is_some() => {
                let Some([condition, then, otherwise]) = self.conditional(given) else { return };
                let made = self.made_destination(declared, destination, id, &ty, what);
                let [then, otherwise] =
                    [then, otherwise].map(|one| if self.is_nothing(one) { made } else { one });
                let mut maker = self.make(given);
                let parts = maker.list(&[condition, then, otherwise]);
                maker.map(&[("Fn::If", parts)])
            }
            Some(given) => given,
            None if what.is_empty() => return,
            None => self.made_destination(declared, destination, id, &ty, what),
        };
        let mut make = self.make(destination);
        let statements = if action == "s3:PutObject" {
            let all = make.text("*");
            let parts = make.list(&[target, all]);
            let slash = make.text("/");
            let joined = make.list(&[slash, parts]);
            let objects = make.map(&[("Fn::Join", joined)]);
            vec![make.allow([action], objects), make.allow(["s3:ListBucket"], target)]
        } else {
            vec![make.allow([action], target)]
        };
        permissions.inline.push(make.inline(&format!("{id}{ty}Policy"), &statements));
    }

    /// The role with which a schedule invokes the function.
    fn schedule(&mut self, declared: &Declared, name: &str, event: NodeId, inner: NodeId) {
        if self.tree.get(inner, "RoleArn").is_some() {
            return;
        }
        let condition = self.tree.get(declared.body, "Condition");
        let id = format!("{}{name}", declared.id);
        let mut make = self.make(event);
        let function = make.arn(&declared.id);
        let statement = make.allow(["lambda:InvokeFunction"], function);
        let policy = make.inline(&format!("{id}LambdaPolicy"), &[statement]);
        let service = "scheduler.amazonaws.com";
        let role = EventRole { service, policy, boundary: None, condition };
        self.event_role(declared, event, &format!("{id}Role"), &role);
    }
}
