//! Insertions into one source file, at places found in its syntax tree.

use proc_macro2::Span;
use std::collections::BTreeMap;
use std::fmt;
use syn::spanned::Spanned;
use syn::{Attribute, ImplItemFn, ItemImpl, Type, Visibility};

/// A source file, and what is to be inserted into it.
pub(super) struct Edit<'a> {
    text: &'a str,
    insertions: Vec<(usize, String)>,
    /// How often each place was found.
    found: BTreeMap<String, u32>,
}

/// Why a file cannot be instrumented.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is not Rust as it is known here.
    Syntax(String),
    /// A place that must be there once is there another number of times.
    Count(String, u32),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Syntax(error) => write!(f, "it cannot be parsed: {error}"),
            Misfit::Count(place, count) => write!(f, "`{place}` is there {count} times"),
        }
    }
}

impl<'a> Edit<'a> {
    /// Parses a file.
    ///
    /// # Errors
    /// If it is no Rust file, or begins with something that moves its spans.
    pub(super) fn of(text: &'a str) -> Result<(Edit<'a>, syn::File), Misfit> {
        let file = syn::parse_file(text).map_err(|error| Misfit::Syntax(error.to_string()))?;
        if text.starts_with('\u{feff}') || file.shebang.is_some() {
            return Err(Misfit::Syntax("it begins with a byte order mark or an interpreter".to_owned()));
        }
        Ok((Edit { text, insertions: Vec::new(), found: BTreeMap::new() }, file))
    }

    /// The text of a part.
    pub(super) fn text_of(&self, part: &impl Spanned) -> &'a str {
        &self.text[part.span().byte_range()]
    }

    /// Inserts before a part.
    pub(super) fn before(&mut self, span: Span, text: impl Into<String>) {
        self.insertions.push((span.byte_range().start, text.into()));
    }

    /// Inserts after a part.
    pub(super) fn after(&mut self, span: Span, text: impl Into<String>) {
        self.insertions.push((span.byte_range().end, text.into()));
    }

    /// Inserts around a part.
    pub(super) fn around(&mut self, part: &impl Spanned, before: impl Into<String>, after: impl Into<String>) {
        self.before(part.span(), before);
        self.after(part.span(), after);
    }

    /// Makes a method pass its caller on, unless it does.
    pub(super) fn track_caller(&mut self, method: &ImplItemFn) {
        if !method.attrs.iter().any(|attribute| self.text_of(attribute).contains("track_caller")) {
            let signature = method.sig.span();
            let start = match &method.vis {
                Visibility::Inherited => signature,
                visibility => visibility.span(),
            };
            self.before(start, "#[track_caller] ");
        }
    }

    /// Notes that a place was found, in a function that may be one of several for different compilers.
    pub(super) fn found(&mut self, place: &str, attributes: &[Attribute]) {
        let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let conditions: String = conditions.map(|attribute| format!(" {}", self.text_of(attribute))).collect();
        *self.found.entry(format!("{place}{conditions}")).or_default() += 1;
    }

    /// The text with all insertions.
    ///
    /// # Errors
    /// If a place that must be there is not, or any is there twice.
    pub(super) fn finish(mut self, required: &[&str]) -> Result<String, Misfit> {
        for place in required {
            if !self.found.keys().any(|found| found.split(" #[").next() == Some(place)) {
                return Err(Misfit::Count((*place).to_owned(), 0));
            }
        }
        if let Some((place, count)) = self.found.iter().find(|(_, count)| **count != 1) {
            return Err(Misfit::Count(place.clone(), *count));
        }
        // Stable: what was said first of two insertions at one place comes first.
        self.insertions.sort_by_key(|(place, _)| *place);
        let mut text = String::with_capacity(self.text.len() + 64 * self.insertions.len());
        let mut done = 0;
        for (place, insertion) in &self.insertions {
            text.push_str(&self.text[done..*place]);
            text.push_str(insertion);
            done = *place;
        }
        text.push_str(&self.text[done..]);
        Ok(text)
    }
}

/// The name of the type that an `impl` is for.
pub(super) fn self_type(item: &ItemImpl) -> Option<String> {
    match &*item.self_ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insertions_go_where_the_spans_are_whatever_the_characters() {
        let text = "// äöü ∀\nstruct A { b: u8 }\n";
        let (mut edit, file) = Edit::of(text).unwrap();
        let syn::Item::Struct(item) = &file.items[0] else { panic!("it is a struct") };
        let field = item.fields.iter().next().unwrap();
        edit.around(&field.ty, "Box<", ">");
        edit.found("a", &[]);
        assert_eq!(edit.finish(&["a"]).unwrap(), "// äöü ∀\nstruct A { b: Box<u8> }\n");
    }

    #[test]
    fn a_place_that_is_missing_or_there_twice_is_an_error() {
        let missing = Edit::of("fn f() {}").unwrap().0.finish(&["struct A"]);
        assert_eq!(missing, Err(Misfit::Count("struct A".to_owned(), 0)));
        let (mut edit, _) = Edit::of("fn f() {}").unwrap();
        edit.found("fn f", &[]);
        edit.found("fn f", &[]);
        assert_eq!(edit.finish(&[]), Err(Misfit::Count("fn f".to_owned(), 2)));
    }

    #[test]
    fn what_is_not_rust_is_an_error_and_no_panic() {
        assert!(matches!(Edit::of("fn f( {"), Err(Misfit::Syntax(_))));
        assert!(matches!(Edit::of("\u{feff}fn f() {}"), Err(Misfit::Syntax(_))));
        assert!(matches!(Edit::of("#!/bin/rust\nfn f() {}"), Err(Misfit::Syntax(_))));
    }
}
