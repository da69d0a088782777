use std::num::NonZeroUsize;

use super::*;

#[tokio::test]
async fn a_slot_is_taken_back_once_its_upload_has_left_it() {
    let slots = ConcurrencyController::new(Concurrency::Auto);
    let held = [slots.acquire().await, slots.acquire().await];
    let last = [slots.acquire().await, slots.acquire().await];
    assert_eq!(slots.taken(), 4);
    let taking = async {
        slots.reclaim_one(3).await;
        slots.reclaim_one(2).await;
    };
    let leaving = async move {
        tokio::task::yield_now().await;
        drop(held);
    };
    tokio::join!(taking, leaving);
    assert_eq!((slots.taken(), slots.free.available_permits()), (2, 0));
    slots.raise_to(5);
    assert_eq!((slots.taken(), slots.free.available_permits()), (2, 3));
    drop(last);
    assert_eq!((slots.taken(), slots.free.available_permits()), (0, 5));
}

#[tokio::test]
async fn case_086_slots_are_retired_down_to_the_last() {
    let slots = ConcurrencyController::new(Concurrency::Fixed(NonZeroUsize::new(3).unwrap()));
    for lowered in [true, true, false, false] {
        let slot = slots.acquire().await.unwrap();
        assert_eq!(slots.retire(slot), lowered);
    }
    let last = slots.acquire().await.unwrap();
    assert_eq!(slots.free.available_permits(), 0);
    drop(last);
    assert_eq!(slots.free.available_permits(), 1);
    slots.raise_to(9);
    assert_eq!(
        slots.free.available_permits(),
        1,
        "what was retired stays so"
    );
}
