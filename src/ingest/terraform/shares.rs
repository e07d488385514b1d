//! Declaring the resources of a large plan on several threads.
//!
//! Mostly, what a resource declares depends on nothing that was declared before it. Shares of the resources are then
//! declared apart, each above the tree of the plan, and put together in their order. Where several resources have
//! something in common that is worked out once (a document that is rebuilt, a condition), everything is declared in one
//! go.

use std::sync::Arc;

use rayon::prelude::*;

use crate::ingest::assembly::Assembly;

use super::context::{Context, Share};
use super::instances::Instance;
use super::{Side, declare_some};

/// So many resources are declared in one go, unless the caller says another number.
const AT_A_TIME: usize = 1 << 12;

/// So many shares are declared before they are put together.
const SHARES: usize = 8;

/// Declares what a plan has on one side, in shares. Says of how many instances this could be done.
pub(super) fn declare(assembly: &mut Assembly, context: &Context<'_>, side: Side, at_a_time: usize) -> usize {
    let at_a_time = if at_a_time == 0 { AT_A_TIME } else { at_a_time };
    let instances = &context.plan.instances;
    let is_first = assembly.is_plain() && assembly.documents.is_empty();
    // A document that is made when the plan is applied.
    let is_rebuilt = |instance: &Instance| {
        instance.after_unknown.is_some() && &*instance.ty == "data.aws_iam_policy_document"
    };
    if instances.len() <= at_a_time || !is_first || instances.iter().any(is_rebuilt) {
        return 0;
    }
    let Some(share) = context.share() else { return 0 };
    let mut done = 0;
    for some in instances.chunks(at_a_time.saturating_mul(SHARES)) {
        let below = Arc::new(std::mem::take(&mut assembly.tree));
        let own = &*assembly;
        let parts = some.par_chunks(at_a_time).map(|some| part(own.above(&below), &share, some, side));
        let parts: Option<Vec<Assembly>> = parts.collect();
        assembly.tree = Arc::into_inner(below).unwrap_or_default();
        let Some(parts) = parts else { break };
        for part in parts {
            assembly.absorb(part);
        }
        done += some.len();
    }
    done
}

/// What some instances declare; nothing where that cannot be put together with what others do.
fn part(mut empty: Assembly, share: &Share<'_>, some: &[Instance], side: Side) -> Option<Assembly> {
    let context = share.context();
    declare_some(&mut empty, &context, some, side);
    let is_alone = empty.is_plain() && context.rebuilt.borrow().is_empty();
    empty.tree = std::mem::take(&mut empty.tree).detached();
    is_alone.then_some(empty)
}
