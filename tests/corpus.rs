//! Real inputs, where they are at hand: none brings the program down, and none is passed over in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rolecall::check::{InputStatus, Request, check};
use rolecall::document::Code;

#[test]
fn every_real_input_is_judged_or_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.is_dir() {
        return;
    }
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(paths.len() > 1000, "the corpus is there");
    if cfg!(debug_assertions) {
        // Without optimisation, a sample has to do.
        paths = paths.into_iter().step_by(40).collect();
    }
    let request = Request { paths: paths.clone(), builtin: true, ..Request::default() };
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().unwrap();
    let start = Instant::now();
    let run = pool.install(|| check(&request, &()));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());

    assert_eq!(run.inputs.len(), paths.len());
    let answered: BTreeSet<&str> = run.diagnostics.iter().filter_map(|one| one.file.as_deref()).collect();
    for input in run.inputs.iter().filter(|input| input.status == InputStatus::Failed) {
        assert!(answered.contains(&*input.path), "{} is passed over in silence", input.path);
    }
    let defects: Vec<_> = run.diagnostics.iter().filter(|one| one.code == Code::Internal).collect();
    assert!(defects.is_empty(), "{defects:#?}");
    for finding in &run.findings {
        assert!(finding.place.is_some(), "{} has no place", finding.rule);
        assert!(!finding.message.is_empty() && !finding.entity.is_empty(), "{}", finding.rule);
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}
