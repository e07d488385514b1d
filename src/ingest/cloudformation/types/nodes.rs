//! Whatever launches nodes, and the instance profiles that they get.

use crate::document::{NodeId, spread};
use crate::ingest::assembly::Assembly;
use crate::ingest::table::{Field, More, Properties, Row, flag, to, value};
use crate::model::{Entity, EntityId, Kind, Relation};

use super::{DOCUMENTS, NODES, PROFILES, ROLES, elements, flat, only_under, tie};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "AWS::EC2::Instance",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("profile", "IamInstanceProfile"),
            value("user_data", "UserData"),
            value("metadata_options", "MetadataOptions"),
            value("http_tokens", "MetadataOptions.HttpTokens"),
            value("hop_limit", "MetadataOptions.HttpPutResponseHopLimit"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Profile, "IamInstanceProfile", PROFILES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateId", NODES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateName", NODES),
        ],
        more: Some(instance),
    },
    Row {
        ty: "AWS::EC2::LaunchTemplate",
        kind: Kind::Node,
        fields: &[
            flag("launches", false),
            value("name", "LaunchTemplateName"),
            value("profile", "LaunchTemplateData.IamInstanceProfile"),
            value("user_data", "LaunchTemplateData.UserData"),
            value("metadata_options", "LaunchTemplateData.MetadataOptions"),
            value("http_tokens", "LaunchTemplateData.MetadataOptions.HttpTokens"),
            value("hop_limit", "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit"),
            value("subnets", "LaunchTemplateData.NetworkInterfaces.SubnetId"),
            value("tags", "LaunchTemplateData.TagSpecifications"),
        ],
        ties: &[
            to(Relation::Profile, "LaunchTemplateData.IamInstanceProfile.Name", PROFILES),
            to(Relation::Profile, "LaunchTemplateData.IamInstanceProfile.Arn", PROFILES),
        ],
        more: None,
    },
    Row {
        ty: "AWS::AutoScaling::LaunchConfiguration",
        kind: Kind::Node,
        fields: &[
            flag("launches", false),
            value("name", "LaunchConfigurationName"),
            value("profile", "IamInstanceProfile"),
            value("user_data", "UserData"),
            value("metadata_options", "MetadataOptions"),
            value("http_tokens", "MetadataOptions.HttpTokens"),
            value("hop_limit", "MetadataOptions.HttpPutResponseHopLimit"),
        ],
        ties: &[to(Relation::Profile, "IamInstanceProfile", PROFILES)],
        more: None,
    },
    Row {
        ty: "AWS::AutoScaling::AutoScalingGroup",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "AutoScalingGroupName"),
            value("subnets", "VPCZoneIdentifier"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateId", NODES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateName", NODES),
            to(Relation::Launches, "LaunchConfigurationName", NODES),
            to(
                Relation::Launches,
                "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId",
                NODES,
            ),
            to(
                Relation::Launches,
                "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName",
                NODES,
            ),
            to(
                Relation::Launches,
                "MixedInstancesPolicy.LaunchTemplate.Overrides.LaunchTemplateSpecification.LaunchTemplateId",
                NODES,
            ),
        ],
        more: None,
    },
    Row {
        ty: "AWS::EC2::EC2Fleet",
        kind: Kind::Node,
        fields: &[flag("launches", true), value("tags", "TagSpecifications")],
        ties: &[
            to(
                Relation::Launches,
                "LaunchTemplateConfigs.LaunchTemplateSpecification.LaunchTemplateId",
                NODES,
            ),
            to(
                Relation::Launches,
                "LaunchTemplateConfigs.LaunchTemplateSpecification.LaunchTemplateName",
                NODES,
            ),
        ],
        more: None,
    },
    Row {
        ty: "AWS::EC2::SpotFleet",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("profile", "SpotFleetRequestConfigData.LaunchSpecifications.IamInstanceProfile"),
            value("user_data", "SpotFleetRequestConfigData.LaunchSpecifications.UserData"),
            value("subnets", "SpotFleetRequestConfigData.LaunchSpecifications.SubnetId"),
        ],
        ties: &[
            to(
                Relation::Profile,
                "SpotFleetRequestConfigData.LaunchSpecifications.IamInstanceProfile.Arn",
                PROFILES,
            ),
            to(
                Relation::Launches,
                "SpotFleetRequestConfigData.LaunchTemplateConfigs.LaunchTemplateSpecification.LaunchTemplateId",
                NODES,
            ),
            to(
                Relation::Launches,
                "SpotFleetRequestConfigData.LaunchTemplateConfigs.LaunchTemplateSpecification.LaunchTemplateName",
                NODES,
            ),
        ],
        more: None,
    },
    Row {
        ty: "AWS::EKS::Nodegroup",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "NodegroupName"),
            value("profile", "NodeRole"),
            value("subnets", "Subnets"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Passes, "NodeRole", ROLES),
            to(Relation::Launches, "LaunchTemplate.Id", NODES),
            to(Relation::Launches, "LaunchTemplate.Name", NODES),
        ],
        more: None,
    },
    Row {
        ty: "AWS::Batch::ComputeEnvironment",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "ComputeEnvironmentName"),
            value("profile", "ComputeResources.InstanceRole"),
            value("subnets", "ComputeResources.Subnets"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Profile, "ComputeResources.InstanceRole", PROFILES),
            to(Relation::Launches, "ComputeResources.LaunchTemplate.LaunchTemplateId", NODES),
            to(Relation::Launches, "ComputeResources.LaunchTemplate.LaunchTemplateName", NODES),
        ],
        more: None,
    },
    Row {
        ty: "AWS::EMR::Cluster",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "Name"),
            value("profile", "JobFlowRole"),
            value("subnets", "Instances.Ec2SubnetId"),
            value("tags", "Tags"),
        ],
        ties: &[to(Relation::Profile, "JobFlowRole", PROFILES)],
        more: None,
    },
    Row {
        ty: "AWS::ImageBuilder::InfrastructureConfiguration",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "Name"),
            value("profile", "InstanceProfileName"),
            value("metadata_options", "InstanceMetadataOptions"),
            value("http_tokens", "InstanceMetadataOptions.HttpTokens"),
            value("hop_limit", "InstanceMetadataOptions.HttpPutResponseHopLimit"),
            value("subnets", "SubnetId"),
            value("tags", "Tags"),
        ],
        ties: &[to(Relation::Profile, "InstanceProfileName", PROFILES)],
        more: None,
    },
    beanstalk("AWS::ElasticBeanstalk::Environment", ENVIRONMENT),
    beanstalk("AWS::ElasticBeanstalk::ConfigurationTemplate", CONFIGURATION),
    Row {
        ty: "AWS::GameLift::Fleet",
        kind: Kind::Node,
        fields: &[flag("launches", true), value("name", "Name"), value("profile", "InstanceRoleARN")],
        ties: &[to(Relation::Passes, "InstanceRoleARN", ROLES)],
        more: None,
    },
    Row {
        ty: "AWS::OpsWorks::Stack",
        kind: Kind::Node,
        fields: &[
            flag("launches", true),
            value("name", "Name"),
            value("profile", "DefaultInstanceProfileArn"),
            value("subnets", "DefaultSubnetId"),
        ],
        ties: &[to(Relation::Profile, "DefaultInstanceProfileArn", PROFILES)],
        more: None,
    },
];

const ENVIRONMENT: &[Field] =
    &[flag("launches", true), value("name", "EnvironmentName"), value("tags", "Tags")];
const CONFIGURATION: &[Field] = &[flag("launches", false)];

const fn beanstalk(ty: &'static str, fields: &'static [Field]) -> Row {
    Row { ty, kind: Kind::Node, fields, ties: &[], more: Some(option_settings) }
}

pub(super) const MORE: &[(&str, More)] = &[("AWS::EC2::Instance", associations)];

/// An instance: its subnets, and the documents that are associated with it.
fn instance(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let subnets: Vec<_> = ["SubnetId", "NetworkInterfaces.SubnetId"]
        .iter()
        .filter_map(|path| properties.at(assembly, path))
        .collect();
    if let Some(&first) = subnets.first() {
        let all = flat(assembly, first, &subnets);
        assembly.set(entity, "subnets", Some(all));
    }
    if let Some(names) = properties.at(assembly, "SsmAssociations.DocumentName") {
        let all = flat(assembly, names, &[names]);
        assembly.set(entity, "associations", Some(all));
    }
}

/// The associations in an instance's declaration.
fn associations(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let Some(list) = properties.at(assembly, "SsmAssociations") else { return };
    let resource = properties.resource();
    for (under, node) in spread(&assembly.tree, &mut assembly.conditions, list) {
        let Some(name) = assembly.tree.get(node, "DocumentName") else { continue };
        let mut entity = Entity::new(Kind::Association, resource, node, under);
        entity.set("document_name", name);
        let parameters = assembly.tree.get(node, "AssociationParameters");
        let parameters = parameters.map(|list| keyed(assembly, list));
        if let Some(parameters) = parameters {
            entity.set("parameters", parameters);
        }
        let entity = assembly.inventory.add_entity(entity);
        tie(assembly, Relation::Runs, entity, name, DOCUMENTS);
        if let Some(parameters) = parameters {
            super::tie_assumed_role(assembly, entity, parameters);
        }
    }
}

/// A list of `Key` and `Value` as a map.
fn keyed(assembly: &mut Assembly, list: NodeId) -> NodeId {
    let mut entries = Vec::new();
    for element in elements(assembly, list) {
        let key = assembly.tree.get(element, "Key");
        let value = assembly.tree.get(element, "Value").or_else(|| assembly.tree.get(element, "Values"));
        if let (Some(key), Some(value)) = (key, value) {
            entries.extend([key, value]);
        }
    }
    assembly.tree.derive_map(list, &entries)
}

/// The instance profile and subnets among the settings of Elastic Beanstalk.
fn option_settings(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    for path in ["OptionSettings", "Settings"] {
        let Some(settings) = properties.at(assembly, path) else { continue };
        for (under, setting) in spread(&assembly.tree, &mut assembly.conditions, settings) {
            let text =
                |key: &str| assembly.tree.get(setting, key).and_then(|node| assembly.tree.string(node));
            let field = match (text("Namespace"), text("OptionName")) {
                (Some("aws:autoscaling:launchconfiguration"), Some("IamInstanceProfile")) => "profile",
                (Some("aws:ec2:vpc"), Some("Subnets")) => "subnets",
                _ => continue,
            };
            let Some(value) = assembly.tree.get(setting, "Value") else { continue };
            let value = if under.is_always() { value } else { only_under(assembly, value, under) };
            assembly.set(entity, field, Some(value));
            if field == "profile" {
                tie(assembly, Relation::Profile, entity, value, PROFILES);
            }
        }
    }
}
