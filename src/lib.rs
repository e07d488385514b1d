//! `rolecall` checks the IAM roles, instance profiles and Systems Manager documents of infrastructure plans before they are
//! deployed. This page is its architecture; the command line is described in the README.
//!
//! # The one flow
//!
//! ```text
//! bytes ─► Source ─► Tree ─► ingest ─► Inventory ─► facts (a Tree again) ─┐
//! rule text ─► grammar ─► AST ─► Program ─────────────────────────────────┤
//!                                                                         ▼
//!                            report ◄── Run ◄── Findings ◄── evaluate (in parallel)
//! ```
//!
//! * **Rust computes facts, rules judge them.** Every built-in check is a rule in `policies/`. What is hard to say in a rule
//!   language is computed here, as an attribute of an entity, and a rule of a few lines judges it.
//! * **One tree.** JSON, YAML, a policy inside a string, and facts are nodes of one kind of arena ([`document::Tree`]), so
//!   there is one evaluator, and every value knows its place in a file that a person can open.
//! * **Unknown is a value.** A value is known, one of several alternatives under conditions, a text with holes, or unknown
//!   with a reason. A comparison that could go either way has the status UNKNOWN, never PASS.
//! * **Fail closed.** What cannot be read or judged is a [`document::Diagnostic`], and the worst outcome of a run decides
//!   its exit code ([`check::Outcome`]).
//! * **The same bytes out, always,** whatever the number of threads and the order of inputs.
//!
//! # Floors
//!
//! A module imports only from floors below it; `tests/floors.rs` keeps it so. From the lowest:
//!
//! | module | what it is for |
//! |---|---|
//! | `catalog` | facts about AWS, embedded: actions, managed policies, service principals |
//! | [`document`] | bytes to text to trees: places, diagnostics, conditions, texts with holes |
//! | `iam`, `ssm` | policy documents and what they allow; SSM documents and how values flow through them |
//! | [`model`] | the inventory: entities, and how they refer to each other |
//! | [`ingest`] | CloudFormation, Terraform, account listings and bare documents to an inventory |
//! | [`facts`] | an inventory to the tree that rules query, and the schema that types it |
//! | [`rules`] | the language: parse, compile, evaluate |
//! | [`check`] | a run: discover, load, judge, waive |
//! | [`report`], [`fix`], [`advise`] | a run to bytes, one file a format; findings mended in the text; what roles need |
//! | [`mod@fix`] | fixes of findings: chosen, applied to texts in memory, held against the rules again |
//! | [`cli`] | flags to options, outcome to exit code; the only floor that writes |
//!
//! # As a library
//!
//! ```
//! use rolecall::check::{Request, check};
//!
//! let request = Request { paths: vec!["examples/template.yaml".into()], builtin: true, ..Request::default() };
//! let run = check(&request, &());
//! assert!(run.findings.iter().any(|finding| &*finding.rule == "SSM-INST-01"));
//! ```
#![cfg_attr(
    test,
    expect(clippy::string_slice, clippy::format_collect, reason = "a test that panics is a test that fails")
)]

pub mod advise;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod document;
pub mod facts;
pub mod fix;
pub mod iam;
pub mod ingest;
pub mod model;
pub mod report;
pub mod rules;
pub mod ssm;
