//! `stack suspend` (old spelling: `action-suspend`).

super::action::command!(suspend, Suspend, "SUSPEND");
