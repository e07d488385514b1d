//! Which attributes somebody asks for: what nobody asks for is not worked out.

use std::collections::BTreeSet;

/// Attributes that are worked out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// What the trust policy of a role says.
    Trust,
    Purposes,
    Needs,
    Limits,
    Named,
    Users,
    Attached,
    Inline,
    Statements,
    InlineSize,
    Amount,
    Links,
    Roles,
    Managed,
    Size,
    Complexity,
    Watched,
    ResourceProblems,
    Principals,
    Conditions,
    Parameters,
    Steps,
    Flows,
    Problems,
    /// The actions that a flaw concerns, of which there may be hundreds.
    Concerned,
}

/// The names of the attributes of each group, in the order of the groups.
const NAMES: &[(Group, &[&str])] = &[
    (Group::Trust, &["trust", "trusted_services", "purposes"]),
    (Group::Purposes, &["purposes"]),
    (Group::Needs, &["lacks", "excess", "needed_statements", "needed_policy", "needed_parameters"]),
    (Group::Limits, &["limited_resources", "limited_statements"]),
    (Group::Named, &["document_resources", "command_resources", "automation_resources"]),
    (Group::Users, &["instance_profiles", "nodes", "used_by"]),
    (Group::Attached, &["attached", "attached_count", "boundaries"]),
    (Group::Inline, &["inline"]),
    (Group::Statements, &["statements"]),
    (Group::InlineSize, &["inline_size"]),
    (
        Group::Amount,
        &[
            "administrator",
            "administrator_by_union",
            "administrator_by_statements",
            "services_by_union",
            "sessions_without_channel",
            "escalations",
            "reaches",
            "reach_count",
            "reaches_everything",
            "paths",
        ],
    ),
    (Group::Links, &["roles", "profiles", "templates", "document", "window"]),
    (Group::Roles, &["roles"]),
    (Group::Managed, &["managed"]),
    (Group::Size, &["size"]),
    (Group::Complexity, &["complexity"]),
    (Group::Watched, &["grants", "patterns", "open_writes"]),
    (Group::ResourceProblems, &["resource_problems"]),
    (Group::Principals, &["principals"]),
    (Group::Conditions, &["conditions"]),
    (Group::Parameters, &["parameters", "role_parameter"]),
    (Group::Steps, &["steps"]),
    (Group::Flows, &["flows"]),
    (Group::Problems, &["problems"]),
    (Group::Concerned, &["actions"]),
];

/// The groups that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants(u32);

impl Wants {
    /// Those that hold an attribute of one of these names, whatever it belongs to; all of them where there are no names.
    pub(super) fn of(names: Option<&BTreeSet<Box<str>>>) -> Self {
        let Some(wanted) = names else { return Self(u32::MAX) };
        let is_asked = |names: &&[&str]| names.iter().any(|name| wanted.contains(*name));
        let asked = NAMES.iter().filter(|(_, names)| is_asked(names));
        Self(asked.fold(0, |all, (group, _)| all | 1 << (*group as u32)))
    }

    /// Whether a group is asked for.
    pub(super) fn has(self, group: Group) -> bool {
        self.0 & 1 << (group as u32) != 0
    }
}
