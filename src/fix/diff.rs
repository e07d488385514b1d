//! What changes, as a patch.

use similar::TextDiff;

/// The change of a file as a unified diff that `patch` and `git apply` take.
pub fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let name = name.trim_start_matches('/');
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(3).header(&old, &new).to_string()
}
