//! Keys that say who owns the endpoint of a request: few services send them.

use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;

/// The services whose requests carry the keys.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>, as of March 2026.
const SERVICES: &[&str] = &[
    "acm-pca",
    "applicationinsights",
    "apprunner",
    "athena",
    "b2bi",
    "cassandra",
    "cloudformation",
    "cognito-identity",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "dms",
    "ds-data",
    "dynamodb",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "gamelift",
    "healthlake",
    "iam",
    "identitystore",
    "iotfleetwise",
    "iottwinmaker",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "network-firewall",
    "omics",
    "payment-cryptography",
    "polly",
    "pricing",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "ses",
    "shield",
    "sms-voice",
    "sqs",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
];

impl Inspector<'_> {
    /// A key about the owner of an endpoint, in a statement about services that do not send it.
    pub(super) fn owner_of_endpoint(&mut self, test: &Test<'_>, statement: &Statement<'_>) {
        let keys = ["aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"];
        if !keys.iter().any(|key| key.eq_ignore_ascii_case(test.key)) || statement.actions.negated {
            return;
        }
        let mut without: Vec<String> = Vec::new();
        for action in statement.actions.values.iter().filter_map(|value| value.text.known()) {
            let Some((service, name)) = action.split_once(':') else { continue };
            let service = service.to_ascii_lowercase();
            let passes = service == "iam" && name.eq_ignore_ascii_case("PassRole");
            let sends = SERVICES.contains(&service.as_str()) && !passes;
            if !sends && !service.contains(['*', '?']) && !without.contains(&service) {
                without.push(service);
            }
        }
        if without.is_empty() {
            return;
        }
        let message = format!("requests for `{}` do not carry `{}`", without.join("`, `"), test.key);
        self.note(FlawKind::KeyElsewhere, test.key_node, test.key, message);
    }
}
