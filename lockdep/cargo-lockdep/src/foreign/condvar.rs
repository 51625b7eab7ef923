//! Condition variables, which release their mutex and take it again behind the books: `lock_api` 0.5's, and parking_lot 0.12's.

use super::edit::{Edit, Misfit, self_type};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, ImplItemFn, ItemFn, ItemImpl};

/// The instrumented text of a `condvar.rs`. `lock_api` is how that crate is called there.
pub(super) fn instrument(text: &str, lock_api: &str) -> Result<String, Misfit> {
    let (edit, syntax) = Edit::of(text)?;
    let mut waits = Waits { edit, lock_api, method: None };
    waits.visit_file(&syntax);
    waits.edit.finish(&["Condvar::wait", "Condvar::wait_until"])
}

/// The text of a file of parking_lot whose constructing functions, `const_mutex` and its kin, pass their caller on.
pub(super) fn track_constructors(text: &str) -> Result<String, Misfit> {
    let (edit, syntax) = Edit::of(text)?;
    let mut constructors = Constructors { edit };
    constructors.visit_file(&syntax);
    constructors.edit.finish(&[])
}

struct Constructors<'a> {
    edit: Edit<'a>,
}

impl<'ast> Visit<'ast> for Constructors<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if item.sig.constness.is_some() && item.sig.ident.to_string().starts_with("const_") {
            self.edit.found(&item.sig.ident.to_string(), &item.attrs);
            self.edit.before(item.vis.span(), "#[track_caller] ");
        }
    }
}

/// Looks for the places where a wait begins.
struct Waits<'a> {
    edit: Edit<'a>,
    lock_api: &'a str,
    /// The method around.
    method: Option<ImplItemFn>,
}

impl<'ast> Visit<'ast> for Waits<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if item.trait_.is_none() && self_type(item).as_deref() == Some("Condvar") {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        if method.sig.ident.to_string().starts_with("wait") {
            self.edit.track_caller(method);
            self.method = Some(method.clone());
            visit::visit_impl_item_fn(self, method);
            self.method = None;
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let begins = ["wait", "wait_until", "wait_for", "wait_until_internal"].iter().any(|name| call.method == name);
        let mutex = call.args.first().filter(|_| begins).and_then(mutex_of);
        if let (Some(mutex), Some(method)) = (mutex, &self.method) {
            let place = format!("Condvar::{}", method.sig.ident);
            let wait = format!("{}::lockdep_waiting({}, || ", self.lock_api, self.edit.text_of(mutex));
            self.edit.around(call, wait, ")");
            self.edit.found(&place, &method.attrs);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The mutex whose raw lock an argument is.
fn mutex_of(argument: &Expr) -> Option<&Expr> {
    match argument {
        Expr::MethodCall(call) if call.method == "raw" => Some(&call.receiver),
        Expr::Unsafe(block) => match block.block.stmts.last() {
            Some(syn::Stmt::Expr(tail, None)) => mutex_of(tail),
            _ => None,
        },
        _ => None,
    }
}
