//! Planted bugs and losses, to prove that checks bite.

use crate::filemap::grab;
use crate::inode::Inode;

/// Takes a page's lock and then `invalidate_lock`, exclusively: the opposite of what every read does. One thread that does
/// so at any time, and a run that hangs nowhere, are enough for the checker.
pub fn inversion(inode: &Inode) {
    let _page = grab(inode, 0).expect("there is memory");
    drop(inode.mapping.invalidate_exclusive());
}

/// Makes a cached page lose its contents, as a failure of memory does. Whoever needs them next has to read them again; what was not
/// written out is lost.
pub fn loss(inode: &Inode, index: u64) {
    grab(inode, index).expect("there is memory").lose_contents();
}
