//! The least part of a plan that still fails: delta debugging (Zeller and Hildebrandt, 2002), over all threads as one list.

/// Leaves operations out of what the threads do, as long as it still `fails`.
pub(crate) fn shrink<T: Clone>(plan: Vec<Vec<T>>, fails: impl Fn(&Vec<Vec<T>>) -> bool) -> Vec<Vec<T>> {
    let mut least = plan;
    let mut chunk = least.iter().map(Vec::len).max().unwrap_or(0);
    while chunk > 0 {
        let mut thread = 0;
        while thread < least.len() {
            let mut start = 0;
            while start < least[thread].len() {
                let mut without = least.clone();
                let end = (start + chunk).min(without[thread].len());
                without[thread].drain(start..end);
                if fails(&without) { least = without } else { start += chunk }
            }
            thread += 1;
        }
        chunk /= 2;
    }
    least
}

#[test]
fn only_what_matters_is_left() {
    let plan = vec![(0..100).collect::<Vec<u32>>(), (100..200).collect()];
    // It fails where 150 comes with 20 and, later in the same thread, 70.
    let fails = |plan: &Vec<Vec<u32>>| {
        let at = |number| plan[0].iter().position(|other| *other == number);
        plan[1].contains(&150) && at(20).zip(at(70)).is_some_and(|(one, other)| one < other)
    };
    assert_eq!(shrink(plan, fails), [vec![20, 70], vec![150]]);
}
