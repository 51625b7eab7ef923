//! Settings: from the environment, and from the program through [`Builder`].
//!
//! Both set the same things, and the environment has the last word, because whoever starts the program speaks last.
//! Settings are read once, when the first instrumented lock is used.
//!
//! | variable | values | meaning |
//! | --- | --- | --- |
//! | `LOCKDEP` | `off`, `record`, `warn` (default), `deny`, `panic`, `abort`, `help` | see [`Policy`]; `help` prints all settings |
//! | `LOCKDEP_DIR` | a folder | every process writes its log there, for `cargo lockdep` to merge |
//! | `LOCKDEP_ORDER` | a file | the documented hierarchy (`lockdep order v1`) to check every order against |
//! | `LOCKDEP_HANG` | a time, as `30s` or `500ms` | a thread that waits longer prints who holds and who waits |
//! | `LOCKDEP_SIGQUIT` | `0`, `1` | whether SIGQUIT (Ctrl-\) prints the same, and the process goes on |
//! | `LOCKDEP_STACKS` | `0`, `1` | whether stacks are captured when an order is first seen, and printed in reports |

use lockdep_core::finding::Finding;
use lockdep_core::hierarchy::{Hierarchy, OrderError};
use lockdep_core::variables;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What is done about findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Nothing is tracked.
    Off,
    /// Track and log; print only what is about to block its thread for ever.
    Record,
    /// Print every warning and error. The default.
    #[default]
    Warn,
    /// Print; a process that made an error exits with status 1 where it would have exited with any other.
    Deny,
    /// Print, then panic at the acquisition that completed an error, before it blocks.
    Panic,
    /// Print, then abort the process.
    Abort,
}

impl Policy {
    const ALL: [(&'static str, Policy); 6] = [
        ("off", Policy::Off),
        ("record", Policy::Record),
        ("warn", Policy::Warn),
        ("deny", Policy::Deny),
        ("panic", Policy::Panic),
        ("abort", Policy::Abort),
    ];

    /// The value of `LOCKDEP` that stands for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Policy::ALL.iter().find(|(_, policy)| *policy == self).map_or("?", |(name, _)| name)
    }
}

/// A function that is called with every new finding.
type Callback = Arc<dyn Fn(&Finding) + Send + Sync>;

/// The settings of this process.
#[derive(Clone, Default)]
pub(crate) struct Config {
    pub(crate) policy: Policy,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) order: Option<Hierarchy>,
    pub(crate) stacks: bool,
    pub(crate) hang: Option<Duration>,
    pub(crate) sigquit: bool,
    pub(crate) callback: Option<Callback>,
}

/// Sets the settings from within the program.
///
/// ```
/// use lockdep::config::{Builder, Policy};
///
/// Builder::new()
///     .policy(Policy::Warn)
///     .on_finding(|finding| eprintln!("{} {}", finding.id, finding.title))
///     .install()
///     .expect("no lock has been used yet");
/// ```
#[derive(Clone, Default)]
#[must_use = "settings count once they are installed"]
pub struct Builder(Config);

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { policy, dir, order, stacks, hang, sigquit, callback } = &self.0;
        f.debug_struct("Builder")
            .field("policy", policy)
            .field("dir", dir)
            .field("order", &order.is_some())
            .field("stacks", stacks)
            .field("hang", hang)
            .field("sigquit", sigquit)
            .field("callback", &callback.is_some())
            .finish()
    }
}

/// An instrumented lock was used before the settings were installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an instrumented lock was used already; install the settings at the start of `main`")
    }
}

impl std::error::Error for TooLate {}

impl Builder {
    /// The default settings.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// What is done about findings.
    pub fn policy(mut self, policy: Policy) -> Builder {
        self.0.policy = policy;
        self
    }

    /// The folder in which this process writes its log. It is made if it does not exist.
    pub fn log_dir(mut self, dir: impl Into<PathBuf>) -> Builder {
        self.0.dir = Some(dir.into());
        self
    }

    /// The documented hierarchy that every observed order is checked against.
    ///
    /// # Errors
    /// When the text is not a valid order file: everything that is wrong with it, with its place.
    pub fn order(mut self, text: &str) -> Result<Builder, Vec<OrderError>> {
        self.0.order = Some(Hierarchy::parse(text)?);
        Ok(self)
    }

    /// Whether the stack of the acquisition is captured when an order is first seen. Reports print it.
    pub fn stacks(mut self, stacks: bool) -> Builder {
        self.0.stacks = stacks;
        self
    }

    /// After how long a wait for a lock prints what every thread holds and waits for.
    pub fn hang(mut self, limit: Duration) -> Builder {
        self.0.hang = Some(limit);
        self
    }

    /// Whether SIGQUIT prints what every thread holds and waits for, instead of ending the process.
    pub fn sigquit(mut self, sigquit: bool) -> Builder {
        self.0.sigquit = sigquit;
        self
    }

    /// Calls this function with every new finding, with no lock of the checker held. Locks that it takes are
    /// not tracked.
    pub fn on_finding(mut self, callback: impl Fn(&Finding) + Send + Sync + 'static) -> Builder {
        self.0.callback = Some(Arc::new(callback));
        self
    }

    /// Makes these the settings of the process, except for what the environment says otherwise.
    ///
    /// # Errors
    /// When an instrumented lock was used before.
    pub fn install(self) -> Result<(), TooLate> {
        CONFIG.set(self.0.overridden()).map_err(|_| TooLate)
    }
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// The settings, read now if nobody has asked before.
pub(crate) fn get() -> &'static Config {
    CONFIG.get_or_init(|| Config::default().overridden())
}

impl Config {
    /// The settings after the environment has spoken. What it says and nobody understands is told, and the program goes on
    /// with what it would have without.
    fn overridden(mut self) -> Config {
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut complaints = variables::misspelt(names);
        let mut help = false;
        if let Some(word) = variable("LOCKDEP") {
            match Policy::ALL.iter().find(|(name, _)| word == *name) {
                Some((_, policy)) => self.policy = *policy,
                None if word == "help" => help = true,
                None => complaints.push(format!(
                    "LOCKDEP={} is not known; use off, record, warn, deny, panic, abort or help; going on with {}",
                    word.display(),
                    self.policy.name()
                )),
            }
        }
        if let Some(dir) = variable("LOCKDEP_DIR") {
            self.dir = Some(dir.into());
        }
        // A program that changes its working directory, or whose children do, has one folder all the same.
        self.dir = self.dir.map(|dir| std::path::absolute(&dir).unwrap_or(dir));
        if let Some(file) = variable("LOCKDEP_ORDER") {
            let read = std::fs::read_to_string(&file).map_err(|error| format!(": {error}"));
            match read.and_then(|text| Hierarchy::parse(&text).map_err(|errors| first_of(&errors))) {
                Ok(hierarchy) => self.order = Some(hierarchy),
                Err(error) => complaints.push(format!(
                    "LOCKDEP_ORDER={}{error}; going on with {}",
                    file.display(),
                    if self.order.is_some() { "the order that the program has set" } else { "no order to check" }
                )),
            }
        }
        for (name, switch) in [("LOCKDEP_STACKS", &mut self.stacks), ("LOCKDEP_SIGQUIT", &mut self.sigquit)] {
            match variable(name) {
                Some(word) if word == "1" => *switch = true,
                Some(word) if word == "0" => *switch = false,
                Some(word) => complaints.push(format!(
                    "{name}={} is not known; use 0 or 1; going on with {}",
                    word.display(),
                    u8::from(*switch)
                )),
                None => {}
            }
        }
        if let Some(word) = variable("LOCKDEP_HANG") {
            match word.to_str().and_then(duration) {
                Some(limit) => self.hang = Some(limit),
                None => complaints.push(format!(
                    "LOCKDEP_HANG={} is not known; use a time, as 30s or 500ms; going on with {}",
                    word.display(),
                    told(self.hang)
                )),
            }
        }
        crate::sink::complain(&complaints);
        if help {
            crate::sink::complain(&[self.help()]);
        }
        self
    }

    fn help(&self) -> String {
        let dir = self.dir.as_ref().map_or_else(|| "none".to_owned(), |dir| dir.display().to_string());
        let hang = told(self.hang);
        let order = if self.order.is_some() { "set" } else { "none" };
        format!(
            "settings, with their current values:\n\
             \x20 LOCKDEP={:<8} off: track nothing | record: log only | warn: print | deny: print and exit with 1 |\n\
             \x20                  panic: panic at the acquisition | abort | help: print this\n\
             \x20 LOCKDEP_DIR      folder for the log of each process, merged by `cargo lockdep`: {dir}\n\
             \x20 LOCKDEP_ORDER    documented hierarchy to check against: {order}\n\
             \x20 LOCKDEP_HANG     print who holds and who waits after a wait of, as 30s or 500ms: {hang}\n\
             \x20 LOCKDEP_SIGQUIT  print the same on SIGQUIT, 0 or 1: {}\n\
             \x20 LOCKDEP_STACKS   stacks in reports, 0 or 1: {}",
            self.policy.name(),
            u8::from(self.sigquit),
            u8::from(self.stacks)
        )
    }
}

/// What the environment says of a setting; an empty word says nothing.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|word| !word.is_empty())
}

fn told(limit: Option<Duration>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| format!("{limit:?}"))
}

/// `30s`, `500ms`, `2m`; a bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok().filter(|number| *number > 0)?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "s" | "" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

fn first_of(errors: &[OrderError]) -> String {
    let first = errors.first().map_or_else(String::new, |error| format!(":{error}"));
    if errors.len() > 1 { format!("{first} (and {} more)", errors.len() - 1) } else { first }
}
