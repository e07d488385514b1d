//! The forms of the ARNs of resource types, taken apart once in a process.

use std::sync::LazyLock;
use std::sync::OnceLock;

use crate::catalog::TypeId;
use crate::catalog::embedded;

use super::arn::Arn;
use super::glob::Token;
use super::glob::pattern;
use super::request::form_pattern;

/// The form of a type's ARNs, in which each part that is free is `*`: its fields, none where it is no ARN.
#[derive(Debug)]
pub struct Form(Vec<Box<[Token]>>);

impl Form {
    /// The form of a type of the catalogue of the process.
    pub fn of(ty: TypeId) -> &'static Self {
        static FORMS: LazyLock<Vec<OnceLock<Form>>> =
            LazyLock::new(|| embedded().types().map(|_| OnceLock::new()).collect());
        static NONE: Form = Form(Vec::new());
        let read = || {
            let tokens = pattern(&form_pattern(embedded().resource_type(ty).arn()));
            match Arn::split(&tokens) {
                Arn::Fields(fields) => Self(fields.iter().map(|field| (*field).into()).collect()),
                _ => Self(Vec::new()),
            }
        };
        FORMS.get(ty.index()).map_or(&NONE, |form| form.get_or_init(read))
    }

    /// Whether it is an ARN.
    pub fn is_arn(&self) -> bool {
        !self.0.is_empty()
    }

    /// A field, where it has so many.
    pub fn field(&self, index: usize) -> Option<&[Token]> {
        self.0.get(index).map(|field| &**field)
    }
}
