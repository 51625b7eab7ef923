//! The lock graph as a page: search, filters, cycles, the documented order, and the witnesses of every edge with their
//! code. One file that loads nothing; it opens from a disk, an archive of a CI run, or an attachment.

mod data;

use crate::background::Background;
use crate::summary::Summary;
use lockdep_core::finding::Finding;
use lockdep_core::snapshot::GraphDetail;

const PAGE: &str = include_str!("../assets/report.html");
const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");

/// What a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// The graph.
    pub detail: &'a GraphDetail,
    /// The findings, surest first.
    pub findings: &'a [Finding],
    /// The figures of the run, if there was one.
    pub summary: Option<&'a Summary>,
}

/// The page.
///
/// ```
/// use lockdep_core::snapshot::GraphDetail;
/// use lockdep_report::{background::Background, html, source::Sources};
///
/// let detail = GraphDetail::default();
/// let page = html::Page { title: "chess", detail: &detail, findings: &[], summary: None };
/// let html = html::render(page, &mut Background::new(Sources::none()));
/// assert!(html.starts_with("<!doctype html>") && !html.contains("{{"));
/// ```
#[must_use]
pub fn render(page: Page<'_>, background: &mut Background) -> String {
    let data = data::of(page, background).to_string();
    // Within a script element nothing but `<` could end the JSON.
    let data = data.replace('<', "\\u003c");
    let mut html = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    for (mark, text) in
        [("{{title}}", &*escape(page.title)), ("{{style}}", STYLE), ("{{data}}", &*data), ("{{script}}", SCRIPT)]
    {
        let (before, after) = rest.split_once(mark).expect("the page has its marks in this order");
        html.push_str(before);
        html.push_str(text);
        rest = after;
    }
    html.push_str(rest);
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
