//! The tables of what roles lack, and of what they have beyond their needs.

use super::tables::attribute;
use super::{Attribute, Type};

use Type::{Bool, List, Number, Text};

/// Something that a role cannot do.
pub(super) const LACK: &[Attribute] = &[
    attribute(
        "feature",
        Text,
        "what needs it: `agent` for what the agent itself calls, `output`, `domain-join`, `cloudwatch-agent`, `snapshots`, \
         `automation`",
    ),
    attribute("actions", List(&Text), "the actions that are needed"),
    attribute("message", Text, "the actions and what needs them, in words"),
    attribute("allowed", Bool, "false where it surely is not allowed, unknown otherwise"),
    attribute(
        "allowing",
        Text,
        "the statements that allow it, as a list in JSON; absent where something of them is not known",
    ),
];

/// A pattern of actions that grants more than is needed.
pub(super) const EXCESS: &[Attribute] = &[
    attribute("value", Text, "the pattern"),
    attribute("actions", Text, "actions that change something and that no document needs"),
    attribute(
        "needed",
        Text,
        "the actions of the pattern that documents need, as a list in JSON; absent where they need none",
    ),
    attribute("service_wide", Bool, "whether it is every action of a service"),
    attribute("writes", Number, "how many of its actions change something"),
    attribute("severity", Text, "`medium` where one of them changes who may do what; absent otherwise"),
];
