use super::*;

fn links(edges: &[(usize, usize)]) -> Vec<Link> {
    edges.iter().map(|&(from, to)| Link { from, to, routed: true }).collect()
}

/// A generator for tests: splitmix64.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) as usize
}

fn some_graph(seed: u64) -> (Vec<f64>, Vec<Link>) {
    let mut state = seed;
    let nodes = 1 + random(&mut state) % 40;
    let widths = (0..nodes).map(|_| 60.0 + (random(&mut state) % 120) as f64).collect();
    let edges: Vec<_> = (0..nodes * 2).map(|_| (random(&mut state) % nodes, random(&mut state) % nodes)).collect();
    (widths, links(&edges))
}

#[test]
fn no_two_boxes_overlap() {
    for seed in 0..200 {
        let (widths, edges) = some_graph(seed);
        let boxes = layout(&widths, &edges).boxes;
        for (index, a) in boxes.iter().enumerate() {
            for b in &boxes[index + 1..] {
                let apart = (a.x - b.x).abs() >= (a.width + b.width) / 2.0 || (a.y - b.y).abs() >= HEIGHT;
                assert!(apart, "seed {seed}: {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn everything_is_within_the_picture() {
    for seed in 0..200 {
        let (widths, edges) = some_graph(seed);
        let layout = layout(&widths, &edges);
        for at in &layout.boxes {
            assert!(
                at.x - at.width / 2.0 >= -0.1 && at.x + at.width / 2.0 <= layout.width + 0.1,
                "seed {seed}: {at:?}"
            );
            assert!(at.y - HEIGHT / 2.0 >= -0.1 && at.y + HEIGHT / 2.0 <= layout.height + 0.1, "seed {seed}: {at:?}");
        }
    }
}

#[test]
fn an_edge_of_no_cycle_points_down_and_the_way_back_points_up() {
    let picture = layout(&[80.0; 3], &links(&[(0, 1), (1, 2), (2, 0)]));
    let down = picture.routes.iter().filter(|route| route[0].1 < route[route.len() - 1].1).count();
    assert_eq!(down, 2, "{picture:?}");
}

#[test]
fn two_edges_between_two_boxes_are_two_lines() {
    let picture = layout(&[80.0; 2], &links(&[(0, 1), (1, 0)]));
    let ends = |route: &[(f64, f64)]| (route[0].0, route[route.len() - 1].0);
    let ((a, b), (c, d)) = (ends(&picture.routes[0]), ends(&picture.routes[1]));
    assert!(a != d && b != c, "{picture:?}");
}

#[test]
fn a_box_with_an_edge_to_itself_is_a_box() {
    let picture = layout(&[80.0], &links(&[(0, 0)]));
    assert_eq!((picture.boxes.len(), &picture.routes[0][..]), (1, &[][..]));
}

#[test]
fn crossings_that_can_be_avoided_are() {
    let picture = layout(&[80.0; 6], &links(&[(0, 5), (1, 4), (2, 3)]));
    for (top, bottom) in [(0, 5), (1, 4), (2, 3)] {
        assert!((picture.boxes[top].x - picture.boxes[bottom].x).abs() < 1.0, "{picture:?}");
    }
}

#[test]
fn nothing_is_laid_out_as_nothing() {
    assert_eq!(layout(&[], &[]), Layout::default());
}
