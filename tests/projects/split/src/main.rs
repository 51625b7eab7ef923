//! Does what its arguments say, and ends with the status they say.

use split::Board;
use std::process::{ExitCode, abort};

fn main() -> ExitCode {
    let mut code = 0;
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "castle" => Board::default().castle(),
            "fork" => Board::default().fork(),
            "abort" => abort(),
            "hang" => hang(),
            number => code = number.parse().expect("castle, fork, abort, hang or an exit status"),
        }
    }
    ExitCode::from(code)
}

fn hang() -> ! {
    println!("hanging");
    loop {
        std::thread::park();
    }
}
