//! How long the page of a large program takes: 1,200 classes, 5,119 dependencies, some cycles.
//!
//! `cargo bench -p lockdep-report --bench page`

use criterion::{Criterion, criterion_group, criterion_main};
use lockdep_report::background::Background;
use lockdep_report::html::{self, Page};
use lockdep_report::source::Sources;
use lockdep_report::svg;
use std::hint::black_box;

#[path = "../tests/reports/program.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod program;
#[path = "../tests/reports/samples.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod samples;

fn page(criterion: &mut Criterion) {
    let seen = program::run(&program::many(1_200, 5_400));
    let mut group = criterion.benchmark_group("5119 edges");
    group.sample_size(10);
    group.bench_function("html", |bencher| {
        bencher.iter(|| {
            let mut background = Background::new(Sources::none()).with_findings(&seen.findings);
            let page = Page { title: "bench", detail: &seen.detail, findings: &seen.findings, summary: None };
            black_box(html::render(page, &mut background))
        });
    });
    group.bench_function("svg", |bencher| bencher.iter(|| black_box(svg::render(&seen.detail.graph))));
    group.finish();
}

criterion_group!(benches, page);
criterion_main!(benches);
