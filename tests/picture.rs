//! The picture in the README is the program's real output.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::golden;

#[test]
fn the_picture_shows_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let command = "check --pack ssm examples/template.yaml";
    let done = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["--color", "always"])
        .args(command.split(' '))
        .current_dir(root)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = format!("$ rolecall {command}\n{}", String::from_utf8(done.stdout).unwrap());
    let picture = anstyle_svg::Term::new().render_svg(&text);
    let mut failures = Vec::new();
    golden::check(&root.join("docs/output.svg"), &picture, &mut failures);
    golden::report(&failures);
}
