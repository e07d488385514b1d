//! What is advised and generated allows what is needed and nothing else, is sound by the rules' own judgement, and is
//! reached in steps after each of which nodes can still register.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rayon::prelude::*;
use rolecall::advise::artifact::{Artifact, Form, Role, write};
use rolecall::advise::migrate::{Do, Order, Plan, Request, migrate, watch};
use rolecall::advise::{Options, Prefer, advise};
use rolecall::catalog::embedded;
use rolecall::check::{self, FindingStatus, check_with};
use rolecall::document::{Conditions, Diagnostic, Limits, NodeId, Source, Tree, Tri, json};
use rolecall::facts::able::{Able, managed};
use rolecall::facts::demands::demands;
use rolecall::iam::actions::each;
use rolecall::iam::compare::compare;
use rolecall::iam::context::Entry;
use rolecall::iam::evaluate::{Policies, Request as Ask, decide};
use rolecall::iam::principal::Caller;
use rolecall::iam::resource::Target;
use rolecall::iam::{Context, Policy, PolicyKind};
use rolecall::ingest;
use rolecall::rules::Program;
use rolecall::ssm::features::Feature;
use rolecall::ssm::generate::{
    NodeUse, Sessions, automation_trust, control_statements, node_statements, node_trust, session_preferences,
};
use rolecall::ssm::statement::{Place, Statement, policy};

fn place() -> Place {
    Place {
        partition: Some("aws".to_owned()),
        region: Some("eu-west-1".to_owned()),
        account: Some("210987654321".to_owned()),
    }
}

/// A policy document in a tree of its own.
fn tree(text: &str) -> (Tree, NodeId) {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("policy", text));
    let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).unwrap();
    (tree, root)
}

fn read((tree, root): &(Tree, NodeId)) -> Policy<'_> {
    Policy::read(tree, &mut Conditions::new(), *root, PolicyKind::Identity)
}

/// Whether a policy lets a node in the place do something.
fn can(policy: &Policy<'_>, action: &str, resource: &str) -> Tri {
    let mut context = Context::closed();
    let node = "arn:aws:ec2:eu-west-1:210987654321:instance/i-0a1b2c3d4e5f60718";
    context.set("ec2:SourceInstanceARN", Entry::One(node.to_owned()));
    context.put("cloudwatch:namespace", "CWAgent");
    let request = Ask {
        caller: &Caller::parse("arn:aws:iam::210987654321:role/node"),
        action,
        target: &Target::parse(resource),
        resource_account: None,
        context: &context,
        any_session: false,
    };
    let all = Policies { identity: std::slice::from_ref(policy), ..Policies::default() };
    decide(embedded(), &all, &request).tri()
}

/// The actions that the statements of a policy speak of.
fn actions(statements: &[Statement]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for pattern in statements.iter().flat_map(|one| &one.actions) {
        each(embedded(), pattern, |action| {
            out.insert(action.full_name().to_owned());
        });
    }
    out
}

fn subsets() -> impl Strategy<Value = NodeUse> {
    let features = proptest::sample::subsequence(Feature::ALL.to_vec(), 0..=Feature::ALL.len());
    let some = |all: &[&'static str]| {
        let all: Vec<String> = all.iter().map(|one| (*one).to_owned()).collect();
        proptest::sample::subsequence(all.clone(), 0..=all.len())
    };
    let parameters = some(&["/shop/*", "/web/name"]);
    let buckets = some(&["logs", "out/ssm"]);
    let groups = some(&["/ssm/commands", "sessions"]);
    (features, parameters, buckets, groups, any::<bool>()).prop_map(
        |(features, parameters, buckets, log_groups, self_scoped)| NodeUse {
            features,
            parameters,
            buckets,
            log_groups,
            self_scoped,
            key: Some(
                "arn:aws:kms:eu-west-1:210987654321:key/1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f".to_owned(),
            ),
        },
    )
}

/// What a node does that is used so: actions, each on a resource.
fn expected(used: &NodeUse) -> Vec<(String, String)> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:210987654321:{rest}");
    let mut out = Vec::new();
    for feature in &used.features {
        for action in feature.actions().iter().chain(feature.more()) {
            if *action == "ssm:GetParameters" && !used.parameters.is_empty() {
                continue;
            }
            out.push(((*action).to_owned(), example(action)));
        }
    }
    for name in &used.parameters {
        let name = name.trim_start_matches('/').replace('*', "x");
        out.push(("ssm:GetParameters".to_owned(), arn("ssm", &format!("parameter/{name}"))));
    }
    for bucket in &used.buckets {
        out.push(("s3:PutObject".to_owned(), format!("arn:aws:s3:::{bucket}/i-1/stdout")));
        let root = bucket.split('/').next().unwrap();
        out.push(("s3:GetEncryptionConfiguration".to_owned(), format!("arn:aws:s3:::{root}")));
    }
    for group in &used.log_groups {
        for action in ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"] {
            out.push((action.to_owned(), arn("logs", &format!("log-group:{group}:log-stream:x"))));
        }
        out.push(("logs:DescribeLogGroups".to_owned(), "*".to_owned()));
    }
    out.push(("kms:Decrypt".to_owned(), used.key.clone().unwrap()));
    out
}

/// A resource of the account that an action can be asked about.
fn example(action: &str) -> String {
    if action == "cloudwatch:PutMetricData" {
        return "*".to_owned();
    }
    if action == "ssm:GetParameter" {
        return "arn:aws:ssm:eu-west-1:210987654321:parameter/AmazonCloudWatch-linux".to_owned();
    }
    if action == "ec2:CreateTags" {
        return "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718".to_owned();
    }
    let known = embedded().action(action).unwrap();
    let mut forms: Vec<(bool, &str)> =
        known.uses().filter_map(|used| Some((!used.required(), used.ty()?.arn()))).collect();
    forms.retain(|(_, form)| !form.contains(":accesspoint/"));
    forms.sort_by_key(|(optional, form)| (*optional, !form.contains("instance/")));
    let Some((_, form)) = forms.first() else { return "*".to_owned() };
    let form = form.replace("${Partition}", "aws").replace("${Region}", "eu-west-1");
    let form = form.replace("${Account}", "210987654321");
    named(&form)
}

/// A form with a name for each hole.
fn named(form: &str) -> String {
    let mut out = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push_str("x1");
        rest = after.split_once('}').unwrap().1;
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn node_policies_allow_what_is_needed_and_nothing_else(used in subsets()) {
        let statements = node_statements(&used);
        let document = tree(&policy(&statements, &place()).to_string());
        let read = read(&document);
        let expected = expected(&used);
        for (action, resource) in &expected {
            prop_assert_eq!(can(&read, action, resource), Tri::Yes, "{} on {}", action, resource);
        }
        let wanted: BTreeSet<String> = expected.iter().map(|(action, _)| action.clone()).collect();
        prop_assert_eq!(actions(&statements), wanted, "no action beside those that are needed");
        // What is named is not more than what is named.
        let named = !used.features.contains(&Feature::Parameters) || !used.parameters.is_empty();
        for (action, resource, guarded) in [
            ("s3:PutObject", "arn:aws:s3:::other/x", true),
            ("s3:PutObject", "arn:aws:s3:::out/x", true),
            ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:210987654321:parameter/other", named),
            ("kms:Decrypt", "arn:aws:kms:eu-west-1:210987654321:key/other", true),
            ("ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", true),
            ("ssm:GetDocument", "arn:aws:ssm:eu-west-1:111111111111:document/x", true),
        ] {
            prop_assert!(!guarded || can(&read, action, resource) == Tri::No, "{} on {}", action, resource);
        }
        // By the comparison of policies: a policy for less grants nothing that this one does not.
        let less = NodeUse { features: used.features.iter().skip(1).copied().collect(), ..used.clone() };
        let smaller = tree(&policy(&node_statements(&less), &place()).to_string());
        let difference = compare(embedded(), &[self::read(&smaller)], std::slice::from_ref(&read));
        let dropped = |action: &String| {
            let first = used.features.first();
            first.is_some_and(|one| one.actions().contains(&action.as_str()) || one.more().contains(&action.as_str()))
        };
        prop_assert!(difference.lost.is_empty(), "{:?}", difference.lost);
        let gained: Vec<&String> = difference.gained.iter().flat_map(|one| &one.actions).collect();
        prop_assert!(gained.iter().all(|action| dropped(action)), "{:?}", gained);
    }
}

/// The built-in rules, read once for all tests.
static RULES: LazyLock<(Program, Vec<Diagnostic>)> =
    LazyLock::new(|| check::load_rules(&check::Request { builtin: true, ..check::Request::default() }));

/// Everything that is said of a text, whether it is decided or not.
fn raised(name: &str, text: String) -> Vec<check::Finding> {
    let options = ingest::Options {
        texts: Arc::new([(Box::from(name), text.into_bytes())].into_iter().collect()),
        ..ingest::Options::default()
    };
    let request = check::Request {
        paths: vec![PathBuf::from(name)],
        builtin: true,
        options,
        ..check::Request::default()
    };
    let run = check_with(&request, &RULES, &());
    assert!(run.diagnostics.is_empty(), "{name}: {:?}", run.diagnostics);
    run.findings.into_iter().map(|finding| *finding).collect()
}

/// The findings of a text that count: failures over the level of notes.
fn findings(name: &str, text: String) -> Vec<String> {
    let found = raised(name, text);
    let counts = |finding: &&check::Finding| finding.status == FindingStatus::Fail;
    let shown = |finding: &check::Finding| format!("{}: {}", finding.rule, finding.message);
    // What agents before 3.3.40 need is there only where somebody asks for it.
    let asked = |finding: &&check::Finding| &*finding.rule != "SSM-INST-23";
    found.iter().filter(counts).filter(asked).map(shown).collect()
}

#[test]
fn the_stack_that_watches_has_no_findings() {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let own = "arn:aws:iam::210987654321:policy/old";
    for (remove, add) in [
        (named(&["AmazonEC2RoleforSSM"]), None),
        (named(&["AmazonEC2RoleforSSM", own]), Some(named(&["CloudWatchAgentServerPolicy"]))),
        (
            named(&["AmazonSSMFullAccess"]),
            Some(named(&["AmazonSSMManagedInstanceCore", "AmazonSSMDirectoryServiceAccess"])),
        ),
    ] {
        let text = watch(&remove, add.as_deref(), &[], 10).unwrap();
        let found = raised("watch.yaml", text.clone());
        assert!(found.is_empty(), "{found:?}\n{text}");
    }
    assert!(watch(&named(&["NoSuchPolicy"]), None, &[], 10).is_err());
}

#[test]
fn generated_templates_have_no_findings() {
    let used = |features: &[Feature]| NodeUse {
        features: features.to_vec(),
        parameters: vec!["/shop/*".to_owned()],
        buckets: vec!["logs/ssm".to_owned()],
        log_groups: vec!["/ssm/commands".to_owned()],
        self_scoped: true,
        key: None,
    };
    let mut all: Vec<Artifact> = Vec::new();
    for feature in Feature::ALL {
        let statements = node_statements(&used(&[Feature::Core, feature]));
        all.push(Artifact::Role(Role {
            name: "NodeRole".to_owned(),
            description: "nodes".to_owned(),
            trust: node_trust(),
            managed: Vec::new(),
            statements: statements.clone(),
            profile: true,
            unknown: Vec::new(),
        }));
        all.push(Artifact::Policy { name: "NodePolicy".to_owned(), statements });
    }
    all.push(Artifact::ControlPolicy {
        name: "Switches".to_owned(),
        statements: control_statements(&["arn:aws:iam::*:role/platform-*".to_owned()]),
    });
    all.push(Artifact::Role(Role {
        name: "RunbookRole".to_owned(),
        description: "runbooks".to_owned(),
        trust: automation_trust(),
        managed: Vec::new(),
        statements: node_statements(&used(&[Feature::Inventory])),
        profile: false,
        unknown: Vec::new(),
    }));
    let sessions = Sessions {
        log_group: Some("/ssm/sessions".to_owned()),
        key: Some("alias/sessions".to_owned()),
        run_as: Some("operator".to_owned()),
        idle: 20,
        longest: 480,
        bucket: None,
    };
    all.push(Artifact::Document {
        name: "Sessions".to_owned(),
        called: "SSM-SessionManagerRunShell".to_owned(),
        kind: "Session",
        content: session_preferences(&sessions),
    });
    let mut failures = Vec::new();
    for (index, artifact) in all.iter().enumerate() {
        for (form, name) in [(Form::CloudFormation, "made.yaml"), (Form::CloudFormationJson, "made.json")] {
            let text = write(std::slice::from_ref(artifact), form, &Place::default()).unwrap();
            failures.extend(findings(name, text).into_iter().map(|found| format!("{index} {name}: {found}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The HCL beside a plan is what is generated: the plan's findings are those of what is generated now.
#[test]
fn the_planned_hcl_is_what_is_generated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/generate/terraform");
    let printed = std::fs::read_to_string(folder.join("expected")).unwrap();
    let mut seen = 0;
    for name in ["role", "node", "sessions", "control", "buckets"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.tf"))).unwrap();
        assert!(printed.contains(&text), "{name}.tf is not what is generated: plan it anew");
        seen += text.lines().count();
    }
    assert!(seen > 100);
}

fn unit(name: &str, text: &str) -> ingest::Unit {
    ingest::read(name, text.as_bytes().to_vec(), &ingest::Options::default()).unwrap()
}

fn request(quota: usize) -> Request {
    Request {
        remove: vec!["AmazonEC2RoleforSSM".to_owned()],
        add: None,
        options: Options { prefer: Prefer::Managed, quota },
    }
}

/// Policies of AWS that are about something else.
const OTHERS: [&str; 10] = [
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonKinesisReadOnlyAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonElasticFileSystemReadOnlyAccess",
    "AmazonRoute53ReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
];

/// A fleet whose role has the legacy policy, others, perhaps its successor, and uses.
fn fleet(others: usize, both: bool, joins: bool, writes: bool) -> String {
    let mut arns = vec!["arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM".to_owned()];
    arns.extend(OTHERS.iter().take(others).map(|name| format!("arn:aws:iam::aws:policy/{name}")));
    if both {
        arns.push("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore".to_owned());
    }
    let list: Vec<String> = arns.iter().map(|arn| format!("        - {arn}\n")).collect();
    let list = list.concat();
    let name = if joins { "AWS-JoinDirectoryServiceDomain" } else { "AWS-RunPatchBaseline" };
    let output =
        if writes { "      OutputLocation: {S3Location: {OutputS3BucketName: !Ref Logs}}\n" } else { "" };
    format!(
        "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n  Fleet:\n    Type: AWS::IAM::Role\n    Properties:\n      \
         AssumeRolePolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          - {{Effect: Allow, \
         Principal: {{Service: ec2.amazonaws.com}}, Action: 'sts:AssumeRole'}}\n      ManagedPolicyArns:\n{list}  \
         FleetProfile:\n    Type: AWS::IAM::InstanceProfile\n    Properties: {{Roles: [!Ref Fleet]}}\n  Run:\n    \
         Type: AWS::SSM::Association\n    Properties:\n      Name: {name}\n      Targets: [{{Key: 'tag:Fleet', \
         Values: ['yes']}}]\n{output}"
    )
}

/// What a node must be able to do at any time.
const CORE: [&str; 5] = [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

/// Goes the steps of a plan, and sees after each that nodes can still register and that the quota is kept.
fn walk(plan: &Plan, attached: &[String], quota: usize) -> Result<(), TestCaseError> {
    let [role] = plan.roles.as_slice() else { return Err(TestCaseError::fail("one role")) };
    let mut have: BTreeSet<String> = attached.iter().cloned().collect();
    let mut inline: Vec<(&str, (Tree, NodeId))> = Vec::new();
    for step in &role.steps {
        match &step.what {
            Do::Attach(name) => prop_assert!(have.insert(name.clone())),
            Do::Detach(name, _) => prop_assert!(have.remove(name)),
            Do::Put(name, statements) => {
                let text = policy(statements, &place()).to_string();
                let open = text.replace("${Logs}", "logs");
                inline.push((name, tree(&open)));
            }
            Do::Delete(name) => inline.retain(|(known, _)| known != name),
            Do::Wait => {}
        }
        prop_assert!(have.len() <= quota.max(attached.len()), "{} of {quota}", have.len());
        let mut policies: Vec<Policy<'_>> = have.iter().filter_map(|name| managed(name)).cloned().collect();
        policies.extend(inline.iter().map(|(_, document)| read(document)));
        let able = Able::with(policies);
        let node = Target::parse("arn:aws:ec2:eu-west-1:210987654321:instance/i-0a1b2c3d4e5f60718");
        for action in CORE {
            let target = if action.starts_with("ssm:") { &node } else { &Target::parse("*") };
            prop_assert_eq!(able.can(action, target), Tri::Yes, "{} after {:?}", action, step.what);
        }
    }
    prop_assert!(!have.contains("AmazonEC2RoleforSSM"));
    prop_assert_eq!(have.len(), role.counts[2]);
    prop_assert!(role.order == Order::TooMany || have.len() <= quota);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn migrations_never_leave_a_node_without_the_core(
        others in 0usize..=8, both in any::<bool>(), joins in any::<bool>(), writes in any::<bool>(), room in 0usize..4,
    ) {
        let text = fleet(others, both, joins, writes);
        let attached: Vec<String> = ["AmazonEC2RoleforSSM"].into_iter().chain(OTHERS.iter().take(others).copied())
            .chain(both.then_some("AmazonSSMManagedInstanceCore")).map(str::to_owned).collect();
        // Without a raised quota.
        let quota = (attached.len() + room).min(10);
        let plan = migrate(&mut unit("fleet.yaml", &text), &request(quota));
        walk(&plan, &attached, quota)?;
        prop_assert!(plan.roles[0].breaks.is_empty(), "{:?}", plan.roles[0].breaks);
        // The patch: read again, the legacy policy is gone, and nothing that the input needs is lacking.
        prop_assert!(plan.obstacles.is_empty(), "{:?}", plan.obstacles);
        let [patched] = plan.patched.as_slice() else { return Err(TestCaseError::fail("one patch")) };
        prop_assert_eq!(&patched.before, &text);
        let found = findings("fleet.yaml", patched.after.clone());
        let about = ["SSM-INST-01", "SSM-INST-08", "SSM-INST-09", "SSM-INST-14", "SSM-INST-16", "IAM-LIM-04"];
        let left: Vec<&String> = found.iter().filter(|one| about.iter().any(|rule| one.starts_with(rule))).collect();
        prop_assert!(left.is_empty(), "{:?}\n{}", left, patched.after);
        // And again: there is nothing left to do.
        let again = migrate(&mut unit("fleet.yaml", &patched.after), &request(quota));
        prop_assert!(again.roles.is_empty());
        let advice = advise(&mut unit("fleet.yaml", &patched.after), &Options { quota, ..Options::default() });
        prop_assert!(advice.iter().all(|role| role.statements.is_empty() && role.unneeded.is_empty()));
    }
}

/// What is advised covers what is demanded, and speaks of no other action.
#[test]
fn advice_is_what_the_input_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut roles = 0;
    for file in ["advise/nodes/template.yaml", "migrate/fleet/template.yaml", "advise/terraform/plan.json"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        for prefer in [Prefer::Managed, Prefer::Custom] {
            let mut unit = unit(file, &text);
            let all = demands(&unit.tree, &mut unit.conditions, &unit.inventory);
            let options = Options { prefer, ..Options::default() };
            for (advice, demanded) in advise(&mut unit, &options).iter().zip(&all) {
                let needs: BTreeSet<&str> = demanded
                    .demands
                    .iter()
                    .flat_map(|demand| &demand.needs)
                    .map(|need| need.action.as_str())
                    .collect();
                let given: BTreeSet<&str> =
                    advice.statements.iter().flat_map(|one| &one.actions).map(String::as_str).collect();
                assert!(given.is_subset(&needs), "{file}: {}", advice.role);
                assert!(prefer == Prefer::Managed || advice.managed.is_empty());
                let policies = advice.managed.iter().filter_map(|one| managed(one.name)).cloned().collect();
                let able = Able::with(policies);
                for need in demanded.demands.iter().flat_map(|demand| &demand.needs) {
                    let kept = advice.unknown.iter().any(|what| what.contains(&need.action));
                    let by_own = advice.role == "Own" || advice.role == "Both" || kept;
                    let covered = need.met_by(&able) != Tri::No || given.contains(need.action.as_str());
                    assert!(covered || by_own, "{file}: {} lacks {}", advice.role, need.action);
                }
                roles += 1;
            }
        }
    }
    assert!(roles > 12, "{roles}");
}

/// What the README shows is what is printed.
#[test]
fn the_readme_shows_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let run = |command: &str| {
        let mut all = std::process::Command::new(env!("CARGO_BIN_EXE_rolecall"));
        let done =
            all.args([command, "examples/template.yaml"]).current_dir(root).env_clear().output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    let block = |command: &str| {
        let start = format!("$ rolecall {command} examples/template.yaml\n");
        readme.split(&start).nth(1).unwrap().split("```").next().unwrap()
    };
    assert_eq!(block("advise"), run("advise"));
    let printed = run("migrate");
    let shown: Vec<&str> = block("migrate").lines().filter(|line| line.trim() != "…").collect();
    assert!(shown.len() > 5 && shown.iter().all(|line| printed.lines().any(|own| own == *line)));
}

/// Roles for runbooks of AWS have no finding but those that the generated text itself leaves to a person.
#[test]
fn roles_of_real_runbooks_have_no_finding_that_is_not_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/ssmdoc");
    let Ok(entries) = std::fs::read_dir(&folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.to_string_lossy().contains("__Data__Automation__"));
    paths.sort();
    let world = rolecall::cli::World { colour: false, unicode: false, width: None, progress: false };
    let one = |path: &&PathBuf| {
        let arguments = ["rolecall", "generate", "role", "--form", "cloudformation"].map(OsString::from);
        let arguments: Vec<OsString> = arguments.into_iter().chain([path.as_os_str().to_owned()]).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        rolecall::cli::run(arguments, &world, &mut out, &mut err);
        let text = String::from_utf8(out).unwrap();
        let left = if text.is_empty() { Vec::new() } else { findings("made.yaml", text.clone()) };
        let untold = left.into_iter().filter(|one| {
            let (rule, message) = one.split_once(": ").unwrap();
            !text.contains(&format!("whether this is meant: {message} ({rule})"))
        });
        (!text.is_empty(), untold.map(|one| format!("{}: {one}", path.display())).collect::<Vec<_>>())
    };
    let made: Vec<_> = paths.iter().step_by(20).collect::<Vec<_>>().par_iter().map(one).collect();
    assert!(made.iter().filter(|(made, _)| *made).count() > 10);
    let failures: Vec<&String> = made.iter().flat_map(|(_, failures)| failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}
