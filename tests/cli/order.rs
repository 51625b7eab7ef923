//! The documented hierarchy, written by what was observed.

use crate::support::{assert_output, copy, folder, split};

#[test]
fn a_project_without_a_document_gets_one_and_is_held_to_it() {
    let project = copy("split", "ordered");
    let manifest = project.read("Cargo.toml").replace("order = \"locks.order\"", "");
    project.write("Cargo.toml", &manifest);
    std::fs::remove_file(project.folder.join("locks.order")).expect("it is there");
    project.expect(&["run", "-q", "--", "castle"], 0);
    project.expect(&["order", "--check"], 1);
    assert!(!project.has("locks.order"), "a check writes nothing");
    let created = project.expect(&["order"], 0);
    assert!(created.err.contains("Created locks.order"), "{}", created.err);
    assert_output("order", &project.read("locks.order"));
    project.expect(&["order", "--check"], 0);
    assert!(project.expect(&["order"], 0).err.contains("Unchanged"));
    let enforced = project.expect(&["run", "-q", "--message-format", "short", "--", "fork"], 1);
    assert!(enforced.err.contains("error[lockdep::hierarchy]"), "{}", enforced.err);
    let conflict = project.expect(&["order", "--check"], 1);
    assert!(conflict.out.contains("# contradicts: Knight -> Rook  (fork)"), "{}", conflict.out);
    project.expect(&["order"], 0);
    assert!(project.read("locks.order").contains("# contradicts: Knight -> Rook  (fork)"));
    project.expect(&["order", "--check"], 0);
}

#[test]
fn what_was_observed_can_be_pasted_into_a_comment() {
    let (project, _turn) = split();
    project.expect(&["run", "-q", "--", "castle"], 0);
    assert_output("order_kernel_comment", &project.expect(&["order", "--kernel-comment"], 0).out);
}

#[test]
fn a_malformed_order_file_is_located() {
    let (project, _turn) = split();
    project.expect(&["run", "-q", "--", "castle"], 0);
    let order = folder("order").join("bad.order");
    std::fs::write(&order, "lockdep order v1\nA\n  B\nB\n  A\n\tC\n").expect("a file can be written");
    for command in ["check", "order"] {
        let ended = project.expect(&[command, "--order", order.to_str().expect("a path in UTF-8")], 2);
        assert!(ended.err.contains("bad.order:6:"), "{}", ended.err);
    }
}
