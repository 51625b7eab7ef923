//! A project that has never heard of lockdep. Its tests pass, one at a time and side by side, and one takes two locks in opposite orders.

use std::sync::{Mutex, RwLock};

/// Money by account.
#[derive(Debug)]
pub struct Ledger(pub Vec<i64>);

/// Who moved it.
#[derive(Debug)]
pub struct AuditLog(pub Vec<String>);

/// A bank.
#[derive(Debug)]
pub struct Bank {
    ledger: Mutex<Ledger>,
    log: RwLock<AuditLog>,
}

impl Bank {
    /// An empty bank.
    pub const fn new() -> Bank {
        Bank { ledger: Mutex::new(Ledger(Vec::new())), log: RwLock::new(AuditLog(Vec::new())) }
    }

    /// Ledger, then log.
    pub fn pay(&self, amount: i64) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.0.push(amount);
        self.log.write().unwrap().0.push(format!("paid {amount}"));
    }

    /// Log, then ledger.
    pub fn audit(&self) -> usize {
        let log = self.log.read().unwrap();
        log.0.len() + self.ledger.lock().unwrap().0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Bank;

    #[test]
    fn payments_are_taken() {
        Bank::new().pay(1);
    }

    #[test]
    fn audits_are_possible() {
        let bank = Bank::new();
        bank.pay(1);
        assert_eq!(bank.audit(), 2);
    }
}
