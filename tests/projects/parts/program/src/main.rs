//! Loads a plugin, and takes a lock of its own and the plugin's in the ways that it is asked to.

use std::ffi::{c_char, c_int, c_long, c_void, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Mutex;

static DESK: Mutex<u32> = Mutex::new(0);

extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlclose(library: *mut c_void) -> c_int;
    fn fork() -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
    fn mmap(at: *mut c_void, len: usize, prot: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;
const RTLD_NOLOAD: c_int = 4;

/// The plugin while it is loaded.
struct Plugin(*mut c_void);

fn path() -> CString {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    let there = |folder: PathBuf| Some(folder.join("libplugin.so")).filter(|path| path.exists());
    let path = there(folder.clone()).or_else(|| there(folder.join("deps"))).expect("it was built");
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

impl Plugin {
    fn load() -> Plugin {
        let library = unsafe { dlopen(path().as_ptr(), RTLD_NOW) };
        assert!(!library.is_null(), "the plugin can be loaded");
        Plugin(library)
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap();
        let symbol = unsafe { dlsym(self.0, name.as_ptr()) };
        assert!(!symbol.is_null());
        symbol
    }

    fn count(&self) -> u32 {
        let count: extern "C" fn() -> u32 = unsafe { std::mem::transmute(self.symbol("plugin_count")) };
        count()
    }

    fn call(&self, back: extern "C" fn()) {
        let call: extern "C" fn(extern "C" fn()) = unsafe { std::mem::transmute(self.symbol("plugin_call")) };
        call(back);
    }

    fn try_it(&self) -> bool {
        let attempt: extern "C" fn() -> bool = unsafe { std::mem::transmute(self.symbol("plugin_try")) };
        attempt()
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        assert_eq!(unsafe { dlclose(self.0) }, 0);
    }
}

/// The desk, then the plugin's lock.
fn down(plugin: &Plugin) -> u32 {
    let _desk = DESK.lock().unwrap();
    plugin.count()
}

/// The plugin's lock, then the desk.
fn up(plugin: &Plugin) {
    plugin.call(desk);
}

extern "C" fn desk() {
    *DESK.lock().unwrap() += 1;
}

fn is_loaded() -> bool {
    !unsafe { dlopen(path().as_ptr(), RTLD_NOW | RTLD_NOLOAD) }.is_null()
}

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "one order" => {
            down(&Plugin::load());
        }
        "both orders" => {
            let plugin = Plugin::load();
            down(&plugin);
            up(&plugin);
        }
        // The plugin's is the first lock of all.
        "the other first" => {
            let plugin = Plugin::load();
            up(&plugin);
            down(&plugin);
        }
        // The second time it is another one, with everything as it was at first.
        "unloaded" => {
            let plugin = Plugin::load();
            assert_eq!((down(&plugin), plugin.count()), (1, 2));
            drop(plugin);
            assert!(!is_loaded(), "it is unloaded as it would be without us");
            let plugin = Plugin::load();
            assert_eq!(plugin.count(), 1);
            up(&plugin);
        }
        // The thread takes its first lock in the plugin, and the plugin goes before the thread does.
        "in a thread" => {
            let plugin = Plugin::load();
            assert_eq!(plugin.count(), 1);
            let address = plugin.0 as usize;
            let thread = std::thread::spawn(move || {
                let plugin = Plugin(address as *mut c_void);
                up(&plugin);
                down(&plugin);
                drop(plugin);
                assert!(!is_loaded());
                desk();
            });
            std::mem::forget(plugin);
            thread.join().unwrap();
            (0..100).for_each(|_| std::thread::spawn(|| desk()).join().unwrap());
        }
        // One half each, and both parts know of the fork.
        "fork" => unsafe {
            let plugin = Plugin::load();
            down(&plugin);
            match fork() {
                0 => {
                    up(&plugin);
                    _exit(0)
                }
                child => drop(waitpid(child, &mut 0, 0)),
            }
            assert!(plugin.try_it());
        },
        // There is no room in which they could find each other.
        "apart" => {
            let (region, none, private_anonymous_fixed) = (1_usize << 36, 0, 0x4022 | 0x10_0000);
            let at = unsafe { mmap(region as *mut c_void, region, none, private_anonymous_fixed, -1, 0) };
            assert_eq!(at as usize, region);
            down(&Plugin::load());
        }
        other => panic!("{other}?"),
    }
}
