//! Logs that nobody can trust: each costs a located warning or error, and nothing else.

use crate::support::{COMMAND, Ended, elsewhere as project, ended, log};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};

/// A log that is good, with an inversion in it, which no neighbour may hide.
fn good() -> String {
    log::of("good", &["Rook", "Knight"], &[(&[1], 2), (&[2], 1)]) + log::EXIT
}

#[track_caller]
fn told(ended: &Ended, words: &[&str]) {
    assert!(ended.err.contains("error[lockdep::inversion]"), "the finding is there: {}", ended.err);
    for word in words {
        assert!(ended.err.contains(word), "{word}: {}", ended.err);
    }
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

#[test]
fn garbage_is_told_file_by_file_and_the_rest_counts() {
    let project = project("garbage");
    let files: [(&str, Vec<u8>); 8] = [
        ("a.jsonl", (log::header("a") + &log::class(1, "A") + &log::chain(&[], 1) + "{\"t\":\"chai").into_bytes()),
        ("b.jsonl", b"\xff\xfe\x00garbage\n".to_vec()),
        ("c.jsonl", Vec::new()),
        ("d.jsonl", (log::header("d") + "{\"t\":\"weather\"}\n[]\n" + &"[".repeat(100_000)).into_bytes()),
        ("e.jsonl", b"{\"lockdep\":\"log v9\",\"process\":\"e\"}\n".to_vec()),
        ("f.jsonl", (log::header("f") + &log::chain(&[7], 8)).into_bytes()),
        ("g.jsonl", b"PK\x03\x04".repeat(1_000_000)),
        ("good.jsonl", good().into_bytes()),
    ];
    for (name, bytes) in files {
        std::fs::write(project.folder.join(name), bytes).expect("a file can be written");
    }
    let ended = project.expect(&["check", "."], 1);
    told(&ended, &["a.jsonl:4: the last line is torn", "log v9", "class 7", "longer than any that is written"]);
    for name in ["b.jsonl:", "c.jsonl:", "d.jsonl:2:", "d.jsonl:3:", "d.jsonl:4:", "e.jsonl:", "f.jsonl:", "g.jsonl:"] {
        assert!(ended.err.contains(name), "{name} is warned about: {}", ended.err);
    }
}

#[test]
fn a_thousand_bad_lines_are_counted_and_no_escape_reaches_the_terminal() {
    let project = project("counted");
    let bad = "{\"t\":\"\\u001b[2J\"}\n";
    project.write("bad.jsonl", &(good() + &bad.repeat(1000)));
    let ended = project.expect(&["check", "bad.jsonl"], 1);
    told(&ended, &["bad.jsonl:7: lines of type `\\u{1b}[2J` are unknown", "995 more lines do not count either"]);
    assert!(!ended.err.contains('\x1b') && ended.err.matches("warning").count() < 10, "{}", ended.err);
}

#[test]
fn numbers_beyond_reason_are_taken_as_they_are() {
    let project = project("numbers");
    let max = u64::MAX;
    let lines = [
        format!("{{\"t\":\"instances\",\"class\":1,\"n\":{max}}}\n"),
        format!("{{\"t\":\"exit\",\"acquisitions\":{max}}}\n"),
        "{\"t\":\"segment\",\"id\":4294967295,\"thread\":4294967295,\"after\":[4294967295,0]}\n".to_owned(),
        "{\"t\":\"class\",\"id\":4294967295,\"name\":\"\",\"origin\":\"birth\",\"kind\":\"mutex\",\"site\":[\"\",0,0]}\n".to_owned(),
        log::chain(&[1, 4_294_967_295], 2),
        "{\"t\":\"exit\",\"acquisitions\":99999999999999999999}\n".to_owned(),
        "{\"t\":\"chain\",\"thread\":7}\n".to_owned(),
    ];
    project.write("a.jsonl", &(good() + &lines.concat()));
    project.write("b.jsonl", &(log::header("b") + &log::class(1, "Rook") + &lines[..3].concat()));
    told(&project.expect(&["check", "."], 1), &["a.jsonl:12:", "a.jsonl:13:"]);
}

#[test]
fn a_chain_of_ten_thousand_locks_is_not_believed() {
    let project = project("long-chain");
    let held: Vec<u32> = vec![1; 10_000];
    project.write("a.jsonl", &(good() + &log::chain(&held, 2)));
    told(&project.expect(&["check", "a.jsonl"], 1), &["10000 held locks are more than a thread can hold"]);
}

#[test]
fn names_that_are_no_text_are_shown_as_they_can_be() {
    let project = project("names");
    let mut bytes = good().replace("Rook", "R\u{fffd}\\n\\u001b[31m").into_bytes();
    bytes.extend(b"{\"t\":\"class\",\"id\":3,\"name\":\"\xff\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null}\n");
    std::fs::write(project.folder.join("a.jsonl"), bytes).expect("a file can be written");
    for format in ["human", "short", "json"] {
        let ended = project.expect(&["check", "a.jsonl", "--message-format", format], 1);
        assert!(!(ended.err + &ended.out).contains('\x1b'), "{format}");
    }
    project.expect(&["graph", "a.jsonl"], 0);
}

#[test]
fn folders_links_and_what_is_no_file_do_no_harm() {
    let project = project("kinds");
    project.write("good.jsonl", &good());
    std::fs::create_dir(project.folder.join("folder.jsonl")).expect("a folder can be made");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&project.folder, project.folder.join("loop")).expect("a link can be made");
        symlink("nowhere", project.folder.join("dangling.jsonl")).expect("a link can be made");
        let made = Command::new("mkfifo").arg(project.folder.join("pipe.jsonl")).status().expect("mkfifo starts");
        assert!(made.success());
        told(&project.expect(&["check", "."], 1), &["dangling.jsonl: does not count", "pipe.jsonl: does not count"]);
        let pipe = project.expect(&["check", "pipe.jsonl"], 2);
        assert!(pipe.err.contains("is no file"), "{}", pipe.err);
    }
    assert!(project.expect(&["check", "folder.jsonl"], 4).err.contains("nothing was recorded"));
    assert!(project.expect(&["check", "nonexistent"], 2).err.contains("nonexistent cannot be read"));
}

#[cfg(unix)]
#[test]
fn a_log_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let project = project("forbidden");
    project.write("good.jsonl", &good());
    project.write("secret.jsonl", &good());
    let secret = project.folder.join("secret.jsonl");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o0)).expect("it is ours");
    if File::open(&secret).is_ok() {
        println!("skipped: this user may read everything; run the tests as an ordinary one");
        return;
    }
    told(&project.expect(&["check", "."], 1), &["secret.jsonl: cannot be read"]);
    project.expect(&["check", "secret.jsonl"], 2);
}

/// 48 MB of a log take far less memory than that.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_is_larger_than_memory_is_streamed() {
    const LIMIT_KB: u32 = 300_000;
    let project = project("large");
    let path = project.folder.join("large.jsonl");
    let mut file = BufWriter::new(File::create(path).expect("a file can be written"));
    let mut put = |text: &str| file.write_all(text.as_bytes()).expect("there is room");
    put(&log::header("large"));
    (1..=40).for_each(|id| put(&log::class(id, &format!("C{id}"))));
    for round in 0..300_000_u32 {
        let (held, next) = (round % 39 + 1, round % 39 + 2);
        put(&log::chain(&[held], next));
    }
    put(&log::class(41, "Rook"));
    put(&log::class(42, "Knight"));
    put(&(log::chain(&[41], 42) + &log::chain(&[42], 41)));
    drop(file);
    let limited = format!("ulimit -v {LIMIT_KB}; exec \"{COMMAND}\" lockdep check large.jsonl");
    let output = Command::new("sh").args(["-c", &limited]).current_dir(&project.folder).output().expect("sh starts");
    let ended = ended(output);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    told(&ended, &["42 lock classes"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let project = project("enough");
    let names: Vec<String> = (0..20_000).map(|number| format!("Class number {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chains: Vec<[u32; 1]> = (1..20_000).map(|id| [id]).collect();
    let chains: Vec<(&[u32], u32)> = chains.iter().map(|held| (&held[..], held[0] + 1)).collect();
    project.write("a.log", &log::of("p", &names, &chains));
    let mut command = project.command(&["graph", "a.log"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    drop(child.stdout.take());
    let ended = ended(child.wait_with_output().expect("it ends"));
    assert_eq!((ended.code, ended.err.contains("panicked")), (Some(0), false), "{}", ended.err);
}
