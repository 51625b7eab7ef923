//! Makes a hierarchy of items: applies aliases, makes pairs of columns, and checks that the whole makes sense.

use super::closure::{self, Closure};
use super::error::{Fault, OrderError, Spot};
use super::parse::Item;
use super::scan::Mention;
use super::{Declared, Hierarchy, names};
use std::collections::BTreeMap;

/// The hierarchy, or all faults: those found before and those found now.
pub(super) fn build(
    items: Vec<Item>,
    faults: Vec<Fault>,
    aliases: &[(&str, &str)],
    origins: Vec<String>,
) -> Result<Hierarchy, Vec<OrderError>> {
    let mut builder = Builder { faults, ..Builder::default() };
    builder.aliases = aliases.iter().map(|(alias, name)| ((*alias).to_owned(), (*name).to_owned())).collect();
    builder.hierarchy.origins = origins;
    builder.collect_aliases(&items);
    builder.trees(&items);
    builder.index_aliases(&items);
    builder.read_pairs(&items);
    builder.close();
    for item in &items {
        builder.directive(item);
    }
    builder.faults.sort_by_key(|fault| fault.spot);
    let Builder { hierarchy, faults, .. } = builder;
    if faults.is_empty() {
        return Ok(hierarchy);
    }
    Err(faults.into_iter().map(|fault| fault.locate(&hierarchy.origins)).collect())
}

#[derive(Default)]
struct Builder {
    hierarchy: Hierarchy,
    faults: Vec<Fault>,
    aliases: BTreeMap<String, String>,
    /// Where the lower name of each pair first stands.
    spots: BTreeMap<(u32, u32), Spot>,
    mode: Option<bool>,
}

impl Builder {
    fn collect_aliases(&mut self, items: &[Item]) {
        for item in items {
            let Item::Alias { name, of } = item else { continue };
            match self.aliases.get(&name.name) {
                Some(other) if *other != of.name => {
                    let message = format!("`{}` is already an alias of `{other}`", name.name);
                    self.faults.push(Fault::new(&name.spot, message));
                }
                _ => {
                    self.aliases.insert(name.name.clone(), of.name.clone());
                }
            }
        }
        for item in items {
            if let Item::Alias { name, .. } = item
                && self.aliases.contains_key(self.canonical(&name.name))
            {
                let message = format!("`{}` is an alias of itself", name.name);
                self.faults.push(Fault::new(&name.spot, message));
            }
        }
    }

    /// The name behind aliases. In a ring of aliases it is some name of the ring.
    fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        let mut name = name;
        for _ in 0..=self.aliases.len() {
            match self.aliases.get(name) {
                Some(of) => name = of,
                None => break,
            }
        }
        name
    }

    fn intern(&mut self, mention: &Mention) -> u32 {
        let name = self.canonical(&mention.name).to_owned();
        let next = self.hierarchy.names.len() as u32;
        *self.hierarchy.index.entry(name).or_insert_with_key(|name| {
            self.hierarchy.names.push(name.clone());
            next
        })
    }

    /// A line's parent is the nearest line above it that is less indented.
    fn trees(&mut self, items: &[Item]) {
        let mut stack: Vec<(usize, Vec<u32>)> = Vec::new();
        for item in items {
            match item {
                Item::End => stack.clear(),
                Item::Classes { column, names, note } => {
                    while stack.last().is_some_and(|(above, _)| above >= column) {
                        stack.pop();
                    }
                    let ids: Vec<u32> = names.iter().map(|mention| self.intern(mention)).collect();
                    let parents = stack.last().map(|(_, parents)| parents.clone()).unwrap_or_default();
                    for &parent in &parents {
                        for (&child, mention) in ids.iter().zip(names) {
                            self.pair(parent, child, mention, note.as_deref());
                        }
                    }
                    stack.push((*column, ids));
                }
                _ => {}
            }
        }
    }

    fn pair(&mut self, parent: u32, child: u32, mention: &Mention, note: Option<&str>) {
        let spot = &mention.spot;
        let declared = Declared { origin: spot.origin, line: spot.line, note: note.map(str::to_owned) };
        self.hierarchy.edges.entry((parent, child)).or_default().push(declared);
        self.spots.entry((parent, child)).or_insert(*spot);
    }

    fn index_aliases(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Alias { of, .. } = item
                && !self.aliases.contains_key(self.canonical(&of.name))
            {
                self.known(of);
            }
        }
        for alias in self.aliases.keys() {
            if let Some(&id) = self.hierarchy.index.get(self.canonical(alias)) {
                self.hierarchy.index.insert(alias.clone(), id);
            }
        }
    }

    /// What is taken shared below a class is taken below it, whether or not a tree says so too.
    fn read_pairs(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Read { taken, held } = item
                && let (Some(below), Some(above)) = (self.lookup(taken), self.lookup(held))
                && below != above
                && self.hierarchy.path_between(above, below).is_none()
            {
                self.pair(above, below, taken, None);
            }
        }
    }

    /// Reports cycles, and closes the relation if there are none.
    fn close(&mut self) {
        let cycles = closure::cycles(&self.spots);
        for cycle in &cycles {
            let mut chain = String::new();
            for &(from, to) in cycle {
                let declared = &self.hierarchy.edges[&(from, to)][0];
                let place = match self.hierarchy.origins.get(declared.origin as usize) {
                    Some(origin) => format!("{origin} line {}", declared.line),
                    None => format!("line {}", declared.line),
                };
                chain.push_str(&format!("`{}` ({place}) -> ", self.hierarchy.name(from)));
            }
            let first = self.hierarchy.name(cycle[0].0);
            let Some(spot) = cycle.iter().map(|pair| &self.spots[pair]).max() else { continue };
            let fault = Fault::new(spot, format!("the declared order is a cycle: {chain}`{first}`"));
            let help = match cycle.len() {
                1 => format!("to hold several locks of one class, write `nest {} by KEY`", names::quoted(first)),
                _ => "each line named puts the next class below the one before it; one of them has to go".to_owned(),
            };
            self.faults.push(fault.help(help));
        }
        if cycles.is_empty() {
            self.hierarchy.reach = Closure::new(self.hierarchy.names.len(), self.hierarchy.edges.keys().copied());
        }
    }

    /// The class that a directive names, which some tree must name too.
    fn known(&mut self, mention: &Mention) -> Option<u32> {
        if let Some(&id) = self.hierarchy.index.get(self.canonical(&mention.name)) {
            return Some(id);
        }
        let help = match self.hierarchy.closest(&mention.name) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "a line with the name alone makes it known".to_owned(),
        };
        let message = format!("no tree names the class `{}`", mention.name);
        self.faults.push(Fault::new(&mention.spot, message).help(help));
        None
    }

    fn directive(&mut self, item: &Item) {
        match item {
            Item::Closed(spot) => self.set_mode(true, spot),
            Item::Open(spot) => self.set_mode(false, spot),
            Item::Leaf(names) => names.iter().for_each(|mention| self.leaf(mention)),
            Item::Nest(class, key) => self.nest(class, key),
            Item::Read { taken, held } => self.read(taken, held),
            Item::Apart(names) => {
                for (index, a) in names.iter().enumerate() {
                    names[index + 1..].iter().for_each(|b| self.apart(a, b));
                }
                names.iter().for_each(|mention| {
                    self.known(mention);
                });
            }
            Item::End | Item::Classes { .. } | Item::Alias { .. } => {}
        }
    }

    fn set_mode(&mut self, closed: bool, spot: &Spot) {
        if self.mode.is_some_and(|mode| mode != closed) {
            self.faults.push(Fault::new(spot, "the file says both `closed` and `open`"));
        }
        self.mode = Some(closed);
        self.hierarchy.closed = closed;
    }

    fn leaf(&mut self, mention: &Mention) {
        let Some(id) = self.known(mention) else { return };
        let children = self.hierarchy.edges.range((id, 0)..=(id, u32::MAX));
        if let Some((&(_, child), declared)) = children.min_by_key(|(_, declared)| declared[0].line) {
            let (child, line) = (self.hierarchy.name(child), declared[0].line);
            let message = format!("`{}` is no leaf: line {line} puts `{child}` below it", mention.name);
            self.faults.push(Fault::new(&mention.spot, message));
        }
        self.hierarchy.leaves.entry(id).or_insert(mention.spot.line);
    }

    fn nest(&mut self, mention: &Mention, key: &str) {
        let Some(id) = self.known(mention) else { return };
        match self.hierarchy.nests.get(&id) {
            Some((other, line)) if other != key => {
                let message = format!("line {line} nests `{}` by `{other}`", mention.name);
                self.faults.push(Fault::new(&mention.spot, message));
            }
            _ => {
                self.hierarchy.nests.insert(id, (key.to_owned(), mention.spot.line));
            }
        }
    }

    fn read(&mut self, taken: &Mention, held: &Mention) {
        let (Some(below), Some(above)) = (self.known(taken), self.known(held)) else { return };
        if below == above {
            let message = format!("`{}` is never below itself", taken.name);
            self.faults.push(Fault::new(&held.spot, message));
        }
        self.hierarchy.reads.entry((below, above)).or_insert(taken.spot.line);
    }

    fn apart(&mut self, a: &Mention, b: &Mention) {
        let (a_id, b_id) = match (self.lookup(a), self.lookup(b)) {
            (Some(a), Some(b)) => (a, b),
            _ => return,
        };
        if a_id == b_id {
            self.faults.push(Fault::new(&b.spot, format!("`{}` cannot be apart from itself", b.name)));
            return;
        }
        let edges = &self.hierarchy.edges;
        if let Some(declared) = edges.get(&(a_id, b_id)).or_else(|| edges.get(&(b_id, a_id))) {
            let line = declared[0].line;
            let message = format!("`{}` and `{}` are not apart: line {line} puts one below the other", a.name, b.name);
            self.faults.push(Fault::new(&b.spot, message));
        }
        self.hierarchy.aparts.entry((a_id.min(b_id), a_id.max(b_id))).or_insert(a.spot.line);
    }

    fn lookup(&self, mention: &Mention) -> Option<u32> {
        self.hierarchy.index.get(self.canonical(&mention.name)).copied()
    }
}
