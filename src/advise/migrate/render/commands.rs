//! Steps as commands of the AWS CLI.

use crate::catalog::embedded;
use crate::ssm::statement::{PARTITION, Place, policy};

use super::super::{Do, Migration, Step};

/// The command of a step; nothing for those that a person does.
pub(super) fn command(migration: &Migration, step: &Step, place: &Place) -> Option<String> {
    let role = match &migration.name {
        Some(name) => quoted(name),
        None => format!("\"$ROLE\" # the name that {} got", migration.role),
    };
    let (role, comment) =
        role.split_once(" #").map_or((role.as_str(), ""), |(role, comment)| (role, comment));
    let comment = if comment.is_empty() { String::new() } else { format!("  #{comment}") };
    let or = |known: &Option<String>, open: &str| {
        Some(known.clone().filter(|text| !text.contains("${")).unwrap_or_else(|| open.to_owned()))
    };
    // A shell knows nothing of the template's own names.
    let place = &Place {
        partition: or(&place.partition, "aws"),
        region: or(&place.region, "*"),
        account: or(&place.account, "*"),
    };
    let arn = |name: &str| {
        let known = embedded().managed_policy(name).map(|policy| policy.arn(PARTITION));
        quoted(&place.fill(&known.unwrap_or_else(|| name.to_owned())))
    };
    Some(match &step.what {
        Do::Attach(name) => {
            format!("aws iam attach-role-policy --role-name {role} --policy-arn {}{comment}", arn(name))
        }
        Do::Detach(name, _) => {
            format!("aws iam detach-role-policy --role-name {role} --policy-arn {}{comment}", arn(name))
        }
        Do::Put(name, statements) => {
            let document = policy(statements, place).to_string();
            format!(
                "aws iam put-role-policy --role-name {role} --policy-name {name} --policy-document {}{comment}",
                quoted(&document)
            )
        }
        Do::Delete(name) => {
            format!("aws iam delete-role-policy --role-name {role} --policy-name {name}{comment}")
        }
        Do::Wait => return None,
    })
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
