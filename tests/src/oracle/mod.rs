//! An exhaustive oracle for the engine: small random programs, every interleaving of each, and what the engine says after one
//! run of the program's threads one after another.
//!
//! **Claim 1.** If some interleaving deadlocks, the serial run yields a finding of grade `Possible` one of whose dependencies
//! is in the deadlock: a blocked thread holds the one lock and waits for the other. Nearly always the classes of one
//! finding are all among the locks that are waited for; not always, because a dependency is reported with *one*
//! shortest cycle through it, and every dependency of a deadlock may have another one. The smallest counter-example to the
//! stronger claim, seed 129619, deadlocks over `B`, `C` and `D`, and every report of it mentions `A` too:
//!
//! ```text
//! t0: read(A){ write(D){ } }
//! t1: write(D){ read(A){ upgradable(C){ upgrade(C) } } }
//! t2: read(A){ write(B){ write(D){ } } }
//! t3: rread(C){ write(B){ write(A){ } } }
//! ```
//!
//! **Claim 2.** If a cycle is `Possible`, its *closure program* deadlocks in some interleaving: one copy of the witness's thread for
//! every edge, and a writer for every reader-writer lock that is written anywhere in the program.
//!
//! **Exception** to claim 2, *tried and downgraded*: a thread holds a lock shared that it got by an exclusive try and then
//! downgraded. The smallest counter-example, seed 98643:
//!
//! ```text
//! t0: upgradable(B){ upgradable(C){ upgrade(C) } read(A){ read(C){ } } }
//! t2: read(C){ write?(B){ downgrade(B) read(A){ } } }
//! ```
//!
//! Both can hold `B` in the end, but only if `t2` had it first; then it has `C`, and `t0` cannot get past its upgrade
//! of `C`. Had `t2` not tried but waited for `B`, that order would be a deadlock of its own.
//!
//! **Sharpened by counter-examples**: a lock of the cycle that a third edge's thread holds too excludes like any gate; two
//! threads cannot both hold a lock that both downgraded; readers pass a waiting writer while someone holds the lock
//! upgradably.
//!
//! **Counts** of a run over a million programs (`ORACLE_PROGRAMS=1000000`): 457,229 deadlock in some interleaving, in 1,077,603
//! ways, of which 1,077,599 have a finding within what is waited for; 742,844 closure programs were run and 21,830 left
//! out by the exception; 13 had too many states; none failed.
//!
//! **Twin.** A brute-force judgement ([`lockdep_core::scenario::naive`]) over all simple cycles and all choices of occurrences comes to the same cycles.

pub mod explore;
pub mod program;
