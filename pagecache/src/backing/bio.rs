//! One block of I/O: `struct bio`.

use super::Blocks;
use crate::error::{Error, Result};
use crate::folio::{FolioRef, InFlight};
use crate::mapping::Mapping;
use crate::page::PageData;
use crate::private::Sectors;
use crate::sync::Held;
use crate::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// One block of I/O on its way.
#[derive(Debug)]
pub(crate) enum Bio {
    /// Fills what is missing of a locked folio, and unlocks it when that is done.
    Read { folio: InFlight, block: u64, missing: Sectors },
    /// Writes parts of a folio that is under writeback.
    Write { folio: FolioRef, mapping: Arc<Mapping>, block: u64, sectors: Sectors },
}

/// A bio that was carried out, and how that went.
pub(super) struct Completed {
    bio: Bio,
    result: Result<()>,
}

/// Reads what is missing of a page. The rest of it is newer than the device's.
pub(super) fn read(blocks: &dyn Blocks, block: u64, page: &PageData, missing: Sectors) -> Result<()> {
    if missing == Sectors::ALL {
        return blocks.read(block, page);
    }
    let old = Box::new(PageData::zeroed());
    blocks.read(block, &old)?;
    missing.ranges().for_each(|part| page.copy_part(&old, part));
    Ok(())
}

impl Bio {
    /// Says that it is this thread that the folio is waited for on, until the result is dropped.
    pub(super) fn adopt(&self) -> Held {
        match self {
            Bio::Read { folio, .. } => folio.adopt(),
            Bio::Write { folio, .. } => folio.adopt_writeback(),
        }
    }

    pub(super) fn carry_out(self, blocks: &dyn Blocks, closed: &AtomicBool) -> Completed {
        let result = match &self {
            _ if closed.load(SeqCst) => Err(Error::Io),
            Bio::Read { folio, block, missing } => read(blocks, *block, folio.data(), *missing),
            Bio::Write { folio, block, sectors, .. } if *sectors == Sectors::ALL => blocks.write(*block, folio.data()),
            Bio::Write { folio, block, sectors, .. } => {
                sectors.ranges().try_for_each(|part| blocks.write_part(*block, folio.data(), part))
            }
        };
        Completed { bio: self, result }
    }
}

impl Completed {
    /// Tells those who wait.
    #[track_caller]
    pub(super) fn end(self) {
        match self.bio {
            Bio::Read { folio, .. } => folio.end_read(self.result.is_ok()),
            Bio::Write { folio, mapping, .. } => mapping.end_writeback(folio, self.result),
        }
    }
}
