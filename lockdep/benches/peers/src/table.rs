//! Figures as a markdown table.

/// What a figure counts.
#[derive(Clone, Copy)]
pub enum Unit {
    /// Nanoseconds; less is better.
    Ns,
    /// How many times the work of one thread two do.
    Scaling,
}

/// The figures of one workload, one a peer.
pub struct Row {
    pub name: &'static str,
    pub unit: Unit,
    pub figures: Vec<f64>,
}

/// Prints figures, with the ratio to the first peer.
pub fn print(peers: &[&str], rows: &[Row]) {
    println!("| ns (ratio to the first) | {} |", peers.join(" | "));
    println!("| --- |{}", " ---: |".repeat(peers.len()));
    for row in rows {
        let first = row.figures[0];
        let cells = row.figures.iter().enumerate().map(|(index, &figure)| match row.unit {
            Unit::Scaling => format!("{figure:.2} times"),
            Unit::Ns if index == 0 => digits(figure),
            Unit::Ns => format!("{} ({:.2}x)", digits(figure), figure / first),
        });
        println!("| {} | {} |", row.name, cells.collect::<Vec<_>>().join(" | "));
    }
}

fn digits(figure: f64) -> String {
    if figure < 100.0 { format!("{figure:.1}") } else { format!("{figure:.0}") }
}
