//! A child that runs: it may hang, so what is wrong with its locks is told before it has ended.

use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long the logs must have been silent. A program that hangs writes nothing, so this long after it began to it is told why.
const SILENT: Duration = Duration::from_secs(3);

/// Waits for the child. Whenever the logs in `run` have grown and then been silent for a while, calls `tell`.
pub(crate) fn wait(mut child: Child, run: &Path, mut tell: impl FnMut()) -> std::io::Result<ExitStatus> {
    let (sender, ended) = channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait();
        drop(sender);
        status
    });
    let (mut before, mut told) = (0, 0);
    while ended.recv_timeout(SILENT) == Err::<(), _>(RecvTimeoutError::Timeout) {
        let size = size_of_logs(run);
        if size == before && size > told {
            told = size;
            tell();
        }
        before = size;
    }
    waiter.join().expect("it only waits")
}

fn size_of_logs(run: &Path) -> u64 {
    let entries = std::fs::read_dir(run).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}
