//! Numbers about the server, and where they are sent.

use lockdep::parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;

lockdep::lock_classes! {
    COUNTERS = "Metrics::counters";
    GAUGES = "Metrics::gauges";
    HISTOGRAMS = "Metrics::histograms";
    NAMES = "Metrics::names";
    SINKS = "Metrics::sinks";
    BUFFER = "Metrics::buffer";
    SENT = "Metrics::sent";
    ALERTS = "Metrics::alerts";
    RULES = "Metrics::rules";
    CLOCK = "Metrics::clock";
}

/// All numbers.
pub struct Metrics {
    counters: Mutex<BTreeMap<u32, u64>>,
    gauges: Mutex<BTreeMap<u32, i64>>,
    histograms: Mutex<BTreeMap<u32, Vec<u64>>>,
    names: RwLock<Vec<&'static str>>,
    sinks: RwLock<Vec<fn(&str)>>,
    buffer: Mutex<String>,
    sent: Mutex<usize>,
    alerts: Mutex<Vec<&'static str>>,
    rules: RwLock<Vec<(u32, u64)>>,
    clock: Mutex<u64>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            counters: Mutex::named(&COUNTERS, BTreeMap::new()),
            gauges: Mutex::named(&GAUGES, BTreeMap::new()),
            histograms: Mutex::named(&HISTOGRAMS, BTreeMap::new()),
            names: RwLock::named(&NAMES, Vec::new()),
            sinks: RwLock::named(&SINKS, vec![|_| ()]),
            buffer: Mutex::named(&BUFFER, String::new()),
            sent: Mutex::named(&SENT, 0),
            alerts: Mutex::named(&ALERTS, Vec::new()),
            rules: RwLock::named(&RULES, vec![(0, 3)]),
            clock: Mutex::named(&CLOCK, 0),
        }
    }
}

impl Metrics {
    fn number(&self, name: &'static str) -> u32 {
        let mut names = self.names.write();
        let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        place as u32
    }

    /// One more of these.
    pub fn count(&self, name: &'static str) {
        let number = self.number(name);
        let mut counters = self.counters.lock();
        let count = counters.entry(number).or_default();
        *count += 1;
        let fires = self.rules.read().iter().any(|&(rule, limit)| rule == number && *count == limit);
        self.alerts.lock().extend(fires.then_some(name));
    }

    /// So many of these now.
    pub fn set(&self, name: &'static str, value: i64) {
        let number = self.number(name);
        self.gauges.lock().insert(number, value);
    }

    /// How long one of these took, by a clock that only this uses.
    pub fn took(&self, name: &'static str) {
        let number = self.number(name);
        let mut histograms = self.histograms.lock();
        let mut clock = self.clock.lock();
        *clock += 1;
        histograms.entry(number).or_default().push(*clock);
    }

    /// Sends everything.
    pub fn flush(&self) {
        let sinks = self.sinks.read();
        let mut buffer = self.buffer.lock();
        let lines = self.counters.lock().len() + self.gauges.lock().len() + self.histograms.lock().len();
        buffer.extend(self.alerts.lock().drain(..));
        sinks.iter().for_each(|sink| sink(&buffer));
        *self.sent.lock() += lines;
    }
}

#[test]
fn what_is_counted_is_sent() {
    let metrics = Metrics::default();
    (0..3).for_each(|_| metrics.count("jobs"));
    metrics.set("depth", 2);
    metrics.took("job");
    metrics.flush();
    assert_eq!(*metrics.sent.lock(), 3);
}
