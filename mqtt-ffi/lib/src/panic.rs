//! The panic handler. It ignores what happened, so that nothing of `core::fmt` is linked.

/// Nothing in the codec panics; if something does all the same, it must not go on.
#[cfg(not(mqttc_prove_no_panic))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Nobody defines `mqttc_can_panic`, so a program in which some path leads here does not link.
/// `.ci/no-panic.sh` builds this.
#[cfg(mqttc_prove_no_panic)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn mqttc_can_panic() -> !;
    }
    // SAFETY: it is never linked, let alone called.
    unsafe { mqttc_can_panic() }
}
