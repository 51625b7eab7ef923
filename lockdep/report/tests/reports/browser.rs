//! The page in a real browser: opened from a file, searched, clicked, looked at.

use super::program::{many, nests, run, sources};
use lockdep_report::background::Background;
use lockdep_report::html::{self, Page};
use lockdep_report::names::Names;
use lockdep_report::summary::{HierarchyVerdict, Summary};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A Chromium, driven over the W3C's WebDriver protocol.
struct Browser {
    driver: Child,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Starts one; `None`, said aloud, if there is none on this machine.
    #[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn start() -> Option<Browser> {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = driver else {
            println!("skipped: there is no chromedriver; `apt-get install chromium chromium-driver` installs it");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let port = lines
            .filter_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()))
            .next()
            .expect("it says on which port");
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1440,900"];
        let options = json!({ "args": arguments });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let sessions = format!("http://127.0.0.1:{port}/session");
        let mut browser = Browser { driver, session: sessions.clone() };
        let id = post(&sessions, &capabilities)["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{sessions}/{id}");
        Some(browser)
    }

    fn open(&self, file: &Path) {
        post(&format!("{}/url", self.session), &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// What an expression is worth on the page.
    fn value(&self, expression: &str) -> Value {
        let script = json!({ "script": format!("return {expression};"), "args": [] });
        post(&format!("{}/execute/sync", self.session), &script)
    }

    fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({}).innerText", json!(selector)));
        text.as_str().unwrap_or_default().to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let found = post(&format!("{}/element", self.session), &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        format!("{}/element/{}", self.session, id.expect("an element"))
    }

    fn click(&self, selector: &str) {
        post(&format!("{}/click", self.element(selector)), &json!({}));
    }

    fn press(&self, selector: &str, keys: &str) {
        post(&format!("{}/value", self.element(selector)), &json!({ "text": keys }));
    }

    /// Clicks a point of the window with a real pointer.
    fn click_at(&self, x: i64, y: i64) {
        let to = json!({ "type": "pointerMove", "duration": 0, "x": x, "y": y });
        let actions = json!([to, { "type": "pointerDown", "button": 0 }, { "type": "pointerUp", "button": 0 }]);
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        post(&format!("{}/actions", self.session), &json!({ "actions": [pointer] }));
    }

    /// A picture of the window; where to look at it is printed.
    #[allow(clippy::print_stdout, reason = "somebody has to look at it")]
    fn screenshot(&self, name: &str) -> usize {
        let answer: Value = ureq::get(format!("{}/screenshot", self.session))
            .call()
            .expect("the driver answers")
            .body_mut()
            .read_json()
            .expect("JSON");
        let bytes = from_base64(answer["value"].as_str().expect("a picture"));
        let file = target().join(format!("{name}.png"));
        std::fs::write(&file, &bytes).expect("the target folder can be written");
        println!("{}", file.display());
        bytes.len()
    }
}

fn post(url: &str, body: &Value) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.post(url).send_json(body).expect("the driver answers");
    let answer: Value = answer.body_mut().with_config().limit(64 << 20).read_json().expect("JSON");
    assert_eq!(answer["value"]["error"], Value::Null, "{url} {body}");
    answer["value"].clone()
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        (bits, held) = (bits << 6 | u32::from(value(byte)), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Writes the page of some nests, and says how large it is and how long that took.
#[allow(clippy::print_stdout, reason = "a figure for people")]
fn write_page(name: &str, nests: &[super::program::Nest]) -> PathBuf {
    let seen = run(nests);
    let begin = Instant::now();
    let mut sources = sources();
    let names = Names::recover(&seen.detail, &mut sources);
    let mut background = Background::new(sources).with_names(names).with_findings(&seen.findings);
    let said = seen.detail.edges.values().filter(|edge| edge.verdict.is_some());
    let declared = seen
        .detail
        .edges
        .values()
        .filter(|edge| matches!(edge.verdict, Some(lockdep_core::hierarchy::Verdict::Declared)));
    let verdict =
        HierarchyVerdict { observed: said.count(), declared: declared.count(), ..HierarchyVerdict::default() };
    let summary = Summary { processes: 10, acquisitions: 1_593_880, hierarchy: Some(verdict), ..Summary::default() };
    let page = Page { title: name, detail: &seen.detail, findings: &seen.findings, summary: Some(&summary) };
    let html = html::render(page, &mut background);
    let edges = seen.detail.graph.edges.len();
    println!("{name}: {edges} edges, {} KiB in {:?}", html.len() / 1024, begin.elapsed());
    let file = target().join(format!("{name}.html"));
    std::fs::write(&file, html).expect("the target folder can be written");
    file
}

#[test]
fn a_page_is_opened_searched_and_clicked() {
    let page = write_page("cache-and-bank", &nests());
    let Some(browser) = Browser::start() else { return };
    browser.open(&page);
    assert_eq!(browser.text("h1"), "cache-and-bank");
    assert!(browser.text("#stats").contains("2 cycles"), "{}", browser.text("#stats"));
    browser.screenshot("page-overview");

    browser.click("#tab-edges");
    let all = browser.value("document.querySelectorAll('#list .item').length");
    browser.press("#search", "writeback");
    let some = browser.value("document.querySelectorAll('#list .item').length");
    assert!(some.as_u64() < all.as_u64() && some.as_u64() > Some(0), "{some} of {all}");
    assert!(browser.text("#list").contains("Bdi::list_lock"), "{}", browser.text("#list"));
    assert!(browser.value("location.hash").to_string().contains("q=writeback"));

    browser.press("#search", "\u{E007}");
    let detail = browser.text("#detail");
    for word in ["Bdi::list_lock", "flusher-0", "self.list_lock.lock()", "src/writeback.rs:4:31", "Sb::s_umount"] {
        assert!(detail.contains(word), "{word}: {detail}");
    }
    browser.screenshot("page-edge");

    browser.press("body", "\u{E00C}");
    assert_eq!(browser.value("document.getElementById('detail').hidden"), true);
    browser.press("body", "\u{E00C}");
    assert_eq!(browser.value("document.getElementById('search').value"), "");
}

#[test]
fn an_edge_of_the_picture_opens_its_witnesses() {
    let page = write_page("clicked", &nests());
    let Some(browser) = Browser::start() else { return };
    browser.open(&page);
    // A point in the middle of the edge's first curve, by the page's own figures.
    let point = browser.value(
        "(() => { const edge = edges.find((e) => e.cycle.length && shown(e.f).startsWith('Mapping::i_pages')), p = edge.p, \
         box = canvas.getBoundingClientRect(); \
         return [0, 1].map((axis) => (p[axis] + 3 * p[2 + axis] + 3 * p[4 + axis] + p[6 + axis]) / 8).map((at, axis) => Math.round(at * view.scale + (axis ? view.y + box.top : view.x + box.left))); })()",
    );
    browser.click_at(point[0].as_i64().expect("x"), point[1].as_i64().expect("y"));
    let detail = browser.text("#detail");
    assert!(detail.contains("writer-3") && detail.contains("self.bdi.list_lock.lock()"), "{detail}");
    browser.click("#detail .edges button");
    assert!(browser.text("#detail").contains("possible circular locking dependency"), "{}", browser.text("#detail"));
    browser.screenshot("page-finding");
    browser.value("document.getElementById('theme').click(), document.getElementById('theme').click()");
    browser.screenshot("page-dark");
}

#[test]
fn the_document_is_laid_over_the_graph() {
    let page = write_page("document", &nests());
    let Some(browser) = Browser::start() else { return };
    browser.open(&page);
    let chips = browser.text("#overlay");
    for chip in ["against the document 1", "declared 7", "never seen 1"] {
        assert!(chips.contains(chip), "{chip}: {chips}");
    }
    browser.click("#tab-edges");
    let before = browser.value("hits.edges.length").as_u64();
    browser.click("#show-unseen");
    assert_eq!(browser.value("hits.edges.length").as_u64(), before.map(|before| before + 1));
    browser.screenshot("page-overlay");
    browser.click("#show-cycles");
    assert_eq!(browser.value("hits.edges.every((edge) => edge.cycle.length > 0)"), true);
    browser.value("(() => { const test = document.getElementById('test'); test.value = 'writes_are_seen'; test.dispatchEvent(new Event('change')); })()");
    assert_eq!(browser.value("hits.edges.map((edge) => shown(edge.f))"), json!(["Mapping::i_pages"]));
}

#[test]
fn a_page_of_five_thousand_edges_is_usable() {
    let page = write_page("five-thousand", &many(1_200, 5_400));
    let Some(browser) = Browser::start() else { return };
    browser.open(&page);
    assert!(browser.value("edges.length").as_u64() >= Some(5_000));
    browser.screenshot("page-large");
    let draw = browser.value("(() => { const begin = performance.now(); for (let i = 0; i < 10; i += 1) draw(); return (performance.now() - begin) / 10; })()");
    let search = browser.value("(() => { const begin = performance.now(); state.q = 'lock_0042'; update(); return performance.now() - begin; })()");
    report(&format!("one frame takes {draw} ms, a search {search} ms"));
    browser.click("#tab-edges");
    assert!(browser.text("#list").contains("lock_0042"), "{}", browser.text("#list"));
    browser.screenshot("page-large-search");
}

#[allow(clippy::print_stdout, reason = "a figure for people")]
fn report(text: &str) {
    println!("{text}");
}
