//! A tiny bank that works in every test and can still hang: `transfer` takes the ledger and then the audit log,
//! `audit` takes the audit log and then the ledger.
//!
//! It was written for `parking_lot`, and only the `use` line has changed.

use lockdep::parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;

/// Balances by owner.
#[derive(Default)]
pub struct Ledger {
    balances: BTreeMap<String, u64>,
}

/// What has happened, in order.
#[derive(Default)]
pub struct AuditLog {
    lines: Vec<String>,
}

/// Why a transfer was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// No such account.
    NoAccount,
    /// Not enough money on it.
    NotEnough,
}

/// A bank: accounts, a log of what happened to them, and a rate that changes rarely.
pub struct Bank {
    ledger: Mutex<Ledger>,
    log: Mutex<AuditLog>,
    rate_percent: RwLock<u64>,
}

impl Bank {
    /// A bank without accounts.
    pub fn new() -> Self {
        Bank {
            ledger: Mutex::new(Ledger::default()),
            log: Mutex::new(AuditLog::default()),
            rate_percent: RwLock::new(0),
        }
    }

    /// Opens an account.
    pub fn open(&self, owner: &str, balance: u64) {
        self.ledger.lock().balances.insert(owner.to_owned(), balance);
    }

    /// What an account holds.
    pub fn balance(&self, owner: &str) -> Option<u64> {
        self.ledger.lock().balances.get(owner).copied()
    }

    /// Moves money, and writes it down while the ledger cannot change: ledger, then log.
    pub fn transfer(&self, from: &str, to: &str, amount: u64) -> Result<(), Refused> {
        let mut ledger = self.ledger.lock();
        if !ledger.balances.contains_key(to) {
            return Err(Refused::NoAccount);
        }
        let source = ledger.balances.get_mut(from).ok_or(Refused::NoAccount)?;
        *source = source.checked_sub(amount).ok_or(Refused::NotEnough)?;
        *ledger.balances.get_mut(to).expect("checked above") += amount;
        self.log.lock().lines.push(format!("{from} -> {to}: {amount}"));
        Ok(())
    }

    /// Closes the log with the sum of all accounts: log, then ledger. This is the planted bug.
    pub fn audit(&self) -> Vec<String> {
        let mut log = self.log.lock();
        let total: u64 = self.ledger.lock().balances.values().sum();
        log.lines.push(format!("total: {total}"));
        std::mem::take(&mut log.lines)
    }

    /// Sets the interest rate.
    pub fn set_rate(&self, percent: u64) {
        *self.rate_percent.write() = percent;
    }

    /// Pays interest on every account.
    pub fn pay_interest(&self) {
        let percent = *self.rate_percent.read();
        for balance in self.ledger.lock().balances.values_mut() {
            *balance += *balance * percent / 100;
        }
    }
}

impl Default for Bank {
    fn default() -> Self {
        Bank::new()
    }
}
