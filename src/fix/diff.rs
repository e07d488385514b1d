//! What changes, as a patch.

use similar::TextDiff;

use super::Changed;

/// The change of a file as a unified diff that `patch` and `git apply` take.
pub fn unified(file: &Changed) -> String {
    let diff = TextDiff::from_lines(file.before.as_str(), file.after.as_str());
    let name = file.name.trim_start_matches('/');
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(3).header(&old, &new).to_string()
}
