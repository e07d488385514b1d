//! Everything that launches nodes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::document::{Condition, NodeId, View};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::table::{Properties, Row, flag, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::iam::profile;
use super::{NODES, PROFILES, ROLES};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "aws_instance",
        kind: Kind::Node,
        fields: &[
            value("profile", "iam_instance_profile"),
            value("http_tokens", "metadata_options.http_tokens"),
            value("hop_limit", "metadata_options.http_put_response_hop_limit"),
            value("metadata_options", "metadata_options"),
            value("subnets", "subnet_id"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[
            profile("iam_instance_profile"),
            to(Relation::Launches, "launch_template.id", NODES),
            to(Relation::Launches, "launch_template.name", NODES),
        ],
        more: Some(user_data),
    },
    Row {
        ty: "aws_spot_instance_request",
        kind: Kind::Node,
        fields: &[
            value("profile", "iam_instance_profile"),
            value("http_tokens", "metadata_options.http_tokens"),
            value("hop_limit", "metadata_options.http_put_response_hop_limit"),
            value("metadata_options", "metadata_options"),
            value("subnets", "subnet_id"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[profile("iam_instance_profile")],
        more: Some(user_data),
    },
    Row {
        ty: "aws_launch_template",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "iam_instance_profile"),
            value("http_tokens", "metadata_options.http_tokens"),
            value("hop_limit", "metadata_options.http_put_response_hop_limit"),
            value("metadata_options", "metadata_options"),
            value("tags", "tags"),
            value("instance_tags", "tag_specifications"),
            flag("launches", false),
        ],
        ties: &[profile("iam_instance_profile.name"), profile("iam_instance_profile.arn")],
        more: Some(user_data),
    },
    Row {
        ty: "aws_launch_configuration",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "iam_instance_profile"),
            value("http_tokens", "metadata_options.http_tokens"),
            value("hop_limit", "metadata_options.http_put_response_hop_limit"),
            value("metadata_options", "metadata_options"),
            flag("launches", false),
        ],
        ties: &[profile("iam_instance_profile")],
        more: Some(user_data),
    },
    Row {
        ty: "aws_autoscaling_group",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("subnets", "vpc_zone_identifier"),
            value("tags", "tag"),
            flag("launches", true),
        ],
        ties: &[
            to(Relation::Launches, "launch_template.id", NODES),
            to(Relation::Launches, "launch_template.name", NODES),
            to(Relation::Launches, "launch_configuration", NODES),
            to(
                Relation::Launches,
                "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id",
                NODES,
            ),
            to(
                Relation::Launches,
                "mixed_instances_policy.launch_template.launch_template_specification.launch_template_name",
                NODES,
            ),
        ],
        more: None,
    },
    Row {
        ty: "aws_ec2_fleet",
        kind: Kind::Node,
        fields: &[value("tags", "tags"), flag("launches", true)],
        ties: &[
            to(
                Relation::Launches,
                "launch_template_config.launch_template_specification.launch_template_id",
                NODES,
            ),
            to(
                Relation::Launches,
                "launch_template_config.launch_template_specification.launch_template_name",
                NODES,
            ),
        ],
        more: None,
    },
    Row {
        ty: "aws_spot_fleet_request",
        kind: Kind::Node,
        fields: &[value("profile", "launch_specification"), value("tags", "tags"), flag("launches", true)],
        ties: &[
            profile("launch_specification.iam_instance_profile"),
            profile("launch_specification.iam_instance_profile_arn"),
            to(Relation::Launches, "launch_template_config.launch_template_specification.id", NODES),
            to(Relation::Launches, "launch_template_config.launch_template_specification.name", NODES),
        ],
        more: None,
    },
    Row {
        ty: "aws_eks_node_group",
        kind: Kind::Node,
        fields: &[
            value("name", "node_group_name"),
            value("subnets", "subnet_ids"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[
            to(Relation::Passes, "node_role_arn", ROLES),
            to(Relation::Launches, "launch_template.id", NODES),
            to(Relation::Launches, "launch_template.name", NODES),
        ],
        more: None,
    },
    Row {
        ty: "aws_batch_compute_environment",
        kind: Kind::Node,
        fields: &[
            value("name", "compute_environment_name"),
            value("profile", "compute_resources.instance_role"),
            value("subnets", "compute_resources.subnets"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[profile("compute_resources.instance_role")],
        more: None,
    },
    Row {
        ty: "aws_emr_cluster",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "ec2_attributes.instance_profile"),
            value("subnets", "ec2_attributes.subnet_id"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[profile("ec2_attributes.instance_profile")],
        more: None,
    },
    Row {
        ty: "aws_imagebuilder_infrastructure_configuration",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "instance_profile_name"),
            value("http_tokens", "instance_metadata_options.http_tokens"),
            value("hop_limit", "instance_metadata_options.http_put_response_hop_limit"),
            value("metadata_options", "instance_metadata_options"),
            value("subnets", "subnet_id"),
            value("tags", "tags"),
            flag("launches", true),
        ],
        ties: &[profile("instance_profile_name")],
        more: None,
    },
    Row {
        ty: "aws_elastic_beanstalk_environment",
        kind: Kind::Node,
        fields: &[value("name", "name"), value("tags", "tags"), flag("launches", true)],
        ties: &[],
        more: Some(beanstalk),
    },
    Row {
        ty: "aws_elastic_beanstalk_configuration_template",
        kind: Kind::Node,
        fields: &[value("name", "name"), flag("launches", false)],
        ties: &[],
        more: Some(beanstalk),
    },
];

/// User data as a person wrote it: templates want it in base64.
fn user_data(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let is_template = properties.at(assembly, "user_data_base64").is_none();
    let data = ["user_data_base64", "user_data"].iter().find_map(|path| properties.at(assembly, path));
    let Some(data) = data else { return };
    let decoded = assembly.tree.string(data).and_then(|text| decoded(text, is_template));
    let data = match decoded {
        Some(text) => assembly.tree.derive_string(data, &text),
        None => data,
    };
    assembly.set(entity, "user_data", Some(data));
}

/// The text that base64 stands for; nothing where it is none. Where base64 is not required, only what surely is such is
/// decoded: a script holds blanks, which base64 does not.
fn decoded(text: &str, may_be_plain: bool) -> Option<String> {
    let compact: String = text.split_ascii_whitespace().collect();
    if compact.is_empty()
        || may_be_plain && (compact.len() != text.trim().len() || !compact.len().is_multiple_of(4))
    {
        return None;
    }
    String::from_utf8(STANDARD.decode(compact).ok()?).ok()
}

/// The instance profile among the settings of an environment.
fn beanstalk(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(settings) = properties.at(assembly, "setting") else { return };
    let View::List(list) = assembly.tree.view(settings) else { return };
    let is = |block: NodeId, key: &str, wanted: &str| {
        let value = assembly.tree.get(block, key);
        value.and_then(|value| assembly.tree.string(value)) == Some(wanted)
    };
    let profile = list.iter().find(|&block| is(block, "name", "IamInstanceProfile"));
    let Some(profile) = profile.and_then(|block| assembly.tree.get(block, "value")) else { return };
    // Which of the setting blocks holds the reference is known only by what it leads to.
    let linked = match assembly.tree.view(profile) {
        View::String(_) => Some(profile),
        _ => properties.link(assembly, "setting.value", PROFILES),
    };
    assembly.set(entity, "profile", Some(profile));
    if let Some(linked) = linked {
        assembly.add_tie(Tie {
            relation: Relation::Profile,
            from: End::Entity(entity),
            to: End::Value(linked, PROFILES),
            value: None,
            resource: properties.resource(),
            under: Condition::ALWAYS,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn base64_is_decoded_where_it_surely_is_such() {
        assert_eq!(decoded("IyEvYmluL3No", false).as_deref(), Some("#!/bin/sh"));
        assert_eq!(decoded("IyEvYmluL3No", true).as_deref(), Some("#!/bin/sh"));
        assert_eq!(decoded("#!/bin/sh\necho hi", true), None);
        assert_eq!(decoded("", true), None);
        // The hash that older providers keep in place of the data.
        assert_eq!(decoded("da39a3ee5e6b4b0d3255bfef95601890afd80709", true), None);
    }
}
