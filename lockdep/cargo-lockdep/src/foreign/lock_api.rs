//! `lock_api`: the fields that hold its raw locks get the type of our file, whose methods have the names of the traits'.

use super::edit::{Edit, Misfit, self_type};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprClosure, ExprField, ExprMethodCall, ExprStruct, Field, GenericParam, ImplItemFn, ItemImpl, ItemStruct,
    Macro, Member, Type,
};

/// Where our file is in the crate.
const TRACKED: &str = "crate::lockdep_tracked::Tracked";

/// What is appended to the root file.
pub(super) const ROOT: &str =
    "\n#[allow(warnings)]\nmod lockdep_tracked;\n#[doc(hidden)]\npub use lockdep_tracked::lockdep_waiting;\n";

/// The type parameter that says what kind of lock a field of this type is of.
fn kind(holder: &str) -> Option<&'static str> {
    match holder {
        "Mutex" | "MappedMutexGuard" => Some("Exclusive"),
        "RwLock" | "MappedRwLockReadGuard" | "MappedRwLockWriteGuard" => Some("Shared"),
        "RawReentrantMutex" => Some("Reentrant"),
        _ => None,
    }
}

/// What must be in a file, each once.
fn required(file: &str) -> &'static [&'static str] {
    match file {
        "mutex.rs" => &["struct Mutex", "struct MappedMutexGuard", "Mutex::new", "Mutex::raw"],
        "rwlock.rs" => &[
            "struct RwLock",
            "struct MappedRwLockReadGuard",
            "struct MappedRwLockWriteGuard",
            "RwLock::new",
            "RwLock::raw",
        ],
        "remutex.rs" => {
            &["struct RawReentrantMutex", "ReentrantMutex::new", "ReentrantMutex::raw", "RawReentrantMutex::lock"]
        }
        _ => &[],
    }
}

/// The instrumented text of one of its files that have locks: `mutex.rs`, `rwlock.rs` and `remutex.rs`.
pub(super) fn instrument(file: &str, text: &str) -> Result<String, Misfit> {
    let (edit, syntax) = Edit::of(text)?;
    let mut locks = Locks { edit, holder: None, protects: false, method: None, puts_off: false };
    locks.visit_file(&syntax);
    locks.edit.finish(required(file))
}

/// Looks for the places.
struct Locks<'a> {
    edit: Edit<'a>,
    /// The type that the `impl` around is for.
    holder: Option<String>,
    /// Whether that has a parameter for what it protects.
    protects: bool,
    /// The method around.
    method: Option<ImplItemFn>,
    /// Whether it takes a lock again when it is done.
    puts_off: bool,
}

impl Locks<'_> {
    fn found(&mut self, place: &str) {
        let attributes = self.method.as_ref().map_or_else(Vec::new, |method| method.attrs.clone());
        self.edit.found(place, &attributes);
    }

    fn place(&self) -> String {
        let method = self.method.as_ref().map_or_else(|| "INIT".to_owned(), |method| method.sig.ident.to_string());
        format!("{}::{method}", self.holder.as_deref().unwrap_or("?"))
    }

    /// Gives a name to who called a method, for the closures in it.
    fn know_caller(&mut self, method: &ImplItemFn) {
        let begin = method.block.brace_token.span.open();
        self.edit.after(begin, " let lockdep_site = core::panic::Location::caller();");
    }

    /// Unwraps what a method hands out.
    fn hand_out(&mut self, method: &ImplItemFn) {
        let Some(syn::Stmt::Expr(tail, None)) = method.block.stmts.last() else { return };
        let raw = match tail {
            Expr::Reference(reference) if method.sig.ident == "raw" => &*reference.expr,
            Expr::Tuple(tuple) if method.sig.ident == "into_inner_with_raw" && !tuple.elems.is_empty() => {
                &tuple.elems[0]
            }
            _ => return,
        };
        if matches!(self.edit.text_of(raw), "self.raw" | "self.raw.mutex") {
            self.edit.after(raw.span(), ".raw");
            self.found(&self.place());
        }
    }
}

/// The field in which a type keeps its raw lock.
fn raw_field(holder: &str) -> &'static str {
    if holder == "RawReentrantMutex" { "mutex" } else { "raw" }
}

/// `R`, or what a reference to `R` refers to.
fn raw_type(field: &Field) -> Option<&Type> {
    let inner = match &field.ty {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    matches!(inner, Type::Path(path) if path.path.is_ident("R")).then_some(inner)
}

impl<'ast> Visit<'ast> for Locks<'_> {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        let name = item.ident.to_string();
        let Some(kind) = kind(&name) else { return };
        let field = item.fields.iter().find(|field| field.ident.as_ref().is_some_and(|own| own == raw_field(&name)));
        if let Some((field, ty)) = field.and_then(|field| Some((field, raw_type(field)?))) {
            if matches!(field.ty, Type::Path(_)) && matches!(field.vis, syn::Visibility::Inherited) {
                self.edit.before(field.ident.span(), "pub(crate) ");
            }
            self.edit.around(ty, format!("{TRACKED}<"), format!(", crate::lockdep_tracked::{kind}>"));
            self.edit.found(&format!("struct {name}"), &[]);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let made = ["Default", "From"];
        let of_made = |(_, path, _): &(_, syn::Path, _)| {
            path.segments.last().is_some_and(|last| made.iter().any(|name| last.ident == name))
        };
        if item.trait_.as_ref().is_some_and(|of| !of_made(of)) {
            return;
        }
        self.holder = self_type(item);
        let is_data = |parameter: &GenericParam| matches!(parameter, GenericParam::Type(ty) if ty.ident == "T");
        self.protects = item.generics.params.iter().any(is_data);
        visit::visit_item_impl(self, item);
        self.holder = None;
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        self.method = Some(method.clone());
        self.edit.track_caller(method);
        self.hand_out(method);
        if self.holder.as_deref() == Some("RawReentrantMutex") {
            let mut inside = Inside { calls: Vec::new(), closures: 0 };
            inside.visit_block(&method.block);
            if !inside.calls.is_empty() {
                self.know_caller(method);
                self.found(&self.place());
            }
            for (name, open, has_arguments) in inside.calls {
                self.edit.after(name, "_at");
                self.edit.after(open, if has_arguments { "lockdep_site, " } else { "lockdep_site" });
            }
        }
        visit::visit_impl_item_fn(self, method);
        if std::mem::take(&mut self.puts_off) {
            self.know_caller(method);
        }
        self.method = None;
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        let made = literal.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let made = if made == "Self" { self.holder.clone().unwrap_or_default() } else { made };
        if matches!(&*made, "Mutex" | "RwLock" | "RawReentrantMutex") {
            let is_raw = |member: &Member| matches!(member, Member::Named(name) if name == raw_field(&made));
            if let Some(field) = literal.fields.iter().find(|field| is_raw(&field.member)) {
                let how = if self.protects { "born" } else { "unborn" };
                let label = if field.colon_token.is_none() { format!("{}: ", raw_field(&made)) } else { String::new() };
                self.edit.around(&field.expr, format!("{label}{TRACKED}::{how}("), ")");
                self.found(&self.place());
            }
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if self.protects && self.method.is_some() && acquires(call) && is_field(&call.receiver, "raw") {
            match self.holder.as_deref() {
                // The raw lock is one step further in.
                Some("ReentrantMutex") => {
                    let raw = self.edit.text_of(&call.receiver);
                    self.edit.around(call, format!("{{ {raw}.mutex.of::<T>(); "), " }");
                }
                _ => self.edit.after(call.receiver.span(), ".of::<T>()"),
            }
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // What is put off until a method returns, or unwinds, happens in a closure: where it takes a lock again, it is told for whom.
        if self.method.is_none() || !call.path.is_ident("defer") {
            return;
        }
        let Ok(statements) = call.parse_body_with(syn::Block::parse_within) else { return };
        let mut again = Again { calls: Vec::new() };
        statements.iter().for_each(|statement| again.visit_stmt(statement));
        for (name, open) in again.calls {
            self.puts_off = true;
            self.edit.after(name, "_at");
            self.edit.after(open, "lockdep_site");
        }
    }
}

/// Whether a call acquires a raw lock.
fn acquires(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    name.starts_with("lock") || name.starts_with("try_lock")
}

fn is_field(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Field(field) if matches!(&field.member, Member::Named(own) if own == name))
}

/// Acquisitions that a guard puts off: their names, and their opening parentheses.
struct Again {
    calls: Vec<(proc_macro2::Span, proc_macro2::Span)>,
}

impl<'ast> Visit<'ast> for Again {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let of = |lock: &ExprField| ["mutex", "rwlock"].iter().any(|name| is_field(&lock.base, name));
        if acquires(call)
            && matches!(&*call.receiver, Expr::Field(field) if is_field(&call.receiver, "raw") && of(field))
        {
            self.calls.push((call.method.span(), call.paren_token.span.open()));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Acquisitions of the mutex inside a reentrant one, which are made in closures: those do not pass their caller on, so they are told.
struct Inside {
    /// The name of each, its opening parenthesis, and whether anything follows that.
    calls: Vec<(proc_macro2::Span, proc_macro2::Span, bool)>,
    closures: u32,
}

impl<'ast> Visit<'ast> for Inside {
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.closures += 1;
        visit::visit_expr_closure(self, closure);
        self.closures -= 1;
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if self.closures > 0 && acquires(call) && is_field(&call.receiver, "mutex") {
            self.calls.push((call.method.span(), call.paren_token.span.open(), !call.args.is_empty()));
        }
        visit::visit_expr_method_call(self, call);
    }
}
