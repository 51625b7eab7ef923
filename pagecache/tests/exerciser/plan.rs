//! What each thread does: from a seed, or from a file that a run which failed has left.

use crate::operation::{Operation, generate};
use std::fmt;
use std::str::FromStr;

pub(crate) const THREADS: u64 = 3;
const OPERATIONS: usize = 150;

/// What each thread does, on a file system that the seed chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) threads: Vec<Vec<Operation>>,
}

impl Plan {
    /// What the seed says.
    pub(crate) fn of(seed: u64) -> Plan {
        let threads = (0..THREADS).map(|thread| generate(seed * THREADS + thread, OPERATIONS)).collect();
        Plan { seed, threads }
    }

    pub(crate) fn len(&self) -> usize {
        self.threads.iter().map(Vec::len).sum()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for (number, operations) in self.threads.iter().enumerate() {
            operations.iter().try_for_each(|operation| writeln!(f, "{number} {operation}"))?;
        }
        Ok(())
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Plan, String> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let seed = lines.next().and_then(|line| line.strip_prefix("seed ")?.trim().parse().ok());
        let seed = seed.ok_or("the first line of a plan is `seed NUMBER`")?;
        let mut threads = vec![Vec::new(); THREADS as usize];
        for line in lines {
            let (number, operation) = line.trim().split_once(' ').ok_or_else(|| format!("`{line}` is no step"))?;
            let thread = number.parse::<usize>().ok().and_then(|number| threads.get_mut(number));
            thread.ok_or_else(|| format!("`{number}` is no thread: there are {THREADS}"))?.push(operation.parse()?);
        }
        Ok(Plan { seed, threads })
    }
}

#[test]
fn a_plan_is_read_back_as_it_was_printed() {
    let plan = Plan::of(3);
    assert_eq!(plan.to_string().parse(), Ok(plan));
    for wrong in ["", "0 sync own", "seed 1\n9 sync own", "seed 1\nsync", "seed 1\n0 eat"] {
        assert!(wrong.parse::<Plan>().is_err(), "{wrong}");
    }
}
