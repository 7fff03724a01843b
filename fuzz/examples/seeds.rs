//! Writes the seeds of every target, takes away those that are no longer made, and prints the list of
//! differences.

use std::{fs, io};

use mqtt_codec_fuzz::differential::table;
use mqtt_codec_fuzz::{TARGETS, seeds};

fn main() -> io::Result<()> {
    for (target, _) in TARGETS {
        let folder = seeds::folder(target);
        fs::create_dir_all(&folder)?;
        let made = seeds::of(target);
        for name in seeds::committed(target)?.keys().filter(|name| !made.contains_key(*name)) {
            fs::remove_file(folder.join(name))?;
        }
        for (name, bytes) in &made {
            fs::write(folder.join(name), bytes)?;
        }
        println!("{target}: {} seeds", made.len());
    }
    fs::write(seeds::DIFFERENCES, table::document())
}
