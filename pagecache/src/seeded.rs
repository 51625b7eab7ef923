//! A planted bug, to prove that the checker bites.

use crate::filemap::grab;
use crate::inode::Inode;

/// Takes a page's lock and then `invalidate_lock`, exclusively: the opposite of what every read does. One thread that does
/// so at any time, and a run that hangs nowhere, are enough for the checker.
pub fn inversion(inode: &Inode) {
    let _page = grab(inode, 0).expect("there is memory");
    drop(inode.mapping.invalidate_exclusive());
}
