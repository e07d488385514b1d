//! Reading one input.

use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::document::{Code, Diagnostic};
use crate::ingest::{self, Options, Unit};

use super::discover::Candidate;

/// What became of a candidate.
#[derive(Debug)]
pub(super) enum Loaded {
    /// An input.
    Unit(Box<Unit>),
    /// An input that could not be read.
    Failed(Box<Diagnostic>),
    /// A file in a folder that is something else.
    Other,
}

/// Reads a candidate, the text of which may be at hand.
pub(super) fn one(candidate: &Candidate, options: &Options, bytes: Option<Vec<u8>>) -> Loaded {
    let bytes = match bytes.map_or_else(|| text(candidate, options), Ok) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("the file cannot be read: {}", reason(&error));
            return Loaded::Failed(Box::new(
                Diagnostic::new(Code::Unreadable, message).in_file(&*candidate.name),
            ));
        }
    };
    let looks_meant = candidate.named || looks_like_an_input(&bytes);
    match ingest::read(&candidate.name, bytes, &placed(candidate, options)) {
        Ok(unit) => Loaded::Unit(Box::new(unit)),
        Err(diagnostic) => match diagnostic.code {
            Code::UnknownKind if !candidate.named => Loaded::Other,
            _ if !looks_meant => Loaded::Other,
            _ => Loaded::Failed(diagnostic),
        },
    }
}

/// The bytes of a candidate.
pub(super) fn text(candidate: &Candidate, options: &Options) -> std::io::Result<Vec<u8>> {
    let given = options.texts.get(&candidate.name).cloned();
    given.map_or_else(|| bytes(candidate.path.as_deref()), Ok)
}

/// How a candidate is read: what is known of the stack is known of its template.
pub(super) fn placed<'o>(candidate: &Candidate, options: &'o Options) -> Cow<'o, Options> {
    match &candidate.stack {
        Some(stack) => Cow::Owned(stack.options(options)),
        None => Cow::Borrowed(options),
    }
}

/// The bytes of a file, or of standard input.
pub fn bytes(path: Option<&Path>) -> std::io::Result<Vec<u8>> {
    let Some(path) = path else {
        let mut all = Vec::new();
        std::io::stdin().lock().read_to_end(&mut all)?;
        return Ok(all);
    };
    match usize::try_from(std::fs::metadata(path)?.len()) {
        Ok(length) if length >= LARGE => halves(path, length),
        _ => std::fs::read(path),
    }
}

/// Files of so many bytes are read by two threads.
const LARGE: usize = 8 << 20;

/// Reads a file that is so long by its two halves, and what it has become longer by.
fn halves(path: &Path, length: usize) -> std::io::Result<Vec<u8>> {
    let from = |start: usize| {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(start as u64))?;
        Ok::<_, std::io::Error>(file)
    };
    let mut bytes = vec![0; length];
    let (first, second) = bytes.split_at_mut(length / 2);
    let (one, other) = rayon::join(
        || from(0)?.read_exact(first),
        || {
            let mut file = from(length / 2)?;
            file.read_exact(second)?;
            Ok::<_, std::io::Error>(file)
        },
    );
    one?;
    other?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether a file that cannot be read was meant to be one of ours. Folders hold many files that are neither JSON nor
/// YAML (templates of other tools), and these are no defects.
fn looks_like_an_input(bytes: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"AWSTemplateFormatVersion",
        b"AWS::",
        b"\"format_version\"",
        b"\"terraform_version\"",
        b"schemaVersion",
        b"\"Statement\"",
        b"PolicyDetailList",
    ];
    let wide = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    wide || bytes.starts_with(b"PK\x03\x04")
        || MARKS.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some())
}
