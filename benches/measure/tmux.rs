//! tmux, as the measure of what nslab does.

use std::cell::RefCell;
use std::process::{Command, Stdio};

use super::tty::Tty;

/// tmux servers of this benchmark, killed on drop.
pub struct Tmux {
    // Each server has its own socket: a client can't tell an ending server from a running one.
    sockets: RefCell<Vec<String>>,
}

impl Tmux {
    /// `None` where tmux is not installed.
    pub fn new() -> Option<Self> {
        let version = Command::new("tmux").arg("-V").output();
        version.is_ok().then(|| Self {
            sockets: RefCell::default(),
        })
    }

    /// Starts a server with a shell that reads no startup files, then runs these tmux commands.
    pub fn start(&self, commands: &[&str]) -> Tty {
        let mut sockets = self.sockets.borrow_mut();
        let socket = format!("nslab-bench-{}-{}", std::process::id(), sockets.len());
        let shell = "bash --norc --noprofile";
        let words = ["tmux", "-L", &socket, "-f", "/dev/null", "new", shell];
        let tty = Tty::start(&[&words, commands].concat());
        sockets.push(socket);
        tty
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        for socket in self.sockets.borrow().iter() {
            let mut tmux = Command::new("tmux");
            let kill = tmux.args(["-L", socket, "kill-server"]);
            let _ = kill.stderr(Stdio::null()).status();
        }
    }
}
