//! What AWS keeps for itself: no policy lets an account change its managed policies, reserved roles and aliases.

use crate::catalog::Catalog;

use super::resource::Target;
use super::value::characters;

/// Whether a request would change something that only AWS changes.
pub fn is_protected(catalog: &Catalog, action: &str, target: &Target) -> bool {
    let Some(arn) = characters(&target.tokens) else { return false };
    let mut fields = arn.splitn(6, ':').skip(2);
    let (service, account, resource) = (fields.next(), fields.nth(1), fields.next().unwrap_or(""));
    let own = match service {
        Some("iam") => {
            account == Some("aws") && resource.starts_with("policy/")
                || resource.starts_with("role/aws-reserved/")
        }
        Some("kms") => resource.starts_with("alias/aws/"),
        _ => false,
    };
    own && catalog.action(action).is_some_and(|action| !action.only_reads())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::embedded;

    #[test]
    fn what_aws_owns_can_be_read_and_not_changed() {
        for (action, arn, expected) in [
            ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess", true),
            ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", false),
            ("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/Own", false),
            ("iam:PassRole", "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/X", true),
            ("kms:DeleteAlias", "arn:aws:kms:us-east-1:123456789012:alias/aws/s3", true),
        ] {
            assert_eq!(is_protected(embedded(), action, &Target::parse(arn)), expected, "{action} {arn}");
        }
    }
}
