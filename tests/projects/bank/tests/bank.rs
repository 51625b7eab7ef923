//! One thread, so nothing hangs; both orders are taken, so a checker has seen all it needs.

use bank::{Bank, Refused};

#[test]
fn money_moves_and_the_books_balance() {
    let bank = Bank::new();
    bank.open("alice", 100);
    bank.open("bob", 50);
    assert_eq!(bank.transfer("alice", "bob", 30), Ok(()));
    assert_eq!(bank.transfer("alice", "bob", 300), Err(Refused::NotEnough));
    assert_eq!(bank.transfer("alice", "carol", 1), Err(Refused::NoAccount));
    assert_eq!((bank.balance("alice"), bank.balance("bob")), (Some(70), Some(80)));
    assert_eq!(bank.audit(), ["alice -> bob: 30", "total: 150"]);
    bank.set_rate(10);
    bank.pay_interest();
    assert_eq!(bank.audit(), ["total: 165"]);
}
