//! Checking with all built-in rules, side by side with `serde_json` reading the same file into a `Value`.
//!
//! `cargo bench --bench checking [-- FILE...]`; without files, plans of several sizes and an automation document of 200
//! steps and 100 parameters are made. Each file is read by `serde_json` and checked by the `rolecall` binary in turn, each in
//! a process of its own; the ratios of the pairs are printed, the time of a check for a resource, and the peak memory. The first line is the
//! start: a check of a template with one role.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PAIRS: usize = 5;
const STARTS: usize = 41;
/// Groups of six resources.
const GROUPS: [usize; 4] = [17, 167, 1_667, 16_667];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, file] = arguments.as_slice() {
        match flag.as_str() {
            "--peak" => return peak(file),
            "--theirs" => return theirs(file),
            _ => {}
        }
    }
    let folder = std::env::temp_dir().join("rolecall-bench");
    std::fs::create_dir_all(&folder).unwrap();
    let save = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let small = save("small.yaml", SMALL.to_owned());
    let mut starts: Vec<f64> = (0..STARTS).map(|_| checked(&small).as_secs_f64() * 1e3).collect();
    starts.sort_by(f64::total_cmp);
    println!("start: {:.1} ms ({:.1} to {:.1})", starts[STARTS / 2], starts[0], starts[STARTS - 1]);
    let files = if arguments.is_empty() {
        let document = save("document.json", document(200, 100).to_string());
        let plans = GROUPS.map(|groups| save(&format!("plan{groups}.json"), plan(groups).to_string()));
        std::iter::once(document).chain(plans).collect()
    } else {
        arguments
    };
    println!(
        "{:<18} {:>8} {:>24} {:>12} {:>18}",
        "file", "MB", "time: ours / theirs", "us/resource", "peak / file size"
    );
    for file in &files {
        compare(file, starts[STARTS / 2] / 1e3);
    }
}

/// One row: a check of a file against `serde_json` reading it.
fn compare(file: &str, start: f64) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    for _ in 0..PAIRS {
        let theirs = read(file);
        let ours = checked(file).as_secs_f64();
        pairs.push((ours / theirs.as_secs_f64(), ours));
    }
    pairs.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (ratio, seconds) = pairs[PAIRS / 2];
    let resources = text.matches("\"actions\":").count().max(1);
    let name = file.rsplit('/').next().unwrap();
    println!(
        "{name:<18} {:>8.1} {ratio:>9.2} ({:.2} to {:.2}) {:>12.1} {:>18.2}",
        text.len() as f64 / 1e6,
        pairs[0].0,
        pairs[PAIRS - 1].0,
        (seconds - start).max(0.0) * 1e6 / resources as f64,
        peak_of(file) as f64 / text.len() as f64,
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// How long a process needs that reads a file with `serde_json`. A process that has read it before is faster, because it
/// has the memory.
fn read(file: &str) -> Duration {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--theirs", file]);
    timed(|| assert!(command.status().unwrap().success()))
}

/// The child process: reads a file with `serde_json`.
fn theirs(file: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    drop(serde_json::from_str::<Value>(&text).unwrap());
}

/// How long the binary needs to check a file and write the JSON report.
fn checked(file: &str) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command
        .args(["check", "-f", "json", file])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    timed(|| {
        let exit = command.status().unwrap().code();
        assert!(matches!(exit, Some(0 | 1)), "{exit:?}");
    })
}

/// Bytes that a process needs at most to check a file.
fn peak_of(file: &str) -> u64 {
    let done = Command::new(std::env::current_exe().unwrap()).args(["--peak", file]).output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim().parse().unwrap_or(0)
}

/// The child process: checks, and prints its high-water mark (Linux only; elsewhere 0).
fn peak(file: &str) {
    let world = rolecall::cli::World { colour: false, unicode: false, width: None, progress: false };
    let arguments = ["rolecall", "check", "-f", "json", file].map(Into::into);
    rolecall::cli::run(arguments, &world, &mut std::io::sink(), &mut std::io::sink());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    println!("{}", kilobytes.unwrap_or(0) * 1024);
}

const SMALL: &str = "Resources:\n  NodeRole:\n    Type: AWS::IAM::Role\n    Properties:\n      \
    AssumeRolePolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          - {Effect: Allow, Principal: \
    {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}\n      ManagedPolicyArns: \
    ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore']\n";

/// An automation document in which every step uses a parameter.
fn document(steps: usize, parameters: usize) -> Value {
    let parameters_map: serde_json::Map<_, _> = (0..parameters)
        .map(|i| {
            let pattern = format!("^[a-z]{{1,{}}}(-[0-9]+)?$", i % 20 + 1);
            (format!("P{i}"), json!({"type": "String", "description": "a value", "allowedPattern": pattern}))
        })
        .collect();
    let steps: Vec<Value> = (0..steps)
        .map(|i| {
            let used = format!("echo '{{{{ P{} }}}}' \"{{{{ P{} }}}}\"", i % parameters, (i * 7 + 3) % parameters);
            json!({"name": format!("step{i}"), "action": "aws:runCommand", "inputs": {"DocumentName": "AWS-RunShellScript",
                "InstanceIds": [format!("{{{{ P{} }}}}", (i * 3) % parameters)], "Parameters": {"commands": [used]}}})
        })
        .collect();
    json!({"schemaVersion": "0.3", "assumeRole": "{{ P0 }}", "parameters": parameters_map, "mainSteps": steps})
}

/// A plan of groups of six resources that refer to each other. One group in ten has something wrong with it.
fn plan(groups: usize) -> Value {
    let (mut planned, mut changes, mut configured) = (Vec::new(), Vec::new(), Vec::new());
    let services = ["ec2.amazonaws.com", "ssm.amazonaws.com", "lambda.amazonaws.com"];
    for i in 0..groups {
        let bad = i % 10 == 3;
        let mut add = |ty: &str, name: String, values: Value, unknown: Value, expressions: Value| {
            let address = format!("{ty}.{name}");
            let provider = "registry.terraform.io/hashicorp/aws";
            planned.push(json!({"address": address, "mode": "managed", "type": ty, "name": name,
                "provider_name": provider, "schema_version": 0, "values": values, "sensitive_values": {}}));
            changes.push(json!({"address": address, "mode": "managed", "type": ty, "name": name,
                "provider_name": provider, "change": {"actions": ["create"], "before": null, "after": values,
                "after_unknown": unknown, "before_sensitive": false, "after_sensitive": {}}}));
            configured.push(json!({"address": address, "mode": "managed", "type": ty, "name": name,
                "provider_config_key": "aws", "expressions": expressions, "schema_version": 0}));
        };
        let role_name =
            json!({"references": [format!("aws_iam_role.r{i}.name"), format!("aws_iam_role.r{i}")]});
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": services[i % 3]}, "Action": "sts:AssumeRole"}]});
        let (action, resource) = if bad {
            ("s3:*", "*".to_owned())
        } else {
            ("s3:GetObject", format!("arn:aws:s3:::bucket-{i}/*"))
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["ssm:GetParameter", "logs:PutLogEvents", action], "Resource": resource}]});
        let managed = if bad { "service-role/AmazonEC2RoleforSSM" } else { "AmazonSSMManagedInstanceCore" };
        let pattern = if bad {
            json!({"type": "String"})
        } else {
            json!({"type": "String", "allowedPattern": "^i-[0-9a-f]{8,17}$"})
        };
        let content = json!({"schemaVersion": "0.3", "assumeRole": "{{ AutomationAssumeRole }}",
            "parameters": {"AutomationAssumeRole": {"type": "String"}, "InstanceId": pattern},
            "mainSteps": [{"name": "run", "action": "aws:runCommand", "inputs": {"DocumentName": "AWS-RunShellScript",
                "InstanceIds": ["{{ InstanceId }}"], "Parameters": {"commands": ["echo {{ InstanceId }}"]}}}]});
        add(
            "aws_iam_role",
            format!("r{i}"),
            json!({"name": format!("role-{i}"), "assume_role_policy": trust.to_string(), "path": "/",
                "max_session_duration": 3600, "tags": null, "permissions_boundary": null}),
            json!({"arn": true, "id": true, "unique_id": true, "create_date": true}),
            json!({"name": {"constant_value": format!("role-{i}")}, "assume_role_policy": {}}),
        );
        add(
            "aws_iam_role_policy",
            format!("p{i}"),
            json!({"name": format!("p-{i}"), "policy": policy.to_string()}),
            json!({"id": true, "role": true}),
            json!({"role": role_name, "policy": {}}),
        );
        add(
            "aws_iam_role_policy_attachment",
            format!("a{i}"),
            json!({"policy_arn": format!("arn:aws:iam::aws:policy/{managed}"), "role": format!("role-{i}")}),
            json!({"id": true}),
            json!({"policy_arn": {"constant_value": "x"}, "role": role_name}),
        );
        add(
            "aws_iam_instance_profile",
            format!("ip{i}"),
            json!({"name": format!("ip-{i}"), "role": format!("role-{i}"), "path": "/"}),
            json!({"arn": true, "id": true, "unique_id": true}),
            json!({"role": role_name}),
        );
        add(
            "aws_instance",
            format!("i{i}"),
            json!({"ami": "ami-12345678", "instance_type": "t3.micro", "iam_instance_profile": format!("ip-{i}"),
                "user_data": null, "tags": {"Name": format!("n{i}")}}),
            json!({"arn": true, "id": true, "private_ip": true}),
            json!({"iam_instance_profile": {"references": [format!("aws_iam_instance_profile.ip{i}.name"),
                format!("aws_iam_instance_profile.ip{i}")]}}),
        );
        add(
            "aws_ssm_document",
            format!("d{i}"),
            json!({"name": format!("doc-{i}"), "document_type": "Automation", "document_format": "JSON",
                "content": content.to_string(), "target_type": null}),
            json!({"arn": true, "id": true, "hash": true}),
            json!({"content": {}}),
        );
    }
    json!({"format_version": "1.2", "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"resources": planned}}, "resource_changes": changes,
        "configuration": {"provider_config": {"aws": {"name": "aws"}}, "root_module": {"resources": configured}}})
}
