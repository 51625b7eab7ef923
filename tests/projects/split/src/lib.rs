//! Two locks that no process of this project ever takes in both orders.

use lockdep::parking_lot::Mutex;

lockdep::lock_classes! {
    pub ROOK = "Rook";
    pub KNIGHT = "Knight";
}

/// A board with two pieces.
#[derive(Debug)]
pub struct Board {
    rook: Mutex<u32>,
    knight: Mutex<u32>,
}

impl Default for Board {
    fn default() -> Board {
        Board { rook: Mutex::named(&ROOK, 0), knight: Mutex::named(&KNIGHT, 0) }
    }
}

impl Board {
    /// Rook, then knight.
    pub fn castle(&self) {
        let mut rook = self.rook.lock();
        *rook += *self.knight.lock();
    }

    /// Knight, then rook.
    pub fn fork(&self) {
        let mut knight = self.knight.lock();
        *knight += *self.rook.lock();
    }
}
