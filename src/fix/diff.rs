//! What changes, as a patch.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use similar::TextDiff;

/// The change of a file as a unified diff that `patch` and `git apply` take.
pub fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    // `git apply` refuses `./`.
    let parts =
        Path::new(name).components().filter(|part| !matches!(part, Component::CurDir | Component::RootDir));
    let name = parts.collect::<PathBuf>().display().to_string().replace('\\', "/");
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(3).header(&old, &new).to_string()
}
