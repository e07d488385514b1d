//! The conditions of a statement.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use crate::catalog::Key;
use crate::catalog::KeyType;
use crate::catalog::is_region;
use crate::catalog::nearest;
use crate::catalog::regions;
use crate::document::HoleKind;
use crate::document::Piece;
use crate::iam::glob::contains;
use crate::iam::glob::literal;
use crate::iam::glob::pattern;
use crate::iam::literal::Decimal;
use crate::iam::literal::Network;
use crate::iam::literal::date;
use crate::iam::literal::is_base64;
use crate::iam::literal::is_epoch;
use crate::iam::operator::Comparison;
use crate::iam::operator::Operator;
use crate::iam::operator::Order;
use crate::iam::operator::Quantifier;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;
use crate::iam::text::Text;

use super::FlawKind;
use super::Inspector;
use super::key::is_tag_key;
use super::values::is_placeholder;
use super::values::is_placeholder_name;

impl Inspector<'_> {
    /// Checks the conditions of a statement.
    pub(super) fn conditions(&mut self, statement: &Statement<'_>, policy: &Policy<'_>) {
        self.variables(statement, policy);
        if statement.conditions.is_empty() {
            return;
        }
        let matched = self.matched(statement);
        for test in &statement.conditions {
            let key = self.known_key(test);
            let Some(operator) = self.operator(test) else { continue };
            if let Some(key) = key {
                if statement.actions.negated {
                    self.tags_of_all(test, key, operator);
                }
                if let Some(matched) = &matched {
                    self.service_tags(test, key, matched);
                    if !self
                        .flaws
                        .iter()
                        .any(|flaw| flaw.node == test.key_node && flaw.kind == FlawKind::TagKeyUnsupported)
                    {
                        self.in_context(test, key, matched);
                    }
                }
                let guarded = statement.conditions.iter().any(|other| asks_for_presence(other, test.key));
                self.typed(test, operator, key, guarded);
            }
            self.values(test, operator);
            self.left_to_fill_in(test);
            self.special(test, operator);
            self.owner_of_endpoint(test, statement);
        }
        self.together(statement);
    }

    fn operator(&mut self, test: &Test<'_>) -> Option<Operator> {
        let name = test.operator_name;
        let Some(operator) = test.operator else {
            if name.trim() != name {
                let message = format!("the operator `{name}` has a blank");
                self.note(FlawKind::Blank, test.operator_node, name, message).replacement =
                    Some(name.trim().to_owned());
                return None;
            }
            let near = nearest(name, Operator::names());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("there is no condition operator `{name}`{hint}");
            self.note(FlawKind::OperatorUnknown, test.operator_node, name, message).replacement =
                near.map(str::to_owned);
            return None;
        };
        let null = operator.test == Comparison::Null;
        if null && (operator.if_exists || operator.quantifier.is_some()) {
            let message = format!("`{name}`: `Null` takes neither `IfExists` nor a quantifier");
            self.note(FlawKind::NullSuffix, test.operator_node, name, message).replacement =
                Some("Null".to_owned());
        }
        Some(operator)
    }

    /// Checks the operator against the type of the key.
    fn typed(&mut self, test: &Test<'_>, operator: Operator, key: Key<'_>, guarded: bool) {
        use Comparison::{Arn, Binary, Bool, Date, Equals, EqualsIgnoreCase, Ip, Like, Null, Numeric};
        let name = test.operator_name;
        let suits = matches!(
            (key.ty(), operator.test),
            (_, Null)
                | (KeyType::String | KeyType::Arn, Equals | EqualsIgnoreCase | Like | Arn)
                | (KeyType::Bool, Bool)
                | (KeyType::Numeric, Numeric(_))
                | (KeyType::Date, Date(_) | Numeric(_))
                | (KeyType::IpAddress, Ip)
                | (KeyType::Binary, Binary)
        );
        if !suits {
            let ty = match key.ty() {
                KeyType::String => "a text",
                KeyType::Arn => "an ARN",
                KeyType::Bool => "a truth value",
                KeyType::Numeric => "a number",
                KeyType::Date => "a date",
                KeyType::IpAddress => "an address",
                KeyType::Binary => "bytes",
            };
            let message = format!("`{}` is {ty}, which `{name}` does not compare", test.key);
            self.note(FlawKind::OperatorTypeMismatch, test.key_node, test.key, message);
        }
        if key.ty() == KeyType::Arn && operator.test == Like {
            let message = format!("`{}` is an ARN: in `{name}` its wildcards cross fields", test.key);
            self.note(FlawKind::StringOnArn, test.key_node, test.key, message).replacement =
                Some(name.replace("StringLike", "ArnLike").replace("StringNotLike", "ArnNotLike"));
        }
        let many = key.is_multivalued();
        match operator.quantifier {
            None if many && operator.test != Null => {
                let message = format!(
                    "`{}` has several values: without `ForAnyValue` or `ForAllValues` the condition never holds",
                    test.key
                );
                self.note(FlawKind::QuantifierMissing, test.key_node, test.key, message);
            }
            Some(Quantifier::All)
                if !many && operator.test != Null && (!key.is_template() || of_principal(key)) =>
            {
                let message = format!(
                    "`{}` has one value: `ForAllValues` only makes the condition true where it is absent",
                    test.key
                );
                self.note(FlawKind::ForAllValuesSingle, test.key_node, test.key, message).sure =
                    key.is_global();
            }
            Some(Quantifier::All)
                if many && !guarded && self.at.effect == Effect::Allow && !is_tag_key(key) =>
            {
                let message = format!("`{}` is true where `{}` is absent: add a `Null` test", name, test.key);
                let absent = key.is_global() && key.is_optional();
                self.note(FlawKind::ForAllValuesUnguarded, test.key_node, test.key, message).sure = absent;
            }
            _ => {}
        }
        if key.is_sensitive() {
            self.sensitive(test, operator);
        }
    }

    fn sensitive(&mut self, test: &Test<'_>, operator: Operator) {
        if operator.negated || operator.test == Comparison::Null {
            return;
        }
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            let wild =
                operator.test == Comparison::Like && super::variables::plain(text).contains(['*', '?']);
            if wild || self.is_anybodys(text) {
                let message =
                    format!("`{text}` lets in more than one: `{}` must name what it allows", test.key);
                self.note(FlawKind::SensitiveWildcard, value.node, text, message);
            }
        }
    }

    /// Whether a text has a variable that callers choose the value of; accounts and organisations have their own.
    fn is_anybodys(&mut self, text: &str) -> bool {
        crate::iam::variable::chunks(text).into_iter().any(|chunk| match chunk {
            crate::iam::variable::Chunk::Variable { key, .. } => {
                self.key(key).is_some_and(|key| !key.is_sensitive())
            }
            _ => false,
        })
    }

    /// `aws:userid` is `id:name`; only the part behind the colon is anybody's choice.
    fn user_id(&mut self, test: &Test<'_>, operator: Operator) {
        if operator.negated || operator.test != Comparison::Like {
            return;
        }
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            let plain = super::variables::plain(text);
            let id = plain.split(':').next().unwrap_or("");
            if id.contains(['*', '?']) && plain != "*" {
                let message = format!(
                    "`{text}` names no principal: in `{}` only what is behind the colon takes wildcards",
                    test.key
                );
                self.note(FlawKind::SensitiveWildcard, value.node, text, message);
            }
        }
    }

    /// Checks the values against the operator.
    fn values(&mut self, test: &Test<'_>, operator: Operator) {
        let mut booleans = 0;
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            if text.contains("${") {
                continue;
            }
            let readable = match operator.test {
                Comparison::Bool | Comparison::Null => {
                    booleans += 1;
                    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
                }
                Comparison::Numeric(_) => Decimal::parse(text).is_some(),
                Comparison::Date(_) => date(text).is_some(),
                Comparison::Ip => Network::parse(text).is_some(),
                Comparison::Binary => is_base64(text),
                Comparison::Arn => is_arn_pattern(text),
                _ => true,
            };
            if readable
                && operator.test == Comparison::Arn
                && let Some(partition) = text.strip_prefix("arn:").and_then(|rest| rest.split(':').next())
            {
                self.partition(value.node, text, &pattern(partition));
            }
            if !readable {
                let message = format!("`{}` cannot compare with `{text}`", test.operator_name);
                self.note(FlawKind::ValueTypeMismatch, value.node, text, message);
            }
            if let Comparison::Date(order) = operator.test {
                if is_epoch(text) {
                    let message = format!("`{text}` is a count of seconds; write the date");
                    self.note(FlawKind::EpochDate, value.node, text, message);
                }
                self.passed(test, order, value, text);
            }
            if matches!(operator.test, Comparison::Equals | Comparison::EqualsIgnoreCase)
                && text.contains(['*', '?'])
            {
                self.literal_wildcard(test, value, text);
            }
        }
        if booleans > 1 {
            let message = format!("`{}` takes one truth value for `{}`", test.operator_name, test.key);
            self.note(FlawKind::ValueTypeMismatch, test.node, test.key, message);
        }
        self.constant(test, operator);
        self.numbers(test, operator);
    }

    /// An Allow up to a day that is over.
    fn passed(&mut self, test: &Test<'_>, order: Order, value: &Scalar<'_>, text: &str) {
        let now = ["aws:CurrentTime", "aws:EpochTime"].iter().any(|key| test.key.eq_ignore_ascii_case(key));
        let until = matches!(order, Order::Less | Order::LessOrEqual);
        if !now || !until || self.at.effect != Effect::Allow || test.values.len() > 1 {
            return;
        }
        let built = self.catalog.date();
        let over = date(text).zip(built.as_deref().and_then(date)).is_some_and(|(end, built)| end < built);
        if over {
            let message = format!("the statement allows nothing since `{text}`");
            self.note(FlawKind::DatePassed, value.node, text, message);
        }
    }

    fn literal_wildcard(&mut self, test: &Test<'_>, value: &Scalar<'_>, text: &str) {
        let name = test.operator_name;
        let better = name
            .replace("EqualsIgnoreCase", "Like")
            .replace("NotEquals", "NotLike")
            .replace("Equals", "Like");
        let message = format!("`{name}` takes the wildcard in `{text}` literally; `{better}` does not");
        self.note(FlawKind::WildcardInEquals, value.node, text, message).replacement = Some(better);
    }

    /// Accounts of examples, in ARNs and in keys of accounts.
    fn left_to_fill_in(&mut self, test: &Test<'_>) {
        let of_accounts = test.key.to_ascii_lowercase().ends_with("account");
        let names_one = self.key(test.key).is_some_and(Key::is_sensitive);
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            let account = match text.strip_prefix("arn:") {
                Some(rest) => rest.split(':').nth(3).filter(|account| is_placeholder(account)),
                None if of_accounts => Some(text).filter(|account| is_placeholder(account)),
                None => Some(text).filter(|text| names_one && is_placeholder_name(text)),
            };
            let Some(account) = account else { continue };
            if self.surroundings.account.as_deref() != Some(account) {
                let message = format!("`{account}` in `{text}` looks like a placeholder that was left");
                self.note(FlawKind::Placeholder, value.node, account, message);
            }
        }
    }

    /// A pattern that matches everything only asks whether the key is there.
    fn constant(&mut self, test: &Test<'_>, operator: Operator) {
        let everything = |value: &Scalar<'_>| value.text.known() == Some("*");
        if !operator.has_wildcards() || !test.values.iter().any(everything) {
            return;
        }
        let answer = if operator.negated { "true" } else { "false" };
        let message = format!(
            "`{}` with `*` only asks whether `{}` is there: `\"Null\": {{\"{}\": \"{answer}\"}}` says so",
            test.operator_name, test.key, test.key
        );
        self.note(FlawKind::ConditionConstant, test.key_node, test.key, message).replacement =
            Some(answer.to_owned());
    }

    fn numbers(&mut self, test: &Test<'_>, operator: Operator) {
        let Comparison::Numeric(order) = operator.test else { return };
        if order == Order::Equal || test.values.len() < 2 {
            return;
        }
        let message = format!("of several numbers for `{}` only one counts", test.key);
        self.note(FlawKind::NumberRedundant, test.node, test.key, message);
    }

    /// Keys with rules of their own.
    fn special(&mut self, test: &Test<'_>, operator: Operator) {
        match test.key.to_ascii_lowercase().as_str() {
            "aws:sourceip" => self.source_ip(test),
            "aws:userid" => self.user_id(test, operator),
            "aws:requestedregion" => self.requested_region(test),
            "aws:sourcevpc" => self.vpc(test, operator, "vpc-"),
            "aws:sourcevpce" => self.vpc(test, operator, "vpce-"),
            "aws:multifactorauthpresent" => self.mfa(test, operator),
            "aws:multifactorauthage" => self.absent_in_deny(test, operator),
            "kms:viaservice" if operator.test != Comparison::Null => {
                self.via_service(test);
                self.service_names(test);
            }
            "iam:passedtoservice"
            | "iam:awsservicename"
            | "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast"
            | "aws:principalservicename"
                if operator.test != Comparison::Null =>
            {
                self.service_names(test);
            }
            "s3:x-amz-server-side-encryption-aws-kms-key-id" => self.kms_key(test),
            "s3:prefix" if operator.negated => {
                let message = "`s3:prefix` is absent where a whole bucket is listed, so that a negated operator lets that pass";
                self.note(FlawKind::ServiceTrap, test.key_node, test.key, message.to_owned());
            }
            "s3:resourceaccount" | "aws:resourceaccount" if self.kind == PolicyKind::Resource => {
                let message = format!(
                    "`{}` says nothing in the policy of a resource, whose account is known",
                    test.key
                );
                self.note(FlawKind::KeyElsewhere, test.key_node, test.key, message);
            }
            _ => {}
        }
    }

    fn source_ip(&mut self, test: &Test<'_>) {
        for value in &test.values {
            let Some(network) = value.text.known().and_then(Network::parse) else { continue };
            let text = value.text.display();
            let message = if network.is_private() {
                format!("`{text}` is private: no request reaches AWS from there")
            } else if network.has_host_bits() && network.is_ipv6() {
                format!("`{text}` has bits behind the prefix and matches nothing")
            } else if network.has_host_bits() {
                format!(
                    "`{text}` has bits behind the prefix, which are dropped: more addresses match than it seems"
                )
            } else {
                continue;
            };
            self.note(FlawKind::PrivateAddress, value.node, &text, message);
        }
    }

    fn requested_region(&mut self, test: &Test<'_>) {
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            let wild = test.operator.is_some_and(Operator::has_wildcards) && text.contains(['*', '?']);
            let wanted = pattern(text);
            let exists = if wild {
                regions().any(|region| contains(&wanted, &literal(region)))
            } else {
                text.contains(['*', '?']) || is_region(text)
            };
            if !text.contains('$') && !exists {
                let message = format!("there is no Region `{text}`");
                self.note(FlawKind::RequestedRegion, value.node, text, message);
            }
        }
    }

    fn vpc(&mut self, test: &Test<'_>, operator: Operator, start: &str) {
        if !matches!(operator.test, Comparison::Equals | Comparison::Like | Comparison::EqualsIgnoreCase) {
            return;
        }
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            if text.contains(['*', '?', '$']) {
                continue;
            }
            let digits = text.strip_prefix(start).unwrap_or("");
            let sound = matches!(digits.len(), 8 | 17)
                && digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
            if !sound {
                let message = format!("`{text}` is no id such as `{start}0a1b2c3d`");
                self.note(FlawKind::VpcFormat, value.node, text, message);
            }
        }
    }

    fn mfa(&mut self, test: &Test<'_>, operator: Operator) {
        let says = |wanted: &str| {
            test.values
                .iter()
                .any(|value| value.text.known().is_some_and(|text| text.eq_ignore_ascii_case(wanted)))
        };
        let is_text =
            matches!(operator.test, Comparison::Equals | Comparison::EqualsIgnoreCase | Comparison::Like);
        let test_of = if is_text && !operator.negated { Comparison::Bool } else { operator.test };
        let message = match (self.at.effect, test_of) {
            (Effect::Allow, Comparison::Bool) if says("false") => {
                "this allows what it should protect to those who have not used multi-factor authentication"
            }
            (Effect::Allow, Comparison::Bool) if operator.if_exists && says("true") => {
                "long-term keys have no `aws:MultiFactorAuthPresent`, so that `IfExists` lets them pass"
            }
            (Effect::Deny, Comparison::Bool) if says("false") && !operator.if_exists => {
                "long-term keys have no `aws:MultiFactorAuthPresent`, so that this denies them nothing: use `BoolIfExists`"
            }
            (Effect::Allow, Comparison::Null) if says("false") => {
                "`aws:MultiFactorAuthPresent` can be there and false"
            }
            _ => return,
        };
        let flaw = self.note(FlawKind::MfaAvoidable, test.key_node, test.key, message.to_owned());
        if flaw.effect == Effect::Deny {
            flaw.replacement = Some("BoolIfExists".to_owned());
        }
    }

    fn absent_in_deny(&mut self, test: &Test<'_>, operator: Operator) {
        if self.at.effect == Effect::Deny && operator.test != Comparison::Null && !operator.when_absent() {
            let message = format!("long-term keys have no `{}`, so that this denies them nothing", test.key);
            self.note(FlawKind::PositiveOnOptional, test.key_node, test.key, message);
        }
    }

    fn service_names(&mut self, test: &Test<'_>) {
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            if text.contains("${") || text.ends_with('*') {
                continue;
            }
            let ends = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", "*amazonaws.com"];
            let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
            if !lower || !ends.iter().any(|end| text.ends_with(end)) {
                let message = format!("`{text}` is no service principal such as `ssm.amazonaws.com`");
                self.note(FlawKind::PrincipalValueMalformed, value.node, text, message).replacement =
                    (!text.contains('.')).then(|| format!("{}.amazonaws.com", text.to_ascii_lowercase()));
            }
        }
    }

    /// `kms:ViaService` is the endpoint of a service in a Region.
    fn via_service(&mut self, test: &Test<'_>) {
        for value in &test.values {
            let Some(text) = value.text.known() else { continue };
            let name = [".amazonaws.com.cn", ".amazonaws.com"].iter().find_map(|end| text.strip_suffix(end));
            if let Some(name) = name.filter(|name| !name.contains(['.', '*', '?', '$'])) {
                let message = format!(
                    "`{text}` has no Region: `{}` is like `{name}.eu-west-1.amazonaws.com`",
                    test.key
                );
                self.note(FlawKind::PrincipalValueMalformed, value.node, text, message);
            }
        }
    }

    fn kms_key(&mut self, test: &Test<'_>) {
        for value in &test.values {
            // The reference to a key is its id.
            let reference = matches!(&value.text, Text::Holes([Piece::Hole(hole)]) if matches!(hole.kind, HoleKind::Name { .. }));
            if reference {
                let text = value.text.display();
                let message = format!("`{text}` is the id of a key: S3 compares the ARN");
                self.note(FlawKind::KmsKeyValue, value.node, &text, message);
            }
            let Some(text) = value.text.known() else { continue };
            let is_key = text.starts_with("arn:") && text.contains(":kms:") && text.contains(":key/");
            if !is_key && !text.contains(['*', '$']) {
                let message = format!("`{text}` is not the ARN of a key, which is what S3 compares");
                self.note(FlawKind::KmsKeyValue, value.node, text, message);
            }
        }
    }
}

/// Whether a key is a tag of the caller, of which there is one at most.
fn of_principal(key: Key<'_>) -> bool {
    key.name().starts_with("aws:PrincipalTag/")
}

/// Whether a test says that a key must be there.
fn asks_for_presence(test: &Test<'_>, key: &str) -> bool {
    test.key.eq_ignore_ascii_case(key)
        && test.operator.is_some_and(|operator| operator.test == Comparison::Null)
        && test
            .values
            .iter()
            .any(|one| one.text.known().is_some_and(|text| text.eq_ignore_ascii_case("false")))
}

fn is_arn_pattern(text: &str) -> bool {
    text.starts_with('*')
        || (text.starts_with("arn:") && (text.split(':').count() >= 6 || text.ends_with('*')))
}
