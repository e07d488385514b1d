//! Principals as statements name them.

use crate::catalog::is_region;
use crate::catalog::nearest;
use crate::document::HoleKind;
use crate::document::NodeId;
use crate::document::Piece;
use crate::iam::glob::literal;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Principal;
use crate::iam::policy::PrincipalType;
use crate::iam::policy::Statement;
use crate::iam::text::Text;
use crate::iam::variable::has_variables;

use super::FlawKind;
use super::Inspector;
use super::values::is_placeholder;

/// Host names of identity providers that need no provider in the account.
const PROVIDERS: &[&str] =
    &["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

/// Service principals of AWS's documentation that are in no policy of AWS.
const NEWER: &[&str] = &["ops.apigateway.amazonaws.com"];

impl Inspector<'_> {
    /// Checks the principals of a statement.
    pub(super) fn principals(&mut self, statement: &Statement<'_>) {
        let Some(principals) = &statement.principals else { return };
        self.at.negated = principals.negated;
        for principal in &principals.values {
            match &principal.value.text {
                Text::Known(text) => self.principal(principal, text),
                Text::Holes(pieces) => self.partly_known(principal, &principal.value.text.display(), pieces),
                Text::Unknown(_) => {}
            }
        }
        self.at.negated = false;
    }

    /// An ARN of which parts are not known is malformed where it would be whatever they are.
    fn partly_known(&mut self, principal: &Principal<'_>, shown: &str, pieces: &[Piece]) {
        let starts = match pieces {
            [Piece::Literal(text), ..] => text.starts_with("arn:"),
            [Piece::Hole(hole), Piece::Literal(text), ..] => {
                hole.kind == HoleKind::Account && text.starts_with(':')
            }
            _ => false,
        };
        if !starts {
            return;
        }
        let node = principal.value.node;
        let sample: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => &**text,
                Piece::Hole(hole) if hole.kind == HoleKind::Partition => "aws",
                Piece::Hole(_) => "000000000000",
            })
            .collect();
        match principal.ty {
            PrincipalType::Aws => {
                let digits = |account: &str| account.bytes().all(|byte| byte.is_ascii_digit());
                let account = sample.split(':').nth(4).is_none_or(digits);
                if let Some(why) = malformed_arn(&sample).filter(|_| account) {
                    let message = format!("the principal `{shown}` {why}");
                    self.note(FlawKind::PrincipalMalformed, node, shown, message);
                }
            }
            PrincipalType::Federated => self.federated(node, &sample, shown),
            _ => {}
        }
    }

    fn principal(&mut self, principal: &Principal<'_>, text: &str) {
        let node = principal.value.node;
        let inner_blank = principal.ty != PrincipalType::Aws && text.contains(char::is_whitespace);
        if text.trim() != text || inner_blank {
            let message = format!("the principal `{text}` has a blank");
            self.note(FlawKind::Blank, node, text, message).replacement = Some(text.trim().to_owned());
            return;
        }
        match principal.ty {
            PrincipalType::Aws => self.aws_principal(node, text),
            PrincipalType::Service => self.service_principal(node, text),
            PrincipalType::Federated => self.federated(node, text, text),
            PrincipalType::CanonicalUser => {}
            PrincipalType::Other => {
                let message = format!("`{text}` has a type of principal that does not exist");
                self.note(FlawKind::PrincipalMalformed, node, text, message);
            }
        }
    }

    /// Whether it is not by a value that is empty that a principal has no account: somebody wrote it without one.
    fn is_written_so(&self, node: NodeId, text: &str) -> bool {
        let tree = self.tree;
        let mut stack = vec![node];
        let mut seen = Vec::new();
        while let Some(at) = stack.pop() {
            if seen.contains(&at) || seen.len() > 64 {
                continue;
            }
            seen.push(at);
            let own = tree.written(at) == Some(at);
            if own && tree.string(at).is_some_and(|part| part == text || part.contains(":::")) {
                return true;
            }
            stack.extend(tree.derivation(at).into_iter().flat_map(|made| made.from.iter().copied()));
            stack.extend(tree.written(at));
        }
        false
    }

    fn aws_principal(&mut self, node: NodeId, text: &str) {
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if text == "*" || digits(text) && !is_placeholder(text) {
            return;
        }
        if ["AIDA", "AROA", "AGPA", "ANPA"].iter().any(|start| text.starts_with(start))
            && text.len() >= 16
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            let message = format!("`{text}` is the id of a principal that was deleted");
            self.note(FlawKind::PrincipalGone, node, text, message);
            return;
        }
        let account = if digits(text) { text } else { text.split(':').nth(4).unwrap_or("") };
        if is_placeholder(account) && self.surroundings.account.as_deref() != Some(account) {
            let message = format!("`{account}` in `{text}` looks like a placeholder that was left");
            account.clone_into(&mut self.note(FlawKind::Placeholder, node, text, message).value);
            return;
        }
        if let (Some("arn"), Some(partition)) = (text.split(':').next(), text.split(':').nth(1))
            && !self.partition(node, text, &literal(partition))
        {
            return;
        }
        if has_variables(text) {
            let message = format!("`{text}`: principals have no variables");
            self.note(FlawKind::VariableMalformed, node, text, message);
            return;
        }
        // What a parameter leaves empty until somebody deploys.
        let lacks = text.is_empty() || text.split(':').nth(4) == Some("");
        if lacks && !self.is_written_so(node, text) {
            return;
        }
        if let Some(why) = malformed_arn(text) {
            let message = format!("the principal `{text}` {why}");
            let flaw = self.note(FlawKind::PrincipalMalformed, node, text, message);
            if text.contains(".amazonaws.com") {
                flaw.message = format!("`{text}` is a service: it belongs below `Service`");
            }
        }
    }

    fn service_principal(&mut self, node: NodeId, text: &str) {
        if self.catalog.service_principal(text).is_some()
            || self.catalog.service_principal(&base(text)).is_some()
            || NEWER.contains(&text)
        {
            return;
        }
        let names = self.catalog.service_principals().map(crate::catalog::ServicePrincipal::name);
        let near = nearest(text, names).map(str::to_owned);
        let ends = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];
        let lower = text.to_ascii_lowercase();
        let sound = lower == text && ends.iter().any(|end| text.ends_with(end)) && !text.contains('*');
        let with_end = format!("{}.amazonaws.com", lower.split('.').next().unwrap_or(""));
        let replacement = match near {
            Some(near) => Some(near),
            None if !sound => self.catalog.service_principal(&with_end).map(|found| found.name().to_owned()),
            None => None,
        };
        let hint = replacement.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = if sound {
            format!("the service principal `{text}` is not known{hint}")
        } else {
            format!("`{text}` is no service principal{hint}")
        };
        let flaw = self.note(FlawKind::ServicePrincipalUnknown, node, text, message);
        // A name of the right form that is like no other may be newer than the catalogue.
        flaw.sure = !sound || replacement.is_some();
        flaw.replacement = replacement;
    }

    fn federated(&mut self, node: NodeId, text: &str, shown: &str) {
        if self.kind == PolicyKind::Resource {
            let message = format!("`{shown}`: identity providers have no place in the policies of resources");
            self.note(FlawKind::PrincipalMalformed, node, shown, message);
            return;
        }
        let provider = |kind: &str| {
            text.starts_with("arn:")
                && text.split(':').nth(2) == Some("iam")
                && text.splitn(6, ':').nth(5).is_some_and(|resource| {
                    resource
                        .strip_prefix(kind)
                        .is_some_and(|name| !name.is_empty() && !name.starts_with("https:"))
                })
        };
        let sound = PROVIDERS.contains(&text) || provider("oidc-provider/") || provider("saml-provider/");
        if !sound && self.kind == PolicyKind::Trust {
            let message =
                format!("`{shown}` is neither an identity provider of the account nor one that AWS knows");
            self.note(FlawKind::FederatedMalformed, node, shown, message);
        }
    }
}

/// The name of a service principal without the Region and the suffix of a partition.
pub(super) fn base(text: &str) -> String {
    let text = text.strip_suffix(".cn").unwrap_or(text);
    let parts: Vec<&str> = text.split('.').filter(|part| !is_region(part)).collect();
    parts.join(".")
}

/// Why a text is no ARN of a principal.
fn malformed_arn(text: &str) -> Option<&'static str> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let &[arn, _, service, region, account, name] = fields.as_slice() else { return Some("is no ARN") };
    if arn != "arn" {
        return Some("is no ARN");
    }
    if text.contains(['*', '?']) {
        return Some("has a wildcard, which principals do not take");
    }
    let fits = match service {
        "iam" => name == "root" || name.starts_with("user/") || name.starts_with("role/"),
        "sts" => name.starts_with("assumed-role/") || name.starts_with("federated-user/") || name == "self",
        _ => return Some("is not the ARN of an account, user, role or session"),
    };
    if !region.is_empty() {
        return Some("names a Region");
    }
    let own = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if !own && account != "cloudfront" {
        return Some("names an account that is not twelve digits");
    }
    (!fits).then_some("is not the ARN of an account, user, role or session")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_have_few_forms() {
        for text in [
            "arn:aws:iam::210987654321:root",
            "arn:aws:iam::210987654321:role/path/Name",
            "arn:aws:sts::210987654321:assumed-role/Name/session",
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
        ] {
            assert_eq!(malformed_arn(text), None, "{text}");
        }
        for text in [
            "arn:aws:iam::210987654321:role/*",
            "arn:aws:s3:::b",
            "Bob",
            "arn:aws:iam::2:root",
            "arn:aws:iam:us-east-1:210987654321:root",
        ] {
            assert!(malformed_arn(text).is_some(), "{text}");
        }
        assert_eq!(base("logs.eu-west-1.amazonaws.com"), "logs.amazonaws.com");
        assert_eq!(base("ec2.amazonaws.com.cn"), "ec2.amazonaws.com");
    }
}
