//! Findings that a person has accepted: suppressions in place, in the configuration and by baseline.

mod baseline;
mod inline;

pub use baseline::Baseline;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::document::{Code, Diagnostic, Location};

use super::{Finding, pattern};
use crate::model::Date;

pub(super) use inline::of_unit;

/// A waiver of the configuration.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// A pattern of rule ids or names.
    pub rule: String,
    /// A pattern of logical ids or addresses; any if none.
    pub entity: Option<String>,
    /// A pattern of file names; any if none.
    pub file: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Where it stands.
    pub place: Option<Location>,
}

impl Suppression {
    fn fits(&self, finding: &Finding) -> bool {
        let fits = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| pattern::matches(wanted, text))
        };
        let rule = pattern::matches(&self.rule, &finding.rule) || pattern::matches(&self.rule, &finding.name);
        rule && fits(&self.entity, &finding.entity) && fits(&self.file, finding.file())
    }
}

/// All waivers that hold for a whole run, and which of them were needed.
#[derive(Debug)]
pub struct Waivers<'c> {
    suppressions: &'c [Suppression],
    used: Vec<AtomicBool>,
    baseline: Option<&'c Baseline>,
    today: Date,
}

impl<'c> Waivers<'c> {
    /// The waivers of a run.
    pub fn new(suppressions: &'c [Suppression], baseline: Option<&'c Baseline>, today: Date) -> Self {
        let used = suppressions.iter().map(|_| AtomicBool::new(false)).collect();
        Self { suppressions, used, baseline, today }
    }

    pub(super) fn today(&self) -> Date {
        self.today
    }

    /// Whether a finding is waived.
    pub fn cover(&self, finding: &Finding) -> bool {
        let mut covered = false;
        for (one, used) in self.suppressions.iter().zip(&self.used) {
            if one.fits(finding) {
                used.store(true, Ordering::Relaxed);
                covered |= one.expires.is_none_or(|last| last >= self.today);
            }
        }
        covered || self.baseline.is_some_and(|baseline| baseline.covers(finding))
    }

    /// Waivers that have expired or that nothing needed.
    pub fn complaints(&self) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for (one, used) in self.suppressions.iter().zip(&self.used) {
            let made = match (used.load(Ordering::Relaxed), one.expires) {
                (true, Some(last)) if last < self.today => {
                    let message = format!("the suppression of `{}` expired on {last}", one.rule);
                    Diagnostic::new(Code::Suppression, message).help("fix what it covers, or extend it")
                }
                (true, _) => continue,
                (false, _) => {
                    let message = format!("the suppression of `{}` covers nothing", one.rule);
                    Diagnostic::new(Code::UnusedSuppression, message).help("remove it")
                }
            };
            out.push(match &one.place {
                Some(place) => made.at(place.clone()),
                None => made,
            });
        }
        out
    }
}
