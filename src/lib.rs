//! Checks the IAM roles, instance profiles and Systems Manager documents of infrastructure plans before they are
//! deployed.
#![cfg_attr(
    test,
    expect(clippy::string_slice, clippy::format_collect, reason = "a test that panics is a test that fails")
)]

pub mod check;
pub mod cli;
pub mod document;
pub mod facts;
pub mod ingest;
pub mod model;
pub mod report;
pub mod rules;
pub mod ssm;
