use super::*;
use proptest::prelude::*;

fn order(nodes: u32) -> Order {
    let mut order = Order::default();
    (0..nodes).for_each(|_| order.add_node());
    order
}

/// The slow twin: transitive closure by search.
fn reaches(edges: &[(u32, u32)], from: u32, to: u32) -> bool {
    let (mut seen, mut todo) = (vec![from], vec![from]);
    while let Some(x) = todo.pop() {
        for &(a, b) in edges {
            if a == x && !seen.contains(&b) {
                seen.push(b);
                todo.push(b);
            }
        }
    }
    seen.contains(&to)
}

/// Inserts all of these and compares everything with the slow twin after each.
fn compare(nodes: u32, edges: Vec<(u32, u32)>) -> Result<(), TestCaseError> {
    let mut order = order(nodes);
    let mut so_far = Vec::new();
    for (from, to) in edges {
        if from == to || so_far.contains(&(from, to)) {
            continue;
        }
        so_far.push((from, to));
        let cyclic = order.insert(from, to) == Inserted::Cyclic;
        prop_assert_eq!(cyclic, reaches(&so_far, to, from), "edge {}->{} of {:?}", from, to, so_far);
        order.check_invariants(&so_far);
        for a in 0..nodes {
            for b in 0..nodes {
                let together = reaches(&so_far, a, b) && reaches(&so_far, b, a);
                prop_assert_eq!(order.component(a) == order.component(b), together);
            }
            let component = order.component(a);
            prop_assert_eq!(order.members(component).filter(|&member| member == a).count(), 1);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn components_are_those_of_the_naive_twin(edges in prop::collection::vec((0u32..12, 0u32..12), 0..60)) {
        compare(12, edges)?;
    }

    /// Longer paths, so that a search comes far before a cycle closes.
    #[test]
    fn so_are_those_of_graphs_that_mostly_climb(
        edges in prop::collection::vec((0u32..24, 1u32..6, prop::bool::weighted(0.05)), 0..70)
    ) {
        // The numbers of a climb say nothing of the order in which the nodes are first in the line.
        let mixed = |node: u32| node.min(23) * 7 % 24;
        let edge = |(from, by, falls): (u32, u32, bool)| {
            let ends = (mixed(from), mixed(from + by));
            if falls { (ends.1, ends.0) } else { ends }
        };
        compare(24, edges.into_iter().map(edge).collect())?;
    }
}

/// How many edges the searches go along while these are inserted.
fn steps(nodes: u32, edges: impl IntoIterator<Item = (u32, u32)>) -> usize {
    let mut order = order(nodes);
    for (from, to) in edges {
        order.insert(from, to);
    }
    order.steps
}

#[test]
fn a_chain_inserted_in_reverse_needs_no_search() {
    assert_eq!(steps(20_000, (0..19_999).rev().map(|from| (from, from + 1))), 0);
}

#[test]
fn nodes_of_one_side_need_no_search() {
    let (hub, nodes) = (5_000, 10_000);
    let stars = (0..nodes).filter(|&leaf| leaf != hub);
    assert_eq!(steps(nodes, stars.clone().map(|leaf| (leaf, hub))), 0, "into the hub");
    assert_eq!(steps(nodes, stars.map(|leaf| (hub, leaf))), 0, "out of the hub");
}

#[test]
fn a_component_that_takes_in_one_node_after_the_other_is_not_searched_every_time() {
    let pairs = (1..10_000).flat_map(|leaf| [(0, leaf), (leaf, 0)]);
    assert!(steps(10_000, pairs) <= 4 * 10_000, "a few steps for each leaf");
    let fan = (1..10_000).map(|leaf| (0, leaf)).chain((1..10_000).map(|leaf| (leaf, 0)));
    assert!(steps(10_000, fan) <= 4 * 10_000, "nor if it has many successors");
    let ring = (0..10_000).map(|node| (node, (node + 1) % 10_000));
    let chords = (0..10_000).map(|node| (node, (node * 7 + 3) % 10_000));
    assert!(steps(10_000, ring.chain(chords)) <= 4 * 10_000, "what is in one component needs no search");
}

#[test]
fn no_order_of_two_long_chains_is_quadratic() {
    // Two chains that are linked rung by rung, each rung against the order that the chains stand in.
    let half = 10_000;
    let chains = (0..half - 1).flat_map(|node| [(node, node + 1), (half + node, half + node + 1)]);
    let rungs = (0..half).map(|node| (half + node, node));
    let edges = 3 * half as usize;
    assert!(steps(2 * half, chains.clone().chain(rungs.clone())) <= edges * edges.isqrt());
    assert!(steps(2 * half, chains.chain(rungs.rev())) <= edges * edges.isqrt());
}
