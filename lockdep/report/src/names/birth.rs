//! The name at a place in a source file: of the innermost field, static, binding or assignment that the expression there
//! initialises.
//!
//! **Hole.** A lock that is handed to a function is named after what the function's result is bound to. A file that does not
//! parse, or is not the one that was compiled, gives no names.

use lockdep_core::class::Site;
use proc_macro2::LineColumn;
use std::collections::BTreeMap;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, ExprStruct, Ident, ItemImpl, Member, Pat, Token, Type};

/// The names at those sites that have one.
pub(super) fn names<'a>(text: &str, sites: &[&'a Site]) -> Vec<(&'a Site, String)> {
    let Ok(file) = syn::parse_file(text) else { return Vec::new() };
    let place = |site: &Site| (site.line as usize, (site.column as usize).saturating_sub(1));
    let mut finder = Finder { wanted: sites.iter().map(|site| (place(site), None)).collect(), owner: None, name: None };
    finder.visit_file(&file);
    let found = |site: &&'a Site| Some((*site, finder.wanted.get(&place(site))?.clone()?));
    sites.iter().filter_map(found).collect()
}

struct Finder {
    /// Line and column from 0, as `proc_macro2` counts, and what was found there.
    wanted: BTreeMap<(usize, usize), Option<String>>,
    /// The type of the surrounding `impl`.
    owner: Option<String>,
    /// What is being initialised.
    name: Option<String>,
}

impl Finder {
    /// Visits what initialises `name`; if there is none, the surrounding name holds.
    fn within(&mut self, name: Option<String>, visit: impl FnOnce(&mut Self)) {
        let outer = self.name.clone();
        self.name = name.or(self.name.take());
        visit(self);
        self.name = outer;
    }

    /// `Account`, for a path that ends in it or is `Self`.
    fn type_name(&self, path: &syn::Path) -> Option<String> {
        let last = path.segments.last()?.ident.to_string();
        if last == "Self" { self.owner.clone().or(Some(last)) } else { Some(last) }
    }

    /// `let (a, b) = (one, two)` names its parts one by one.
    fn binding(&mut self, pat: &Pat, init: &Expr) {
        match (pat, init) {
            (Pat::Tuple(pats), Expr::Tuple(exprs)) if pats.elems.len() == exprs.elems.len() => {
                pats.elems.iter().zip(&exprs.elems).for_each(|(pat, init)| self.binding(pat, init));
            }
            _ => self.within(bound(pat).map(Ident::to_string), |finder| finder.visit_expr(init)),
        }
    }
}

/// The name that a pattern binds, if it is one.
fn bound(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(ident) => Some(&ident.ident),
        Pat::Type(typed) => bound(&typed.pat),
        Pat::Reference(reference) => bound(&reference.pat),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let owner = match &*item.self_ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.owner, owner);
        visit::visit_item_impl(self, item);
        self.owner = outer;
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.within(Some(item.ident.to_string()), |finder| visit::visit_item_static(finder, item));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.within(Some(item.ident.to_string()), |finder| visit::visit_item_const(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.within(Some(item.ident.to_string()), |finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.binding(&local.pat, &init.expr);
            init.diverge.iter().for_each(|(_, diverge)| self.visit_expr(diverge));
        }
    }

    fn visit_expr_struct(&mut self, expr: &'ast ExprStruct) {
        let owner = self.type_name(&expr.path);
        for field in &expr.fields {
            let member = match &field.member {
                Member::Named(name) => name.to_string(),
                Member::Unnamed(index) => index.index.to_string(),
            };
            let name = owner.as_ref().map(|owner| format!("{owner}.{member}"));
            self.within(name, |finder| finder.visit_expr(&field.expr));
        }
        expr.rest.iter().for_each(|rest| self.visit_expr(rest));
    }

    /// `Account(Mutex::new(0))` initialises `Account.0`.
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let tuple = match &*call.func {
            Expr::Path(path) => self.type_name(&path.path).filter(|name| {
                let is_wrapper = ["Some", "Ok", "Err"].contains(&name.as_str());
                name.starts_with(char::is_uppercase) && !is_wrapper
            }),
            _ => None,
        };
        Visit::visit_expr(self, &call.func);
        for (index, argument) in call.args.iter().enumerate() {
            let name = tuple.as_ref().map(|owner| format!("{owner}.{index}"));
            self.within(name, |finder| finder.visit_expr(argument));
        }
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        let name = match &*assign.left {
            Expr::Path(path) => path.path.get_ident().map(Ident::to_string),
            Expr::Field(field) => match (&*field.base, &field.member) {
                (Expr::Path(base), Member::Named(member)) if base.path.is_ident("self") => {
                    self.owner.as_ref().map(|owner| format!("{owner}.{member}"))
                }
                (_, Member::Named(member)) => Some(member.to_string()),
                _ => None,
            },
            _ => None,
        };
        self.within(name, |finder| finder.visit_expr(&assign.right));
    }

    /// `Mutex::new(..)` starts where the path of its function starts.
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let colons = path.path.leading_colon.as_ref().map(|colons| colons.spans[0]);
        let first = path.path.segments.first().map(|segment| segment.ident.span());
        let start = path.qself.as_ref().map(|qself| qself.lt_token.span).or(colons).or(first);
        if let Some(LineColumn { line, column }) = start.map(|start| start.start())
            && let Some(found) = self.wanted.get_mut(&(line, column))
        {
            found.clone_from(&self.name);
        }
    }

    /// What is inside of a macro call is not known; it often is expressions, or else statements, which items are too.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let list = |input: ParseStream<'_>| Punctuated::<Expr, Token![,]>::parse_terminated(input);
        if let Ok(expressions) = list.parse2(call.tokens.clone()) {
            expressions.iter().for_each(|expr| Visit::visit_expr(self, expr));
        } else if let Ok(statements) = Block::parse_within.parse2(call.tokens.clone()) {
            statements.iter().for_each(|statement| Visit::visit_stmt(self, statement));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name at the first `Mutex` after `mark`.
    fn name(text: &str) -> Option<String> {
        let site = |offset: usize| {
            let line = text[..offset].matches('\n').count() as u32 + 1;
            let column = text[..offset].chars().rev().take_while(|c| *c != '\n').count() as u32 + 1;
            Site { file: "a.rs".into(), line, column }
        };
        let site = site(text.find("Mutex::new").expect("the text makes a lock"));
        names(text, &[&site]).pop().map(|(_, name)| name)
    }

    #[test]
    fn a_lock_is_called_after_what_it_initialises() {
        for (text, expected) in [
            ("static BOARD: Mutex<u8> = Mutex::new(0);", "BOARD"),
            ("const BOARD: Mutex<u8> = Mutex::new(0);", "BOARD"),
            ("fn f() { let rook = Mutex::new(0); }", "rook"),
            ("fn f() { let rook: Arc<Mutex<u8>> = Arc::new(Mutex::new(0)); }", "rook"),
            ("fn f() { let (a, (b, rook)) = (1, (2, Mutex::new(0))); }", "rook"),
            ("fn f() { Board { rook: Mutex::new(0) } }", "Board.rook"),
            ("impl chess::Board<u8> { fn f() -> Self { Self { é: 1, rook: Some(Mutex::new(0)) } } }", "Board.rook"),
            ("impl Board { fn f(&mut self) { self.rook = Mutex::new(0); } }", "Board.rook"),
            ("fn f() { let board = Board(1, Mutex::new(0)); }", "Board.1"),
            ("impl Board { const fn f() -> Self { Self(Mutex::new(0)) } }", "Board.0"),
            ("fn f() { let rooks = vec![Mutex::new(0), 1]; }", "rooks"),
            ("fn f() { let rooks = vec![Mutex::new(0); 8]; }", "rooks"),
            ("fn f() { let rooks: Vec<_> = (0..8).map(|_| Mutex::new(0)).collect(); }", "rooks"),
            ("thread_local! { static ROOK: Mutex<u8> = const { Mutex::new(0) }; }", "ROOK"),
            ("static ROOK: LazyLock<Mutex<u8>> = LazyLock::new(|| Mutex::new(0));", "ROOK"),
            ("fn f() { let outer = { let inner = 1; Mutex::new(inner) }; }", "outer"),
            ("fn f() { m! { let rook = Mutex::new(0); g(rook) } }", "rook"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_lock_that_initialises_nothing_has_no_name() {
        for text in ["fn f() { g(Mutex::new(0)); }", "fn f() -> Mutex<u8> { Mutex::new(0) }", "no rust Mutex::new"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
