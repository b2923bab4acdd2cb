//! A beat a second.

use leptos::prelude::*;

use crate::browser::dom::Timer;

/// Calls `work` every second for as long as the owner lives.
pub fn every_second(work: impl Fn() + Copy + 'static) {
    let timer = StoredValue::new_local(None::<Timer>);
    again(timer, work);
    on_cleanup(move || timer.dispose());
}

fn again(timer: StoredValue<Option<Timer>, LocalStorage>, work: impl Fn() + Copy + 'static) {
    let next = Timer::after(1_000, move || {
        if timer.try_with_value(|_| ()).is_some() {
            work();
            again(timer, work);
        }
    });
    let _ = timer.try_set_value(next);
}
