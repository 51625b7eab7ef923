//! `cargo lockdep explain`.

use crate::cli::Explain;
use crate::exit::{Exit, Failure};
use crate::shell;
use lockdep_core::finding::Code;
use lockdep_core::hierarchy::closest;
use lockdep_report::explain;

/// Prints the page of a code, or all codes.
pub(crate) fn explain(args: &Explain) -> Result<Exit, Failure> {
    let Some(word) = &args.code else {
        for code in Code::ALL {
            shell::print(format!("{:<18} {}\n", code.name(), code.description()));
        }
        return Ok(Exit::Clean);
    };
    let name = word.strip_prefix("lockdep::").unwrap_or(word).to_ascii_lowercase();
    match Code::parse(&name) {
        Some(code) => {
            shell::print(explain::text(code));
            Ok(Exit::Clean)
        }
        None => {
            let help = match closest(&name, Code::ALL.into_iter().map(Code::name)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`cargo lockdep explain` lists the codes".to_owned(),
            };
            Err(Failure::usage(format!("there is no code `{word}`; {help}")))
        }
    }
}
