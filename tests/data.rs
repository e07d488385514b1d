//! Facts about AWS that are read from files in place of those that are built in.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a copy of what is built in, in which an action has another name.
fn newer(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/data");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(built_in.join("managed.bin"), folder.join("managed.bin")).unwrap();
    let mut bytes = std::fs::read(built_in.join("catalog.bin")).unwrap();
    let (old, new) = (b"StartSession", b"StartSessioo");
    let places: Vec<usize> =
        bytes.windows(old.len()).enumerate().filter(|(_, own)| own == old).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    std::fs::write(folder.join("catalog.bin"), bytes).unwrap();
    folder
}

fn rolecall(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

#[test]
fn newer_facts_are_those_that_count() {
    let folder = newer("newer-facts");
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "arn:aws:ec2:eu-west-1:210987654321:instance/*"}]}"#;
    std::fs::write(folder.join("policy.json"), policy).unwrap();
    let says = |arguments: &[&str]| {
        let done = rolecall(arguments, &folder);
        assert!(matches!(done.status.code(), Some(0 | 1)), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let unknown = "`ssm:StartSession` does not exist; did you mean `ssm:StartSessioo`?";
    assert!(!says(&["check", "policy.json"]).contains(unknown));
    assert!(says(&["check", "policy.json", "--data", "."]).contains(unknown));
    let hash = |text: String| text.lines().find(|line| line.starts_with("hash")).unwrap().to_owned();
    assert_ne!(hash(says(&["data"])), hash(says(&["data", "--data", "."])));
}

#[test]
fn what_is_no_catalogue_is_refused() {
    let folder = newer("no-facts");
    std::fs::write(folder.join("managed.bin"), "{}").unwrap();
    let done = rolecall(&["check", ".", "--data", "."], &folder);
    assert_eq!(done.status.code(), Some(2), "{done:?}");
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.starts_with("error: `.`: not a catalogue of this version\nhelp: "), "{said}");
    let done = rolecall(&["check", ".", "--data", "nowhere"], &folder);
    assert!(String::from_utf8(done.stderr).unwrap().contains("`nowhere/catalog.bin` cannot be read"));
}
