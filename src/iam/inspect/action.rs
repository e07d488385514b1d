//! Names of actions: whether they exist, and what was meant.

use std::sync::LazyLock;

use crate::catalog::Gap;
use crate::catalog::Memo;
use crate::catalog::Service;
use crate::catalog::nearest;
use crate::catalog::split;
use crate::document::NodeId;
use crate::iam::actions::each;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Statement;

use super::FlawKind;
use super::Inspector;

/// Names of operations of the API or the command line that are no actions, and the actions that allow them.
const OPERATIONS: &[(&str, &str)] = &[
    ("s3:listobjects", "s3:ListBucket"),
    ("s3:listobjectsv2", "s3:ListBucket"),
    ("s3:headobject", "s3:GetObject"),
    ("s3:headbucket", "s3:ListBucket"),
    ("s3:deleteobjects", "s3:DeleteObject"),
    ("s3:copyobject", "s3:GetObject"),
    ("s3:listbuckets", "s3:ListAllMyBuckets"),
    ("s3:listobjectversions", "s3:ListBucketVersions"),
    ("s3:createmultipartupload", "s3:PutObject"),
    ("s3:initiatemultipartupload", "s3:PutObject"),
    ("s3:completemultipartupload", "s3:PutObject"),
    ("s3:uploadpart", "s3:PutObject"),
    ("s3:uploadpartcopy", "s3:PutObject"),
    ("s3:listparts", "s3:ListMultipartUploadParts"),
    ("s3:listmultipartuploads", "s3:ListBucketMultipartUploads"),
    ("s3:getbucketencryption", "s3:GetEncryptionConfiguration"),
    ("s3:putbucketencryption", "s3:PutEncryptionConfiguration"),
    ("s3:deletebucketencryption", "s3:PutEncryptionConfiguration"),
    ("s3:getbucketlifecycle", "s3:GetLifecycleConfiguration"),
    ("s3:getbucketlifecycleconfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:putbucketlifecycle", "s3:PutLifecycleConfiguration"),
    ("s3:putbucketlifecycleconfiguration", "s3:PutLifecycleConfiguration"),
    ("s3:getbucketreplication", "s3:GetReplicationConfiguration"),
    ("s3:putbucketreplication", "s3:PutReplicationConfiguration"),
    ("s3:getpublicaccessblock", "s3:GetBucketPublicAccessBlock"),
    ("s3:putpublicaccessblock", "s3:PutBucketPublicAccessBlock"),
    ("s3:selectobjectcontent", "s3:GetObject"),
    ("lambda:invoke", "lambda:InvokeFunction"),
    ("dynamodb:transactgetitems", "dynamodb:GetItem"),
    ("dynamodb:transactwriteitems", "dynamodb:PutItem"),
    ("ecr:dockerpull", "ecr:BatchGetImage"),
    ("ses:sendtemplatedemail", "ses:SendTemplatedEmail"),
    ("kms:reencrypt", "kms:ReEncryptFrom"),
    ("sts:assumerolewithoidc", "sts:AssumeRoleWithWebIdentity"),
    ("states:listexecution", "states:ListExecutions"),
    ("apigateway:getrestapis", "apigateway:GET"),
    ("elasticfilesystem:mount", "elasticfilesystem:ClientMount"),
    ("opensearch:eshttpget", "es:ESHttpGet"),
];

/// What was probably meant by names that do not exist.
static MEANT: LazyLock<Memo<Option<String>>> = LazyLock::new(|| Memo::new(1 << 10));

impl Inspector<'_> {
    /// Checks the names of a statement's actions.
    pub(super) fn actions(&mut self, statement: &Statement<'_>) {
        self.at.negated = statement.actions.negated;
        for value in &statement.actions.values {
            if let Some(text) = value.text.known() {
                self.action(value.node, text);
            }
        }
        self.at.negated = false;
    }

    fn action(&mut self, node: NodeId, text: &str) {
        if text == "*" || text == "*:*" {
            return;
        }
        if text.contains(char::is_whitespace) {
            let trimmed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let exists = !trimmed.contains(',') && self.catalog.action(&trimmed).is_some();
            let message = format!("`{text}` has a blank, so that it matches no action");
            self.note(FlawKind::Blank, node, text, message).replacement =
                Some(trimmed).filter(|_| exists || text.contains('*'));
            return;
        }
        if text.contains("${") {
            let message = format!("`{text}` has a variable, which actions do not take");
            self.note(FlawKind::VariableMalformed, node, text, message);
            return;
        }
        let Some((prefix, name)) = split(text) else {
            let near = nearest(text, self.catalog.services().map(Service::prefix));
            let message = format!("`{text}` is no action: an action is written `service:name`");
            self.note(FlawKind::ActionUnknown, node, text, message).replacement =
                near.filter(|near| near.eq_ignore_ascii_case(text)).map(|near| format!("{near}:*"));
            return;
        };
        let Some(service) = self.catalog.service(prefix) else {
            self.no_service(node, text, prefix, name);
            return;
        };
        if service.withdrawn() {
            let message = format!("AWS has withdrawn the service `{prefix}`");
            self.note(FlawKind::ActionWithdrawn, node, text, message).sure =
                !self.catalog.is_gap(Gap::Withdrawn, prefix);
            return;
        }
        if name.contains(['*', '?']) {
            self.wildcard(node, text, name);
        } else {
            self.exact(node, text, service, name);
        }
    }

    fn no_service(&mut self, node: NodeId, text: &str, prefix: &str, name: &str) {
        let gap = self.catalog.is_gap(Gap::Prefix, prefix);
        let operation = operation(text);
        // A service that has the action is meant rather than one with a name more alike.
        let having = self.catalog.services().filter(|service| service.seek(name).is_some());
        let near = nearest(prefix, having.map(Service::prefix))
            .or_else(|| nearest(prefix, self.catalog.services().map(Service::prefix)));
        let replacement = operation
            .map(str::to_owned)
            .or_else(|| near.map(|near| format!("{near}:{name}")))
            .or_else(|| self.elsewhere(name));
        let hint = replacement.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("there is no service `{prefix}`{hint}");
        let flaw = self.note(FlawKind::ServiceUnknown, node, text, message);
        flaw.replacement = replacement;
        flaw.sure = !gap;
    }

    /// The action that was probably meant by a name that a service does not have.
    fn meant(&self, service: Service<'_>, name: &str) -> Option<String> {
        let plural = [format!("{name}s"), name.trim_end_matches('s').to_owned()];
        let found = plural.iter().find_map(|other| service.action(other));
        let living = service.actions().filter(|action| !action.withdrawn());
        let near = match found {
            Some(action) => Some(action.name()),
            None => nearest(name, living.map(crate::catalog::Action::name)),
        };
        near.map(|near| format!("{}:{near}", service.prefix())).or_else(|| self.elsewhere(name))
    }

    /// The one service that has an action of this name.
    fn elsewhere(&self, name: &str) -> Option<String> {
        if name.contains(['*', '?']) || name.len() < 6 {
            return None;
        }
        let mut found = self.catalog.services().filter_map(|service| service.seek(name));
        let first = found.next()?;
        found.next().is_none().then(|| first.full_name().to_owned())
    }

    fn wildcard(&mut self, node: NodeId, text: &str, name: &str) {
        let (mut living, mut gone) = (0_usize, 0_usize);
        each(self.catalog, text, |action| if action.withdrawn() { gone += 1 } else { living += 1 });
        if living == 0 && gone > 0 {
            let message = format!("`{text}` matches only actions that AWS has withdrawn");
            self.note(FlawKind::ActionWithdrawn, node, text, message);
        } else if living == 0
            && let Some(real) = operation_like(text)
        {
            let message = format!("`{text}` names operations of the API, not actions; `{real}` allows them");
            self.note(FlawKind::ActionIsApi, node, text, message).replacement = Some(real.to_owned());
        } else if living == 0 {
            let message = format!("`{text}` matches no action");
            self.note(FlawKind::WildcardMatchesNothing, node, text, message);
        }
        let inner = name.trim_end_matches('*').contains(['*', '?']);
        if inner && self.kind == PolicyKind::ServiceControl {
            let message =
                format!("`{text}` has a wildcard inside, which some checks of control policies still refuse");
            self.note(FlawKind::ControlWildcard, node, text, message);
        }
    }

    fn exact(&mut self, node: NodeId, text: &str, service: Service<'_>, name: &str) {
        let Some(action) = service.action(name) else {
            self.no_action(node, text, service, name);
            return;
        };
        if action.withdrawn() {
            let gap = self.catalog.is_gap(Gap::Withdrawn, text);
            let message = format!("AWS has withdrawn the action `{text}`");
            self.note(FlawKind::ActionWithdrawn, node, text, message).sure = !gap;
            return;
        }
        let spelling = action.full_name();
        if spelling != text {
            let message = format!("AWS writes `{spelling}`");
            self.note(FlawKind::ActionSpelling, node, text, message).replacement = Some(spelling.to_owned());
        }
    }

    fn no_action(&mut self, node: NodeId, text: &str, service: Service<'_>, name: &str) {
        // The policy that a new topic gets from AWS has this action.
        let gap = self.catalog.is_gap(Gap::Action, text) || text.eq_ignore_ascii_case("sns:Receive");
        if let Some(real) = operation(text) {
            let message = format!("`{text}` is an operation of the API, not an action; `{real}` allows it");
            self.note(FlawKind::ActionIsApi, node, text, message).replacement = Some(real.to_owned());
            return;
        }
        let replacement = MEANT.of(text, || self.meant(service, name));
        let hint = replacement.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("`{text}` does not exist{hint}");
        let flaw = self.note(FlawKind::ActionUnknown, node, text, message);
        flaw.replacement = replacement;
        flaw.sure = !gap;
    }
}

fn operation(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    OPERATIONS.iter().find(|(name, _)| *name == lower).map(|&(_, action)| action)
}

/// The action of the operations that a pattern matches, where it is one.
fn operation_like(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let mut found = OPERATIONS.iter().filter(|(name, _)| crate::iam::actions::matches(&lower, name));
    let (_, action) = found.next()?;
    found.all(|(_, other)| other == action).then_some(*action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actions_that_are_offered_for_operations_exist() {
        for (name, action) in OPERATIONS {
            let action = crate::catalog::embedded().action(action);
            assert!(action.is_some_and(|action| !action.withdrawn()), "{name}");
        }
    }
}
