//! What a lock costs under lockdep and under its peers: `cargo run --release` in this folder prints a table.
//!
//! All peers of one row are sampled in turn, so that what else the machine does falls on all of them; a figure is the tenth
//! percentile of the samples. A second table is from a second build, because features unify. With arguments, only rows whose names contain one of them are measured.

mod peer;
mod table;
mod workload;

use peer::{Deloxide, Lockdep, NoDeadlocks, ParkingLot, Peer, Std, TracingMutex};
use table::{Row, Unit};
use workload::Sampler;

/// One workload under every peer of this build.
struct Workload {
    name: &'static str,
    unit: Unit,
    samples: usize,
    peers: Vec<(&'static str, fn() -> Sampler)>,
}

/// The peers that a build compares; the second build knows those whose features would change the first's.
macro_rules! workloads {
    ($Peers:tt; $($name:literal $unit:ident $samples:literal: $function:ident;)*) => {
        vec![$(workloads!(@one $Peers $name $unit $samples $function)),*]
    };
    (@one ($($Peer:ident)*) $name:literal $unit:ident $samples:literal $function:ident) => {
        Workload {
            name: $name,
            unit: Unit::$unit,
            samples: $samples,
            peers: vec![$(($Peer::NAME, workload::$function::<$Peer> as fn() -> Sampler)),*],
        }
    };
}

macro_rules! all_workloads {
    ($Peers:tt) => {
        workloads! { $Peers;
            "lock + unlock" Ns 100: depth_1;
            "2 nested" Ns 100: depth_2;
            "3 nested" Ns 100: depth_3;
            "4 nested" Ns 100: depth_4;
            "5 nested" Ns 100: depth_5;
            "6 nested" Ns 100: depth_6;
            "7 nested" Ns 100: depth_7;
            "8 nested" Ns 100: depth_8;
            "9 nested" Ns 100: depth_9;
            "10 nested" Ns 100: depth_10;
            "11 nested" Ns 100: depth_11;
            "12 nested" Ns 100: depth_12;
            "13 nested" Ns 100: depth_13;
            "14 nested" Ns 100: depth_14;
            "15 nested" Ns 100: depth_15;
            "16 nested" Ns 100: depth_16;
            "read + unlock" Ns 100: read_1;
            "read, 2 nested" Ns 100: read_2;
            "read, 3 nested" Ns 100: read_3;
            "read, 4 nested" Ns 100: read_4;
            "read, 5 nested" Ns 100: read_5;
            "read, 6 nested" Ns 100: read_6;
            "read, 7 nested" Ns 100: read_7;
            "read, 8 nested" Ns 100: read_8;
            "read, 9 nested" Ns 100: read_9;
            "read, 10 nested" Ns 100: read_10;
            "read, 11 nested" Ns 100: read_11;
            "read, 12 nested" Ns 100: read_12;
            "read, 13 nested" Ns 100: read_13;
            "read, 14 nested" Ns 100: read_14;
            "read, 15 nested" Ns 100: read_15;
            "read, 16 nested" Ns 100: read_16;
            "write + unlock" Ns 100: write_1;
            "write, 2 nested" Ns 100: write_2;
            "write, 3 nested" Ns 100: write_3;
            "write, 4 nested" Ns 100: write_4;
            "write, 5 nested" Ns 100: write_5;
            "write, 6 nested" Ns 100: write_6;
            "write, 7 nested" Ns 100: write_7;
            "write, 8 nested" Ns 100: write_8;
            "write, 9 nested" Ns 100: write_9;
            "write, 10 nested" Ns 100: write_10;
            "write, 11 nested" Ns 100: write_11;
            "write, 12 nested" Ns 100: write_12;
            "write, 13 nested" Ns 100: write_13;
            "write, 14 nested" Ns 100: write_14;
            "write, 15 nested" Ns 100: write_15;
            "write, 16 nested" Ns 100: write_16;
            "new + drop" Ns 100: creation;
            "new + lock + drop under a lock" Ns 100: short_lived;
            "first lock of an instance" Ns 50: first;
            "2 threads, 1 lock" Ns 30: contended;
            "2 threads, own locks" Scaling 30: disjoint;
            "2 nested beside 10,000 known orders" Ns 30: beside_many;
            "2 nested, 10,000 known orders in turn" Ns 30: large;
            "2 nested, order not seen before" Ns 3: growth;
        }
    };
}

fn measure(workload: &Workload) -> Row {
    let mut samplers: Vec<Sampler> = workload.peers.iter().map(|(_, sampler)| sampler()).collect();
    let mut samples = vec![Vec::new(); samplers.len()];
    for _ in 0..workload.samples {
        for (sampler, samples) in samplers.iter_mut().zip(&mut samples) {
            samples.push(sampler());
        }
    }
    let best = |mut samples: Vec<f64>| {
        samples.sort_by(f64::total_cmp);
        if matches!(workload.unit, Unit::Scaling) {
            samples.reverse();
        }
        samples[samples.len() / 10]
    };
    Row { name: workload.name, unit: workload.unit, figures: samples.into_iter().map(best).collect() }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    Deloxide::start();
    let workloads = if cfg!(feature = "variants") {
        all_workloads!((Std ParkingLot TracingMutex Deloxide))
    } else {
        all_workloads!((ParkingLot Lockdep Std TracingMutex Deloxide NoDeadlocks))
    };
    let is_wanted = |workload: &&Workload| wanted.is_empty() || wanted.iter().any(|part| workload.name.contains(part));
    let peers: Vec<&str> = workloads[0].peers.iter().map(|(name, _)| *name).collect();
    let rows: Vec<Row> = workloads.iter().filter(is_wanted).map(measure).collect();
    table::print(&peers, &rows);
    if !cfg!(feature = "variants") {
        println!(
            "\nparking_lot with deadlock_detection, tracing-mutex with backtraces, deloxide with lock-order-graph:\n"
        );
        run_variants(&wanted);
    }
}

/// Builds the peers again with the features that would have changed them for all, and runs that.
fn run_variants(wanted: &[String]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut run = std::process::Command::new(cargo);
    run.current_dir(env!("CARGO_MANIFEST_DIR")).env("RUST_BACKTRACE", "1");
    run.args(["run", "--quiet", "--release", "--features", "variants", "--target-dir", "target/variants", "--"])
        .args(wanted);
    match run.status() {
        Ok(status) if status.success() => {}
        outcome => println!("that build did not run: {outcome:?}"),
    }
}
