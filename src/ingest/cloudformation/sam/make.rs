//! Making declarations.
//!
//! What the transform adds stands at the place of what asked for it, and is written as a template would write it:
//! functions are resolved later, like those of the template itself.

use crate::document::{NodeId, Tree};

/// Makes nodes at one place.
pub(super) struct Make<'t> {
    pub(super) tree: &'t mut Tree,
    pub(super) place: NodeId,
}

impl Make<'_> {
    pub(super) fn text(&mut self, text: &str) -> NodeId {
        self.tree.derive_string(self.place, text)
    }

    pub(super) fn texts<'s>(&mut self, all: impl IntoIterator<Item = &'s str>) -> NodeId {
        let elements: Vec<_> = all.into_iter().map(|text| self.text(text)).collect();
        self.list(&elements)
    }

    pub(super) fn list(&mut self, elements: &[NodeId]) -> NodeId {
        self.tree.derive_list(self.place, elements)
    }

    pub(super) fn map(&mut self, entries: &[(&'static str, NodeId)]) -> NodeId {
        let nodes: Vec<_> = entries.iter().flat_map(|&(key, value)| [self.tree.key(key), value]).collect();
        self.tree.derive_map(self.place, &nodes)
    }

    /// `Ref`.
    pub(super) fn reference(&mut self, id: &str) -> NodeId {
        let id = self.text(id);
        self.map(&[("Ref", id)])
    }

    /// `Fn::GetAtt` of the ARN.
    pub(super) fn arn(&mut self, id: &str) -> NodeId {
        let path = self.texts([id, "Arn"]);
        self.map(&[("Fn::GetAtt", path)])
    }

    /// `Fn::Sub` without variables of its own.
    pub(super) fn sub(&mut self, text: &str) -> NodeId {
        let text = self.text(text);
        self.map(&[("Fn::Sub", text)])
    }

    /// `Fn::Sub` with variables.
    pub(super) fn sub_with(&mut self, text: &str, variables: &[(String, NodeId)]) -> NodeId {
        if variables.is_empty() {
            return self.sub(text);
        }
        let text = self.text(text);
        let mut entries = Vec::with_capacity(variables.len() * 2);
        for (name, value) in variables {
            entries.extend([self.text(name), *value]);
        }
        let variables = self.tree.derive_map(self.place, &entries);
        let both = self.list(&[text, variables]);
        self.map(&[("Fn::Sub", both)])
    }

    /// The ARN of a policy that AWS manages, by its path and name.
    pub(super) fn managed(&mut self, name: &str) -> NodeId {
        self.sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}"))
    }

    /// `Ref: AWS::NoValue`.
    pub(super) fn nothing(&mut self) -> NodeId {
        self.reference("AWS::NoValue")
    }

    /// A statement that allows actions.
    pub(super) fn allow<'s>(
        &mut self,
        actions: impl IntoIterator<Item = &'s str>,
        resource: NodeId,
    ) -> NodeId {
        let effect = self.text("Allow");
        let actions = self.texts(actions);
        self.map(&[("Effect", effect), ("Action", actions), ("Resource", resource)])
    }

    /// A policy document.
    pub(super) fn document(&mut self, statements: &[NodeId]) -> NodeId {
        let version = self.text("2012-10-17");
        let statements = self.list(statements);
        self.map(&[("Version", version), ("Statement", statements)])
    }

    /// An inline policy.
    pub(super) fn inline(&mut self, name: &str, statements: &[NodeId]) -> NodeId {
        let document = self.document(statements);
        self.inline_with(name, document)
    }

    /// An inline policy with a document.
    pub(super) fn inline_with(&mut self, name: &str, document: NodeId) -> NodeId {
        let name = self.text(name);
        self.map(&[("PolicyName", name), ("PolicyDocument", document)])
    }

    /// The trust policy of a role for a service.
    pub(super) fn trust(&mut self, service: &str) -> NodeId {
        let effect = self.text("Allow");
        let action = self.texts(["sts:AssumeRole"]);
        let services = self.texts([service]);
        let principal = self.map(&[("Service", services)]);
        let statement = self.map(&[("Effect", effect), ("Action", action), ("Principal", principal)]);
        self.document(&[statement])
    }

    /// A declaration of a type.
    pub(super) fn declaration(&mut self, ty: &str, condition: Option<NodeId>, properties: NodeId) -> NodeId {
        let mut entries = vec![("Type", self.text(ty))];
        entries.extend(condition.map(|condition| ("Condition", condition)));
        entries.push(("Properties", properties));
        self.map(&entries)
    }

    /// A map with one entry replaced or added.
    pub(super) fn with(&mut self, map: NodeId, key: &'static str, value: NodeId) -> NodeId {
        let key_node = self.tree.key(key);
        let mut entries = Vec::new();
        let mut there = false;
        for (own, text, old) in self.tree.map(map).into_iter().flat_map(crate::document::Map::iter) {
            there |= text == key;
            entries.extend([own, if text == key { value } else { old }]);
        }
        if !there {
            entries.extend([key_node, value]);
        }
        self.tree.derive_map(map, &entries)
    }
}
