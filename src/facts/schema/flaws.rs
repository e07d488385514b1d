//! The tables of what is said about policy documents.

use super::tables::TEXTS;
use super::tables::attribute;
use super::{Kind, Type};

use Type::{Bool, Raw, Text};

/// Something that is wrong, or worth saying, about a part of a policy document.
pub(super) const POLICY_FLAW: Kind = Kind {
    variable: "policy_flaws",
    name: "policy_flaw",
    doc: "What can be said about the policy documents of the input, each at the place that it is about.",
    attributes: &[
        attribute("flaw", Text, "what it is: a word such as `action-unknown`"),
        attribute("value", Raw, "the value that it is about, as written"),
        attribute("text", Text, "the text that it is about: an action, an ARN, a condition key"),
        attribute("message", Text, "a sentence that says it"),
        attribute(
            "policy",
            Text,
            "what the document is for: `identity`, `boundary`, `trust`, `resource`, `endpoint`, `service_control` or \
         `resource_control`",
        ),
        attribute(
            "effect",
            Text,
            "`Allow` or `Deny`; empty where the statement has neither, or it is about no statement",
        ),
        attribute("negated", Bool, "whether it stands in `NotAction`, `NotResource` or `NotPrincipal`"),
        attribute("sure", Bool, "false where AWS's data has gaps, or it is a matter of taste"),
        attribute(
            "alone",
            Bool,
            "whether the document is a file of its own, and nobody knows who will have it",
        ),
        attribute("suggestion", Text, "what should probably stand there; absent where nobody knows"),
        attribute("actions", TEXTS, "the actions that it concerns"),
    ],
};
