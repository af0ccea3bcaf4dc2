//! `stack check` (old spelling: `action-check`).

super::action::command!(check, Check, "CHECK");
