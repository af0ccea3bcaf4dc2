//! Colours of states, such as `CREATE_COMPLETE`.

use anstyle::{AnsiColor, Style};

use super::visible_line;

/// The kind of a state that is shown in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Complete,
    Failed,
    InProgress,
}

impl State {
    /// The kind of a state if the text is one: an action in capital letters, and `_COMPLETE`, `_FAILED` or
    /// `_IN_PROGRESS`.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let kinds = [
            ("_COMPLETE", Self::Complete),
            ("_FAILED", Self::Failed),
            ("_IN_PROGRESS", Self::InProgress),
        ];
        let is_action = |action: &str| {
            !action.is_empty() && action.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        kinds.into_iter().find_map(|(end, kind)| {
            let action = text.strip_suffix(end)?;
            is_action(action).then_some(kind)
        })
    }

    /// The text in the colour of this kind.
    pub(crate) fn paint(self, text: &str) -> String {
        let colour = match self {
            Self::Complete => AnsiColor::Green,
            Self::Failed => AnsiColor::Red,
            Self::InProgress => AnsiColor::Yellow,
        };
        let style = Style::new().fg_color(Some(colour.into()));
        format!("{style}{text}{style:#}")
    }
}

/// A log line of an event, `<time> <id> [<path>]: <state>  <reason>`, made visible and with its state in colour.
pub(crate) fn painted_event(line: &str) -> String {
    painted_after("]: ", &visible_line(line))
}

/// A line of live progress, `<time> <name>: <state>  <more>`, with its state in colour.
pub(crate) fn painted_progress(line: &str) -> String {
    painted_after(": ", line)
}

/// The line with the state that follows the first mark in colour.
fn painted_after(mark: &str, line: &str) -> String {
    let painted = line.split_once(mark).and_then(|(head, tail)| {
        let word = tail.split(' ').next()?;
        let rest = tail.strip_prefix(word)?;
        let state = State::of(word)?.paint(word);
        Some(format!("{head}{mark}{state}{rest}"))
    });
    painted.unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_an_action_and_a_status() {
        for (text, state) in [
            ("CREATE_COMPLETE", Some(State::Complete)),
            ("DELETE_FAILED", Some(State::Failed)),
            ("UPDATE_IN_PROGRESS", Some(State::InProgress)),
            ("_COMPLETE", None),
            ("COMPLETE", None),
            ("create_COMPLETE", None),
            ("it is CREATE_COMPLETE", None),
            ("CREATE_COMPLETE.", None),
            ("", None),
        ] {
            assert_eq!(State::of(text), state, "{text}");
        }
        assert_eq!(
            State::Failed.paint("X_FAILED"),
            "\u{1b}[31mX_FAILED\u{1b}[0m"
        );
    }

    #[test]
    fn events_have_one_state() {
        assert_eq!(
            painted_event("2026 e1 [web]: CREATE_COMPLETE  state: DELETE_FAILED"),
            "2026 e1 [web]: \u{1b}[32mCREATE_COMPLETE\u{1b}[0m  state: DELETE_FAILED"
        );
        assert_eq!(
            painted_event("[a\u{1b}[2J]: CREATE_FAILED  b\u{9b}"),
            "[a\\u001b[2J]: \u{1b}[31mCREATE_FAILED\u{1b}[0m  b\\u009b"
        );
        assert_eq!(
            painted_event("0:07 [web]: CREATE_COMPLETE"),
            "0:07 [web]: \u{1b}[32mCREATE_COMPLETE\u{1b}[0m"
        );
        assert_eq!(
            painted_progress("  0:07 web.a: UPDATE_IN_PROGRESS  OS::Heat::None"),
            "  0:07 web.a: \u{1b}[33mUPDATE_IN_PROGRESS\u{1b}[0m  OS::Heat::None"
        );
        for line in ["", "no event", "2026 e1 [web]: SIGNAL  CREATE_COMPLETE"] {
            assert_eq!(painted_event(line), line);
        }
    }
}
