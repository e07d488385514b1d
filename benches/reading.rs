//! Reading, side by side: our readers against `serde_json::Value` and `yaml_serde::Value`.
//!
//! `cargo bench --bench reading [-- FILE...]`; without files, inputs like a template and a plan of 2,000 groups of
//! resources are made. Each file is read in turn by one reader and the other, and the ratios of the pairs are printed.
//! Peak memory is that of a process that does nothing but read.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rolecall::document::yaml::Schema;
use rolecall::document::{Limits, Source, Tree, parse};

const PAIRS: usize = 15;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, reader, file] = arguments.as_slice()
        && flag == "--peak"
    {
        peak(reader, file);
        return;
    }
    let files = if arguments.is_empty() { made() } else { arguments };
    println!("{:<28} {:>8}  {:>24} {:>20}", "file", "MB", "time: theirs / ours", "peak / file size");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        if json {
            compare(&file, &text, "json", |text| {
                drop(serde_json::from_str::<serde_json::Value>(text).unwrap());
            });
        }
        compare(&file, &text, "yaml", |text| drop(serde_yaml::from_str::<serde_yaml::Value>(text).unwrap()));
    }
}

/// One row: our reader against theirs on one file.
fn compare(file: &str, text: &str, what: &str, theirs: impl Fn(&str)) {
    let source = Source::from_text(file, text);
    let mut ratios: Vec<f64> = Vec::new();
    for _ in 0..PAIRS {
        let other = timed(|| theirs(text));
        let own = timed(|| drop(read(&source)));
        ratios.push(other.as_secs_f64() / own.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let name = file.rsplit('/').next().unwrap();
    let (low, middle, high) = (ratios[0], ratios[PAIRS / 2], ratios[PAIRS - 1]);
    let memory = |reader| peak_of(reader, file) as f64 / text.len() as f64;
    println!(
        "{name:<22} {what:>5} {:>8.1}  {middle:>9.2} ({low:.2}-{high:.2}) {:>9.2} / {:.2}",
        text.len() as f64 / 1e6,
        memory(what),
        memory("own"),
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn read(source: &Arc<Source>) -> Tree {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(source));
    parse(&mut tree, file, source.text(), Schema::CloudFormation, Limits::default()).unwrap();
    tree
}

/// Bytes that a process needs at most to read a file with one of the readers.
fn peak_of(reader: &str, file: &str) -> u64 {
    let done =
        Command::new(std::env::current_exe().unwrap()).args(["--peak", reader, file]).output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim().parse().unwrap_or(0)
}

/// The child process: reads, and prints its high-water mark (Linux only; elsewhere 0).
fn peak(reader: &str, file: &str) {
    match reader {
        "json" => {
            drop(serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string(file).unwrap()).unwrap());
        }
        "yaml" => {
            drop(serde_yaml::from_str::<serde_yaml::Value>(&std::fs::read_to_string(file).unwrap()).unwrap());
        }
        _ => drop(read(&Source::decode(file, std::fs::read(file).unwrap()).unwrap())),
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    println!("{}", kilobytes.unwrap_or(0) * 1024);
}

/// Inputs with the shapes that matter: nested maps, policies inside strings, repeated keys.
fn made() -> Vec<String> {
    let folder = std::env::temp_dir().join("rolecall-bench");
    std::fs::create_dir_all(&folder).unwrap();
    let group = |i: usize| {
        let role = serde_json::json!({"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"}],
            "Policies": [{"PolicyName": format!("p{i}"), "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["ssm:GetParameter", "s3:GetObject"], "Resource": "*"}]}}]}});
        let bucket =
            serde_json::json!({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": format!("b{i}")}});
        [(format!("Role{i}"), role), (format!("Bucket{i}"), bucket)]
    };
    let resources: serde_json::Map<_, _> = (0..2000).flat_map(group).collect();
    let template = serde_json::json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources});
    let changes: Vec<_> = (0..12_000)
        .map(|i| {
            let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Action": ["ssm:GetParameter", "s3:GetObject"], "Resource": format!("arn:aws:s3:::b{i}/*")}]});
            serde_json::json!({"address": format!("aws_iam_policy.p{i}"), "mode": "managed", "type": "aws_iam_policy",
                "name": format!("p{i}"), "change": {"actions": ["create"], "before": null,
                "after": {"name": format!("p{i}"), "policy": policy.to_string(), "path": "/", "tags": null},
                "after_unknown": {"arn": true, "id": true}, "after_sensitive": {}}})
        })
        .collect();
    let plan = serde_json::json!({"format_version": "1.2", "resource_changes": changes});
    let files = [
        ("template.json", format!("{template:#}")),
        ("template.yaml", serde_yaml::to_string(&template).unwrap()),
        ("plan.json", plan.to_string()),
    ];
    files
        .into_iter()
        .map(|(name, text)| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path.to_string_lossy().into_owned()
        })
        .collect()
}
