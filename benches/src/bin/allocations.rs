//! Heap allocations per packet, by a counting allocator: the difference of two numbers of runs, as for the
//! instructions. `instructions.sh --check` fails on any of ours.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use mqtt_codec_benches::rows;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is left to `System`; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(ptr, layout, new_size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    for row in rows::all().iter().filter(|row| row.cannot.is_none()) {
        let count = |runs| {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            (row.run)(runs);
            ALLOCATIONS.load(Ordering::Relaxed) - before
        };
        let (few, many) = if row.packets == 1 { (10, 110) } else { (2, 12) };
        // The first run fills the caches that some keep.
        count(few);
        let more = count(many) as f64 - count(few) as f64;
        let each = more / ((many - few) * row.packets) as f64;
        println!("{:<13}  {:<18}  {:<15}  {each:8.2}", row.work.name(), row.contender, row.workload);
    }
}
