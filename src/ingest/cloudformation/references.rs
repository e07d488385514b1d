//! `Ref` and `Fn::GetAtt`.
//!
//! What they give of a resource depends on its type: a role's `Ref` is its name, a managed policy's is its ARN. Names
//! that the template does not choose are holes that remember which resource they belong to.

use crate::document::{HoleKind, NodeId, Piece, Reason};
use crate::ingest::services;

use super::call::Argument;
use super::resolve::Resolver;
use super::template::Declared;
use super::texts::{self, Part};

/// What `Ref` gives of a type, and how its ARN is made.
struct Shape {
    ty: &'static str,
    /// The property that chooses the physical name.
    name: &'static str,
    /// The ARN between the account and the name: `service:resource/`; none where the ARN is not made of the name.
    arn: Option<&'static str>,
    /// Whether the ARN has a Region and an account: S3 has neither, IAM no Region.
    scope: Scope,
    /// `Ref` gives the ARN.
    ref_is_arn: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Regional,
    Account,
    Global,
}

const fn named(ty: &'static str, name: &'static str, arn: &'static str, scope: Scope) -> Shape {
    Shape { ty, name, arn: Some(arn), scope, ref_is_arn: false }
}

/// From the "Return values" of each type in the CloudFormation template reference.
const SHAPES: &[Shape] = &[
    named("AWS::IAM::Role", "RoleName", "iam:role", Scope::Account),
    named("AWS::IAM::InstanceProfile", "InstanceProfileName", "iam:instance-profile", Scope::Account),
    named("AWS::IAM::User", "UserName", "iam:user", Scope::Account),
    named("AWS::IAM::Group", "GroupName", "iam:group", Scope::Account),
    Shape {
        ref_is_arn: true,
        ..named("AWS::IAM::ManagedPolicy", "ManagedPolicyName", "iam:policy", Scope::Account)
    },
    named("AWS::SSM::Document", "Name", "ssm:document/", Scope::Regional),
    named("AWS::SSM::Parameter", "Name", "ssm:parameter/", Scope::Regional),
    named("AWS::S3::Bucket", "BucketName", "s3:", Scope::Global),
    named("AWS::Logs::LogGroup", "LogGroupName", "logs:log-group:", Scope::Regional),
    named("AWS::Lambda::Function", "FunctionName", "lambda:function:", Scope::Regional),
    named("AWS::Serverless::Function", "FunctionName", "lambda:function:", Scope::Regional),
    Shape { ref_is_arn: true, ..named("AWS::SNS::Topic", "TopicName", "sns:", Scope::Regional) },
    named("AWS::SQS::Queue", "QueueName", "sqs:", Scope::Regional),
    named("AWS::Serverless::SimpleTable", "TableName", "dynamodb:table/", Scope::Regional),
    Shape {
        ref_is_arn: true,
        ..named("AWS::Serverless::StateMachine", "Name", "states:stateMachine:", Scope::Regional)
    },
    named("AWS::DynamoDB::Table", "TableName", "dynamodb:table/", Scope::Regional),
    named("AWS::Events::Rule", "Name", "events:rule/", Scope::Regional),
    named("AWS::ECS::Cluster", "ClusterName", "ecs:cluster/", Scope::Regional),
    named("AWS::CodeBuild::Project", "Name", "codebuild:project/", Scope::Regional),
    Shape {
        ref_is_arn: true,
        ..named(
            "AWS::StepFunctions::StateMachine",
            "StateMachineName",
            "states:stateMachine:",
            Scope::Regional,
        )
    },
];

/// Types whose `Ref` is the ARN although the ARN is not made of a name that the template chooses.
const REF_IS_ARN: &[&str] = &[
    "AWS::SecretsManager::Secret",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::Lambda::Version",
    "AWS::Lambda::LayerVersion",
    "AWS::CertificateManager::Certificate",
];

impl Resolver<'_> {
    /// The outer nothing is `AWS::NoValue`.
    pub(super) fn reference(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        let written = self.tree.scalar(argument.node).map(str::to_owned);
        // A loop variable inside a name: `Ref: {"Fn::Sub": …}` is allowed in loops.
        let name = written.or_else(|| {
            let value = self.resolve_argument(argument)?;
            self.tree.scalar(value).map(str::to_owned)
        });
        match name {
            Some(name) => self.reference_to(node, &name),
            None => Some(self.unknown(node, Reason::Malformed, "`Ref` without a name")),
        }
    }

    /// What `Ref` gives of a name; nothing for `AWS::NoValue`.
    pub(super) fn reference_to(&mut self, place: NodeId, name: &str) -> Option<NodeId> {
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(bound) = self.bound(name) {
            return Some(self.tree.derive_copy(place, bound));
        }
        if let Some(value) = self.pseudo(place, name) {
            return Some(value);
        }
        if let Some(value) = self.parameter(place, name) {
            return Some(value);
        }
        let name = self.substitute_bindings(name);
        match self.template.resource(&name) {
            Some(resource) => Some(self.ref_of_resource(place, resource)),
            None => Some(self.generated(place, &name, None)),
        }
    }

    /// What the Serverless transform makes is known by name only.
    fn generated(&mut self, place: NodeId, id: &str, attribute: Option<&str>) -> NodeId {
        let full = attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}"));
        let Some(owner) = super::sam::generated_by(self.tree, self.template, id) else {
            return self.unknown(place, Reason::Undeclared, &full);
        };
        let (resource, kind) = (owner.node, attribute.unwrap_or("Ref"));
        let kind = HoleKind::Attribute { resource, attribute: kind.into() };
        self.tree.derive_text(place, vec![texts::hole(kind, &full)])
    }

    fn ref_of_resource(&mut self, place: NodeId, declared: &Declared) -> NodeId {
        let (id, resource) = (&*declared.id, declared.node);
        let ty = declared.ty(self.tree).to_owned();
        let shape = SHAPES.iter().find(|shape| shape.ty == ty);
        let service = services::of_type(&ty);
        let value = match shape {
            Some(shape) if shape.ref_is_arn => self.arn_of(place, declared, shape),
            Some(shape) => {
                let parts = self.physical_name(declared, shape.name);
                self.text(place, parts)
            }
            None if REF_IS_ARN.contains(&ty.as_str()) => self.tree.derive_text(
                place,
                vec![texts::hole(HoleKind::Arn { resource, service }, &format!("{id}.Arn"))],
            ),
            None => self.tree.derive_text(place, vec![texts::hole(HoleKind::Name { resource }, id)]),
        };
        self.explain(value, "Ref", &[resource])
    }

    /// The name that the template gives a resource, or a hole that stands for the one that CloudFormation makes up.
    fn physical_name(&mut self, declared: &Declared, property: &str) -> Vec<Part> {
        let (id, resource) = (&*declared.id, declared.node);
        let made_up = Part::always(vec![texts::hole(HoleKind::Name { resource }, id)]);
        let Some(value) = self.property_of(declared, property) else { return vec![made_up] };
        let parts = self.texts_of(value);
        let known =
            parts.iter().all(|part| part.pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))));
        // A name with holes says less than the resource that it belongs to.
        if known && !parts.is_empty() { parts } else { vec![made_up] }
    }

    /// A property of another resource, with the loop variables around that one.
    fn property_of(&mut self, declared: &Declared, property: &str) -> Option<NodeId> {
        let node = self.tree.at(declared.body, &["Properties", property])?;
        let own = std::mem::replace(&mut self.state.bindings, declared.bindings.clone());
        let value = self.resolve(node);
        self.state.bindings = own;
        value
    }

    /// The ARN of a resource, put together once.
    fn arn_of(&mut self, place: NodeId, declared: &Declared, shape: &Shape) -> NodeId {
        let is_bound = !self.state.bindings.is_empty() || !declared.bindings.is_empty();
        let key = (declared.node, self.mode());
        if let (Some(&known), false) = (self.state.arns.get(&key), is_bound) {
            return self.tree.derive_copy(place, known);
        }
        let made = self.make_arn(place, declared, shape);
        if !is_bound {
            self.state.arns.insert(key, made);
        }
        made
    }

    fn make_arn(&mut self, place: NodeId, declared: &Declared, shape: &Shape) -> NodeId {
        let (id, resource) = (&*declared.id, declared.node);
        let service = services::of_type(shape.ty);
        let Some((service, prefix)) = shape.arn.and_then(|arn| arn.split_once(':')) else {
            return self.tree.derive_text(
                place,
                vec![texts::hole(HoleKind::Arn { resource, service }, &format!("{id}.Arn"))],
            );
        };
        let mut head = vec![
            Piece::Literal("arn:".into()),
            self.piece_of(HoleKind::Partition, "AWS::Partition"),
            Piece::Literal(format!(":{service}:").into()),
        ];
        if shape.scope == Scope::Regional {
            head.push(self.piece_of(HoleKind::Region, "AWS::Region"));
        }
        head.push(Piece::Literal(":".into()));
        if shape.scope != Scope::Global {
            head.push(self.piece_of(HoleKind::Account, "AWS::AccountId"));
        }
        head.push(Piece::Literal(format!(":{prefix}").into()));
        let mut operands = vec![vec![Part::always(head)]];
        if service == "iam" {
            operands.push(self.iam_path(declared));
        }
        let mut name = self.physical_name(declared, shape.name);
        // The slash before a parameter's path is not written twice.
        if prefix.ends_with('/') {
            for part in &mut name {
                if let Some(Piece::Literal(text)) = part.pieces.first_mut()
                    && let Some(rest) = text.strip_prefix('/')
                {
                    *text = rest.into();
                }
            }
        }
        operands.push(name);
        let parts = texts::concat(self.conditions, operands);
        self.text(place, parts)
    }

    /// The path of an IAM entity, with its slashes.
    fn iam_path(&mut self, declared: &Declared) -> Vec<Part> {
        match self.property_of(declared, "Path") {
            Some(path) => self.texts_of(path),
            None => vec![Part::literal("/")],
        }
    }

    pub(super) fn get_att(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let Some((id, attribute)) = self.attribute_path(argument) else {
            return self.unknown(node, Reason::Malformed, "`Fn::GetAtt` without a resource and an attribute");
        };
        self.attribute_of(node, &id, &attribute)
    }

    /// Resource and attribute of either form of the argument.
    fn attribute_path(&mut self, argument: Argument) -> Option<(String, String)> {
        if let Some(elements) = self.elements(argument) {
            let mut texts = Vec::with_capacity(elements.len());
            for element in elements {
                texts.push(self.known_text(element)?);
            }
            let (id, attributes) = texts.split_first()?;
            return Some((id.clone(), attributes.join(".")));
        }
        let value = self.resolve_argument(argument)?;
        let text = self.tree.scalar(value)?;
        let (id, attribute) = text.split_once('.')?;
        Some((id.to_owned(), attribute.to_owned()))
    }

    pub(super) fn attribute_of(&mut self, place: NodeId, id: &str, attribute: &str) -> NodeId {
        let id = self.substitute_bindings(id);
        let Some(declared) = self.template.resource(&id) else {
            return self.generated(place, &id, Some(attribute));
        };
        let resource = declared.node;
        if let Some(name) = attribute.strip_prefix("Outputs.")
            && let Some([value, inside]) = self.output_of(place, declared, name)
        {
            return self.explain(value, "Fn::GetAtt", &[inside, resource]);
        }
        let ty = declared.ty(self.tree).to_owned();
        let shape = SHAPES.iter().find(|shape| shape.ty == ty);
        let service = services::of_type(&ty);
        let value = match (attribute, shape) {
            ("Arn" | "PolicyArn" | "TopicArn", Some(shape)) => self.arn_of(place, declared, shape),
            ("Arn", None) => self.tree.derive_text(
                place,
                vec![texts::hole(HoleKind::Arn { resource, service }, &format!("{id}.Arn"))],
            ),
            _ => {
                let kind = HoleKind::Attribute { resource, attribute: attribute.into() };
                self.tree.derive_text(place, vec![texts::hole(kind, &format!("{id}.{attribute}"))])
            }
        };
        self.explain(value, "Fn::GetAtt", &[resource])
    }
}
