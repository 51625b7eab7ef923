//! parking_lot's `Once`, which is no user of `lock_api`: its books are a second field.

use super::edit::{Edit, Misfit, self_type};
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, Fields, ImplItemFn, ItemImpl, ItemStruct};

/// What is appended to the root file.
pub(super) const ROOT: &str = "\n#[allow(warnings)]\nmod lockdep_once;\n";

/// Whether it is to be run or waited for.
const HOLD: &str = "self.1.hold(self.state() == OnceState::Done)";

/// The instrumented text of parking_lot's `once.rs`.
pub(super) fn instrument(text: &str) -> Result<String, Misfit> {
    let (edit, syntax) = Edit::of(text)?;
    let mut once = Once { edit, method: None };
    once.visit_file(&syntax);
    once.edit.finish(&["struct Once", "Once::new", "Once::call_once", "Once::call_once_force"])
}

/// Looks for the places.
struct Once<'a> {
    edit: Edit<'a>,
    /// The method around.
    method: Option<ImplItemFn>,
}

impl Once<'_> {
    fn found(&mut self, method: &ImplItemFn) {
        self.edit.found(&format!("Once::{}", method.sig.ident), &method.attrs);
    }
}

impl<'ast> Visit<'ast> for Once<'_> {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        if let (true, Fields::Unnamed(fields)) = (item.ident == "Once", &item.fields) {
            self.edit.before(fields.paren_token.span.close(), ", crate::lockdep_once::Books");
            self.edit.found("struct Once", &[]);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let is_debug =
            |(_, path, _): &(_, syn::Path, _)| path.segments.last().is_some_and(|last| last.ident == "Debug");
        if self_type(item).as_deref() == Some("Once") && !item.trait_.as_ref().is_some_and(is_debug) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        let keeps = match &*method.sig.ident.to_string() {
            "call_once" | "call_once_force" => Some(format!(" let _lockdep = {HOLD};")),
            "wait" | "wait_force" => Some(format!(" drop({HOLD});")),
            _ => None,
        };
        if let Some(keeps) = keeps {
            self.edit.after(method.block.brace_token.span.open(), keeps);
            self.found(method);
        }
        self.edit.track_caller(method);
        self.method = Some(method.clone());
        visit::visit_impl_item_fn(self, method);
        self.method = None;
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let is_once = matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Once"));
        if let (true, Some(method)) = (is_once, self.method.clone()) {
            self.edit.before(call.paren_token.span.close(), ", crate::lockdep_once::Books::new()");
            self.found(&method);
        }
        visit::visit_expr_call(self, call);
    }
}
