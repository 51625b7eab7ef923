//! Every method of spin's `Once`.

use super::Once;

static BOARD: Once<u8> = Once::new();

#[test]
fn a_once_has_every_method() {
    assert_eq!((BOARD.get(), BOARD.poll(), BOARD.is_completed()), (None, None, false));
    assert_eq!((BOARD.try_call_once(|| Err("no")), BOARD.call_once(|| 3), BOARD.call_once(|| 4)), (Err("no"), &3, &3));
    assert_eq!((BOARD.wait(), BOARD.poll(), BOARD.get(), BOARD.is_completed()), (&3, Some(&3), Some(&3), true));
    let mut once = Once::initialized(5);
    assert_eq!(once.get_mut(), Some(&mut 5));
    assert_eq!(format!("{once:?}"), format!("{:?}", spin::Once::<i32>::initialized(5)));
    // SAFETY: it has a value.
    unsafe {
        assert_eq!((*once.get_unchecked(), *once.as_mut_ptr()), (5, 5));
        *once.get_mut_unchecked() += 1;
        assert_eq!(once.into_inner_unchecked(), 6);
    }
    assert_eq!((Once::from(7).try_into_inner(), Once::<u8>::default().try_into_inner()), (Some(7), None));
    let none: Once<u8> = Once::INIT;
    assert_eq!(none.init_from_ref(&8), &8);
}
