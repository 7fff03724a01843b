//! The folder that `MQTT_CORPUS` names.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The folder; `None` when the variable is not set.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("MQTT_CORPUS").map(|folder| find(Path::new(&folder)))
}

/// The folder as it is named, or from the workspace's root: cargo runs tests in the package's folder,
/// while the name was given in another.
fn find(folder: &Path) -> PathBuf {
    let from_root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let tried = [folder.to_owned(), from_root];
    match tried.iter().find(|path| path.is_dir()) {
        Some(path) => path.clone(),
        None => {
            panic!("MQTT_CORPUS: no such folder; tried {} and {}", tried[0].display(), tried[1].display())
        }
    }
}

/// Writes a line past cargo's capture of what tests print.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").unwrap();
}
