//! Findings that need no graph: what one thread did is enough.

use super::state::{State, Work};
use super::to_site;
use lockdep_core::acquisition::Acquisition;
use lockdep_core::check::wait_type;
use lockdep_core::class::{Node, Site};
use lockdep_core::finding::{Code, Finding, HeldLabel, Witness};
use lockdep_core::log::Record;
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Block, DEEPEST};
use std::panic::Location;

/// The lock that a fault concerns, and where.
#[derive(Clone, Copy)]
pub(super) struct Concerned {
    pub(super) node: Option<Node>,
    pub(super) want: Want,
    pub(super) site: &'static Location<'static>,
}

impl State {
    /// Adds a finding that needs no graph to the thread's scope and to the process.
    pub(super) fn fault(
        &mut self,
        block: &Block,
        code: Code,
        concerned: Concerned,
        title: impl FnOnce(&str, &str) -> String,
        work: &mut Work,
    ) {
        let actor = self.actor(block);
        let labels = self.registry.labels();
        let wanted = concerned.node.map_or_else(|| "?".to_owned(), |node| labels.node(node));
        let held = self.held(block);
        let site = to_site(concerned.site);
        let witness = Witness {
            thread: actor.thread.clone(),
            test: actor.test.clone(),
            held: None,
            wanted,
            want: concerned.want,
            manner: Manner::Block,
            also_held: HeldLabel::locks(&self.registry, &labels, &held)
                .into_iter()
                .filter(|held| code != Code::HeldAtExit || held.site != site)
                .collect(),
            site,
        };
        let title = title(&witness.wanted, &actor.thread);
        self.tell(block, code, title, witness, work);
    }

    fn tell(&mut self, block: &Block, code: Code, title: String, witness: Witness, work: &mut Work) {
        if let Some(scope) = self.scopes.get_mut(&block.scope()) {
            scope.engine.fault(code, witness.clone(), title.clone());
            if scope.isolated {
                return;
            }
        }
        work.records.push(Record::Fault { code, title: title.clone(), witness: witness.clone() });
        work.findings.extend(self.engine.fault(code, witness, title));
    }

    /// Takes in that a thread calls something that may block, and is no lock.
    pub(super) fn block(&mut self, block: &Block, level: u8, site: Site, work: &mut Work) {
        let (actor, held) = (self.actor(block), self.held(block));
        if let Some((title, witness)) = wait_type::blocking(&self.registry, &actor, &held, level, site) {
            self.tell(block, Code::WaitType, title, witness, work);
        }
    }

    /// The stack is full: this acquisition is judged, but no order after it will see it as held.
    pub(super) fn overflow(&mut self, block: &Block, next: &Acquisition) -> Option<Finding> {
        let actor = self.actor(block);
        let wanted = self.registry.labels().node(next.node);
        let title = format!("`{wanted}` is one lock more than the {DEEPEST} that a thread's stack has room for");
        let witness = Witness {
            thread: actor.thread,
            test: actor.test,
            held: None,
            wanted,
            want: next.want,
            manner: next.manner,
            site: self.registry.site_at(next.site).clone(),
            also_held: Vec::new(),
        };
        self.engine.fault(Code::Limit, witness, title)
    }
}
