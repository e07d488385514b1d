//! `rolecall data`: which facts about AWS are built in, or are in a file.

use std::io::{self, Write};
use std::path::Path;

use crate::catalog::{self, Catalog};

use super::Exit;

/// Runs the command.
pub(super) fn run(out: &mut dyn Write) -> io::Result<Exit> {
    let catalog = catalog::embedded();
    let meta: serde_json::Value = serde_json::from_str(catalog.meta()).unwrap_or_default();
    writeln!(
        out,
        "date              {}",
        meta.get("date").and_then(serde_json::Value::as_str).unwrap_or("unknown")
    )?;
    for (name, version) in meta.get("sources").and_then(serde_json::Value::as_object).into_iter().flatten() {
        writeln!(out, "source            {name} {}", version.as_str().unwrap_or(""))?;
    }
    writeln!(out, "services          {}", catalog.services().count())?;
    writeln!(out, "actions           {}", catalog.action_count())?;
    writeln!(out, "condition keys    {}", catalog.keys().count())?;
    writeln!(out, "managed policies  {}", catalog.managed_policies().count())?;
    writeln!(out, "principals        {}", catalog.service_principals().count())?;
    writeln!(out, "methods           {}", catalog.methods().count())?;
    writeln!(out, "hash              {:016x}", hash(catalog))?;
    Ok(Exit::Clean)
}

/// Opens the catalogue in a folder, for the whole process.
pub(super) fn use_folder(folder: &Path) -> Result<(), String> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    };
    let (tables, managed) = (read("catalog.bin")?, read("managed.bin")?);
    let opened =
        Catalog::open(tables, managed).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    if catalog::use_instead(opened) { Ok(()) } else { Err("facts about AWS are in use already".to_owned()) }
}

/// FNV-1a over both tables: the same bytes, the same hash.
fn hash(catalog: &Catalog) -> u64 {
    let bytes = catalog.bytes().into_iter().flatten();
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
