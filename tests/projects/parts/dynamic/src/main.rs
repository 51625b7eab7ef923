//! A program of two libraries, all linked dynamically.

fn main() {
    upper::with(&|| lower::with(|| ()));
    if std::env::args().nth(1).as_deref() == Some("both orders") {
        std::thread::Builder::new()
            .name("the thread that goes the other way".to_owned())
            .spawn(|| lower::with(|| upper::with(&|| ())))
            .unwrap()
            .join()
            .unwrap();
    }
}

#[test]
fn one_holds_the_other() {
    upper::with(&|| lower::with(|| ()));
}
