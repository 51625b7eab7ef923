//! One thread, and what it knows to be in its region and in its file.

use crate::operation::{Get, Keep, Operation, Place, Put, Range, Share};
use pagecache::{Device, Directory, Error, Flags, Inode, Mm, PAGE_SIZE, Readahead, Result, Sharing, SuperBlock};
use std::ops;
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;
/// How large the region of a thread is, and how large its file gets.
pub(crate) const REGION: u64 = 12 * PAGE;
pub(crate) const OWN: u64 = 16 * PAGE;

pub(crate) struct Worker<'a> {
    sb: &'a Arc<SuperBlock>,
    device: &'a Device,
    directory: &'a Directory,
    /// What its own file is called.
    name: String,
    /// The shared file and its own.
    files: [Arc<Inode>; 2],
    /// Where each place begins in its file.
    starts: [u64; 2],
    models: [Vec<u8>; 2],
    mm: Mm,
    mapped: [u64; 2],
    ahead: Readahead,
}

/// What should have been read, and was not.
fn compare(found: &[u8], expected: &[u8]) -> std::result::Result<(), String> {
    match found.iter().zip(expected).position(|(one, other)| one != other) {
        _ if found.len() > expected.len() => Err(format!("{} bytes instead of {}", found.len(), expected.len())),
        Some(at) => Err(format!("{} instead of {} after {at} bytes", found[at], expected[at])),
        None => Ok(()),
    }
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        (sb, device, directory): (&'a Arc<SuperBlock>, &'a Device, &'a Directory),
        shared: &Arc<Inode>,
        number: u64,
    ) -> Worker<'a> {
        let name = format!("own-{number}");
        let own = directory.create(&name).expect("there is no such name yet");
        let (files, mm) = ([Arc::clone(shared), own], Mm::new());
        let pages = [shared.len() / PAGE, OWN / PAGE];
        let mapped = [0, 1].map(|place| mm.map(&files[place], 0, pages[place], Sharing::Shared).expect("it has pages"));
        let starts = [number * REGION, 0];
        let models = [vec![0; REGION as usize], Vec::new()];
        Worker { sb, device, directory, name, files, starts, models, mm, mapped, ahead: Readahead::default() }
    }

    /// Does everything. Tells at which step something was not as it should be.
    pub(crate) fn work(mut self, operations: &[Operation]) -> std::result::Result<(), String> {
        for (step, operation) in operations.iter().enumerate() {
            self.apply(*operation).map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
        }
        [Place::Shared, Place::Own].into_iter().try_for_each(|place| {
            self.get(Get::Read, place, 0, OWN.max(REGION)).map_err(|error| format!("at the end, {place:?}: {error}"))
        })
    }

    /// The part of a range that the place has now.
    fn within(&self, place: Place, at: u64, len: u64) -> ops::Range<usize> {
        let size = self.models[place as usize].len();
        (at as usize).min(size)..((at + len) as usize).min(size)
    }

    fn apply(&mut self, operation: Operation) -> std::result::Result<(), String> {
        let done = match operation {
            Operation::Put { how, place, at, len, value } => self.put(how, place, at, len, value),
            Operation::Get { how, place, at, len } => return self.get(how, place, at, len),
            Operation::Share { how, from, at, to, to_at, len } => return self.share(how, (from, at), (to, to_at), len),
            Operation::Range { how, place, at, len } => self.change_range(how, place, at, len),
            Operation::Truncate { len } => {
                self.models[1].resize(len as usize, 0);
                self.files[1].truncate(len)
            }
            Operation::Keep { how: Keep::Evict, place: Place::Own } => self.evict_own(),
            Operation::Keep { how, place } => self.keep(how, &self.files[place as usize]),
        };
        done.map_err(|error| error.to_string())
    }

    fn change_range(&mut self, how: Range, place: Place, at: u64, len: u64) -> Result<()> {
        let (file, offset) = (Arc::clone(&self.files[place as usize]), self.starts[place as usize] + at);
        let (size, part) = (self.models[place as usize].len() as u64, self.within(place, at, len));
        match how {
            Range::Punch => {
                self.models[place as usize][part].fill(0);
                file.punch_hole(offset, len)
            }
            Range::Zero => {
                self.write_model(place, at, &vec![0; len as usize]);
                file.zero_range(offset, len)
            }
            Range::Allocate => {
                let model = &mut self.models[place as usize];
                model.resize(model.len().max((at + len) as usize), 0);
                file.allocate_range(offset, len, false)
            }
            Range::Reserve => file.allocate_range(offset, len, true),
            Range::Collapse if at + len < size => {
                self.models[place as usize].drain(part);
                file.collapse_range(offset, len)
            }
            Range::Insert if at < size && size + len <= OWN => {
                self.models[place as usize].splice(at as usize..at as usize, vec![0; len as usize]);
                file.insert_range(offset, len)
            }
            Range::Collapse | Range::Insert => Ok(()),
        }
    }

    fn keep(&self, how: Keep, file: &Inode) -> Result<()> {
        match how {
            Keep::Sync => return file.fsync(),
            Keep::Invalidate => return file.invalidate(0, u64::MAX),
            Keep::DropCache => drop(file.drop_cache()),
            Keep::WillNeed => file.will_need(0, REGION),
            Keep::BlockMap => drop(file.block_of(0)),
            Keep::Freeze => drop(self.sb.freeze()),
            Keep::WriteOut => self.device.write_out(),
            Keep::Evict => drop(self.directory.evict_unused()),
        }
        Ok(())
    }

    fn evict_own(&mut self) -> Result<()> {
        self.mm.unmap(self.mapped[1])?;
        self.files[1] = Arc::clone(&self.files[0]);
        self.directory.evict_unused();
        self.files[1] = self.directory.lookup(&self.name)?;
        self.mapped[1] = self.mm.map(&self.files[1], 0, OWN / PAGE, Sharing::Shared)?;
        Ok(())
    }

    fn write_model(&mut self, place: Place, at: u64, bytes: &[u8]) {
        let (model, at) = (&mut self.models[place as usize], at as usize);
        model.resize(model.len().max(at + bytes.len()), 0);
        model[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn put(&mut self, how: Put, place: Place, at: u64, len: u64, value: u8) -> Result<()> {
        let (file, start) = (Arc::clone(&self.files[place as usize]), self.starts[place as usize]);
        let mapped = self.mapped[place as usize] + start;
        let mut bytes: Vec<u8> = (0..len).map(|byte| value.wrapping_add((byte / 64) as u8)).collect();
        let none = Flags::default();
        let flags = match how {
            Put::Store => {
                // Beyond the end there is nothing to store to.
                bytes.truncate(self.within(place, at, len).len());
                self.mm.store(mapped + at, &bytes)?;
                return self.note(place, at, &bytes);
            }
            Put::FromMapping => {
                let from = self.within(place, 0, len);
                bytes = self.models[place as usize][from].to_vec();
                // The bytes that are written may be those that are read: they are what they are when they are come by.
                let overlaps = at < bytes.len() as u64;
                if overlaps || at + bytes.len() as u64 > REGION {
                    return Ok(());
                }
                self.mm.write_file(&file, mapped, bytes.len(), start + at)?;
                return self.note(place, at, &bytes);
            }
            Put::Append => return self.append(&bytes),
            Put::Write => none,
            Put::NoWait => Flags { nowait: true, ..none },
            Put::Synced => Flags { dsync: true, ..none },
            Put::Direct => Flags { direct: true, ..none },
            Put::DirectNoWait => Flags { direct: true, nowait: true, ..none },
            Put::DirectSynced => Flags { direct: true, dsync: true, ..none },
        };
        match file.write_with(&bytes, start + at, flags) {
            Err(Error::Again) if flags.nowait => return Ok(()),
            written => bytes.truncate(written?),
        }
        let all = bytes.len() as u64 == len || flags.nowait;
        if all { self.note(place, at, &bytes) } else { Err(Error::NoMemory) }
    }

    /// Writes at the end of its own file, wherever somebody says.
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.models[1].len() as u64;
        if end + bytes.len() as u64 > OWN {
            return Ok(());
        }
        self.files[1].write_with(bytes, 7, Flags { append: true, ..Flags::default() })?;
        self.note(Place::Own, end, bytes)
    }

    /// These bytes are in the file now.
    fn note(&mut self, place: Place, at: u64, bytes: &[u8]) -> Result<()> {
        if !bytes.is_empty() {
            self.write_model(place, at, bytes);
        }
        Ok(())
    }

    fn get(&mut self, how: Get, place: Place, at: u64, len: u64) -> std::result::Result<(), String> {
        let (file, start) = (Arc::clone(&self.files[place as usize]), self.starts[place as usize]);
        let expected = self.within(place, at, len);
        // In the shared file others go on where the region ends.
        let len = if place == Place::Shared { expected.len() } else { len as usize };
        let mut buf = vec![0xee; len];
        let none = Flags::default();
        let read = match how {
            Get::Read => file.read_at(&mut buf, start + at),
            Get::Sequential => file.read_sequentially(&mut self.ahead, &mut buf, start + at),
            Get::Direct => file.read_direct(&mut buf, start + at),
            Get::Load | Get::Private | Get::Forked => {
                buf.truncate(expected.len());
                self.load(how, place, at, &mut buf).map(|()| buf.len())
            }
            Get::NoWait => file.read_with(&mut buf, start + at, Flags { nowait: true, ..none }),
            Get::NoIo => file.read_with(&mut buf, start + at, Flags { noio: true, ..none }),
            Get::WaitQueue => file.read_with(&mut buf, start + at, Flags { waitq: true, ..none }),
            Get::DirectNoWait => file.read_with(&mut buf, start + at, Flags { direct: true, nowait: true, ..none }),
        };
        let expected = &self.models[place as usize][expected];
        let may_fail = matches!(how, Get::NoWait | Get::NoIo | Get::WaitQueue | Get::DirectNoWait);
        match read {
            Err(Error::Again | Error::Queued) if may_fail => Ok(()),
            Ok(count) if count < expected.len() && !may_fail => {
                Err(format!("{count} bytes instead of {}", expected.len()))
            }
            Ok(count) => compare(&buf[..count], expected),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Loads through a mapping: the one that stays, one for the occasion, or that of a fork.
    fn load(&self, how: Get, place: Place, at: u64, buf: &mut [u8]) -> Result<()> {
        let (file, offset) = (&self.files[place as usize], self.starts[place as usize] + at);
        match how {
            Get::Private if !buf.is_empty() => {
                let first = offset / PAGE;
                let pages = (offset + buf.len() as u64).div_ceil(PAGE) - first;
                let mapped = self.mm.map(file, first, pages, Sharing::Private)?;
                let address = mapped + offset % PAGE;
                let loaded = self.mm.load(address, buf).and_then(|()| self.mm.store(address, &vec![0xee; buf.len()]));
                self.mm.unmap(mapped)?;
                loaded
            }
            Get::Forked => self.mm.fork().load(self.mapped[place as usize] + offset, buf),
            _ => self.mm.load(self.mapped[place as usize] + offset, buf),
        }
    }

    fn share(&mut self, how: Share, from: (Place, u64), to: (Place, u64), len: u64) -> std::result::Result<(), String> {
        let ((source, at), (target, to_at)) = (from, to);
        let (one, other) = (Arc::clone(&self.files[source as usize]), Arc::clone(&self.files[target as usize]));
        let (offset, to_offset) = (self.starts[source as usize] + at, self.starts[target as usize] + to_at);
        let ours = self.models[source as usize].get(at as usize..(at + len) as usize).map(<[u8]>::to_vec);
        let theirs = self.models[target as usize].get(to_at as usize..(to_at + len) as usize).map(<[u8]>::to_vec);
        let overlap = source == target && at.abs_diff(to_at) < len;
        let (outcome, can) = match how {
            Share::Clone => (one.clone_range(offset, &other, to_offset, len), ours.is_some()),
            Share::Exchange => (one.exchange_range(offset, &other, to_offset, len), ours.is_some() && theirs.is_some()),
            Share::Copy => (one.copy_range(offset, &other, to_offset, len).map(drop), true),
            Share::IntoMapping if overlap || ours.is_none() || theirs.is_none() => return Ok(()),
            Share::IntoMapping => {
                let address = self.mapped[target as usize] + to_offset;
                (self.mm.read_file(&one, address, len as usize, offset).map(drop), true)
            }
            Share::Dedupe => match one.dedupe_range(offset, &other, to_offset, len) {
                Ok(same) if same != (ours == theirs) => return Err(format!("{same}, whether both are the same")),
                outcome => (outcome.map(drop), ours.is_some() && theirs.is_some()),
            },
        };
        match outcome {
            Err(Error::Invalid) if overlap || !can => return Ok(()),
            Err(error) => return Err(error.to_string()),
            Ok(()) if overlap && !matches!(how, Share::Copy) => return Err("it overlaps itself".to_owned()),
            Ok(()) => {}
        }
        match (how, ours, theirs) {
            (Share::Clone | Share::IntoMapping, Some(ours), _) => self.write_model(target, to_at, &ours),
            (Share::Exchange, Some(ours), Some(theirs)) => {
                self.write_model(target, to_at, &ours);
                self.write_model(source, at, &theirs);
            }
            (Share::Copy, ..) => {
                let part = self.within(source, at, len);
                let bytes = self.models[source as usize][part].to_vec();
                if !bytes.is_empty() {
                    self.write_model(target, to_at, &bytes);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
