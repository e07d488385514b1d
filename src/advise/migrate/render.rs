//! A migration as bytes.

mod commands;
mod human;
mod json;
mod markdown;

use std::io::{self, Write};

use crate::advise::{Format, Style};
use crate::iam::compare::Witness;
use crate::ssm::statement::Place;

use super::{Migration, Order, Plan};

/// The migration of one input.
#[derive(Clone, Debug)]
pub struct Migrated {
    /// The path as the user gave it.
    pub input: String,
    /// How holes are written.
    pub style: Style,
    /// What comes of it.
    pub plan: Plan,
}

/// Writes a migration.
pub fn render(
    all: &[Migrated],
    format: Format,
    quota: usize,
    place: &Place,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render(all, quota, place, out),
        Format::Json => json::render(all, quota, place, out),
        Format::Markdown => markdown::render(all, quota, place, out),
    }
}

/// What a difference is about, as a line: the actions of a service together.
fn line(witness: &Witness) -> String {
    let mut out = String::new();
    let mut service = "";
    for action in &witness.actions {
        let (own, name) = action.split_once(':').unwrap_or(("", action));
        if own == service {
            out.push_str(&format!(", {name}"));
        } else {
            out.push_str(&format!("{}{own}:{name}", if out.is_empty() { "" } else { ", " }));
            service = own;
        }
    }
    if !witness.conditions.is_empty() {
        return format!("{out} on {} ({})", witness.resource, witness.conditions.join("; "));
    }
    let partly = if witness.sure { "" } else { ", in part" };
    format!("{out} on {}{partly}", witness.resource)
}

/// The order in words.
fn order(migration: &Migration, quota: usize) -> String {
    let [now, peak, after] = migration.counts;
    match migration.order {
        Order::AttachFirst => format!("{now} now, {peak} on the way, {after} after, of {quota}"),
        Order::Bridged => format!(
            "{now} now, {after} after, of {quota}: there is no room for the old and the new beside each other, so an \
             inline policy bridges the time between"
        ),
        Order::TooMany => format!(
            "{now} now, {after} after, which is over {quota}: merge policies of your own, or have the quota raised, first"
        ),
    }
}
