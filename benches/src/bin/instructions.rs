//! One cell of the table, so many times: for `instructions.sh`, which runs it under callgrind with two numbers
//! of runs and takes the difference, so that start and end do not count.
//!
//!     instructions                                  lists what can be measured
//!     instructions cannot                           lists what cannot, and why
//!     instructions WORK CONTENDER WORKLOAD RUNS

use std::process::ExitCode;

use mqtt_codec_benches::rows::{self, Row};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rows = rows::all();
    let cell = |row: &Row| format!("{}\t{}\t{}", row.work.name(), row.contender, row.workload);
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for row in rows.iter().filter(|row| row.cannot.is_none()) {
                println!("{}\t{}", cell(row), row.packets);
            }
            ExitCode::SUCCESS
        }
        ["cannot"] => {
            for row in &rows {
                if let Some(reason) = row.cannot {
                    println!("{}\t{reason}", cell(row));
                }
            }
            ExitCode::SUCCESS
        }
        [work, contender, workload, runs] => {
            let wanted = [work, contender, workload].join("\t");
            let row = rows.iter().find(|row| cell(row) == wanted && row.cannot.is_none());
            let (Some(row), Ok(runs)) = (row, runs.parse()) else {
                eprintln!("instructions: there is no such work, contender or workload: {args:?}");
                return ExitCode::FAILURE;
            };
            (row.prove)();
            (row.run)(runs);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: instructions [cannot | WORK CONTENDER WORKLOAD RUNS]");
            ExitCode::FAILURE
        }
    }
}
