//! Policy variables in resources and conditions, and what is true of the conditions of a statement together.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use crate::document::HoleKind;
use crate::document::NodeId;
use crate::iam::operator::Comparison;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;
use crate::iam::text::Part;
use crate::iam::variable::Chunk;
use crate::iam::variable::Malformed;
use crate::iam::variable::chunks;
use crate::iam::variable::has_variables;

use super::FlawKind;
use super::Inspector;

impl Inspector<'_> {
    /// Checks the variables of a statement.
    pub(super) fn variables(&mut self, statement: &Statement<'_>, policy: &Policy<'_>) {
        let modern = policy.has_variables();
        for value in statement.resources.iter().flat_map(|resources| &resources.values) {
            self.variable(value, modern, None);
        }
        for test in &statement.conditions {
            for value in &test.values {
                self.variable(value, modern, Some(test));
            }
        }
    }

    fn variable(&mut self, value: &Scalar<'_>, modern: bool, test: Option<&Test<'_>>) {
        for part in value.text.parts() {
            match part {
                Part::Known(text) if let Some(written) = misquoted(text) => {
                    let message = format!(
                        "`{written}` reaches IAM as it is written, and is no policy variable there: write `{}`",
                        right(&written)
                    );
                    self.note(FlawKind::VariableEaten, value.node, text, message).replacement =
                        Some(text.replace(&written, &right(&written)));
                }
                Part::Known(text) if modern && has_variables(text) => {
                    for chunk in chunks(text) {
                        self.chunk(value.node, text, chunk, test);
                    }
                }
                Part::Hole(Some(HoleKind::Any(_) | HoleKind::Parameter { .. } | HoleKind::Dynamic), _) => {
                    self.eaten(value);
                }
                _ => {}
            }
        }
    }

    fn chunk(&mut self, node: NodeId, text: &str, chunk: Chunk<'_>, test: Option<&Test<'_>>) {
        match chunk {
            Chunk::Malformed(why, inside) => {
                let why = match why {
                    Malformed::Brace => "has no closing brace",
                    Malformed::Quote => "has a default without quotes",
                    Malformed::Blank => "has a blank in its name",
                    Malformed::Empty => "has no name",
                    Malformed::Nested => "is inside another one",
                };
                let message = format!("the variable `${{{inside}}}` in `{text}` {why}");
                self.note(FlawKind::VariableMalformed, node, text, message);
            }
            Chunk::Variable { key, .. } => {
                if let Some(test) = test
                    && let Some(operator) = test.operator
                    && !matches!(
                        operator.test,
                        Comparison::Equals
                            | Comparison::EqualsIgnoreCase
                            | Comparison::Like
                            | Comparison::Arn
                    )
                {
                    let message =
                        format!("`{}` does not take variables such as `${{{key}}}`", test.operator_name);
                    self.note(FlawKind::VariableMalformed, node, text, message);
                    return;
                }
                self.variable_key(node, text, key);
            }
            Chunk::Plain(_) | Chunk::Escaped(_) => {}
        }
    }

    fn variable_key(&mut self, node: NodeId, text: &str, key: &str) {
        let Some(found) = self.key(key) else {
            let provider = key.split(':').next().is_some_and(|prefix| prefix.contains(['.', '/']));
            let global = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
            if !provider && global && !key.contains("::") {
                let message = format!("there is no condition key `{key}`, so that `{text}` matches nothing");
                self.note(FlawKind::VariableMalformed, node, text, message);
            } else if !provider && (!key.contains(':') || key.contains("::")) {
                let message = format!(
                    "`${{{key}}}` reaches IAM as it is written, and is no policy variable there: `{text}` matches nothing"
                );
                self.note(FlawKind::VariableMalformed, node, text, message).sure = false;
            }
            return;
        };
        if found.is_multivalued() {
            let message = format!("`{key}` has several values, so that `{text}` matches nothing");
            self.note(FlawKind::VariableMalformed, node, text, message);
        }
    }

    /// A hole that is named like a policy variable: the template language took it for its own.
    fn eaten(&mut self, value: &Scalar<'_>) {
        let crate::iam::Text::Holes(pieces) = &value.text else { return };
        for piece in *pieces {
            let crate::document::Piece::Hole(hole) = piece else { continue };
            let name = hole.name.trim_start_matches("${").trim_end_matches('}');
            if name.starts_with("aws:") || (name.contains(':') && self.key(name).is_some()) {
                let text = value.text.display();
                let message = format!(
                    "`${{{name}}}` is a policy variable, but the template language takes it for its own: write `${{!{name}}}` in `Fn::Sub`, `$${{{name}}}` in Terraform"
                );
                self.note(FlawKind::VariableEaten, value.node, &text, message);
            }
        }
    }

    /// What is true of the conditions of a statement together.
    pub(super) fn together(&mut self, statement: &Statement<'_>) {
        self.contradictions(statement);
        let has = |name: &str| statement.conditions.iter().find(|test| test.key.eq_ignore_ascii_case(name));
        if let Some(test) = has("aws:VpcSourceIp").filter(|_| has("aws:SourceVpc").is_none()) {
            let message = "private addresses repeat from VPC to VPC: add `aws:SourceVpc`".to_owned();
            self.note(FlawKind::PartnerMissing, test.key_node, test.key, message);
        }
        if let Some(test) = has("dynamodb:Attributes")
            .filter(|_| has("dynamodb:Select").is_none() && self.at.effect == Effect::Allow)
        {
            let message = "without `dynamodb:Select` a request for all attributes passes".to_owned();
            self.note(FlawKind::ServiceTrap, test.key_node, test.key, message);
        }
        if self.at.effect == Effect::Allow {
            self.weak_guards(statement);
        }
    }

    fn weak_guards(&mut self, statement: &Statement<'_>) {
        let keys: Vec<_> = statement.conditions.iter().map(|test| (test, self.key(test.key))).collect();
        let forged = keys.iter().all(|(test, key)| {
            key.is_some_and(crate::catalog::Key::is_spoofable)
                && test.operator.is_some_and(|operator| !operator.negated)
        });
        if let Some((test, _)) = keys.first().filter(|_| forged) {
            let message = format!("the caller sets `{}` at will", test.key);
            self.note(FlawKind::Spoofable, test.key_node, test.key, message);
        }
        let open = keys.iter().all(|(test, key)| {
            let optional = key.is_some_and(|key| {
                let on_caller = !key.is_template() || key.name().starts_with("aws:PrincipalTag/");
                key.is_global()
                    && key.is_optional()
                    && on_caller
                    && !matches!(key.name(), "aws:TagKeys" | "aws:ResourceAccount" | "aws:ResourceOrgID")
            });
            let asks_for_some = test.values.iter().all(|value| value.text.is(""));
            optional
                && !asks_for_some
                && test.operator.is_some_and(|operator| operator.negated && operator.test != Comparison::Null)
        });
        if let Some((test, _)) = keys.first().filter(|_| open && self.kind != PolicyKind::ServiceControl) {
            let message = format!(
                "a request without `{}` passes: a negated operator holds where the key is absent",
                test.key
            );
            self.note(FlawKind::NegatedOnOptional, test.key_node, test.key, message);
        }
    }

    /// `aws:SourceAccount` against the account inside `aws:SourceArn`.
    pub(super) fn source_accounts(&mut self, statement: &Statement<'_>) {
        let find = |name: &str| {
            statement.conditions.iter().find(|test| {
                test.key.eq_ignore_ascii_case(name)
                    && test
                        .operator
                        .is_some_and(|operator| !operator.negated && operator.test != Comparison::Null)
            })
        };
        let (Some(account), Some(arn)) = (find("aws:SourceAccount"), find("aws:SourceArn")) else { return };
        let accounts: Vec<&str> = account.values.iter().filter_map(|value| value.text.known()).collect();
        let inside: Vec<&str> = arn
            .values
            .iter()
            .filter_map(|value| value.text.known()?.split(':').nth(4))
            .filter(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        let known = accounts.len() == account.values.len() && inside.len() == arn.values.len();
        if known && !inside.is_empty() && !inside.iter().any(|one| accounts.contains(one)) {
            let message = format!(
                "`aws:SourceAccount` is `{}`, but `aws:SourceArn` names the account `{}`",
                accounts.join("`, `"),
                inside.join("`, `")
            );
            let kind = if self.kind == PolicyKind::Trust {
                FlawKind::GuardDisagrees
            } else {
                FlawKind::Contradiction
            };
            self.note(kind, arn.key_node, arn.key, message);
        }
    }
}

/// A policy variable in the escaped form of a template language that nobody has read: `&{…}`, `$${…}`, `${!…}`.
fn misquoted(text: &str) -> Option<String> {
    ["&{", "$${", "${!"].iter().find_map(|open| {
        let at = text.find(open)?;
        let end = text.get(at..)?.find('}')? + at + 1;
        let written = text.get(at..end)?;
        let name = written.trim_start_matches(['&', '$', '{', '!']);
        let is_key = name.split_once(':').is_some_and(|(prefix, rest)| {
            !prefix.is_empty()
                && !rest.is_empty()
                && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        });
        is_key.then(|| written.to_owned())
    })
}

/// The variable that was meant.
fn right(written: &str) -> String {
    format!("${{{}", written.trim_start_matches(['&', '$', '{', '!']))
}

/// A text without its variables, whose values hold no wildcards.
pub(super) fn plain(text: &str) -> String {
    chunks(text)
        .into_iter()
        .filter_map(|chunk| if let Chunk::Plain(plain) = chunk { Some(plain) } else { None })
        .collect()
}
