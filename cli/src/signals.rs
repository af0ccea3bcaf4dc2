//! The signals that end the tool: Ctrl-C (SIGINT), SIGTERM and SIGHUP.
//!
//! The first one lets the tool say what continues on the server. The next one ends the process at once, even while it
//! is blocked. A SIGHUP that was ignored when the tool was started, as `nohup` does, stays ignored.

/// A signal that asks the tool to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    #[cfg(unix)]
    Terminate,
    #[cfg(unix)]
    Hangup,
}

impl Signal {
    /// The exit code, as shells have it: 128 and the number of the signal.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            #[cfg(unix)]
            Self::Terminate => 143,
            #[cfg(unix)]
            Self::Hangup => 129,
        }
    }

    /// What the message of an interrupted command begins with.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupted",
            #[cfg(unix)]
            Self::Terminate => "interrupted by SIGTERM",
            #[cfg(unix)]
            Self::Hangup => "interrupted by SIGHUP",
        }
    }
}

#[cfg(unix)]
pub(crate) use unix::received;

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn received() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        // Without a handler Ctrl-C ends the process.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Once};

    use signal_hook::flag;
    use tokio::signal::unix::{SignalKind, signal};

    use super::Signal;

    /// Waits for a signal.
    pub(crate) async fn received() -> Signal {
        static ARMED: Once = Once::new();
        ARMED.call_once(end_at_second);
        tokio::select! {
            biased;
            signal = one(Signal::Interrupt) => signal,
            signal = one(Signal::Terminate) => signal,
            signal = one(Signal::Hangup), if !is_hangup_ignored() => signal,
        }
    }

    fn kind(of: Signal) -> SignalKind {
        match of {
            Signal::Interrupt => SignalKind::interrupt(),
            Signal::Terminate => SignalKind::terminate(),
            Signal::Hangup => SignalKind::hangup(),
        }
    }

    async fn one(wanted: Signal) -> Signal {
        // Without a handler the signal ends the process.
        if let Ok(mut signals) = signal(kind(wanted)) {
            signals.recv().await;
            return wanted;
        }
        std::future::pending().await
    }

    /// Lets each signal end the process if another one was received before.
    fn end_at_second() {
        let was_received = Arc::new(AtomicBool::new(false));
        for ending in [Signal::Interrupt, Signal::Terminate, Signal::Hangup] {
            if ending == Signal::Hangup && is_hangup_ignored() {
                continue;
            }
            let number = kind(ending).as_raw_value();
            // Handlers run in the order of their registration. Without them a second signal has no effect.
            let code = i32::from(ending.code());
            let received = || Arc::clone(&was_received);
            let _ = flag::register_conditional_shutdown(number, code, received());
            let _ = flag::register(number, received());
        }
    }

    /// Whether the process was started with SIGHUP ignored. Where this is unknown, SIGHUP keeps its default action.
    fn is_hangup_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignored(&status).is_none_or(|signals| signals & 1 != 0)
    }

    /// The set of ignored signals in a Linux process status; bit 0 is signal 1.
    fn ignored(status: &str) -> Option<u64> {
        let set = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(set.trim(), 16).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn ignored_signals_are_read_from_the_process_status() {
            assert_eq!(
                ignored("Name:\theat\nSigIgn:\t0000000000001001\nSigCgt:\t1\n"),
                Some(0x1001)
            );
            assert_eq!(ignored("SigIgn:\tx\n"), None);
            assert_eq!(ignored(""), None);
        }
    }
}
