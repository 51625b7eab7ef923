//! The line in which all components stand, as a list with labels: of two components that one is first whose label is smaller.
//!
//! Labels are numbers with room in between. Where it runs out, the neighbours that follow are spread, as few as leave wide gaps:
//! Dietz and Sleator, "Two Algorithms for Maintaining Order in a List" (STOC 1987), a logarithmic number of them for each that is
//! placed, on the average of all.

use super::{NOBODY, Order};

/// How far apart labels are at the ends of the line, where there is room.
const STRIDE: u64 = 1 << 40;

impl Order {
    /// Who stands right before a component.
    pub(super) fn before(&self, vertex: u32) -> u32 {
        self.vertices[vertex as usize].before
    }

    fn after(&self, vertex: u32) -> u32 {
        if vertex == NOBODY { self.first } else { self.vertices[vertex as usize].after }
    }

    /// The label that what follows has to be above.
    fn floor(&self, vertex: u32) -> u64 {
        if vertex == NOBODY { 0 } else { self.label(vertex) }
    }

    /// The label that what precedes has to be below.
    fn ceiling(&self, vertex: u32) -> u64 {
        if vertex == NOBODY { u64::MAX } else { self.label(vertex) }
    }

    fn join(&mut self, one: u32, next: u32) {
        match one {
            NOBODY => self.first = next,
            _ => self.vertices[one as usize].after = next,
        }
        match next {
            NOBODY => self.last = one,
            _ => self.vertices[next as usize].before = one,
        }
    }

    /// Takes a component out of the line. It still knows who stood before it.
    pub(super) fn unlink(&mut self, vertex: u32) {
        self.join(self.before(vertex), self.after(vertex));
    }

    /// Puts components that stand nowhere into the line after a place, or at its beginning if that is nobody.
    pub(super) fn place(&mut self, place: u32, sequence: &[u32]) {
        let next = self.after(place);
        let (mut label, step) = self.room(place, sequence.len() as u64);
        let mut previous = place;
        for &vertex in sequence {
            label += step;
            self.vertices[vertex as usize].label = label;
            self.join(previous, vertex);
            previous = vertex;
        }
        self.join(previous, next);
    }

    /// The label that so many after a place start from, and their distance.
    fn room(&mut self, place: u32, count: u64) -> (u64, u64) {
        let next = self.after(place);
        if self.ceiling(next) - self.floor(place) <= count {
            self.make_room(place, count);
        }
        let (floor, ceiling) = (self.floor(place), self.ceiling(next));
        let step = ((ceiling - floor) / (count + 1)).min(STRIDE);
        match (place, next) {
            (NOBODY, NOBODY) => (ceiling / 2, STRIDE),
            (NOBODY, _) => (ceiling - step * (count + 1), step),
            _ => (floor, step),
        }
    }

    /// Spreads those that follow a place, until so many fit in before them.
    fn make_room(&mut self, place: u32, count: u64) {
        let floor = self.floor(place);
        let (mut shares, mut end) = (count + 1, self.after(place));
        let step = loop {
            let step = (self.ceiling(end) - floor) / shares;
            if step > shares {
                break step;
            }
            if end == NOBODY {
                return self.renumber();
            }
            shares += 1;
            end = self.after(end);
        };
        let (mut label, mut vertex) = (floor + step * count, self.after(place));
        while vertex != end {
            label += step;
            self.vertices[vertex as usize].label = label;
            vertex = self.after(vertex);
        }
    }

    /// Gives all of the line new labels, in the middle of those that there are: an end of it has used its own up.
    fn renumber(&mut self) {
        let count = self.vertices.len() as u64;
        let step = (u64::MAX / 2 / (count + 1)).min(STRIDE);
        let (mut label, mut vertex) = (u64::MAX / 2 - step * (count / 2), self.first);
        while vertex != NOBODY {
            label += step;
            self.vertices[vertex as usize].label = label;
            vertex = self.after(vertex);
        }
    }

    /// Panics unless the line holds every component once, in the order of labels; for tests.
    #[cfg(test)]
    pub(super) fn check_line(&self) {
        let (mut count, mut before, mut vertex) = (0, NOBODY, self.first);
        while vertex != NOBODY {
            assert_eq!(self.component(vertex), vertex, "only components stand in the line");
            assert_eq!(self.before(vertex), before);
            assert!(before == NOBODY || self.label(before) < self.label(vertex), "labels ascend");
            (count, before, vertex) = (count + 1, vertex, self.after(vertex));
        }
        assert_eq!(self.last, before);
        let components = (0..self.vertices.len() as u32).filter(|&node| self.component(node) == node).count();
        assert_eq!(count, components, "every component stands in the line");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(nodes: u32) -> Order {
        let mut order = Order::default();
        (0..nodes).for_each(|_| order.add_node());
        order
    }

    #[test]
    fn any_number_fits_in_at_one_place() {
        for place in [NOBODY, 0, 1] {
            let mut order = line(10_000);
            for vertex in 2..10_000 {
                order.unlink(vertex);
                order.place(place, &[vertex]);
            }
            order.check_line();
        }
    }

    #[test]
    fn labels_are_dealt_anew_when_an_end_has_none_left() {
        let mut order = line(3);
        order.vertices[2].label = u64::MAX - 1;
        order.add_node();
        order.check_line();
        order.vertices[0].label = 1;
        order.unlink(3);
        order.place(NOBODY, &[3]);
        order.check_line();
        assert_eq!(order.first, 3);
    }

    #[test]
    fn many_are_placed_at_once_where_there_is_no_room() {
        let mut order = line(100);
        let moved: Vec<u32> = (2..100).collect();
        moved.iter().for_each(|&vertex| order.unlink(vertex));
        order.vertices[1].label = order.label(0) + 1;
        order.place(0, &moved);
        order.check_line();
        assert_eq!(order.after(0), 2);
    }
}
