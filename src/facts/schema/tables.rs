//! The tables themselves.

use super::{Attribute, Kind, Type};

use Type::{Bool, Entity, List, Raw, Text};

const fn attribute(name: &'static str, ty: Type, doc: &'static str) -> Attribute {
    Attribute { name, ty, doc }
}

pub(super) const KINDS: &[Kind] = &[ROLE, POLICY];

const ROLE: Kind = Kind {
    variable: "roles",
    name: "role",
    doc: "An IAM role that the input declares.",
    attributes: &[
        attribute("id", Text, "the logical id or address of the declaring resource"),
        attribute("name", Text, "the role's name in IAM"),
        attribute("policies", List(&Entity("policy")), "all policies that give the role permissions"),
        attribute("tags", Raw, "the tags as written"),
    ],
};

const POLICY: Kind = Kind {
    variable: "policies",
    name: "policy",
    doc: "An IAM policy.",
    attributes: &[
        attribute("id", Text, "the logical id or address of the declaring resource"),
        attribute("aws_managed", Bool, "whether AWS manages it"),
    ],
};
