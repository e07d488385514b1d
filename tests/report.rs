//! Reports that machines read: what their schemas say, and that no thread count changes a byte.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

fn output(arguments: &[&str]) -> Vec<u8> {
    let done = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    done.stdout
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&output(arguments)).unwrap()
}

fn schema(path: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn check(validator: &jsonschema::Validator, instance: &Value) {
    let errors: Vec<_> = validator.iter_errors(instance).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Inputs with findings, open questions and defects.
const INPUTS: [&str; 4] =
    ["examples", "tests/cases/check/legacy-policy", "tests/cases/check/bad-input", "no-such-file"];

#[test]
fn the_json_report_is_what_its_schema_says() {
    let validator = schema("docs/report.schema.json");
    let report = json(&[&["check", "-f", "json"], &INPUTS[..]].concat());
    check(&validator, &report);
    for part in ["inputs", "findings", "diagnostics"] {
        assert!(!report[part].as_array().unwrap().is_empty(), "{part}");
    }
    let mut broken = report.clone();
    broken["findings"][0]["line"] = Value::from(0);
    assert!(!validator.is_valid(&broken), "the schema refuses nothing");
}

#[test]
fn sarif_is_what_its_types_say() {
    let report = json(&[&["check", "-f", "sarif"], &INPUTS[..]].concat());
    let typed: serde_sarif::sarif::Sarif = serde_json::from_value(report.clone()).unwrap();
    let run = &typed.runs[0];
    let results = run.results.as_ref().unwrap();
    assert!(!results.is_empty());
    let rules = run.tool.driver.rules.as_ref().unwrap();
    for result in results {
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
    }
    assert!(!run.invocations.as_ref().unwrap()[0].execution_successful, "an input could not be read");
}

#[test]
fn code_quality_reports_are_lists_of_unlike_defects() {
    let report = json(&[&["check", "-f", "gitlab"], &INPUTS[..]].concat());
    let all = report.as_array().unwrap();
    assert!(!all.is_empty());
    for one in all {
        assert!(one["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn threads_and_the_order_of_inputs_change_no_byte() {
    let mut inputs: Vec<&str> = vec!["examples", "tests/cases/check"];
    for format in ["human", "json", "sarif", "junit"] {
        let one = output(&[&["--threads", "1", "check", "-f", format], &inputs[..]].concat());
        let many = output(&[&["--threads", "7", "check", "-f", format], &inputs[..]].concat());
        assert!(one == many, "{format} depends on the number of threads");
    }
    let findings = json(&[&["check", "-f", "json"], &inputs[..]].concat())["findings"].clone();
    inputs.reverse();
    let turned = json(&[&["check", "-f", "json"], &inputs[..]].concat())["findings"].clone();
    assert_eq!(findings, turned, "the order of inputs");
}

#[test]
fn the_configuration_schema_knows_every_key() {
    let validator = schema("docs/configuration.schema.json");
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/check/configuration/rolecall.yaml"),
    )
    .unwrap();
    let instance: Value = serde_yaml::from_str(&text).unwrap();
    check(&validator, &instance);
    let schema: Value = serde_json::from_str(include_str!("../docs/configuration.schema.json")).unwrap();
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(instance.get(key).is_some(), "the example does not set `{key}`");
    }
}

/// Defaults of parameters with `NoEcho`, and values that are given to them, are nowhere in what is printed.
#[test]
fn secrets_are_in_no_report() {
    const SECRETS: [&str; 2] = ["hunter2pass", "topsecret99"];
    let formats =
        ["human", "concise", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown", "html"];
    for file in ["tests/cases/check/secrets/t.yaml", "tests/cases/check/secrets/t.json"] {
        let given: [&[&str]; 3] =
            [&[], &["-P", "Secret=topsecret99"], &["-P", "Secret=topsecret99", "-P", "Mode=hunter2pass"]];
        for given in given {
            let folder = std::env::temp_dir().join(format!("rolecall-secrets-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let reports: Vec<String> =
                formats.iter().map(|format| format!("{format}={}/{format}", folder.display())).collect();
            let mut arguments = vec!["check", "--show", "info", file];
            arguments.extend(reports.iter().flat_map(|report| ["-f", report]));
            arguments.extend(given);
            let mut printed = vec![("check".to_owned(), output(&arguments))];
            for format in formats {
                printed.push((format.to_owned(), std::fs::read(folder.join(format)).unwrap()));
            }
            std::fs::remove_dir_all(&folder).unwrap();
            for more in [&["model", file][..], &["explain", "IAM-MGD-08", file]] {
                let arguments = [more, given].concat();
                printed.push((arguments.join(" "), output(&arguments)));
            }
            for (command, text) in printed {
                let text = String::from_utf8(text).unwrap();
                assert!(text.len() > 100 || command == "check", "{command}: {text}");
                for secret in SECRETS {
                    let line = text.lines().find(|line| line.contains(secret));
                    assert!(line.is_none(), "{command}: {line:?}");
                }
            }
        }
    }
}
