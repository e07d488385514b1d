//! Expected output, kept in files that a person reviews.

use std::path::Path;

/// Compares with a file; `UPDATE_GOLDEN=1` writes it instead.
pub(crate) fn check(path: &Path, actual: &str, failures: &mut Vec<String>) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
        let diff = diff.unified_diff().header("expected", "actual").to_string();
        failures.push(format!("{}\n{diff}", path.display()));
    }
}

/// Fails with everything that differs.
pub(crate) fn report(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} of the expected files differ (UPDATE_GOLDEN=1 writes them):\n{}",
        failures.len(),
        failures.join("\n")
    );
}
