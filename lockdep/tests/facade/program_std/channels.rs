//! Every method and trait of `mpsc`.

use super::sy::mpsc;
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(2);

#[test]
fn a_channel_has_every_method() {
    let (sender, receiver) = mpsc::channel();
    assert_eq!(format!("{sender:?} {receiver:?}"), "Sender { .. } Receiver { .. }");
    assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Empty));
    assert_eq!(receiver.recv_timeout(SHORT), Err(mpsc::RecvTimeoutError::Timeout));
    let other: mpsc::Sender<u8> = sender.clone();
    let thread = thread::spawn(move || (1..=5).for_each(|n| other.send(n).unwrap()));
    assert_eq!((receiver.recv(), receiver.iter().next()), (Ok(1), Some(2)));
    assert_eq!(IntoIterator::into_iter(&receiver).take(2).sum::<u8>(), 7);
    thread.join().unwrap();
    assert_eq!((receiver.try_iter().collect::<Vec<_>>(), receiver.try_iter().count()), (vec![5], 0));
    drop(sender);
    assert_eq!(receiver.recv(), Err(mpsc::RecvError));
    assert_eq!(receiver.recv_timeout(SHORT), Err(mpsc::RecvTimeoutError::Disconnected));
    let all: mpsc::IntoIter<u8> = receiver.into_iter();
    assert_eq!(all.count(), 0);
}

#[test]
fn a_bounded_channel_has_every_method() {
    let (sender, receiver) = mpsc::sync_channel(1);
    assert_eq!(format!("{sender:?}"), "SyncSender { .. }");
    let other: mpsc::SyncSender<u8> = sender.clone();
    assert_eq!((sender.send(1), other.try_send(2)), (Ok(()), Err(mpsc::TrySendError::Full(2))));
    thread::scope(|scope| {
        scope.spawn(|| (2..=4).for_each(|n| sender.send(n).unwrap()));
        assert_eq!(receiver.iter().take(4).sum::<u8>(), 10);
    });
    drop(receiver);
    assert_eq!(
        (sender.send(5), other.try_send(6)),
        (Err(mpsc::SendError(5)), Err(mpsc::TrySendError::Disconnected(6)))
    );
}
